"""Addresses of this room."""

from django.urls import path

from kuangan.domains.suspicions import views

app_name = "suspicions"
urlpatterns = [
    path("suspicions/", views.Board.as_view(), name="board"),
    path("suspicions/makers/", views.makers, name="makers"),
    path("suspicions/<int:pk>/", views.suspicion, name="suspicion"),
    path("suspicions/case/<str:number>/", views.case, name="case"),
    path("suspicions/case/<str:number>/<slug:name>", views.step, name="step"),
]
