"""The attack lists: lines that are given to organisations, told of, done with proof, disputed, given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.deadlines import cancel, meet
from kuangan.base.people.models import Organisation, User
from kuangan.domains.campaign.acts import not_ahead, note, required, still_runs, write
from kuangan.domains.campaign.loading import start_clock
from kuangan.domains.campaign.models import Decision, Item, Programme, Task
from kuangan.domains.campaign.scope import below, runs, stands_above, works_on

SUBJECT: Final = "campaign_item"


@dataclass(frozen=True)
class Line:
    """A line as somebody fills it in."""

    text: str
    owner: Organisation
    start: date
    due: date
    task: Task | None = None
    person: str = ""
    goal: str = ""


@transaction.atomic
def add(
    programme: Programme,
    line: Line,
    *,
    by: User | None,
    at: datetime,
    decision: Decision | None = None,
    origin: Item | None = None,
) -> Item:
    """Put a line on the list of an organisation: one's own or one of a lower level of one's territory.

    `by` None is the system itself (an import, a hand-over). Raises Forbidden, or MissingFields.
    """
    still_runs(programme)
    required(text=line.text)
    if by is not None and not below(by).filter(pk=line.owner.pk).exists():
        raise Forbidden("只能列给本单位或者本地区下级单位")
    if line.due < line.start:
        raise MissingFields({"due": "期限不得早于开始日期"})
    row = Item.objects.create(
        programme=programme,
        task=line.task,
        decision=decision,
        origin=origin,
        year=line.due.year,
        text=line.text.strip()[:300],
        goal=line.goal.strip()[:200],
        owner=line.owner,
        person=line.person.strip(),
        start=line.start,
        due=line.due,
        told_on=max(line.start, programme.since),
        recorded_at=at,
        recorded_by=by,
    )
    start_clocks(row, at)
    write("taken" if origin else "created", line.goal, by=by, at=at, item=row)
    note("item_created", "item", row.pk, {"owner": line.owner.pk, "due": line.due, "text": row.text}, by=by, at=at)
    return row


def start_clocks(row: Item, at: datetime) -> None:
    """The clock of its day, and the one that speaks when nothing is told for long."""
    start_clock(row.programme, SUBJECT, row.pk, "done", row.due, row.owner_id, "campaign", at)
    watch_silence(row, at)


def watch_silence(row: Item, at: datetime) -> None:
    silent = row.told_on + timedelta(days=row.programme.stale_days)
    start_clock(
        row.programme, SUBJECT, row.pk, "told", max(silent, beijing_day(at)), row.owner_id, "campaign_stale", at
    )


@transaction.atomic
def tell(row: Item, text: str, *, by: User, at: datetime) -> Item:
    """Progress, or why there is none. Only the owner tells."""
    held = _held(row, by)
    required(text=text)
    held.told_on = beijing_day(at)
    held.save(update_fields=["told_on"])
    watch_silence(held, at)
    write("told", text.strip(), by=by, at=at, item=held)
    note("item_told", "item", held.pk, {"text": text.strip()}, by=by, at=at)
    return held


@transaction.atomic
def finish(row: Item, on: date, proof: str, *, by: User, at: datetime) -> Item:
    """Done on its true day, with what shows it. Only the owner says so."""
    held = _held(row, by)
    required(proof=proof)
    not_ahead("done_on", on, at)
    held.state, held.done_on, held.proof, held.told_on = "done", on, proof.strip()[:300], beijing_day(at)
    held.save(update_fields=["state", "done_on", "proof", "told_on"])
    meet(SUBJECT, str(held.pk), "done", at=at, by=by)
    cancel(SUBJECT, str(held.pk), at=at, by=by)
    write("done", f"{on:%Y-%m-%d} {proof.strip()}", by=by, at=at, item=held)
    note("item_done", "item", held.pk, {"on": on, "proof": held.proof}, by=by, at=at)
    return held


@transaction.atomic
def give_back(row: Item, reason: str, *, by: User, at: datetime) -> Item:
    """Whoever stands above does not take it for done: it is open again, and its clock runs on where its day is ahead."""
    held = locked(row)
    if not (stands_above(by, held.owner) or runs(by, held.programme)):
        raise Forbidden("只有上级单位或者办公室可以退回")
    if held.state != "done":
        raise MissingFields({"state": "未报完成，不能退回"})
    required(reason=reason)
    held.state, held.done_on, held.told_on = "open", None, beijing_day(at)
    held.save(update_fields=["state", "done_on", "told_on"])
    start_clocks(held, at)
    write("returned", reason.strip(), by=by, at=at, item=held)
    note("item_returned", "item", held.pk, {"proof": held.proof}, by=by, at=at, reason=reason.strip())
    return held


@transaction.atomic
def change(row: Item, *, due: date, person: str, reason: str, by: User, at: datetime) -> Item:
    """Another day or another person, by whoever gave the line or stands above its owner."""
    held = locked(row)
    _may_direct(held, by)
    if held.state != "open":
        raise MissingFields({"state": "该事项已办结"})
    required(reason=reason)
    if due < held.start:
        raise MissingFields({"due": "期限不得早于开始日期"})
    before = {"due": held.due, "person": held.person}
    held.due, held.person = due, person.strip()
    held.save(update_fields=["due", "person"])
    cancel(SUBJECT, str(held.pk), at=at, codes=("done",), by=by)
    start_clock(held.programme, SUBJECT, held.pk, "done", due, held.owner_id, "campaign", at)
    write(
        "changed",
        f"期限 {before['due']} 改为 {due}；责任人 {held.person or '—'}。{reason.strip()}",
        by=by,
        at=at,
        item=held,
    )
    note(
        "item_changed",
        "item",
        held.pk,
        {"before": before, "due": due, "person": held.person},
        by=by,
        at=at,
        reason=reason.strip(),
    )
    return held


@transaction.atomic
def drop(row: Item, reason: str, *, by: User, at: datetime) -> Item:
    """No longer asked; it stays on the list with the reason."""
    held = locked(row)
    _may_direct(held, by)
    if held.state != "open":
        raise MissingFields({"state": "该事项已办结"})
    required(reason=reason)
    held.state = "dropped"
    held.save(update_fields=["state"])
    cancel(SUBJECT, str(held.pk), at=at, by=by)
    write("dropped", reason.strip(), by=by, at=at, item=held)
    note("item_dropped", "item", held.pk, {}, by=by, at=at, reason=reason.strip())
    return held


def locked(row: Item) -> Item:
    held = Item.objects.select_for_update(of=("self",)).select_related("programme", "owner").get(pk=row.pk)
    still_runs(held.programme)
    return held


def _held(row: Item, by: User) -> Item:
    """The row, locked, for its owner, while it is open."""
    held = locked(row)
    if not works_on(by, held.owner_id):
        raise Forbidden("只有责任单位可以填报")
    if held.state != "open":
        raise MissingFields({"state": "该事项已办结"})
    return held


def _may_direct(row: Item, by: User) -> None:
    own = row.recorded_by is not None and row.recorded_by.organisation_id == by.organisation_id
    if not (own or runs(by, row.programme) or stands_above(by, row.owner)):
        raise Forbidden("由列入单位、上级单位或者办公室调整")
