"""The rule book: thresholds, clocks and tables of the stream rules as typed, dated data.

`shipped()` gives the defaults in `data/rulebook.yaml`; an installation replaces them by a `config` frame named `rulebook` with
the same content as JSON. Which limit applies to a point is decided in `limits.py`.
"""

from __future__ import annotations

import datetime
import re
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from kuangan.library.warning.places import PLACE_CLASSES

Grade = Literal["blue", "yellow", "orange", "red"]
GRADES: tuple[Grade, ...] = ("blue", "yellow", "orange", "red")
Quantity = Literal["methane", "carbon_monoxide", "other"]
Confidence = Literal["S", "M", "I"]

OVER_LIMIT = "gas.over_limit"
NETWORK_OUTAGE = "link.network_outage"
STATION_OFFLINE = "link.station_offline"
SENSOR_OFFLINE = "link.sensor_offline"
RULES = (OVER_LIMIT, NETWORK_OUTAGE, STATION_OFFLINE, SENSOR_OFFLINE)


def rank(grade: str) -> int:
    """Position of a grade in the order blue < yellow < orange < red."""
    return GRADES.index(grade)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Frequency(Strict):
    window_days: float
    count: int
    grade: Grade


class RisingBefore(Strict):
    window_min: float
    above: float


class Rule(Strict):
    version: int
    source: str
    confidence: Confidence


class OverLimitRule(Rule):
    merge_gap_min: float
    hold_min: float
    frequency: Frequency


class OutageRule(Rule):
    minutes: dict[Grade, float] = Field(min_length=1)


class StationRule(Rule):
    together: int
    settle_s: float


class SensorRule(Rule):
    minutes: dict[Literal["methane", "other"], Annotated[dict[Grade, float], Field(min_length=1)]]
    rising_before: RisingBefore


class LadderRow(Strict):
    id: str
    grade: Grade
    height: float | Literal["limit"]
    minutes: float
    rising: bool = False


class Ladder(Strict):
    confidence: Confidence
    source: str
    tiers: list[float]
    rows: list[LadderRow]


class SensorType(Strict):
    quantity: Quantity
    step: float = Field(gt=0)


def usable_pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as fault:
        raise ValueError(f"no regular expression: {value!r}: {fault}") from fault
    return value


Pattern = Annotated[str, AfterValidator(usable_pattern)]


class TypeName(Strict):
    pattern: Pattern
    code: str


class Statutory(Strict):
    row: str
    place: str
    quantity: Quantity
    alarm: float
    article: str
    confidence: Confidence
    gas_grades: list[str] | None = None


class PlacePattern(Strict):
    pattern: Pattern
    place: str

    @field_validator("place")
    @classmethod
    def known(cls, value: str) -> str:
        if value not in PLACE_CLASSES:
            raise ValueError(f"unknown place class {value!r}")
        return value


class RuleBook(BaseModel):
    """All tables of the stream rules. Raises `pydantic.ValidationError` naming the field when data is malformed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    title: str
    in_force_from: datetime.date
    in_force_until: datetime.date | None
    clauses: dict[str, list[str]]
    rules: dict[str, dict[str, Any]]
    own_outage_gap_s: float
    ladders: dict[Quantity, Ladder]
    quantities: dict[str, SensorType]
    type_names: list[TypeName]
    statutory: list[Statutory]
    default_limit: dict[Quantity, float]
    places: list[PlacePattern]

    @model_validator(mode="after")
    def complete(self) -> RuleBook:
        missing = [name for name in RULES if name not in self.rules or name not in self.clauses]
        if missing:
            raise ValueError(f"rules missing in the rule book: {missing}")
        without = [kind for kind in get_args(Quantity) if kind not in self.ladders]
        if without:
            raise ValueError(f"ladders missing in the rule book: {without}")
        if set(self.sensor_offline.minutes) != {"methane", "other"}:
            raise ValueError(f"clocks of {SENSOR_OFFLINE} are needed for methane and other")
        _ = self.over_limit, self.network_outage, self.station_offline
        return self

    @cached_property
    def over_limit(self) -> OverLimitRule:
        return OverLimitRule.model_validate(self.rules[OVER_LIMIT])

    @cached_property
    def network_outage(self) -> OutageRule:
        return OutageRule.model_validate(self.rules[NETWORK_OUTAGE])

    @cached_property
    def station_offline(self) -> StationRule:
        return StationRule.model_validate(self.rules[STATION_OFFLINE])

    @cached_property
    def sensor_offline(self) -> SensorRule:
        return SensorRule.model_validate(self.rules[SENSOR_OFFLINE])

    @cached_property
    def place_patterns(self) -> list[tuple[re.Pattern[str], str]]:
        return [(re.compile(row.pattern), row.place) for row in self.places]

    @cached_property
    def type_patterns(self) -> list[tuple[re.Pattern[str], str]]:
        return [(re.compile(row.pattern), row.code) for row in self.type_names]

    def place_of(self, location: str) -> str:
        """Place class of a location text, "other" when no pattern matches."""
        known = self._places_seen
        if location not in known:
            known[location] = next(
                (place for pattern, place in self.place_patterns if pattern.search(location)), "other"
            )
        return known[location]

    @cached_property
    def _places_seen(self) -> dict[str, str]:
        return {}

    def rule_version(self, rule: str) -> int:
        return int(self.rules[rule]["version"])


def parse(content: str | bytes) -> RuleBook:
    """A rule book from YAML or JSON text. Raises ValueError (pydantic's names the field) when it is malformed."""
    try:
        data = yaml.safe_load(content)
    except yaml.YAMLError as fault:
        raise ValueError(f"no YAML: {fault}") from fault
    return RuleBook.model_validate(data)


@lru_cache(maxsize=1)
def shipped() -> RuleBook:
    """The defaults delivered with the package."""
    return parse(files("kuangan.library.warning").joinpath("data/rulebook.yaml").read_text("utf-8"))
