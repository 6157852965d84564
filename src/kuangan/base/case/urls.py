"""Addresses of deadlines of cases."""

from django.urls import path

from kuangan.base.case import terms_views as views

app_name = "case"
urlpatterns = [
    path("deadlines/", views.ClockList.as_view(), name="deadlines"),
    path("deadlines/<int:pk>/", views.deadline, name="deadline"),
    path("deadlines/<int:pk>/<slug:name>", views.deadline_step, name="deadline_step"),
    path("cases/<str:number>/deadlines/", views.panel, name="deadlines_panel"),
]
