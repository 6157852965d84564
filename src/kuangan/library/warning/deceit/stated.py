"""What follows from what the mine states or sends again, without looking at curves: own limits above the law, history changed or
deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kuangan.library.warning.deceit.settings import DeletedHistoryRule, EditedHistoryRule, LimitRule
from kuangan.library.warning.deceit.verdict import Verdict, sign, spoke
from kuangan.library.warning.state import State

LIMIT, EDITED_HISTORY = "tamper.limit_above_law", "tamper.edited_history"
DELETED = "tamper.deleted_history"
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
