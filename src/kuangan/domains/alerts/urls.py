"""Addresses of this room."""

from django.urls import path

from kuangan.domains.alerts import desk, handling, recheck_views, views
from kuangan.domains.alerts.health import views as health

app_name = "alerts"
urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("desk/arrivals", desk.arrivals, name="arrivals"),
    path("desk/rows", desk.desk_rows, name="rows"),
    path("desk/sparklines", desk.desk_sparklines, name="sparklines"),
    path("desk/export.xlsx", desk.export, name="export"),
    path("desk/acknowledge", handling.batch_acknowledge, name="batch_acknowledge"),
    path("desk/shelve", handling.batch_shelve, name="batch_shelve"),
    path("desk/shelf/", handling.shelf, name="shelf"),
    path("desk/shelf/<int:pk>/<slug:name>", handling.shelf_act, name="shelf_act"),
    path("desk/views", handling.view_save, name="view_save"),
    path("desk/views/<int:pk>/<slug:name>", handling.view_act, name="view_act"),
    path("desk/mark", handling.mark, name="mark"),
    path("desk/quality/", desk.quality_page, name="quality"),
    path("desk/health/", health.health, name="health"),
    path("desk/health/print/", health.health_print, name="health_print"),
    path("desk/health/note.docx", health.health_docx, name="health_docx"),
    path("rechecks/", recheck_views.rechecks, name="rechecks"),
    path("rechecks/<int:pk>/", recheck_views.recheck_page, name="recheck"),
    path("rechecks/<int:pk>/<int:drawn>/<slug:name>", recheck_views.recheck_act, name="recheck_act"),
    path("alerts/<str:number>/", views.alert_page, name="alert"),
    path("alerts/<str:number>/drawer", views.drawer, name="drawer"),
    path("alerts/<str:number>/curve", views.alert_curve, name="curve"),
    path("alerts/<str:number>/sheet/", views.sheet, name="sheet"),
    path("alerts/<str:number>/evidence/<int:pk>", views.evidence, name="evidence"),
    path("alerts/<str:number>/shelve", handling.shelve_one, name="shelve"),
    path("alerts/<str:number>/<slug:name>", views.step, name="step"),
    path("todo/", views.work, name="work"),
]
