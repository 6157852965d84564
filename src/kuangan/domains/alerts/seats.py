"""What the desk keeps for one person: saved views, the one it opens with, and what changed since the last shift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Q, QuerySet

from kuangan.base.audit.writing import record
from kuangan.base.case.errors import Forbidden
from kuangan.base.clock import to_ms
from kuangan.base.people.models import User
from kuangan.domains.alerts.models import SavedView, Seat
from kuangan.domains.alerts.queries import CHANGED, Query, capped_count, filtered
from kuangan.domains.alerts.words import moment


def address(parameters: Mapping[str, str]) -> str:
    """The desk with these filters; `state` is always said, so that no saved view takes their place."""
    return f"/desk/?{urlencode({'state': 'open'} | dict(parameters))}"


def views_of(user: User) -> QuerySet[SavedView]:
    """One's own views and those shared within one's organisation."""
    return SavedView.objects.filter(Q(owner=user) | Q(shared=True, organisation_id=user.organisation_id))


@transaction.atomic
def save(
    user: User, name: str, parameters: Mapping[str, str], *, shared: bool, default: bool, at: datetime
) -> SavedView:
    """Keep filters under a name; the same name again replaces them. A shared view is audited.

    Raises Forbidden for a person without an organisation.
    """
    if user.organisation_id is None:
        raise Forbidden("未登记所属单位，不能保存视图")
    values = {"organisation_id": user.organisation_id, "parameters": dict(parameters), "shared": shared, "at": at}
    view, _ = SavedView.objects.update_or_create(owner=user, name=name, defaults=values)
    if shared:
        content = {"name": name, "parameters": dict(parameters)}
        record(actor=user, action="view.shared", kind="saved_view", ident=str(view.pk), content=content, at=at)
    if default:
        open_with(user, view)
    return view


def open_with(user: User, view: SavedView | None) -> None:
    Seat.objects.update_or_create(user=user, defaults={"view": view})


def mark(user: User, at: datetime) -> None:
    Seat.objects.update_or_create(user=user, defaults={"since": at})


@dataclass(frozen=True)
class Changes:
    """What became new, rose and was closed since a person's mark; each number opens its list."""

    since: str
    counts: tuple[tuple[str, str, int, bool, str], ...]


@dataclass(frozen=True)
class Place:
    """The desk as this person keeps it. Without an organisation there is nothing to keep."""

    seat: Seat | None
    views: tuple[tuple[SavedView, str], ...]

    @classmethod
    def of(cls, user: User | AnonymousUser) -> Place:
        """Two queries."""
        if not isinstance(user, User):
            return cls(None, ())
        seat = Seat.objects.select_related("view").filter(user=user).first()
        return cls(seat, tuple((view, address(view.parameters)) for view in views_of(user)))

    @property
    def default(self) -> SavedView | None:
        """The view the desk opens with, as long as it is still there for the person."""
        view = self.seat.view if self.seat else None
        return view if view is not None and any(view.pk == known.pk for known, _ in self.views) else None


def queries_since(since: datetime) -> dict[str, Query]:
    """{what changed: the query of its list}; drills are not counted."""
    plain = Query(state="all", drill="0", start=to_ms(since))
    return {name: replace(plain, changed=name) for name in CHANGED}


def changes(user: User | AnonymousUser, seat: Seat | None, at: datetime) -> Changes | None:
    """Three queries, when a mark was set."""
    if seat is None or seat.since is None:
        return None
    counts = []
    for name, query in queries_since(seat.since).items():
        number, capped = capped_count(filtered(user, query, at))
        counts.append((name, CHANGED[name], number, capped, f"/desk/?{urlencode(query.parameters())}"))
    return Changes(moment(seat.since, at), tuple(counts))
