"""Alerts as JSON: list with the filters of the desk and keyset pages, one alert, its curve. Session sign-in, scoped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from ninja import Query as Parameters
from ninja import Router, Schema

from kuangan.base.clock import now
from kuangan.base.people.permissions import may
from kuangan.domains.alerts.detail import detail
from kuangan.domains.alerts.guard import alert_or_404
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.present import Row, rows
from kuangan.domains.alerts.queries import Query, matching, page
from kuangan.domains.alerts.rules import is_default_grade
from kuangan.domains.alerts.views import curve_answer

router = Router(tags=["alerts"])


class AlertOut(Schema):
    """One alert. Times are ISO 8601 with zone; `grade` is blue, yellow, orange or red."""

    number: str
    title: str
    grade: str
    grade_is_default: bool
    state: str
    rule: str
    rule_version: int
    mine: str | None
    mine_name: str
    subject_kind: str
    subject: str
    location: str
    onset: datetime
    end: datetime | None
    raised_at: datetime
    changed_at: datetime
    physically_cleared_at: datetime | None
    peak: float | None
    limit: float | None
    unit: str
    limit_source: str
    due: datetime | None
    who: str
    clauses: list[str]
    late: bool
    void: bool
    drill: bool


class AlertList(Schema):
    items: list[AlertOut]
    next: str


class TimelineOut(Schema):
    at: datetime
    text: str
    detail: str


class AlertDetail(AlertOut):
    why: list[str]
    notes: list[str]
    cause: str
    timeline: list[TimelineOut]


class Filters(Schema):
    grade: str = ""
    rule: str = ""
    region: str = ""
    state: str = "open"
    mine: str = ""
    q: str = ""
    hours: str = ""
    reached: str = ""
    drill: str = ""
    after: str = ""


def _guard(request: HttpRequest) -> None:
    if not may(request.user, "alert.view"):
        raise PermissionDenied


def _out(row: Row) -> dict[str, Any]:
    alert: Alert = row.alert
    same = (
        "rule", "rule_version", "mine_name", "grade", "subject_kind", "subject", "location", "onset", "end", "raised_at",
        "changed_at", "physically_cleared_at", "peak", "limit", "unit", "limit_source", "late", "void", "drill",
    )  # fmt: skip
    case = alert.case
    said = {name: getattr(alert, name) for name in same}
    said |= {"number": case.number, "title": case.title, "state": case.state, "mine": case.mine_id, "due": case.due}
    return said | {"who": row.who, "clauses": list(row.clauses), "grade_is_default": is_default_grade(alert.inputs)}


@router.get("", response=AlertList)
def list_alerts(request: HttpRequest, filters: Parameters[Filters]) -> dict[str, Any]:
    """Twenty alerts, the gravest and youngest first; give `next` back as `after` for the following ones."""
    _guard(request)
    at = now()
    found = page(*matching(request.user, Query.parse(filters.dict()), at))
    return {"items": [_out(row) for row in rows(found.alerts, at)], "next": found.next}


@router.get("/{number}", response=AlertDetail)
def get_alert(request: HttpRequest, number: str) -> dict[str, Any]:
    """One alert with the reasons it fired and its timeline."""
    _guard(request)
    d = detail(alert_or_404(request, number), request.user, now())
    timeline = [{"at": entry.at, "text": entry.text, "detail": entry.detail} for entry in d.timeline]
    return _out(d.row) | {"why": d.why, "notes": d.notes, "cause": d.cause, "timeline": timeline}


@router.get("/{number}/curve")
def get_curve(request: HttpRequest, number: str) -> dict[str, Any]:
    """The curve as the chart draws it: series with gaps, limits, onset, colour changes; times in ms."""
    _guard(request)
    alert = alert_or_404(request, number)
    if not alert.point:
        raise Http404
    return curve_answer(alert)
