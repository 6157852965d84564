"""Addresses of this room."""

from django.urls import path

from kuangan.domains.operations import standing_views, views

app_name = "operations"
urlpatterns = [
    path("announcements/", views.AnnouncementList.as_view(), name="announcements"),
    path("announcements/today/", views.today, name="today"),
    path("announcements/new/", views.new, name="new"),
    path("announcements/<str:number>/", views.announcement, name="announcement"),
    path("announcements/<str:number>/amend/", views.amend, name="amend"),
    path("announcements/<str:number>/<slug:name>", views.step, name="step"),
    path("announcement-checks/", views.CheckList.as_view(), name="checks"),
    path("announcement-checks/<str:number>/", views.check, name="check"),
    path("announcement-checks/<str:number>/<slug:name>", views.check_step, name="check_step"),
    path("caretakers/", standing_views.CaretakersList.as_view(), name="caretakers"),
    path("caretakers/new/", standing_views.caretaker_new, name="caretaker_new"),
    path("caretakers/<int:pk>/", standing_views.caretaker, name="caretaker"),
    path("caretakers/<int:pk>/<slug:name>", standing_views.caretaker_step, name="caretaker_step"),
    path("safety-systems/", standing_views.SystemsList.as_view(), name="systems"),
    path("safety-systems/<str:code>/", standing_views.board, name="board"),
    path("safety-systems/<str:code>/<slug:kind>/<slug:act>/", standing_views.report, name="report"),
    path("system-faults/<str:number>/", standing_views.fault, name="fault"),
    path("system-faults/<str:number>/<slug:name>", standing_views.fault_step, name="fault_step"),
]
