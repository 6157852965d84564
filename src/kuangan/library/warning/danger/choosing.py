"""Which sign a point has: its kind by sensor type, its edges by rule book, place and definition.

A point has at most one sign. Source: the rows of the rules of danger; the limits of a definition count where a row says so.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kuangan.library.warning.danger import settings as law
from kuangan.library.warning.danger.settings import LevelRow, LevelRule
from kuangan.library.warning.limits import ANALOGUE, Limit
from kuangan.library.warning.settings import GRADES, Grade
from kuangan.library.warning.signs import Edge, Sign, switch

if TYPE_CHECKING:
    from kuangan.library.warning.rulebook import RuleBook

LEVELS = {
    law.AIR_SPEED: "air_speed",
    law.OXYGEN_LOW: "oxygen",
    law.DRAINAGE: "drainage",
    law.GAS_LEVEL: "gas",
    law.PRESSURE: "pressure",
    law.ROOF_SEPARATION: "separation",
    law.SLOPE: "slope",
    law.TAILINGS: "pond",
}
"""Rules that hold values of one point against levels, and the kind of their points."""


class Facts(NamedTuple):
    """What the choice depends on; own limits NaN where a definition sets none."""

    sensor_type: str
    value_type: str
    system: str
    location: str
    own_high: float
    own_low: float
    own_cut: float
    own_levels: tuple[float, ...] = ()


def choose(book: RuleBook, facts: Facts, limit: Limit) -> Sign | None:
    """The sign of a point, None when no rule of danger looks at it."""
    kind = facts.sensor_type
    if facts.value_type in ("", ANALOGUE):
        return _analogue(book, facts, limit) if kind else None
    fans, fire = book.settings(law.FAN_STOPPED, law.FanRule), book.settings(law.FIRE, law.FireRule)
    pumps = book.settings(law.PUMP, law.PumpRule)
    tables = {
        "local_fan": fans.local,
        "main_fan": fans.main,
        "door": book.settings(law.DOORS_OPEN, law.DoorRule).types,
        "feed": book.settings(law.FEED_LIVE, law.FeedRule).types,
        "smoke": fire.smoke,
    }
    found = next((name for name, types in tables.items() if kind in types), "")
    if not found and kind in pumps.types and re.search(pumps.where, facts.location):
        found = "pump"
    return switch(found) if found else None


def hydro(book: RuleBook, sensor_type: str) -> int:
    """1 for a water level, 2 for an inflow, 0 for what has no past of days."""
    if sensor_type in book.settings(law.WATER_LEVEL, law.WaterLevelRule).types:
        return 1
    return 2 if sensor_type in book.settings(law.INFLOW, law.InflowRule).types else 0


def _analogue(book: RuleBook, facts: Facts, limit: Limit) -> Sign | None:
    if limit.quantity == "methane":
        return _methane(book, facts, limit)
    if limit.quantity == "carbon_monoxide" and not math.isnan(limit.value):
        return Sign("carbon_monoxide", (Edge(limit.value, limit.source, limit.row),))
    fire = book.settings(law.FIRE, law.FireRule)
    if facts.sensor_type in fire.temperature:
        return _temperature(fire, facts)
    if facts.sensor_type in book.settings(law.PUMP, law.PumpRule).sumps:
        return Sign("sump", ())
    for rule, kind in LEVELS.items():
        data = book.settings(rule, law.PondRule if rule == law.TAILINGS else LevelRule)
        row = next((each for each in data.rows if _fits(each, facts, limit)), None)
        if row is not None:
            found = _levels(kind, rule, data, row, facts, limit.step)
            also = facts.sensor_type in fire.carbon_monoxide
            return replace(found, kind="carbon_monoxide") if found and also else found
    return None


def _methane(book: RuleBook, facts: Facts, limit: Limit) -> Sign:
    """Band 1 from the limit on, the next from the cut value on, those behind where over-limits are counted apart. A definition can only
    lower the cut value."""
    feed = book.settings(law.FEED_LIVE, law.FeedRule)
    own, table = facts.own_cut, feed.cut.get(limit.place, feed.default_cut)
    cut = Edge(own, "own") if 0 < own <= table else Edge(table, "table")
    edges = {cut.value: cut}
    if not math.isnan(limit.value) and limit.value < cut.value:
        edges[limit.value] = Edge(limit.value, limit.source, limit.row)
    return Sign("methane", tuple(edges[value] for value in sorted(edges)), rule=law.FEED_LIVE, article=limit.article)


def _temperature(fire: law.FireRule, facts: Facts) -> Sign:
    value = fire.chamber_limit if re.search(fire.chamber, facts.location) else fire.temperature_limit
    own = facts.own_high
    edge = Edge(own, "own") if not math.isnan(own) and own > 0 else Edge(value, "table")
    return Sign("temperature", (edge,))


def _fits(row: LevelRow, facts: Facts, limit: Limit) -> bool:
    return (
        facts.sensor_type in row.types
        and (row.places is None or limit.place in row.places)
        and (not row.system or row.system == facts.system)
        and (row.where is None or re.search(row.where, facts.location) is not None)
        and (row.unless is None or re.search(row.unless, facts.location) is None)
    )


def _levels(kind: str, rule: str, data: LevelRule, row: LevelRow, facts: Facts, step: float) -> Sign | None:
    """The limits of a row and of the definition as edges with a grade for each band."""
    lows = _side(row.low, _own(row, facts, lower=True), row.row, lower=True)
    highs = _side(row.high, _own(row, facts, lower=False), row.row, lower=False)
    if row.both_ways:
        lows = {grade: Edge(-edge.value + step, edge.source, edge.row) for grade, edge in highs.items()}
    below = [(edge, grade) for grade, edge in lows.items()]
    above = [(edge, grade) for grade, edge in highs.items()]
    if not below and not above:
        return None
    below.sort(key=lambda pair: pair[0].value)
    above.sort(key=lambda pair: pair[0].value)
    if below and above and below[-1][0].value > above[0][0].value:
        below = []
    edges = tuple(edge for edge, _ in (*below, *above))
    grades = (*(grade for _, grade in below), "", *(grade for _, grade in above))
    return Sign(kind, edges, grades, rule, row.confidence, row.article, data.hold_s)


def _own(row: LevelRow, facts: Facts, *, lower: bool) -> law.Levels:
    """The limits of one side that the definition sets. Warning levels that do not lie one behind the other say nothing."""
    grade, value = (row.own_low, facts.own_low) if lower else (row.own_high, facts.own_high)
    found: law.Levels = {grade: value} if grade is not None and value > 0 else {}
    levels = facts.own_levels
    if row.own_levels == ("low" if lower else "high") and list(levels) == sorted(set(levels), reverse=lower):
        found |= dict(zip(law.OWN_GRADES, levels, strict=False))
    return found


def _side(levels: law.Levels, own: law.Levels, row: str, *, lower: bool) -> dict[Grade, Edge]:
    """The limits of one side by grade; a limit that lies no nearer than that of a graver grade falls away."""
    found = {grade: Edge(levels[grade], "table", row) for grade in GRADES if grade in levels}
    nearer = max if lower else min
    for grade, value in own.items():
        table = found.get(grade)
        if table is None or nearer(table.value, value) != table.value:
            found[grade] = Edge(value, "own", row)
    kept: dict[Grade, Edge] = {}
    last: float | None = None
    for grade in reversed(GRADES):
        edge = found.get(grade)
        if edge is None or (last is not None and (edge.value == last or nearer(edge.value, last) == last)):
            continue
        kept[grade], last = edge, edge.value
    return kept
