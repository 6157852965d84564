"""The gate before a page: outside role is 403. Strangers are sent to sign-in by the middleware before this."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views import View

from kuangan.base.people.models import User
from kuangan.base.people.permissions import may


class Permitted(View):
    """A view that only roles carrying `permission` may open."""

    permission: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(request, self.permission)
        return super().dispatch(request, *args, **kwargs)


def require(request: HttpRequest, permission: str) -> User:
    """The signed-in person. Raises PermissionDenied without the permission."""
    user = request.user
    if not isinstance(user, User) or not may(user, permission):
        raise PermissionDenied
    return user
