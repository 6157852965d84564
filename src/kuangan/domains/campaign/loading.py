"""Putting a programme into force: its definition becomes rows, and every day that is still ahead gets its clock.

Loaded late, what was due before stays without a clock: it is history, to be entered with its true days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.errors import MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.deadlines import LADDERS, set_deadline
from kuangan.base.people.models import Level, Organisation, OrganisationKind, User
from kuangan.domains.campaign.definition import Definition, SubmissionPart
from kuangan.domains.campaign.models import Ledger, Milestone, Programme, Report, Submission, Target, Task
from kuangan.domains.campaign.reporting import draft
from kuangan.domains.campaign.rules import end_of
from kuangan.library.policy import Node, shipped

SINCE = "since"


@transaction.atomic
def put_in_force(plan: Definition, *, by: User | None, at: datetime) -> Programme:
    """The programme with everything its definition says. Raises MissingFields when it is there, or has no office."""
    if Programme.objects.filter(code=plan.id).exists():
        raise MissingFields({"code": "该行动方案已装入"})
    office = province(plan.office)
    if office is None:
        raise MissingFields({"office": "机构登记中没有办公室所在单位"})
    programme = Programme.objects.create(
        code=plan.id,
        document=plan.document,
        number=plan.number,
        title=plan.title,
        since=plan.since,
        until=plan.until,
        office=office,
        stale_days=plan.stale_days,
        near_days=plan.near_days,
        loaded_on=beijing_day(at),
        loaded_at=at,
        loaded_by=by,
    )
    tasks = _tasks(programme, plan)
    made: dict[str, object] = {
        "code": plan.id,
        "tasks": len(tasks),
        "milestones": len(_milestones(programme, plan, tasks, at)),
        "targets": _targets(programme, plan),
        "ledgers": _ledgers(programme, plan),
        "submissions": len(_submissions(programme, plan, at)),
        "reports": len(_reports(programme, plan, at)),
    }
    audit.record(
        actor=by,
        action="campaign.loaded",
        kind="campaign",
        ident=str(programme.pk),
        content=made,
        at=at,
    )
    return programme


def province(kind: str) -> Organisation | None:
    """The authority of this kind on the level of the province."""
    return Organisation.objects.filter(kind=kind, level=Level.PROVINCE, active=True, mine="").order_by("pk").first()


def _tasks(programme: Programme, plan: Definition) -> dict[str, Task]:
    leads = {kind.value: province(kind) for kind in OrganisationKind}
    rows = [
        Task(
            programme=programme,
            code=node.id,
            node=node.id,
            title=node.title,
            ours=node.owner_is_ours,
            area=node.part,
            area_title=plan.areas[node.part],
            order=order,
            summary=node.summary[:200],
            lead=leads.get(_lead(plan, node)) or programme.office,
            units="、".join(shipped().authorities[unit].name for unit in node.owners)[:200],
        )
        for order, node in enumerate(plan.tasks, 1)
    ]
    return {task.code: task for task in Task.objects.bulk_create(rows)}


def _lead(plan: Definition, node: Node) -> str:
    """Kind of organisation that leads: what the file says, else the first unit of the node that is a department."""
    units = shipped().authorities
    named = [plan.leads[node.id]] if node.id in plan.leads else list(node.owners)
    return next((units[u].organisation or "" for u in named if units[u].kind in ("department", "bureau")), "")


def _milestones(programme: Programme, plan: Definition, tasks: dict[str, Task], at: datetime) -> list[Milestone]:
    rows = Milestone.objects.bulk_create(
        [
            Milestone(
                programme=programme,
                code=code,
                title=what[:120],
                node=node.id,
                task=tasks.get(node.id),
                due=day,
                since=sense == SINCE,
                said=said[:40],
                owner=(tasks[node.id].lead if node.id in tasks else None) or programme.office,
            )
            for code, node, day, sense, what, said in _days(plan)
        ]
    )
    for row in rows:
        if not row.since:
            start_clock(programme, "campaign_milestone", row.pk, "done", row.due, row.owner_id, "campaign", at)
    return rows


def _days(plan: Definition) -> Iterator[tuple[str, Node, date, str, str, str]]:
    """(code, node, day, sense, what, said) of every date of the document that is a milestone."""
    for node in shipped().documents[plan.document].nodes:
        if node.series == "target" or node.id in plan.not_milestones:
            continue
        for number, deadline in enumerate(node.deadlines, 1):
            for day in deadline.days(plan.until.year):
                yield f"{node.id}-{number}-{day:%Y%m%d}", node, day, deadline.sense, deadline.what, deadline.said


def _targets(programme: Programme, plan: Definition) -> int:
    rows = [
        Target(
            programme=programme,
            code=part.id,
            node=part.node,
            title=part.title,
            ours=part.ours,
            definition=part.definition,
            unit=part.unit,
            measure=part.measure,
            op=part.op or "",
            wanted=None if part.value is None else Decimal(str(part.value)),
            needs_baseline=part.needs_baseline,
            baseline_year=part.baseline,
            until=part.until or plan.until,
            reading=part.reading,
            asks_year=part.asks_year,
            asks_value=part.asks_value,
            order=order,
        )
        for order, part in enumerate(plan.targets, 1)
    ]
    return len(Target.objects.bulk_create(rows))


def _ledgers(programme: Programme, plan: Definition) -> int:
    rows = [
        Ledger(
            programme=programme,
            code=part.id,
            node=part.node,
            title=part.title,
            ours=part.ours,
            unit=part.unit,
            planned=part.planned,
            mines=part.mines,
            due=part.due,
            final=part.final,
        )
        for part in plan.ledgers
    ]
    return len(Ledger.objects.bulk_create(rows))


def _submissions(programme: Programme, plan: Definition, at: datetime) -> list[Submission]:
    rows = Submission.objects.bulk_create(
        [
            Submission(
                programme=programme,
                kind=part.id,
                title=part.title,
                node=part.node,
                period=period,
                owner=body,
                due=day,
            )
            for part in plan.submissions
            for body in senders(plan, part)
            for period, day in part.periods(plan.since, plan.until)
        ]
    )
    for row in rows:
        start_clock(programme, "campaign_submission", row.pk, "sent", row.due, row.owner_id, "supervision", at)
    return rows


def senders(plan: Definition, part: SubmissionPart) -> Sequence[Organisation]:
    """Who owes it: the emergency departments or committees of the cities, or the member units that the register knows."""
    if part.who == "members":
        kinds = [member.organisation for member in plan.members if member.organisation is not None]
        return list(Organisation.objects.filter(kind__in=kinds, level=Level.PROVINCE, active=True).order_by("pk"))
    kind = OrganisationKind.EMERGENCY if part.who == "cities" else OrganisationKind.SAFETY_COMMITTEE
    return list(Organisation.objects.filter(kind=kind, level=Level.CITY, active=True).order_by("region"))


def _reports(programme: Programme, plan: Definition, at: datetime) -> list[Report]:
    """Documents that are still to be written; those of the time before this system kept the programme are not made up."""
    rows = Report.objects.bulk_create(
        [
            Report(programme=programme, kind=part.id, period=period, due=day, title=f"{_period(period)}{part.title}")
            for part in plan.reports
            for period, day in part.periods(plan.since, plan.until)
            if day >= programme.loaded_on
        ]
    )
    for row in rows:
        ladder = "campaign_dispatch" if row.kind == "dispatch" else "campaign_report"
        start_clock(programme, "campaign_report", row.pk, "issued", row.due, programme.office_id, ladder, at)
        if (
            LADDERS[ladder].rungs[0].fires_at(end_of(row.due)) < at
        ):  # the clock does not go back to the day of the draft
            draft(row, as_of=beijing_day(at) - timedelta(days=1), by=None, at=at)
    return rows


def _period(period: str) -> str:
    """2025年 for a year, 2025年3月 for a month."""
    year, _, month = period.partition("-")
    return f"{year}年{int(month)}月" if month else f"{year}年" if year else ""


def start_clock(
    programme: Programme, kind: str, pk: int, code: str, due: date, owner_id: int, ladder: str, at: datetime
) -> None:
    """Start the clock of a day that is not over; history gets none."""
    if due >= beijing_day(at) and due >= programme.loaded_on:
        set_deadline(
            subject_kind=kind,
            subject_id=str(pk),
            code=code,
            due=end_of(due),
            ladder=ladder,
            at=at,
            owner_id=owner_id,
        )
