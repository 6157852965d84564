"""Rosters: entering, correcting and withdrawing shifts, and who is on duty at a moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from kuangan.base import audit
from kuangan.base.people.models import Organisation, User
from kuangan.base.registry.supervision import mine_organisation, parent_organisation, supervisors
from kuangan.domains.duty.models import Shift, current_shifts, standing
from kuangan.domains.duty.rules import SHIFT_POSTS, Span


@dataclass(frozen=True, slots=True)
class Entry:
    """A shift before it is recorded."""

    start: datetime
    end: datetime
    officer_name: str
    officer_phone: str = ""
    deputy_name: str = ""
    deputy_phone: str = ""
    leader_name: str = ""
    leader_phone: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class OnDuty:
    """One person of a shift: the post, the name, where to reach the person."""

    post: str
    name: str
    phone: str
    user: User | None
    shift: Shift

    @property
    def word(self) -> str:
        return SHIFT_POSTS[self.post]


@transaction.atomic
def enter_shifts(
    organisation: Organisation, entries: Sequence[Entry], *, by: User | None, at: datetime, basis: str
) -> list[Shift]:
    """Record shifts of one organisation; names of its own people are joined to their accounts."""
    accounts = _accounts(organisation)
    rows = Shift.objects.bulk_create([_row(organisation, entry, accounts, by, at, basis) for entry in entries])
    audit.record_many(
        audit.Note(by, "shift.entered", "shift", str(row.pk), at, _content(row) | {"basis": basis}) for row in rows
    )
    return rows


@transaction.atomic
def correct_shift(shift: Shift, entry: Entry, *, by: User, at: datetime, reason: str) -> Shift:
    """Put a new row in the place of one, which stays readable as it stood. Raises Shift.DoesNotExist when replaced."""
    held = Shift.objects.select_for_update().get(pk=shift.pk, replaced_at__isnull=True)
    Shift.objects.filter(pk=held.pk).update(replaced_at=at)
    row = _row(held.organisation, entry, _accounts(held.organisation), by, at, reason)
    row.replaces = held
    row.save()
    content = {"before": _content(held), "after": _content(row)}
    _note("shift.corrected", row, content, by, at, reason)
    return row


@transaction.atomic
def withdraw_shift(shift: Shift, *, by: User, at: datetime, reason: str) -> None:
    """End a row without another in its place. Raises Shift.DoesNotExist when it was replaced already."""
    held = Shift.objects.select_for_update().get(pk=shift.pk, replaced_at__isnull=True)
    Shift.objects.filter(pk=held.pk).update(replaced_at=at)
    _note("shift.withdrawn", held, _content(held), by, at, reason)


def on_duty(organisations: Collection[int], at: datetime, known_at: datetime | None = None) -> dict[int, list[Shift]]:
    """{organisation: its shifts at `at`}, as known at `known_at`; those without one are absent. One query."""
    rows = Shift.objects.filter(standing(at, known_at), organisation__in=organisations, start__lte=at, end__gt=at)
    found: dict[int, list[Shift]] = {}
    for row in rows.select_related("officer", "deputy", "leader", "organisation").order_by("-recorded_at", "-id"):
        found.setdefault(row.organisation_id, []).append(row)
    return found


def people_of(shift: Shift) -> list[OnDuty]:
    """The persons of a shift who are named, from the officer up."""
    return [found for post in SHIFT_POSTS if (found := holder(shift, post)) is not None]


def holder(shift: Shift, post: str) -> OnDuty | None:
    """Who holds a post of a shift; without a number of one's own it is the phone of the duty room."""
    name: str = getattr(shift, f"{post}_name")
    own: str = getattr(shift, f"{post}_phone")
    spare = (shift.phone or shift.organisation.phone) if post == "officer" else ""
    return OnDuty(post, name, own or spare, getattr(shift, post), shift) if name else None


@dataclass(frozen=True, slots=True)
class Rung:
    """One organisation that stands over a mine, with its shifts now."""

    word: str
    organisation: Organisation
    people: list[OnDuty]


RUNG_WORDS: Mapping[str, str] = {
    "mine": "矿山",
    "parent": "上级企业",
    "county": "县级",
    "city": "市级",
    "province": "省级",
}


def ladder_of(mine: str, at: datetime) -> list[Rung]:
    """Mine, parent company, direct supervisor and upper levels with the persons on duty, the nearest first."""
    bodies: list[Organisation] = []
    for found in (mine_organisation([mine], at), parent_organisation([mine], at)):
        bodies += found.values()
    over = supervisors([mine], at, ("direct", "upper")).get(mine, {})
    bodies += [*over.get("direct", []), *over.get("upper", [])]
    unique = {body.pk: body for body in bodies}
    now = on_duty(unique, at)
    return [
        Rung(RUNG_WORDS.get(body.level, ""), body, [man for shift in now.get(pk, []) for man in people_of(shift)])
        for pk, body in unique.items()
    ]


def spans_of(organisation: Organisation, start: datetime, end: datetime, at: datetime) -> list[Span]:
    """The standing shifts of an organisation that touch a stretch of time."""
    rows = current_shifts(at).filter(organisation=organisation, start__lt=end, end__gt=start)
    return [Span(*row) for row in rows.values_list("start", "end")]


def entry_of(shift: Shift) -> Entry:
    return Entry(**{name: getattr(shift, name) for name in Entry.__dataclass_fields__})


def _accounts(organisation: Organisation) -> dict[str, User]:
    """People in use by the name they are shown under; a name that two bear joins nobody."""
    people = list(User.objects.filter(organisation=organisation, is_active=True))
    borne = Counter(man.display_name for man in people)
    return {man.display_name: man for man in people if man.display_name and borne[man.display_name] == 1}


def _row(
    organisation: Organisation, entry: Entry, accounts: Mapping[str, User], by: User | None, at: datetime, basis: str
) -> Shift:
    people = {post: accounts.get(getattr(entry, f"{post}_name")) for post in SHIFT_POSTS}
    return Shift(
        organisation=organisation, **asdict(entry), **people, basis=basis[:200], recorded_at=at, recorded_by=by
    )


def _content(row: Shift) -> dict[str, object]:
    return {"organisation": row.organisation_id, **asdict(entry_of(row))}


def _note(action: str, row: Shift, content: Mapping[str, object], by: User, at: datetime, reason: str) -> None:
    audit.record(actor=by, action=action, kind="shift", ident=str(row.pk), content=content, at=at, reason=reason)
