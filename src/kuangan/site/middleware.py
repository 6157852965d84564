"""Who is not signed in: pages lead to the sign-in, interfaces answer 401."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase, JsonResponse

INTERFACES = "/api/"


class SignInRequired(LoginRequiredMiddleware):
    """Sign-in by default for every address; a view says so when it is open."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: tuple[Any, ...], view_kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is not None and request.path.startswith(INTERFACES):
            return JsonResponse({"detail": "请先登录"}, status=401)
        return answer
