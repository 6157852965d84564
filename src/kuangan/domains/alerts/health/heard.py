"""Whether mines and points were heard: the share of the time that should have been on line, from outages as they were judged.

Out of the count, and shown apart: mines that never connected, mines recorded as stopped at the end of the period, and hours that an
announcement of the mine covers. A point is counted only while its mine's link stood: one cause, one loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Count, Min

from kuangan.base.case.announced import Question, covers
from kuangan.base.clock import from_ms, to_ms
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import Mine, Point
from kuangan.base.registry.words import STOPPED
from kuangan.domains.alerts.health.load import joined
from kuangan.domains.alerts.health.periods import Period
from kuangan.domains.alerts.models import Alert

LINK, STATION, SENSOR = "link.network_outage", "link.station_offline", "link.sensor_offline"
HOUR: Final = 3_600_000
Span = tuple[int, int]
NAMES: Final = (
    "pk",
    "case__mine_id",
    "rule",
    "subject_kind",
    "subject",
    "location",
    "onset",
    "end",
    "inputs__children",
)


@dataclass(frozen=True, slots=True)
class Excluded:
    """A mine that is not counted, and why."""

    code: str
    name: str
    why: str


@dataclass
class Heard:
    """Hours that should have been on line and were, of mines and of points; rates None where there was nothing to hear."""

    mines: int = 0
    points: int = 0
    mine_hours: float = 0.0
    mine_out: float = 0.0
    point_hours: float = 0.0
    point_out: float = 0.0
    announced_hours: float = 0.0
    excluded: list[Excluded] = field(default_factory=list)

    @property
    def mine_rate(self) -> float | None:
        return None if not self.mine_hours else max(0.0, 1 - self.mine_out / self.mine_hours)

    @property
    def point_rate(self) -> float | None:
        return None if not self.point_hours else max(0.0, 1 - self.point_out / self.point_hours)


def heard(mines: Iterable[Mine], period: Period) -> dict[str, Heard]:
    """{mine: what was heard of it} since its first file. Nine queries at most, whatever the number of mines."""
    rows = {mine.code: mine for mine in mines}
    states = facts_as_of(rows.keys(), ["state"], period.stop)
    own = Point.objects.filter(mine__in=rows).order_by().values_list("mine_id")
    points = dict(own.filter(valid_to=None).exclude(upload_mode="on_change").annotate(Count("code", distinct=True)))
    since = dict(own.annotate(Min("valid_from")))
    found = {code: Heard() for code in rows}
    counted: dict[str, int] = {}
    for code, mine in rows.items():
        state = str(states.get(code, {}).get("state", ""))
        begun = min((at for at in (mine.first_seen, since.get(code)) if at), default=None)
        if begun is None or begun >= period.stop:
            found[code].excluded.append(Excluded(code, mine.name, "未接入"))
        elif state in STOPPED:
            found[code].excluded.append(Excluded(code, mine.name, "停产停建或关闭"))
        else:
            counted[code] = to_ms(begun)
    outages = outages_of(list(counted), period)
    covered = _covered(outages, period)
    for code, begun_ms in counted.items():
        found[code].points = points.get(code, 0)
        _judge(found[code], begun_ms, outages.get(code, ()), covered.get(code, ()), period)
    return found


def _judge(one: Heard, begun: int, outages: Sequence[Outage], covered: Sequence[Span], period: Period) -> None:
    """Hours of one mine since it was first heard."""
    start, stop = period.span
    start = max(start, begun)
    away = joined(covered)
    whole = length([(start, stop)])
    link = cut(joined([(row.begin, row.end) for row in outages if row.rule == LINK]), start, stop)
    excused = sum(overlap(link, away))
    one.mines = 1
    one.announced_hours = excused / HOUR
    one.mine_hours = (whole - excused) / HOUR
    one.mine_out = (length(link) - excused) / HOUR
    standing = whole - length(link)
    lost = 0
    for row in outages:
        if row.rule != LINK:
            [*own] = cut([(row.begin, row.end)], start, stop)
            lost += row.weight * (length(own) - sum(overlap(own, joined([*link, *away]))))
    one.point_hours = one.points * standing / HOUR
    one.point_out = min(one.point_hours, lost / HOUR)


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch (ms) in which something was silent; `weight` points with it."""

    key: int
    mine: str
    rule: str
    subject_kind: str
    subject: str
    location: str
    begin: int
    end: int
    weight: int


def outages_of(mines: Sequence[str], period: Period) -> dict[str, list[Outage]]:
    """Outages that touch the period, by mine. Two queries, those over and those that go on, each on the index of ends."""
    alerts = Alert.objects.filter(rule__in=(LINK, STATION, SENSOR), onset__lt=period.stop)
    alerts = alerts.filter(case__mine__in=mines, drill=False, void=False, merged_into="").order_by()
    found: dict[str, list[Outage]] = {}
    rows = [
        row
        for part in (alerts.filter(end__gt=period.start), alerts.filter(end=None, event_status="open"))
        for row in part.values_list(*NAMES)
    ]
    for pk, mine, rule, kind, subject, place, onset, end, children in rows:
        weight = len(children) if isinstance(children, list) and rule == STATION else 1
        stop = to_ms(end) if end else period.span[1]
        row = Outage(pk, mine, rule, kind, subject, place, to_ms(onset), stop, max(1, weight))
        found.setdefault(mine, []).append(row)
    return found


def _covered(outages: Mapping[str, Sequence[Outage]], period: Period) -> dict[str, list[Span]]:
    """Announced stretches that cover outages of links, by mine."""
    asked = [
        Question(row.key, row.mine, row.rule, row.subject_kind, row.subject, from_ms(row.begin), row.location)
        for rows in outages.values()
        for row in rows
        if row.rule == LINK
    ]
    known = covers(asked)
    found: dict[str, list[Span]] = {}
    for question in asked:
        for cover in known.get(question.key, ()):
            found.setdefault(question.mine, []).append((to_ms(cover.start), min(to_ms(cover.end), period.span[1])))
    return found


def cut(spans: Iterable[Span], start: int, stop: int) -> list[Span]:
    """What of the spans lies within."""
    return [(max(a, start), min(b, stop)) for a, b in spans if min(b, stop) > max(a, start)]


def length(spans: Iterable[Span]) -> int:
    return sum(max(0, b - a) for a, b in spans)


def overlap(spans: Sequence[Span], others: Sequence[Span]) -> list[int]:
    """Of each span, how much the others (which do not overlap) cover."""
    return [length(cut(others, a, b)) for a, b in spans]


def together(rows: Iterable[Heard]) -> Heard:
    """Of many mines as one."""
    total = Heard()
    for row in rows:
        for name in ("mines", "points", "mine_hours", "mine_out", "point_hours", "point_out", "announced_hours"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
        total.excluded += row.excluded
    return total
