"""What follows from what the mine states or sends again, without looking at curves: own limits above the law, history changed and
deleted, a link cut around an inspection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kuangan.library.warning.deceit.settings import DeletedHistoryRule, EditedHistoryRule, InspectionRule, LimitRule
from kuangan.library.warning.deceit.verdict import Sign, Verdict, sign, spoke
from kuangan.library.warning.deceit.window import DAY
from kuangan.library.warning.events import Record
from kuangan.library.warning.settings import MINUTE
from kuangan.library.warning.state import State

LIMIT, EDITED_HISTORY = "tamper.limit_above_law", "tamper.edited_history"
DELETED, INSPECTION = "tamper.deleted_history", "tamper.cut_before_inspection"
ROUNDING = 1e-6
FEW = 3


def above_law(state: State, now: int, rule: LimitRule) -> list[tuple[int, Verdict]]:
    """Points whose own alarm limit is above the statutory one: a comparison of two numbers, no suspicion. (mine, verdict)."""
    p = state.p
    found = []
    for index in np.flatnonzero(p["own"] > p["limit"] + ROUNDING).tolist():
        point, limit = state.points[index], state.points[index].limit
        if limit is None or "own_limit_above_statutory" not in limit.notes:
            continue
        own = float(p["own"][index])
        signs = [sign("own_above_statutory", True, own=own, statutory=limit.statutory)]
        numbers = {"own": own, "limit": limit.statutory, "limit_row": limit.row, "article": limit.article}
        verdict = Verdict(LIMIT, "check", "point", point.code, now, signs, [point.code], numbers=numbers)
        found.append((point.mine, verdict))
    return found


def edited(state: State, rule: EditedHistoryRule) -> list[tuple[int, Verdict]]:
    """Mines whose edited history of the day hides what was over a limit, or is more than a correction."""
    found = []
    for mine, record in state.edits.items():
        inputs = record.inputs
        signs = [
            sign("hidden", inputs["hidden"] >= rule.hidden, readings=inputs["hidden"]),
            sign("many", inputs["count"] >= rule.many, readings=inputs["count"]),
            sign("lowered", _lowered(inputs, rule), change=_change(inputs)),
            sign("few_points", len(inputs["points"]) <= FEW, points=len(inputs["points"])),
        ]
        hiding = spoke(signs, "hidden") and spoke(signs, "lowered", "few_points")
        tier = "check" if hiding else "watch"
        if not hiding and spoke(signs, "many", "lowered", "few_points") < 3:
            continue
        told = Verdict(
            EDITED_HISTORY,
            "check" if tier == "check" else "watch",
            "mine",
            state.mines[mine],
            record.onset,
            signs,
            inputs["points"],
            numbers={"event": record.id, "frames": inputs.get("frames", [])},
        )
        found.append((mine, told))
    return found


def _change(inputs: dict[str, Any]) -> float:
    largest = inputs.get("largest") or {}
    before, after = largest.get("before"), largest.get("after")
    return 0.0 if before is None or after is None else float(after - before)


def _lowered(inputs: dict[str, Any], rule: EditedHistoryRule) -> bool:
    return _change(inputs) <= -rule.lowered


class Lacking:
    """Readings of a mine that lacked when their files came again: by code how many, the highest, the first and last time."""

    def __init__(self, since: int, until: int, rows: Mapping[str, Sequence[float]] | None = None) -> None:
        self.since, self.until = since, until
        self.rows = {code: list(row) for code, row in (rows or {}).items()}

    def add(self, lacking: Mapping[str, list[tuple[int, float]]], now: int) -> None:
        self.until = now
        for code, found in lacking.items():
            times, values = [t for t, _ in found], [v for _, v in found]
            count, high, first, last = self.rows.get(code, [0, 0.0, times[0], times[0]])
            self.rows[code] = [count + len(found), max(high, *values), min(first, *times), max(last, *times)]

    def table(self) -> list[Any]:
        return [self.since, self.until, self.rows]


def deleted(state: State, lacking: Lacking, rule: DeletedHistoryRule) -> Verdict | None:
    """A verdict about files that a mine sent again without readings it had sent, about the point nearest to its limit."""
    rows = lacking.rows
    count = int(sum(row[0] for row in rows.values()))
    if count < rule.readings:
        return None
    codes = sorted(rows, key=lambda code: (-rows[code][1] / _limit(state, code), code))
    top = codes[0]
    signs = [
        sign("lacking", True, readings=count, points=len(rows)),
        sign("high_values", rows[top][1] / _limit(state, top) >= rule.high_share, highest=rows[top][1]),
        sign("few_points", len(rows) <= FEW, points=len(rows)),
    ]
    tier = "check" if spoke(signs, "high_values") else "watch"
    onset = int(min(row[2] for row in rows.values()))
    numbers = {"last": int(max(row[3] for row in rows.values())), "step": _step(state, top)}
    return Verdict(
        DELETED, "check" if tier == "check" else "watch", "point", top, onset, signs, codes[:50], (), {}, numbers
    )


def _step(state: State, code: str) -> float:
    limit = state.points[state.point_index[code]].limit
    return limit.step if limit is not None else 0.0


def _limit(state: State, code: str) -> float:
    limit = state.points[state.point_index[code]].limit
    value = limit.value if limit is not None else float("nan")
    return value if np.isfinite(value) and value > 0 else float("inf")


def cut(state: State, now: int, rule: InspectionRule) -> Iterator[tuple[int, Verdict]]:
    """Outages that began shortly before inspectors came to a mine, or while they were there."""
    lead = int(rule.lead_min * MINUTE)
    for visit in state.register.inspections:
        mine = state.mine_index.get(visit.mine)
        if mine is None or not visit.start - lead <= now <= visit.end + DAY:
            continue
        first, last = visit.start - lead, min(visit.end, now - int(rule.cut_min * MINUTE))
        for record, sensors in _outages(state, mine, first, last, rule):
            yield mine, _cut(state, mine, record, sensors, visit.start, rule)


def _outages(state: State, mine: int, first: int, last: int, rule: InspectionRule) -> Iterator[tuple[Record, int]]:
    """Outages of a mine that began in [first, last]: what was out before has nothing to do with a visit."""
    link, code = state.links.get(mine), state.mines[mine]
    if link is not None and first <= link.onset <= last:
        yield link, 0
    for record in state.station_records.values():
        if record.mine == code and first <= record.onset <= last:
            yield record, len(record.inputs["children"])
    out = [each for each in state.offline.values() if each.mine == code and first <= each.onset <= last]
    if len(out) >= rule.sensors:
        yield min(out, key=lambda r: (r.onset, r.id)), len(out)


def _cut(state: State, mine: int, record: Record, sensors: int, visit: int, rule: InspectionRule) -> Verdict:
    code = state.mines[mine]
    past = state.outages.get(code, [])
    usual = len(past) > rule.usual or code in state.flapping
    signs: list[Sign] = [
        sign("timing", True, minutes_before=(visit - record.onset) / MINUTE),
        sign("link_cut", sensors == 0, sensors=sensors),
        sign("unusual", not usual, outages=len(past)),
    ]
    tier = "check" if not usual else "watch"
    numbers = {"event": record.id, "inspection": visit}
    return Verdict(
        INSPECTION, "check" if tier == "check" else "watch", "mine", code, record.onset, signs, numbers=numbers
    )
