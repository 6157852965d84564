"""The first page after sign-in, and what is said when something goes wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from kuangan.portal.menu import menu_for


def home(request: HttpRequest) -> HttpResponse:
    """Go to the first page of the menu that the user may open."""
    for group in menu_for(request):
        for line in group.lines:
            return HttpResponseRedirect(line.address)
    return render(request, "portal/nothing.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def fault(request: HttpRequest) -> HttpResponse:
    """Rendered without shell and without database: either may be what failed."""
    return render(None, "500.html", status=500)
