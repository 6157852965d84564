"""All addresses of the web process; each room brings its own."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("notices/", include("kuangan.base.notices.urls")),
]
