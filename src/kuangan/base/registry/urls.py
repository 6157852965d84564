"""Addresses of the register."""

from django.urls import path

from kuangan.base.registry import changes, views

app_name = "registry"
urlpatterns = [
    path("mines/", views.MineList.as_view(), name="mines"),
    path("mines/<str:code>/register/", views.mine_page, name="mine"),
    path("mines/<str:code>/supervisor/", changes.supervisor, name="supervisor"),
    path("mines/<str:code>/points/<str:point>/place/", changes.place, name="place"),
    path("organisations/<int:pk>/contacts/", changes.contacts, name="contacts"),
    path("organisations/", views.OrganisationList.as_view(), name="organisations"),
    path("organisations/<int:pk>/", views.organisation_page, name="organisation"),
]
