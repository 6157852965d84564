"""Addresses of drawings."""

from django.urls import path

from kuangan.base.documents import views

app_name = "documents"
urlpatterns = [
    path("mines/<str:code>/drawings/", views.drawings, name="drawings"),
    path("mines/<str:code>/drawings/new/", views.drawing_new, name="drawing_new"),
    path("drawings/<int:pk>/", views.drawing, name="drawing"),
    path("drawings/<int:pk>/new/", views.version_new, name="version_new"),
    path("drawings/versions/<int:pk>/withdraw/", views.version_withdraw, name="version_withdraw"),
    path("drawings/versions/<int:pk>/download/", views.download, name="download"),
]
