"""How an alert reads an event: columns, title, and what changed between revisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isnan
from typing import Any

from kuangan.base.clock import from_ms
from kuangan.domains.alerts.directory import Standing
from kuangan.domains.alerts.models import Alert, Change
from kuangan.domains.alerts.rules import RULE_WORDS, grade_rank, number_words
from kuangan.domains.alerts.why_video import place_words
from kuangan.library.warning.events import Event

REVISED = (
    "rev",
    "rule_version",
    "location",
    "mine_name",
    "grade",
    "rank",
    "graded_at",
    "onset",
    "end",
    "peak",
    "peak_at",
    "value",
    "limit",
    "unit",
    "limit_source",
    "event_status",
    "physically_cleared_at",
    "late",
    "told_late",
    "void",
    "merged_into",
    "changed_at",
    "reach",
    "inputs",
)
"""Columns of an alert that a later revision may change."""
OWN_SIDE = "本平台"
LONGEST = {field.name: field.max_length for field in Alert._meta.concrete_fields}


def read_event(alert: Alert, event: Event, standing: Standing) -> None:
    """Write the columns of one revision into the alert (not saved). `graded_at` becomes the moment of this revision."""
    inputs: Mapping[str, Any] = event.inputs
    alert.rev, alert.rule, alert.rule_version = event.rev, event.rule, event.rule_version
    alert.subject_kind, alert.subject = event.subject_kind, event.subject
    alert.point = _fit("point", event.subject) if event.subject_kind == "point" else ""
    alert.location = place_words(inputs)[:200]
    alert.mine_name = _fit("mine_name", _mine_name(event, standing))
    alert.grade, alert.rank = event.grade, grade_rank(event.grade)
    first = alert.raised_at is None
    alert.raised_at, alert.changed_at = from_ms(event.raised_at), from_ms(event.changed_at)
    alert.graded_at = alert.raised_at if first else alert.changed_at
    alert.onset, alert.end = from_ms(event.onset), _moment(event.end)
    alert.peak, alert.peak_at = _number(event.peak), _moment(event.peak_at)
    alert.value, alert.limit = _number(inputs.get("value")), _number(inputs.get("limit"))
    alert.unit, alert.limit_source = _fit("unit", inputs.get("unit")), str(inputs.get("limit_source") or "")
    alert.event_status = event.status
    alert.physically_cleared_at = None if event.status == "open" else _moment(event.end)
    alert.late, alert.void = alert.late or event.late, event.status == "void"
    alert.merged_into = event.merged_into or ""
    alert.inputs = dict(inputs)
    alert.drill = bool(inputs.get("drill"))


def _fit(column: str, text: object) -> str:
    """As much of a text that a mine wrote as its column takes: what is longer must not stop the engine."""
    return str(text or "")[: LONGEST[column]]


def _mine_name(event: Event, standing: Standing) -> str:
    if standing.mine is not None:
        return standing.mine.name
    return str(event.inputs.get("mine_name") or event.mine) or OWN_SIDE


def _moment(ms: int | None) -> Any:
    return None if ms is None else from_ms(ms)


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or isnan(value):
        return None
    return float(value)


def title_of(alert: Alert) -> str:
    """矿名 地点 事项 峰值: what a person reads first."""
    parts = [alert.mine_name, alert.location, kind_words(alert)]
    if alert.peak is not None and alert.rule == "gas.over_limit":
        parts.append(number_words(alert.peak, alert.unit))
    return " ".join(part for part in parts if part)[:200]


def kind_words(alert: Alert) -> str:
    """瓦斯超限, 一氧化碳超限, 断网 …"""
    if alert.rule == "gas.over_limit" and "%" not in alert.unit:
        return f"{alert.inputs.get('type_name') or '气体'}超限"
    return RULE_WORDS.get(alert.rule, alert.rule)


def first_changes(alert: Alert, revs: Sequence[Event]) -> list[Change]:
    """The rows of the timeline of a new alert whose first revisions came in one batch; sets `graded_at` by them."""
    rows = [_change(alert, revs[0], "raised")]
    if revs[0].status == "void":
        rows.append(_change(alert, revs[0], "void"))
    for before, after in pairwise(revs):
        found = _differences(alert, before.grade, before.status, bool(before.merged_into), after)
        rows += [row for row in found if row.kind != "reopened"]
    grades = [row.at for row in rows if row.kind == "grade"]
    alert.graded_at = grades[-1] if grades else alert.raised_at
    return rows


def changes_between(alert: Alert, revs: Sequence[Event]) -> list[Change]:
    """The rows that newer revisions add to a stored alert, in order."""
    rows: list[Change] = []
    grade, status, merged = alert.grade, alert.event_status, bool(alert.merged_into)
    for event in revs:
        rows += _differences(alert, grade, status, merged, event)
        grade, status, merged = event.grade, event.status, bool(event.merged_into)
    return rows


def _differences(alert: Alert, grade: str, status: str, merged: bool, event: Event) -> list[Change]:
    kinds = []
    if event.merged_into and not merged:
        kinds.append("merged")
    elif event.status == "void" != status:
        kinds.append("void")
    elif event.status == "open" != status:
        kinds.append("restored" if status == "void" else "reopened")
    if grade_rank(event.grade) > grade_rank(grade):
        kinds.append("grade")
    return [_change(alert, event, kind) for kind in kinds]


def _change(alert: Alert, event: Event, kind: str) -> Change:
    detail = event.merged_into or "" if kind == "merged" else ""
    return Change(alert=alert, rev=event.rev, kind=kind, grade=event.grade, detail=detail, at=from_ms(event.changed_at))
