"""Addresses of this room."""

from django.urls import path

from kuangan.domains.enforcement import views

app_name = "enforcement"
urlpatterns = [
    path("visits/", views.VisitList.as_view(), name="visits"),
    path("visits/new/", views.visit_new, name="visit_new"),
    path("visits/<int:pk>/", views.visit, name="visit"),
    path("visits/<int:pk>/<slug:name>", views.visit_step, name="visit_step"),
]
