"""Which platform and which case a page is about: outside role 403, unknown or outside scope 404."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from kuangan.base.case.models import Case
from kuangan.base.clock import now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.domains.datalink.exchange.mapping import Mapping, mappings
from kuangan.domains.datalink.exchange.models import Platform
from kuangan.domains.datalink.exchange.pages import View


def declared() -> dict[str, Mapping]:
    """The platforms that this installation knows."""
    return mappings(Path(settings.HOME))


def mapping_or_404(code: str) -> Mapping:
    found = declared().get(code)
    if found is None:
        raise Http404
    return found


def view_or_404(request: HttpRequest, code: str, permission: str = "exchange.view") -> View:
    """The platform, once it is set up, as the person sees it."""
    user = require(request, permission)
    mapping = mapping_or_404(code)
    return View(get_object_or_404(Platform.objects.select_related("acts_for"), pk=code), mapping, user, now())


def case_or_404(user: User, number: str, mapping: Mapping | None = None) -> Case:
    """A case within the person's scope; with a mapping only one that may be exchanged: of its kinds, and no drill."""
    rows = Case.objects.visible_to(user, now()).select_related("mine")
    if mapping is not None:
        rows = rows.filter(kind__in=mapping.kinds, drill=False)
    return get_object_or_404(rows, number=number)
