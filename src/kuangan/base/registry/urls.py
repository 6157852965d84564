"""Addresses of the register."""

from django.urls import path

from kuangan.base.registry import views

app_name = "registry"
urlpatterns = [
    path("mines/", views.MineList.as_view(), name="mines"),
    path("mines/<str:code>/register/", views.mine_page, name="mine"),
    path("organisations/", views.OrganisationList.as_view(), name="organisations"),
    path("organisations/<int:pk>/", views.organisation_page, name="organisation"),
]
