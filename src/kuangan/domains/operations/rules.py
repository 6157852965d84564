"""Pure decisions about announced work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from kuangan.domains.operations.kinds import Kind

PART_WORDS: Final = {"point": "测点", "station": "分站", "place": "地点", "mine": "全矿"}
CHECK_WORDS: Final = {"overrun": "超期未结束", "mismatch": "与数据不符", "repeated": "频繁报备"}
TEST_WORDS: Final = {"passed": "合格", "failed": "不合格"}
CALIBRATION: Final = 4
"""The status bit of a reading taken while the sensor was being calibrated."""
COVERING_STATES: Final = frozenset({"declared", "noted", "agreed", "running", "asked", "overrun", "ended"})

Part = tuple[str, str]
"""(kind, ident): ("point", code), ("station", code), ("place", name), ("mine", code)."""


@dataclass(frozen=True)
class Draft:
    """An announcement as the mine fills it in."""

    kind: str
    starts: datetime
    ends: datetime
    reason: str
    measures: str
    responsible: str
    parts: tuple[Part, ...]
    phone: str = ""
    protected: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the subject of an alert is: its sub-station, and the names its place goes by."""

    point: str
    station: str
    places: frozenset[str]


def problems(draft: Draft, kind: Kind, at: datetime) -> dict[str, str]:
    """Field → what is wrong with it. Empty when it may be declared at `at`."""
    found: dict[str, str] = {}
    if draft.starts <= at:
        found["starts"] = "须在作业开始之前报备"
    if draft.ends <= draft.starts:
        found["ends"] = "结束时间须晚于开始时间"
    if not draft.parts:
        found["parts"] = "请选择测点、分站、地点或全矿"
    elif kind.where == "points" and any(part != "point" for part, _ in draft.parts):
        found["parts"] = f"{kind.label}须逐个指明测点"
    if kind.protected and not draft.protected.strip():
        found["protected"] = "须说明主通风、主排水、抽采、监控通信、升降人员如何保持供电运转"
    said = {"reason": draft.reason, "measures": draft.measures, "responsible": draft.responsible}
    return found | {name: "必填" for name, text in said.items() if not text.strip()}


def is_short_notice(draft: Draft, kind: Kind, at: datetime) -> bool:
    """Whether it comes later than our default asks: taken all the same, but marked."""
    return draft.starts - at < kind.lead


def covered(
    kind: Kind,
    state: str,
    *,
    starts: datetime,
    ends: datetime,
    declared: datetime,
    agreed: datetime | None,
    ended: datetime | None,
) -> tuple[datetime, datetime] | None:
    """[from, to) in which alerts are marked; None when never.

    Nothing counts before it was declared and, where an answer is needed, agreed; nothing after the planned end or after
    the work was over, whichever comes first: an overrun covers nothing.
    """
    if state not in COVERING_STATES or (kind.answer and agreed is None):
        return None
    first = max(starts, agreed if kind.answer and agreed is not None else declared)
    last = min(ends, ended) if ended is not None else ends
    return (first, last) if first < last else None


def touches(part: Part, mine: str, site: Site) -> bool:
    """Whether a part of an announcement of `mine` speaks of the site."""
    kind, ident = part
    if kind == "mine":
        return ident == mine
    return ident in {"point": {site.point}, "station": {site.station}, "place": site.places}[kind] - {""}


def is_marked(kind: Kind, rule: str) -> bool:
    """Whether alerts of the rule are marked by work of this kind."""
    return any(rule.startswith(beginning) for beginning in kind.marks)


def without_bit(curves: Mapping[str, Iterable[int]]) -> dict[str, int]:
    """Points that sent readings but none with the calibration bit → how many readings. A silent point says nothing."""
    found = {}
    for point, statuses in curves.items():
        known = list(statuses)
        if known and not any(status & CALIBRATION for status in known):
            found[point] = len(known)
    return found


def longest_gap(times: Sequence[int], start: int, end: int) -> int:
    """The longest stretch in ms of [start, end) without a good reading; `times` in order."""
    marks = [start, *times, end]
    return max(later - earlier for earlier, later in pairwise(marks))


def went_on(curves: Mapping[str, Sequence[int]], start: int, end: int, quiet: int) -> dict[str, int]:
    """Points with their number of good readings, when no point with data shows a gap of `quiet` ms; else nothing.

    A span shorter than `quiet` cannot show one and says nothing.
    """
    sending = {point: times for point, times in curves.items() if times}
    if end - start <= quiet or not sending:
        return {}
    if any(longest_gap(times, start, end) >= quiet for times in sending.values()):
        return {}
    return {point: len(times) for point, times in sending.items()}
