"""Addresses of the data link."""

from django.urls import path

from kuangan.domains.datalink import enrolment_views, link_export, sender_views, underground_views, views
from kuangan.domains.datalink.exchange import urls as exchange

app_name = "datalink"
urlpatterns = [
    path("link/", views.link_page, name="link"),
    path("link/export.xlsx", link_export.export, name="export"),
    path("link/frames/<str:gateway>/<int:seq>/", views.frame_page, name="frame"),
    path("link/frames/<str:gateway>/<int:seq>/download", views.download, name="download"),
    path("underground/", underground_views.people_below, name="people_below"),
    path("mines/<str:code>/underground/", underground_views.underground_page, name="underground"),
    path("mines/<str:code>/underground/export.<str:kind>", underground_views.export, name="underground_export"),
    path("senders/", sender_views.sender_list, name="senders"),
    path("senders/<int:pk>/", sender_views.sender_detail, name="sender"),
    path("enrolments/", enrolment_views.enrolments, name="enrolments"),
    path("enrolments/check/", enrolment_views.check, name="check"),
    path("enrolments/examples/<str:name>.<str:extension>", enrolment_views.example, name="example"),
    path("enrolments/<int:pk>/", enrolment_views.enrolment_page, name="enrolment"),
    *exchange.urlpatterns,
]
