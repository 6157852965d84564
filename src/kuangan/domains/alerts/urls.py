"""Addresses of this room."""

from django.urls import path

from kuangan.domains.alerts import desk, views

app_name = "alerts"
urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("desk/arrivals", desk.arrivals, name="arrivals"),
    path("desk/rows", desk.desk_rows, name="rows"),
    path("desk/sparklines", desk.desk_sparklines, name="sparklines"),
    path("desk/export.xlsx", desk.export, name="export"),
    path("alerts/<str:number>/", views.alert_page, name="alert"),
    path("alerts/<str:number>/drawer", views.drawer, name="drawer"),
    path("alerts/<str:number>/curve", views.alert_curve, name="curve"),
    path("alerts/<str:number>/sheet/", views.sheet, name="sheet"),
    path("alerts/<str:number>/evidence/<int:pk>", views.evidence, name="evidence"),
    path("alerts/<str:number>/<slug:name>", views.step, name="step"),
    path("todo/", views.work, name="work"),
]
