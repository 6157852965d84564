"""Addresses of the exchange, among those of the data link."""

from django.urls import path

from kuangan.domains.datalink.exchange import api, report_views, views

urlpatterns = [
    path("exchange/", views.platforms, name="exchange"),
    path("exchange/packages/<str:ident>/", views.package_page, name="exchange_package"),
    path("exchange/cases/<str:number>/panel", views.panel, name="exchange_panel"),
    path("exchange/v1/<str:code>/out", api.out, name="exchange_out"),
    path("exchange/v1/<str:code>/in", api.hand_in, name="exchange_in"),
    path("exchange/<str:code>/", views.platform_page, name="exchange_platform"),
    path("exchange/<str:code>/setup/", views.setup, name="exchange_setup"),
    path("exchange/<str:code>/mode/", views.mode, name="exchange_mode"),
    path("exchange/<str:code>/reconcile/", report_views.report, name="exchange_report"),
    path("exchange/<str:code>/reconcile/export.<str:kind>", report_views.export, name="exchange_export"),
    path("exchange/<str:code>/cases/<str:number>/again", views.again, name="exchange_again"),
    path("exchange/<str:code>/cases/<str:number>/number", views.number, name="exchange_number"),
]
