"""Who sees, takes and keeps drawings: permission, then scope, then the tie to the mine."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from kuangan.base.documents.models import Drawing, DrawingVersion, Secrecy
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.supervision import direct_supervisor


def mine_or_404(user: User, code: str, at: datetime) -> Mine:
    return get_object_or_404(visible_mines(user, at), pk=code)


def visible_drawings(user: User, at: datetime) -> QuerySet[Drawing]:
    """Drawings of the mines within a person's scope, whatever their secrecy: a list tells that they exist."""
    return Drawing.objects.filter(mine__in=visible_mines(user, at)).select_related("mine")


def visible_versions(user: User, at: datetime) -> QuerySet[DrawingVersion]:
    return DrawingVersion.objects.filter(drawing__in=visible_drawings(user, at)).select_related("drawing__mine")


def may_take(user: User, drawing: Drawing) -> bool:
    """Whether the person may have a copy; scope is asked before."""
    return may(user, "drawing.restricted" if drawing.secrecy == Secrecy.RESTRICTED else "drawing.view")


def may_keep(user: User, mine: Mine, at: datetime) -> bool:
    """Only the mine's own people and its direct supervisor hand in and withdraw."""
    organisation = user.organisation
    if not may(user, "drawing.keep") or organisation is None:
        return False
    if organisation.mine and organisation.mine == mine.code:
        return True
    direct = direct_supervisor([mine.code], at).get(mine.code)
    return direct is not None and direct.pk == organisation.pk


def require_keeper(user: User, mine: Mine, at: datetime) -> None:
    """Raises PermissionDenied for everybody who sees the mine but does not keep its drawings."""
    if not may_keep(user, mine, at):
        raise PermissionDenied
