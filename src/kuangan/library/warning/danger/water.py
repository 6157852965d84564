"""Water levels and inflows against their own past.

Formal conditions, at the samples of each minute, with days of event time behind the running one and at least `least_days` of them:
level: |latest − mean of `days`| > factor × max(largest step between neighbouring samples of those days, `least_step`);
inflow, at the end of an hour: its mean > (1 + share) × mean hour of `days`; at the end of a day: its mean > factor × mean day; both
at least `least`. The grade is that of the largest factor exceeded. A level is over with the first sample within, an inflow with the
first finished hour whose mean is within.
Source: wire formats §4 (regulator models of water early warning).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from kuangan.library.warning.batch import TickMark
from kuangan.library.warning.columns import Array
from kuangan.library.warning.danger.days import BEIJING, HOUR, Past
from kuangan.library.warning.danger.settings import INFLOW, WATER_LEVEL, Clocks, InflowRule, WaterLevelRule
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.family import Family
from kuangan.library.warning.opening import about_point
from kuangan.library.warning.settings import GRADES, Grade, rank

if TYPE_CHECKING:
    from kuangan.library.warning.state import State


class Hydro(Family):
    """Points of one kind with their past and their living events (by index)."""

    rule: ClassVar[str]
    number: ClassVar[int]

    def __init__(self) -> None:
        super().__init__()
        self.past: Past | None = None
        self.records: dict[int, Record] = {}

    def table(self) -> Mapping[str, Any]:
        records = {str(index): record.as_dict() for index, record in self.records.items()}
        return {"due": self.due, "past": self.past.table() if self.past else None, "records": records}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.past = Past.restored(table["past"]) if table["past"] else None
        self.records = {int(index): Record(**value) for index, value in table["records"].items()}

    def sample(
        self, state: State, points: Array, time: Array, value: Array, good: Array, now: int, tick: TickMark
    ) -> list[Event]:
        wanted = np.flatnonzero(good & (state.p["hydro"][points] == self.number))
        if not len(wanted):
            return []
        days = self.days(state)
        if self.past is None or self.past.days != days:
            self.past = Past(days)
        return self.judge(state, self.past, points[wanted], time[wanted], value[wanted], now, tick)

    def days(self, state: State) -> int:
        """How many days behind are remembered."""
        return 1

    def judge(
        self, state: State, past: Past, points: Array, time: Array, value: Array, now: int, tick: TickMark
    ) -> list[Event]:
        """Take the samples into the past and judge them."""
        return []

    def told(
        self,
        state: State,
        index: int,
        grade: str,
        row: str,
        said: Mapping[str, Any],
        time: int,
        now: int,
        tick: TickMark,
    ) -> list[Event]:
        """Open, raise or end the event of a point; `grade` "" when nothing is wrong."""
        record = self.records.get(index)
        if not grade:
            if record is None:
                return []
            del self.records[index]
            record.end, record.status = max(time, record.onset), CLEARED
            return [record.snapshot(now)]
        fresh = record is None
        if record is None:
            code = state.points[index].code
            ident = event_id(tick.gateway, tick.seq, f"{now}.{index}.{self.rule}")
            record = self.records[index] = about_point(state, self.rule, index, ident, time, now, {"point": code})
        record.inputs |= said
        shown = float(said["value"])
        worse = record.peak is None or abs(shown - said["mean"]) > abs(record.peak - said["mean"])
        if worse:
            record.peak, record.peak_at = shown, time
        rose = record.raise_to(grade, now, row)
        return [record.snapshot(now)] if fresh or worse or rose else []


def reached(value: float, table: Clocks) -> tuple[Grade | str, float]:
    """The gravest grade whose threshold is exceeded, with the threshold; ("", 0) when none is."""
    over = [(rank(grade), threshold) for grade, threshold in table.items() if value > threshold + 1e-9]
    return (GRADES[max(over)[0]], max(over)[1]) if over else ("", 0.0)


def _beyond(shown: float, usual: float) -> float:
    """How many times what is usual; beyond all measure where usually nothing flows."""
    return shown / usual if usual > 0 else math.inf


class WaterLevel(Hydro):
    name: ClassVar[str] = WATER_LEVEL
    rule, number = WATER_LEVEL, 1

    def days(self, state: State) -> int:
        return state.book.settings(WATER_LEVEL, WaterLevelRule).days

    def judge(
        self, state: State, past: Past, points: Array, time: Array, value: Array, now: int, tick: TickMark
    ) -> list[Event]:
        rule = state.book.settings(WATER_LEVEL, WaterLevelRule)
        rows = past.rows(points)
        past.close_days(rows, time)
        mean, known = past.means(rows)
        step = np.maximum(past.ring["steps"][rows].max(axis=1), rule.least_step)
        past.add(rows, value)
        ratio = np.where(known >= rule.least_days, np.abs(value - mean) / step, 0.0)
        watched = (ratio > min(rule.factors.values())) | np.isin(points, list(self.records))
        events: list[Event] = []
        for at in np.flatnonzero(watched).tolist():
            grade, factor = reached(float(ratio[at]), rule.factors)
            shown = float(value[at])
            said: dict[str, Any] = {
                "value": shown,
                "mean": round(float(mean[at]), 4),
                "step": round(float(step[at]), 4),
            }
            said |= {"factor": factor, "days": rule.days, "days_known": int(known[at])}
            limit = shown if not grade else float(mean[at] + np.sign(shown - mean[at]) * factor * step[at])
            said |= {"limit": round(limit, 4), "limit_source": "system_default", "low": bool(shown < mean[at])}
            events += self.told(state, int(points[at]), grade, f"x{factor:g}", said, int(time[at]), now, tick)
        return events


class Inflow(Hydro):
    name: ClassVar[str] = INFLOW
    rule, number = INFLOW, 2

    def days(self, state: State) -> int:
        return state.book.settings(INFLOW, InflowRule).days

    def judge(
        self, state: State, past: Past, points: Array, time: Array, value: Array, now: int, tick: TickMark
    ) -> list[Event]:
        rule = state.book.settings(INFLOW, InflowRule)
        rows = past.rows(points)
        mean, known = past.means(rows)
        day_mean = past.day_means(rows)
        yesterday = np.divide(
            past.one["total"][rows], past.one["count"][rows], out=np.zeros(len(rows)), where=past.one["count"][rows] > 0
        )
        day_over = past.close_days(rows, time)
        hour = (time + BEIJING) // HOUR
        before = past.one["hour"][rows]
        hour_over = hour > before
        count = past.one["hour_count"][rows]
        last_hour = np.divide(past.one["hour_total"][rows], count, out=np.zeros(len(rows)), where=count > 0)
        past.one["hour_total"][rows] = np.where(hour_over | np.isnan(before), 0.0, past.one["hour_total"][rows]) + value
        past.one["hour_count"][rows] = np.where(hour_over | np.isnan(before), 0.0, count) + 1
        past.one["hour"][rows] = hour
        past.add(rows, value)
        events: list[Event] = []
        enough = known >= rule.least_days
        for at in np.flatnonzero(hour_over & enough & (count > 0)).tolist():
            usual, daily = float(mean[at]), float(day_mean[at])
            shown, shown_day = float(last_hour[at]), float(yesterday[at])
            share = _beyond(shown, usual) - 1 if shown >= rule.least else 0.0
            grade, threshold = reached(share, rule.hour_shares)
            row, said = f"hour+{threshold:g}", {"value": round(shown, 3), "mean": round(usual, 3), "span": "hour"}
            said["limit"] = round(usual * (1 + threshold), 3)
            if day_over[at] and shown_day >= rule.least:
                by_day, factor = reached(_beyond(shown_day, daily), rule.day_factors)
                if by_day and (not grade or rank(by_day) > rank(grade)):
                    grade, row = by_day, f"day x{factor:g}"
                    said = {"value": round(shown_day, 3), "mean": round(daily, 3), "span": "day"}
                    said["limit"] = round(daily * factor, 3)
            said |= {"days": rule.days, "days_known": int(known[at]), "limit_source": "system_default"}
            events += self.told(state, int(points[at]), grade, row, said, int(time[at]), now, tick)
        return events
