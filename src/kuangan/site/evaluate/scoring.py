"""Labels against alarms: what was found, what was missed, what was said without cause, how exactly and how late.

An alarm belongs to a label when rule and mine agree, the label names its subject (or none) and both touch in time. An alarm that
belongs to no label is false. Of an alarm that was merged into another, only its hits count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, NamedTuple

from kuangan.library.simulate.labels import Label
from kuangan.library.warning.events import VOID, Event

WEEK_MS = 7 * 86_400_000
FOREVER = 1 << 62


class Alarm(NamedTuple):
    """What a judge said; `raised_at` on the arrival clock, `end` FOREVER while it goes on. `counts`: false when it fits nothing."""

    rule: str
    mine: str
    subjects: tuple[str, ...]
    onset: int
    end: int
    raised_at: int
    counts: bool = True


class Heard(NamedTuple):
    """What one trial gave: its labels and alarms, and for how long how many mines were listened to."""

    key: str
    condition: str
    character: str
    mine_ms: int
    labels: Sequence[Label]
    alarms: Sequence[Alarm]
    generator: str = ""

    @property
    def name(self) -> str:
        """The trial among those of all generators."""
        return f"{self.generator}:{self.key}"


def alarm_of(event: Event) -> Alarm:
    """The alarm of an event that is not void."""
    named = event.inputs.get("points", []) or event.inputs.get("children", [])
    others = tuple(str(item) for item in named) if isinstance(named, list) else ()
    end = FOREVER if event.end is None else event.end
    # A record of several numbers gives a point for each, named behind a #.
    subjects = (event.subject, event.subject.partition("#")[0], *others, str(event.inputs.get("location", "")))
    return Alarm(event.rule, event.mine, subjects, event.onset, end, event.raised_at, event.merged_into is None)


def alarms_of(events: Iterable[Event]) -> list[Alarm]:
    return [alarm_of(event) for event in events if event.status != VOID]


def belongs(alarm: Alarm, label: Label) -> bool:
    """True when the alarm may be about what the label tells of; the rules are not compared."""
    touches = alarm.onset <= label.end + label.slack and alarm.end >= label.onset - label.slack
    named = not label.subjects or not set(label.subjects).isdisjoint(alarm.subjects)
    return alarm.mine == label.mine and touches and named


@dataclass
class Score:
    """Counts of one detector; times in ms."""

    planted: int = 0
    found: int = 0
    exact: int = 0
    exactly: int = 0
    false: int = 0
    listened_ms: int = 0
    onset_errors: list[int] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    falsely: Counter[str] = field(default_factory=Counter)
    parts: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    def note(self, label: Label, alarms: Sequence[Alarm], heard: Heard) -> None:
        """Count one label that must be found, with the alarms that belong to it."""
        self.planted += 1
        self.found += bool(alarms)
        parts = (
            ("generator", heard.generator),
            ("condition", heard.condition),
            ("character", heard.character),
            ("variant", label.variant),
        )
        for part, value in parts:
            if value:
                counts = self.parts.setdefault(part, {}).setdefault(value, [0, 0])
                counts[0] += 1
                counts[1] += bool(alarms)
        if not alarms:
            self.missed.append(f"{heard.key}: {label.variant or label.kind}")
            return
        best = min(alarms, key=lambda alarm: abs(alarm.onset - label.onset))
        self.onset_errors.append(abs(best.onset - label.onset))
        self.delays.append(best.raised_at - label.onset)
        if label.exact:
            self.exact += 1
            self.exactly += any(alarm.onset == label.onset and alarm.end == label.end for alarm in alarms)

    @property
    def recall(self) -> float | None:
        return self.found / self.planted if self.planted else None

    @property
    def false_per_week(self) -> float | None:
        return self.false * WEEK_MS / self.listened_ms if self.listened_ms else None

    def told(self) -> dict[str, Any]:
        """The row of the report."""
        return {
            "planted": self.planted,
            "found": self.found,
            "recall": _rounded(self.recall),
            "false": self.false,
            "false_per_mine_week": _rounded(self.false_per_week),
            "median_onset_error_s": _seconds(self.onset_errors),
            "median_delay_s": _seconds(self.delays),
            "exact_planted": self.exact,
            "exact_found": self.exactly,
            "missed": sorted(self.missed)[:20],
            "false_by_trial": dict(self.falsely.most_common(10)),
            **{
                f"by_{part}": {
                    name: {"planted": planted, "found": found} for name, (planted, found) in sorted(values.items())
                }
                for part, values in sorted(self.parts.items())
            },
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _seconds(values: Sequence[int]) -> float | None:
    return round(median(values) / 1000, 1) if values else None


def score(rule: str, trials: Iterable[Heard]) -> Score:
    """One detector over all trials."""
    total = Score()
    for heard in trials:
        total.listened_ms += heard.mine_ms
        labels = [label for label in heard.labels if label.rule == rule]
        alarms = [alarm for alarm in heard.alarms if alarm.rule == rule]
        hits = {n: [a for a in alarms if belongs(a, label)] for n, label in enumerate(labels)}
        for number, label in enumerate(labels):
            if label.must:
                total.note(label, hits[number], heard)
        explained = {id(alarm) for found in hits.values() for alarm in found}
        wrong = sum(alarm.counts and id(alarm) not in explained for alarm in alarms)
        total.false += wrong
        total.falsely[heard.key] += wrong
    total.falsely = +total.falsely
    return total
