"""The cuts of `rules.due_state` and of the other states as conditions of the database, for lists, figures and reports alike."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from kuangan.domains.campaign.models import Item, Milestone, Programme, Submission
from kuangan.domains.campaign.rules import due_state


def current(today: date) -> Programme | None:
    """The programme that is worked on: the newest that has begun and was not handed over, else the newest that has begun."""
    begun = Programme.objects.filter(since__lte=today).select_related("office", "successor").order_by("-since", "-pk")
    return begun.filter(handed_at=None).first() or begun.first() or Programme.objects.order_by("since").first()


def day_is(state: str, programme: Programme, today: date, done: str = "done_on") -> Q:
    """The condition of a state of DUE_STATES for rows with `due` and a day on which they were done."""
    undone = Q(**{f"{done}__isnull": True}) | Q(**{f"{done}__gt": today})
    finished = Q(**{f"{done}__lte": today})
    soon = today + timedelta(days=programme.near_days)
    return {
        "met": finished & Q(**{f"{done}__lte": F("due")}),
        "late": finished & Q(**{f"{done}__gt": F("due")}),
        "unrecorded": undone & Q(due__lt=min(today, programme.loaded_on)),
        "overdue": undone & Q(due__lt=today, due__gte=programme.loaded_on),
        "near": undone & Q(due__gte=today, due__lte=soon),
        "ahead": undone & Q(due__gt=soon),
    }[state]


def milestone_is(state: str, programme: Programme, today: date) -> Q:
    if state == "since":
        return Q(since=True, due__lte=today)
    if state == "ahead":
        return Q(since=True, due__gt=today) | (Q(since=False) & day_is(state, programme, today))
    return Q(since=False) & day_is(state, programme, today)


def item_is(state: str, programme: Programme, today: date) -> Q:
    """`dropped` and `handed` are states of their own, whatever the day."""
    if state in ("dropped", "handed"):
        return Q(state=state)
    if state == "stale":
        return stale(programme, today)
    return Q(state__in=("open", "done")) & day_is(state, programme, today)


def stale(programme: Programme, today: date) -> Q:
    """Open, and nothing told for longer than the programme allows."""
    return Q(state="open", told_on__lt=today - timedelta(days=programme.stale_days), start__lte=today)


def submission_is(state: str, programme: Programme, today: date) -> Q:
    return day_is(state, programme, today, "sent_on")


def milestone_state(row: Milestone, programme: Programme, today: date) -> str:
    return due_state(
        row.due, row.done_on, today, near=programme.near_days, loaded_on=programme.loaded_on, since=row.since
    )


def item_state(row: Item, programme: Programme, today: date) -> str:
    if row.state in ("dropped", "handed"):
        return str(row.state)
    return due_state(row.due, row.done_on, today, near=programme.near_days, loaded_on=programme.loaded_on)


def submission_state(row: Submission, programme: Programme, today: date) -> str:
    return due_state(row.due, row.sent_on, today, near=programme.near_days, loaded_on=programme.loaded_on)


def milestones(programme: Programme) -> QuerySet[Milestone]:
    return Milestone.objects.filter(programme=programme).select_related("owner", "task", "programme")


def counted(rows: QuerySet[Any], conditions: dict[str, Q]) -> dict[str, int]:
    """How many rows fulfil each condition. One query."""
    return dict(rows.aggregate(**{name: Count("pk", filter=condition) for name, condition in conditions.items()}))


def grouped(rows: Any, field: str, counts: dict[str, Any]) -> dict[Any, dict[str, Any]]:
    """Value of `field` → what is aggregated of its rows. One query."""
    return {row[field]: row for row in rows.order_by().values(field).annotate(**counts)}


def counts_of(conditions: dict[str, Q]) -> dict[str, Any]:
    """Conditions as aggregates that count."""
    return {name: Count("pk", filter=condition) for name, condition in conditions.items()}
