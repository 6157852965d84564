"""Milestones and projects: what the office or the owner enters as done, with its true day and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.deadlines import meet
from kuangan.base.people.models import Organisation, User
from kuangan.base.registry.models import Mine
from kuangan.domains.campaign.acts import not_ahead, note, required, still_runs, write
from kuangan.domains.campaign.loading import start_clock
from kuangan.domains.campaign.models import Ledger, Milestone, Project
from kuangan.domains.campaign.scope import below, runs, works_on

SUBJECT = "campaign_milestone"


@transaction.atomic
def record_done(row: Milestone, on: date, proof: str, *, by: User | None, at: datetime) -> Milestone:
    """The milestone was reached on this day. A second entry corrects the first, which stays in the history."""
    held = _milestone(row, by)
    required(proof=proof)
    not_ahead("done_on", on, at)
    act, before = ("corrected" if held.done_on else "recorded"), held.done_on
    held.done_on, held.proof, held.done_at, held.done_by = on, proof.strip()[:300], at, by
    held.save(update_fields=["done_on", "proof", "done_at", "done_by"])
    meet(SUBJECT, str(held.pk), "done", at=at, by=by)
    write(act, f"{on:%Y-%m-%d} {held.proof}", by=by, at=at, milestone=held)
    note("milestone_done", "milestone", held.pk, {"on": on, "before": before, "proof": held.proof}, by=by, at=at)
    return held


@transaction.atomic
def withdraw_done(row: Milestone, reason: str, *, by: User, at: datetime) -> Milestone:
    """It was not reached after all: it is open again, and its clock runs where its day is ahead."""
    held = _milestone(row, by)
    if held.done_on is None:
        raise MissingFields({"state": "尚未登记完成"})
    required(reason=reason)
    before = {"on": held.done_on, "proof": held.proof}
    held.done_on, held.proof, held.done_at, held.done_by = None, "", None, None
    held.save(update_fields=["done_on", "proof", "done_at", "done_by"])
    start_clock(held.programme, SUBJECT, held.pk, "done", held.due, held.owner_id, "campaign", at)
    write("returned", reason.strip(), by=by, at=at, milestone=held)
    note("milestone_withdrawn", "milestone", held.pk, before, by=by, at=at, reason=reason.strip())
    return held


def _milestone(row: Milestone, by: User | None) -> Milestone:
    held = Milestone.objects.select_for_update(of=("self",)).select_related("programme").get(pk=row.pk)
    still_runs(held.programme)
    if by is not None and not (runs(by, held.programme) or works_on(by, held.owner_id)):
        raise Forbidden("由牵头单位或者办公室登记")
    if held.since:
        raise MissingFields({"state": "起算日期不登记完成"})
    return held


@dataclass(frozen=True)
class Sheet:
    """A project as it is filled in; money in 10,000 yuan, None is unknown."""

    name: str
    owner: Organisation
    source: str
    mine: Mine | None = None
    started_on: date | None = None
    accepted_on: date | None = None
    connected_on: date | None = None
    central: Decimal | None = None
    local: Decimal | None = None
    own: Decimal | None = None
    paid: Decimal | None = None
    excluded: str = ""


@transaction.atomic
def keep_project(ledger: Ledger, row: Project | None, sheet: Sheet, *, by: User | None, at: datetime) -> Project:
    """Enter a project, or what has become of it. Its unit keeps it, the office all of them. Raises Forbidden, MissingFields."""
    still_runs(ledger.programme)
    required(name=sheet.name, source=sheet.source)
    held = Project.objects.select_for_update(of=("self",)).get(pk=row.pk) if row is not None else None
    _may_keep(ledger, held, sheet, by)
    _days_in_order(sheet, at)
    if Project.objects.filter(ledger=ledger, name=sheet.name.strip()).exclude(pk=held.pk if held else 0).exists():
        raise MissingFields({"name": "该台账已有同名项目"})
    fields = {name: getattr(sheet, name) for name in Sheet.__dataclass_fields__} | {"name": sheet.name.strip()}
    before = {name: getattr(held, name) for name in fields} if held else {}
    told = {"told_on": beijing_day(at)}
    if held is None:
        held = Project.objects.create(ledger=ledger, recorded_at=at, recorded_by=by, **fields, **told)
    else:
        for name, value in (fields | told).items():
            setattr(held, name, value)
        held.save()
    changed = {name: _plain(value) for name, value in fields.items() if before.get(name) != value}
    write("changed" if before else "created", f"来源：{sheet.source}", by=by, at=at, project=held)
    note("project_kept", "project", held.pk, {"ledger": ledger.code, **changed}, by=by, at=at)
    return held


def _plain(value: object) -> object:
    if isinstance(value, Mine | Organisation):
        return value.pk
    return str(value) if isinstance(value, Decimal) else value


def _may_keep(ledger: Ledger, held: Project | None, sheet: Sheet, by: User | None) -> None:
    if by is None:
        return
    office = runs(by, ledger.programme)
    if not office and not works_on(by, held.owner_id if held else sheet.owner.pk):
        raise Forbidden("由责任单位或者办公室登记")
    if not below(by).filter(pk=sheet.owner.pk).exists():
        raise Forbidden("责任单位须在本地区内")
    if sheet.excluded and not office and (held is None or held.excluded != sheet.excluded):
        raise MissingFields({"excluded": "不计入由办公室登记批准依据"})


def _days_in_order(sheet: Sheet, at: datetime) -> None:
    for name in ("started_on", "accepted_on", "connected_on"):
        day = getattr(sheet, name)
        if day is not None:
            not_ahead(name, day, at)
    if sheet.started_on and sheet.accepted_on and sheet.accepted_on < sheet.started_on:
        raise MissingFields({"accepted_on": "验收不得早于开工"})
