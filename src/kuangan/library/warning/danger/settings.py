"""Settings of the rules of danger. Spans say their unit; limits are in the unit of the point."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from kuangan.library.warning.settings import Confidence, Grade, Pattern, Rule, Strict, rank

GAS_REPEATED = "danger.gas_repeated"
DRAINAGE = "danger.drainage"
FAN_STOPPED = "danger.fan_stopped"
DOORS_OPEN = "danger.doors_open"
AIR_SPEED = "danger.air_speed"
FIRE = "danger.fire"
FEED_LIVE = "danger.feed_live"
ON_BATTERY = "danger.on_battery"
POWER_LOST = "danger.power_lost"
OXYGEN_LOW = "danger.oxygen_low"
GAS_LEVEL = "danger.gas_level"
WATER_LEVEL = "danger.water_level"
INFLOW = "danger.inflow"
PUMP = "danger.pump"
PRESSURE = "danger.pressure"
ROOF_SEPARATION = "danger.roof_separation"
GROUND_SOUND = "danger.ground_sound"
SLOPE = "danger.slope"
REPORTED = "danger.reported"
TAILINGS = "danger.tailings"
OWN_GRADES: Final[tuple[Grade, ...]] = ("yellow", "orange", "red")
"""What the first, second and third warning level of a definition stand for; the source numbers them and does not say it."""

Levels = dict[Grade, float]
Clocks = Annotated[dict[Grade, float], Field(min_length=1)]


class LevelRow(Strict):
    """Limits of one kind of point. `types` are sensor types, those of other families with the family before a colon.

    `low` and `high` give a grade its limit: below the one, at or above the other. `own_low`, `own_high` are the grades of the
    alarm limits that the point's definition sets; the stricter of two limits of a grade counts. `own_levels`: the side on which the
    warning levels of its definition count, as OWN_GRADES in their order. `both_ways`: also at the negative
    of the upper limits. The row of a type is the first whose place class (`places`), location (`where`) and system fit.
    """

    row: str
    types: list[str]
    places: list[str] | None = None
    where: Pattern | None = None
    unless: Pattern | None = None
    system: str = ""
    low: Levels = Field(default_factory=dict)
    high: Levels = Field(default_factory=dict)
    own_low: Grade | None = None
    own_high: Grade | None = None
    own_levels: Literal["", "low", "high"] = ""
    both_ways: bool = False
    article: str = ""
    confidence: Confidence

    @model_validator(mode="after")
    def graver_is_farther(self) -> LevelRow:
        """A graver grade lies farther out on its side."""
        lows = [value for _, value in sorted(self.low.items(), key=lambda pair: rank(pair[0]))]
        highs = [value for _, value in sorted(self.high.items(), key=lambda pair: rank(pair[0]))]
        if lows != sorted(lows, reverse=True) or highs != sorted(highs):
            raise ValueError(f"limits of row {self.row} are not in the order of their grades")
        return self


class LevelRule(Rule):
    """A value outside its limits for `hold_s`."""

    hold_s: float = Field(ge=0)
    rows: list[LevelRow]


class Place(Strict):
    """How the name of a place is read off a location text that names no working: what names a sensor is taken off its end.

    `tails` are words, longest first, `marks` single letters, `ordinal` a number of a thing; one after another, as often as they fit.
    """

    tails: list[str]
    marks: str
    ordinal: Pattern


class FanRule(Rule):
    """`minutes` a fan of a kind stands before each grade. With gas at its place the grade is at least `with_gas`, from the cut
    value on `with_cut`. A fan stands only when every fan of its group does."""

    local: list[str]
    main: list[str]
    local_minutes: Clocks
    main_minutes: Clocks
    with_gas: Grade
    with_cut: Grade
    place: Place


class DoorRule(Rule):
    types: list[str]
    seconds: Clocks
    place: Place


class FireRule(Rule):
    """`signs`: number of different signs at one place → grade; `hold_s` each of them must last."""

    smoke: list[str]
    carbon_monoxide: list[str]
    temperature: list[str]
    temperature_limit: float
    chamber_limit: float
    chamber: Pattern
    signs: dict[Grade, int]
    hold_s: float = Field(ge=0)
    place: Place


class FeedRule(Rule):
    """`seconds` methane stood at or above its cut value while the feed was live. `cut` is the value of a place class, `default_cut` that
    of other places; a definition can only set a lower one."""

    types: list[str]
    seconds: Clocks
    cut: dict[str, float]
    default_cut: float
    place: Place


class BatteryRule(Rule):
    minutes: Clocks


class PowerRule(Rule):
    """Sub-stations of a mine without mains at once: at least `without`, and at least `share` of those known."""

    without: int = Field(ge=2)
    share: float = Field(gt=0, le=1)
    minutes: Clocks


class RepeatRow(Strict):
    """`count` over-limits of a `scope` within `days`, each of at least `peak` (0: any) and `minutes` (0: any)."""

    row: str
    scope: str = Field(pattern="^(place|mine)$")
    grade: Grade
    days: float = Field(gt=0)
    count: int = Field(ge=1)
    peak: float = 0.0
    minutes: float = 0.0
    confidence: Confidence


class RepeatRule(Rule):
    rows: list[RepeatRow]
    place: Place


class WaterLevelRule(Rule):
    """|latest − mean of `days`| beyond the largest step between neighbouring readings of those days × `factors`."""

    types: list[str]
    days: int = Field(ge=2)
    least_days: int = Field(ge=1)
    least_step: float = Field(gt=0)
    factors: Clocks


class InflowRule(Rule):
    """The day against the mean day × `day_factors`, the hour against the mean hour × (1 + `hour_shares`)."""

    types: list[str]
    days: int = Field(ge=2)
    least_days: int = Field(ge=1)
    least: float = Field(ge=0)
    day_factors: Clocks
    hour_shares: Clocks


class PumpRule(Rule):
    """Every pump of a place stands while its sump rises by `rises` (m) above where it was when the last one stopped."""

    types: list[str]
    where: Pattern
    sumps: list[str]
    rises: Clocks
    place: Place


class EventsRule(Rule):
    """Events that a mine reports: how many of at least `energy` within `window_min` give a grade."""

    classes: list[str]
    energy: Clocks
    counts: Clocks
    window_min: float = Field(gt=0)
    quiet_min: float = Field(gt=0)


class ReportedRule(Rule):
    """Events of these categories, or with a level and a sensor type of these families; `levels` are what the mine writes."""

    categories: list[str]
    families: list[str]
    levels: dict[str, Grade] = Field(min_length=1)


class PondRule(LevelRule):
    """Items of a pond on levels of their own; so many points of one item on a grade raise the item by one: grade → (count, to)."""

    aggregate: dict[Grade, tuple[int, Grade]]
