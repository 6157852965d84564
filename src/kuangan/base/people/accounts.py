"""Addresses of sign-in. What allauth offers beyond it (sign-up, mail, reset by mail, sign-in by code) stays shut."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path


@login_not_required
def closed(request: HttpRequest, what: str) -> HttpResponse:
    raise Http404(what)


urlpatterns = [
    re_path(r"^accounts/(?P<what>signup|email|confirm-email|password/reset|password/set|login/code|phone)/", closed),
    path("accounts/", include("allauth.urls")),
]
