"""Addresses of the register."""

from django.urls import path

from kuangan.base.registry import camera_views, changes, export, history, limits, views
from kuangan.base.registry.imports import views as imports

app_name = "registry"
urlpatterns = [
    path("mines/", views.MineList.as_view(), name="mines"),
    path("register/export/", export.export, name="export"),
    path("register/imports/", imports.imports, name="imports"),
    path("register/imports/<int:pk>/", imports.imported, name="import"),
    path("register/imports/<int:pk>/decide/", imports.import_decide, name="import_decide"),
    path("register/imports/<int:pk>/write/", imports.import_write, name="import_write"),
    path("register/imports/<int:pk>/discard/", imports.import_discard, name="import_discard"),
    path("register/imports/<int:pk>/report/", imports.import_report, name="import_report"),
    path("limits/", limits.LimitList.as_view(), name="limits"),
    path("limits/changes/", limits.LimitChanges.as_view(), name="limit_changes"),
    path("mines/<str:code>/register/", views.mine_page, name="mine"),
    path("mines/<str:code>/history/", history.history_page, name="history"),
    path("mines/<str:code>/supervisor/", changes.supervisor, name="supervisor"),
    path("mines/<str:code>/points/<str:point>/place/", changes.place, name="place"),
    path("mines/<str:code>/cameras/", camera_views.cameras, name="cameras"),
    path("mines/<str:code>/cameras/export/", camera_views.cameras_export, name="cameras_export"),
    path("organisations/<int:pk>/contacts/", changes.contacts, name="contacts"),
    path("organisations/", views.OrganisationList.as_view(), name="organisations"),
    path("organisations/<int:pk>/", views.organisation_page, name="organisation"),
]
