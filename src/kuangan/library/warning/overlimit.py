"""Over-limit of one point as a small machine fed with its exceptional samples in event-time order.

Formal condition: with value `v` and limit `L` both rounded to the point's step, an event opens at the first uncalibrated sample
with v ≥ L. While it is open a sample with v ≥ L may raise its grade by the rows of the ladder: row (height h, m minutes) matches
when v ≥ h and the time spent ≥ h within the event, counted between consecutive samples not further apart than `hold`, is at least
m minutes. The event ends at the first uncalibrated sample with v < L; a sample with v ≥ L within `merge_gap` of the end takes it
up again under the same id. Calibration samples neither open, extend nor end an event; they are counted.
Sources: Coal Mine Safety Regulations art. 171, 173, 498; ladder rows as marked in the rule book.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from kuangan.library.warning.events import CLEARED, OPEN, Record
from kuangan.library.warning.rulebook import Ladder
from kuangan.library.warning.settings import MINUTE, rank


def steps(value: float, step: float) -> int:
    """A value in whole steps of its resolution, halves away from zero, so that 0.8 is never above 0.8."""
    return math.floor(value / step + 0.5 + 1e-9)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the machine needs of the rule book and of its point; heights in steps of the point's resolution."""

    limit: float
    step: float
    merge_gap: int
    hold: int
    rows: tuple[tuple[str, str, float, int, bool], ...]  # id, grade, height (value), duration ms, rising

    @classmethod
    def of(cls, ladder: Ladder, limit: float, step: float, merge_gap: int, hold: int) -> Settings:
        rows = tuple(
            (
                row.id,
                row.grade,
                limit if row.height == "limit" else float(row.height),
                int(row.minutes * MINUTE),
                row.rising,
            )
            for row in sorted(ladder.rows, key=lambda r: -rank(r.grade))
        )
        return cls(limit, step, merge_gap, hold, rows)


def over(value: float, settings: Settings) -> bool:
    """v ≥ L, both in whole steps; never where there is no limit."""
    return not math.isnan(settings.limit) and steps(value, settings.step) >= steps(settings.limit, settings.step)


@dataclass(slots=True)
class Height:
    """Time spent at or above one height within the event, in ms."""

    total: int = 0
    since: int | None = None
    last: int = 0

    def above(self, t: int, hold: int) -> int:
        if self.since is None:
            self.since = t
        elif t - self.last > hold:
            self.total += self.last - self.since
            self.since = t
        self.last = t
        return self.total + t - self.since

    def below(self) -> None:
        if self.since is not None:
            self.total += self.last - self.since
            self.since = None


@dataclass(slots=True)
class Machine:
    """State of one point that is over its limit or was within the merge gap."""

    record: Record
    heights: dict[float, Height] = field(default_factory=dict)
    previous: float = math.nan

    def done(self, t: int, settings: Settings) -> bool:
        """True when a sample at `t` can no longer take the event up again."""
        return self.record.end is not None and t - self.record.end > settings.merge_gap

    def calibrating(self) -> None:
        """Count a calibration sample within the running event."""
        if self.record.end is not None:
            return
        self.record.inputs["calibration_samples"] = int(self.record.inputs.get("calibration_samples", 0)) + 1

    def feed(self, t: int, value: float, settings: Settings, at: int) -> bool:
        """Take one uncalibrated sample; True when the event changed. `at` is the arrival clock of the sample."""
        changed = self._over(t, value, settings, at) if over(value, settings) else self._under(t)
        self.previous = value
        return changed

    def _under(self, t: int) -> bool:
        for height in self.heights.values():
            height.below()
        if self.record.end is not None:
            return False
        self.record.end, self.record.status = t, CLEARED
        self._note_duration(t)
        return True

    def _over(self, t: int, value: float, settings: Settings, at: int) -> bool:
        record = self.record
        changed = record.end is not None
        if changed:
            record.end, record.status = None, OPEN
            record.inputs.setdefault("reopened", []).append(t)
        if record.peak is None or value > record.peak:
            record.peak, record.peak_at, changed = value, t, True
        raised = False
        reached = steps(value, settings.step)
        spent: dict[float, int] = {}
        for _, _, height, _, _ in settings.rows:
            tracker = self.heights.setdefault(height, Height())
            if reached >= steps(height, settings.step):
                spent[height] = tracker.above(t, settings.hold)
            else:
                tracker.below()
        for row, grade, height, duration, rising in settings.rows:
            if height in spent and spent[height] >= duration and (not rising or not value <= self.previous):
                raised = record.raise_to(grade, at, row)
                break
        if raised or changed:
            self._note_duration(t)
        return changed or raised

    def _note_duration(self, t: int) -> None:
        limit_height = self.record.inputs.get("limit")
        tracker = self.heights.get(limit_height) if isinstance(limit_height, float) else None
        if tracker is not None:
            running = tracker.last - tracker.since if tracker.since is not None else 0
            self.record.inputs["seconds_over"] = (tracker.total + running) // 1000


def tier(peak: float, tiers: list[float]) -> int:
    """Tier 1 below the first threshold, 2 from it, 3 from the second (Shanxi's three tiers)."""
    return 1 + sum(peak >= threshold for threshold in tiers)


def machine_state(machine: Machine) -> dict[str, Any]:
    """Plain data of a machine for the checkpoint."""
    return {
        "record": machine.record.as_dict(),
        "heights": [[h, x.total, x.since, x.last] for h, x in machine.heights.items()],
        "previous": None if math.isnan(machine.previous) else machine.previous,
    }


def machine_from(data: dict[str, Any], record: Record) -> Machine:
    heights = {float(h): Height(total, since, last) for h, total, since, last in data["heights"]}
    previous = data["previous"]
    return Machine(record, heights, math.nan if previous is None else float(previous))
