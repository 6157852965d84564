"""Addresses of the working-day calendar."""

from django.urls import path

from kuangan.base.deadlines import views

app_name = "deadlines"
urlpatterns = [path("deadlines/calendar/", views.calendar, name="calendar")]
