"""The end of a programme: what is still open goes to the next document in one act, and keeps its origin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.deadlines import cancel
from kuangan.base.people.models import User
from kuangan.domains.campaign import items
from kuangan.domains.campaign.acts import note, required, still_runs, write
from kuangan.domains.campaign.definition import definitions
from kuangan.domains.campaign.loading import put_in_force
from kuangan.domains.campaign.models import Item, Milestone, Programme, Report, Submission
from kuangan.domains.campaign.scope import leads

SUBJECTS = ("campaign_milestone", "campaign_submission", "campaign_report")


@dataclass(frozen=True)
class Next:
    """The document that follows: one that is data already (`code`), or one that is opened with its head alone."""

    code: str = ""
    number: str = ""
    title: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    successor: Programme
    items: int
    milestones: int


def open_items(programme: Programme) -> list[Item]:
    return list(Item.objects.filter(programme=programme, state="open").select_related("owner", "task").order_by("pk"))


def open_milestones(programme: Programme) -> list[Milestone]:
    rows = Milestone.objects.filter(programme=programme, since=False, done_on=None).select_related("owner", "task")
    return list(rows.order_by("due", "pk"))


@transaction.atomic
def hand_over(programme: Programme, into: Next, due: date, *, by: User, at: datetime, reason: str) -> Handed:
    """All open items, and milestones that were not reached, become items of the next document; this one is closed.

    What is due later than `due` keeps its day. Raises Forbidden for anybody but whoever signs for the office, MissingFields.
    """
    held = Programme.objects.select_for_update(of=("self",)).select_related("office").get(pk=programme.pk)
    if not leads(by, held):
        raise Forbidden("由办公室带班领导办理移交")
    still_runs(held)
    required(reason=reason)
    today = beijing_day(at)
    if due < today:
        raise MissingFields({"due": "新的期限不得早于今日"})
    successor = _next(held, into, by, at)
    rows, reached = open_items(held), open_milestones(held)
    for row in rows:
        _move_item(row, successor, due, today, by, at)
    for milestone in reached:
        _move_milestone(milestone, successor, due, today, by, at)
    _stop_clocks(held, by, at)
    held.successor, held.handed_at, held.handed_by = successor, at, by
    held.save(update_fields=["successor", "handed_at", "handed_by"])
    content = {
        "successor": successor.pk,
        "items": [row.pk for row in rows],
        "milestones": [one.code for one in reached],
    }
    note("handed_over", "programme", held.pk, content, by=by, at=at, reason=reason.strip())
    return Handed(successor, len(rows), len(reached))


def _next(held: Programme, into: Next, by: User, at: datetime) -> Programme:
    if into.code:
        standing = Programme.objects.filter(code=into.code).exclude(pk=held.pk).first()
        if standing is not None:
            return standing
        if into.code not in definitions() or into.code == held.code:
            raise MissingFields({"code": "没有这个行动方案"})
        return put_in_force(definitions()[into.code], by=by, at=at)
    required(number=into.number, title=into.title)
    if into.since is None or into.until is None or into.until <= into.since:
        raise MissingFields({"until": "填写起止日期，结束晚于开始"})
    row = Programme.objects.create(
        code=f"after_{held.pk}",
        number=into.number.strip(),
        title=into.title.strip(),
        since=into.since,
        until=into.until,
        office=held.office,
        stale_days=held.stale_days,
        near_days=held.near_days,
        loaded_on=beijing_day(at),
        loaded_at=at,
        loaded_by=by,
    )
    note("opened", "programme", row.pk, {"number": row.number, "after": held.pk}, by=by, at=at)
    return row


def _move_item(row: Item, successor: Programme, due: date, today: date, by: User, at: datetime) -> None:
    cancel(items.SUBJECT, str(row.pk), at=at, by=by)
    row.state = "handed"
    row.save(update_fields=["state"])
    write("handed", f"移交“{successor.title}”", by=by, at=at, item=row)
    line = items.Line(row.text, row.owner, today, max(due, row.due), None, row.person, row.goal)
    items.add(successor, line, by=None, at=at, origin=row)


def _move_milestone(row: Milestone, successor: Programme, due: date, today: date, by: User, at: datetime) -> None:
    write("handed", f"移交“{successor.title}”", by=by, at=at, milestone=row)
    text = f"{row.title}（原{row.node}期限{row.due:%Y-%m-%d}未登记完成）"
    items.add(successor, items.Line(text, row.owner, today, max(due, row.due)), by=None, at=at)


def _stop_clocks(held: Programme, by: User, at: datetime) -> None:
    """Nothing of the closed programme is asked for any more."""
    rows = (
        Milestone.objects.filter(programme=held).values_list("pk", flat=True),
        Submission.objects.filter(programme=held).values_list("pk", flat=True),
        Report.objects.filter(programme=held).values_list("pk", flat=True),
    )
    for kind, idents in zip(SUBJECTS, rows, strict=True):
        for pk in idents:
            cancel(kind, str(pk), at=at, by=by)
