"""Documents of the office: figures as they stood on a day, kept with their sources, then issued by a person.

A draft may be made anew; what was issued stays as it was.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.deadlines import meet
from kuangan.base.people.models import User
from kuangan.domains.campaign.acts import not_ahead, note, required, still_runs
from kuangan.domains.campaign.figures import (
    items_by_city,
    ledger_standings,
    milestone_counts,
    milestones_by_area,
    submission_counts,
)
from kuangan.domains.campaign.models import Item, Programme, Project, Report, Submission, Target, Task
from kuangan.domains.campaign.queries import item_is, milestone_state, milestones, submission_is
from kuangan.domains.campaign.rules import days_late
from kuangan.domains.campaign.scope import leads, runs
from kuangan.domains.campaign.targets import Standing, standings
from kuangan.domains.campaign.words import DUE_STATES, plain

SUBJECT = "campaign_report"
LISTED = 40
Row = dict[str, Any]


@transaction.atomic
def draft(row: Report, *, as_of: date, by: User | None, at: datetime) -> Report:
    """Fill in the figures of a day. By the clock (`by` None) or by the office; never over what was issued."""
    held = _locked(row)
    if by is not None and not runs(by, held.programme):
        raise Forbidden("由办公室编制")
    if held.state == "issued":
        raise MissingFields({"state": "已印发，不再改动"})
    not_ahead("as_of", as_of, at)
    held.content = content_of(held.programme, as_of, since=_since(held))
    held.state, held.as_of, held.drafted_at, held.drafted_by = "draft", as_of, at, by
    held.save(update_fields=["content", "state", "as_of", "drafted_at", "drafted_by"])
    note("report_drafted", "report", held.pk, {"as_of": as_of, "kind": held.kind, "period": held.period}, by=by, at=at)
    return held


@transaction.atomic
def remark(row: Report, text: str, *, by: User, at: datetime) -> Report:
    """What the office adds in words."""
    held = _locked(row)
    if not runs(by, held.programme):
        raise Forbidden("由办公室编制")
    if held.state == "issued":
        raise MissingFields({"state": "已印发，不再改动"})
    held.remarks = text.strip()
    held.save(update_fields=["remarks"])
    note("report_remarked", "report", held.pk, {"remarks": held.remarks}, by=by, at=at)
    return held


@transaction.atomic
def issue(row: Report, *, on: date, number: str, by: User, at: datetime) -> Report:
    """Issued under an official number by whoever signs for the office, after a draft somebody else or the clock made."""
    held = _locked(row)
    if not leads(by, held.programme):
        raise Forbidden("由办公室带班领导签发")
    if held.state != "draft":
        raise MissingFields({"state": "先生成草稿；已印发的不再印发"})
    required(number=number)
    not_ahead("issued_on", on, at)
    held.state, held.issued_on, held.official_number, held.issued_by = "issued", on, number.strip()[:60], by
    held.save(update_fields=["state", "issued_on", "official_number", "issued_by"])
    meet(SUBJECT, str(held.pk), "issued", at=at, by=by)
    note("report_issued", "report", held.pk, {"on": on, "number": held.official_number}, by=by, at=at)
    return held


def _locked(row: Report) -> Report:
    held = Report.objects.select_for_update(of=("self",)).select_related("programme__office").get(pk=row.pk)
    still_runs(held.programme)
    return held


def _since(row: Report) -> date:
    """The first day of what the document is about."""
    if len(row.period) == 7:
        return date.fromisoformat(f"{row.period}-01")
    return date(int(row.period), 1, 1) if row.period else row.programme.since


def content_of(programme: Programme, on: date, *, since: date) -> Row:
    """Everything a document says, as plain values with their sources. The same day gives the same content."""
    items, projects = Item.objects.filter(programme=programme), Project.objects.filter(ledger__programme=programme)
    found = standings(Target.objects.filter(programme=programme), on)
    return {
        "milestones": {
            "counts": milestone_counts(programme, on),
            "areas": _areas(programme, on),
            "rows": _milestones(programme, on, since),
        },
        "targets": [_target(one) for one in found],
        "ledgers": _ledgers(programme, projects, on),
        "cities": [
            {"name": one.name, "total": one.total, "done": one.done, "overdue": one.overdue, "stale": one.stale}
            for one in items_by_city(items, programme, on)
        ],
        "overdue": _overdue(programme, items, on),
        "submissions": _submissions(programme, on, since),
        "sources": _sources(programme, found, on),
    }


def _areas(programme: Programme, on: date) -> list[Row]:
    titles = dict(Task.objects.filter(programme=programme).values_list("area", "area_title"))
    titles.setdefault("G", "保障")
    found = milestones_by_area(programme, on)
    return [
        {"area": area, "title": titles.get(area, area), **found[area]}
        for area in sorted(found, key=lambda a: (a == "G", a))
    ]


def _milestones(programme: Programme, on: date, since: date) -> list[Row]:
    """Those whose day or true day lies in the span, and all that are not reached in time."""
    rows = []
    for row in milestones(programme):
        state = milestone_state(row, programme, on)
        inside = since <= row.due <= on or (row.done_on is not None and since <= row.done_on <= on)
        if not row.since and (inside or state in ("overdue", "unrecorded")):
            rows.append(
                {
                    "node": row.node,
                    "title": row.title,
                    "due": f"{row.due:%Y-%m-%d}",
                    "done": f"{row.done_on:%Y-%m-%d}" if row.done_on and row.done_on <= on else "—",
                    "state": DUE_STATES[state],
                    "late": days_late(row.due, row.done_on),
                    "owner": row.owner.name,
                    "proof": row.proof or "—",
                }
            )
    return rows


def _target(one: Standing) -> Row:
    baseline = (
        f"{plain(one.baseline.value)}（{one.baseline.on:%Y-%m-%d}，{one.baseline.source}）" if one.baseline else ""
    )
    needs = one.target.needs_baseline
    return {
        "code": one.target.code,
        "title": one.target.title,
        "unit": one.target.unit,
        "wanted": one.wanted,
        "definition": one.target.definition,
        "baseline": baseline or ("未确定" if needs else "不比较"),
        "value": plain(one.latest.value) if one.latest else "未报",
        "on": f"{one.latest.on:%Y-%m-%d}" if one.latest else "—",
        "words": one.latest.words if one.latest else "",
        "source": one.latest.source if one.latest else "—",
        "state": one.word,
        "compared": plain(one.compared.quantize(one.compared.__class__("0.1"))) if one.compared is not None else "—",
        "ours": one.target.ours,
        "series": [[f"{v.on:%Y-%m-%d}", float(v.value)] for v in one.series if v.value is not None],
    }


def _ledgers(programme: Programme, projects: Any, on: date) -> list[Row]:
    return [
        {
            "title": one.ledger.title,
            "node": one.ledger.node,
            "unit": one.ledger.unit,
            "planned": "文本未给数量" if one.ledger.planned is None else one.ledger.planned,
            "entered": one.count.entered,
            "excluded": one.count.excluded,
            "counted": one.count.counted,
            "final": one.count.final,
            "share": "—" if one.count.share is None else f"{one.count.share}%",
            "mines": one.mines,
            "money": plain(one.money),
            "paid": plain(one.paid),
            "due": f"{one.ledger.due:%Y-%m-%d}",
            "told": f"{one.last_told:%Y-%m-%d}" if one.last_told else "—",
        }
        for one in ledger_standings(programme, projects, on)
    ]


def _overdue(programme: Programme, items: Any, on: date) -> Row:
    rows = items.filter(item_is("overdue", programme, on)).select_related("owner").order_by("due", "pk")
    return {
        "total": rows.count(),
        "rows": [
            {"text": row.text, "owner": row.owner.name, "due": f"{row.due:%Y-%m-%d}", "days": (on - row.due).days}
            for row in rows[:LISTED]
        ],
    }


def _submissions(programme: Programme, on: date, since: date) -> Row:
    """What was due in the span, and who had not sent it by the day."""
    rows = Submission.objects.filter(programme=programme, due__gte=since, due__lte=on)
    missing = (
        rows.filter(submission_is("overdue", programme, on)).select_related("owner").order_by("due", "owner__region")
    )
    return {
        "counts": submission_counts(rows, programme, on),
        "missing": [
            {"owner": row.owner.name, "title": f"{row.period}{row.title}", "due": f"{row.due:%Y-%m-%d}"}
            for row in missing
        ],
    }


def _sources(programme: Programme, found: list[Standing], on: date) -> list[Row]:
    """Where each figure comes from and of what day it is: the annex."""
    rows = [
        {
            "figure": one.target.title,
            "value": f"{plain(one.latest.value)}{one.target.unit}"
            if one.latest.value is not None
            else one.latest.words,
            "source": one.latest.source,
            "on": f"{one.latest.on:%Y-%m-%d}",
        }
        for one in found
        if one.latest is not None
    ]
    rows += [
        {
            "figure": f"{one.target.title}（基准）",
            "value": plain(one.baseline.value),
            "source": one.baseline.source,
            "on": f"{one.baseline.on:%Y-%m-%d}",
        }
        for one in found
        if one.baseline is not None
    ]
    for figure, source in (
        ("里程碑完成情况", "本系统里程碑登记，完成日期为真实日期"),
        ("攻坚事项", "本系统攻坚清单，责任单位填报"),
        ("项目台账", "本系统项目台账，责任单位填报"),
        ("报送情况", "本系统报送登记"),
    ):
        rows.append({"figure": figure, "value": "见正文", "source": source, "on": f"{on:%Y-%m-%d}"})
    return rows
