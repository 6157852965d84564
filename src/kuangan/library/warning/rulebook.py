"""The rule book: thresholds, clocks and tables of the stream rules as typed, dated data.

`shipped()` gives the defaults in `data/`; an installation replaces them by a `config` frame named `rulebook` with the same
content as JSON. Which limit applies to a point is decided in `limits.py`.
"""

from __future__ import annotations

import datetime
import re
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Annotated, Any, Literal, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from kuangan.library.shipped import read_yaml
from kuangan.library.warning.family_rules import MODELS
from kuangan.library.warning.overrides import Override
from kuangan.library.warning.places import PLACE_CLASSES
from kuangan.library.warning.settings import MINUTE, Confidence, Grade, Pattern, Quantity, Rule, Strict, clocks

OVER_LIMIT = "gas.over_limit"
NETWORK_OUTAGE = "link.network_outage"
STATION_OFFLINE = "link.station_offline"
SENSOR_OFFLINE = "link.sensor_offline"
CLOCK_WRONG = "link.clock_wrong"
FLAT = "point.flat"
EDITED = "data.edited"
MISSING = "point.missing"
GATEWAY_OUTAGE = "link.gateway_outage"
TREND = "gas.trend"
FLAPPING = "link.flapping"
Settings = TypeVar("Settings", bound=Rule)
RULES = (OVER_LIMIT, NETWORK_OUTAGE, STATION_OFFLINE, SENSOR_OFFLINE, CLOCK_WRONG)
ADDED = (FLAT, EDITED, MISSING, GATEWAY_OUTAGE, TREND, FLAPPING, *MODELS)
"""Rules that a rule book written before them need not have: the shipped ones count then."""


class Frequency(Strict):
    window_days: float
    count: int
    grade: Grade


class RisingBefore(Strict):
    window_min: float
    above: float


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


class ClockRule(Rule):
    minutes: dict[Grade, float] = Field(min_length=1)


class FlatRule(Rule):
    """`hours` without change give a grade, when they are also `factor` times the longest run the point showed in its own past
    and the point used to vary by `varies_steps` a day. `gap_min` without a reading ends a run: what was not seen is unknown."""

    hours: dict[Grade, float] = Field(min_length=1)
    types: list[str]
    history_days: int = Field(ge=1)
    day_samples: int = Field(ge=1)
    factor: float = Field(ge=1)
    varies_steps: float
    gap_min: float = Field(gt=0)


class EditedRule(Rule):
    """Numbers of edited `readings` of a day and mine that give a grade; `hidden` when a value over its limit was replaced."""

    readings: dict[Grade, int] = Field(min_length=1)
    hidden: Grade
    parallel_min: float
    clock_slack_s: float


class TrendRow(Strict):
    """Thresholds of one quantity in its unit; `samples` minutes in a row, `steps` of resolution above the mean."""

    ratio: float = Field(gt=1)
    rise: float = Field(gt=0)
    floor: float
    steps: float
    samples: int = Field(ge=1, le=120)


class TrendRule(Rule):
    """`hours` an event goes on before its grade; a day with less than `idle_share` of the last producing day's mean is idle.

    Beyond its crest (the highest level of usual days) a point must be by `crest_margin` of the crest's height over the mean; a
    crest is learnt upwards by half of `crest_growth` times at most in a day.
    """

    hours: dict[Grade, float] = Field(min_length=1)
    quantities: dict[Quantity, TrendRow]
    shift_hours: float = Field(gt=0)
    day_samples: int = Field(ge=1)
    idle_share: float
    idle_days: int
    crest_margin: float = Field(0.3, ge=-1)
    crest_growth: float = Field(1.5, ge=1)


class FlappingRule(Rule):
    grade: Grade
    openings: int = Field(ge=2)
    window_min: float
    quiet_min: float = Field(gt=0)


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


class Working(Strict):
    """A kind of place and how its name is read off the beginning of a location text."""

    kind: str
    pattern: Pattern


class Required(Strict):
    """What a working must have: a point of a quantity whose place is of the class."""

    row: str
    working: str
    place: str
    quantity: Quantity
    article: str
    confidence: Confidence
    gas_grades: list[str] | None = None


class MissingRule(Rule):
    grade: Grade
    after_hours: float
    silent_hours: float
    check_min: float = Field(gt=0)
    workings: list[Working]
    required: list[Required]


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
    overrides: list[Override] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def with_added_rules(cls, data: Any) -> Any:
        """An older rule book, from a checkpoint or an installation's own file, is judged with the shipped form of newer rules."""
        if not isinstance(data, dict) or not isinstance(data.get("rules"), dict):
            return data
        absent = [name for name in ADDED if name not in data["rules"]]
        if not absent:
            return data
        filled = dict(data)
        for part in ("rules", "clauses"):
            filled[part] = {**data.get(part, {}), **{name: _shipped_data()[part][name] for name in absent}}
        return filled

    @model_validator(mode="after")
    def complete(self) -> RuleBook:
        missing = [name for name in RULES if name not in self.rules or name not in self.clauses]
        if missing:
            raise ValueError(f"rules missing in the rule book: {missing}")
        without = [kind for kind in get_args(Quantity) if kind not in self.ladders]
        if without:
            raise ValueError(f"ladders missing in the rule book: {without}")
        _ = self.flat, self.edited, self.missing, self.gateway_outage, self.trend, self.flapping
        for name, model in MODELS.items():
            self.settings(name, model)
        if set(self.sensor_offline.minutes) != {"methane", "other"}:
            raise ValueError(f"clocks of {SENSOR_OFFLINE} are needed for methane and other")
        _ = self.over_limit, self.network_outage, self.station_offline, self.clock_wrong
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
    def clock_wrong(self) -> ClockRule:
        return ClockRule.model_validate(self.rules[CLOCK_WRONG])

    @cached_property
    def flat(self) -> FlatRule:
        return FlatRule.model_validate(self.rules[FLAT])

    @cached_property
    def gateway_outage(self) -> OutageRule:
        return OutageRule.model_validate(self.rules[GATEWAY_OUTAGE])

    @cached_property
    def trend(self) -> TrendRule:
        return TrendRule.model_validate(self.rules[TREND])

    @cached_property
    def flapping(self) -> FlappingRule:
        return FlappingRule.model_validate(self.rules[FLAPPING])

    @cached_property
    def parallel_ms(self) -> int:
        return int(self.edited.parallel_min * MINUTE)

    @cached_property
    def edited(self) -> EditedRule:
        return EditedRule.model_validate(self.rules[EDITED])

    @cached_property
    def missing(self) -> MissingRule:
        return MissingRule.model_validate(self.rules[MISSING])

    def working_of(self, location: str) -> tuple[str, str] | None:
        """Kind and name of the working a location text begins with, None when it names none."""
        known = self._workings_seen
        if location not in known:
            patterns = ((w.kind, re.match(w.pattern, location)) for w in self.missing.workings)
            known[location] = next(((kind, found[0]) for kind, found in patterns if found), None)
        return known[location]

    @cached_property
    def _workings_seen(self) -> dict[str, tuple[str, str] | None]:
        return {}

    @cached_property
    def link_clocks(self) -> list[tuple[int, Grade]]:
        return clocks(self.network_outage.minutes)

    @cached_property
    def flat_clocks(self) -> list[tuple[int, Grade]]:
        return sorted((int(hours * 60 * MINUTE), grade) for grade, hours in self.flat.hours.items())

    @cached_property
    def sensor_clocks(self) -> dict[str, list[tuple[int, Grade]]]:
        return {kind: clocks(minutes) for kind, minutes in self.sensor_offline.minutes.items()}

    @cached_property
    def soonest_sensor_clock(self) -> int:
        return min(table[0][0] for table in self.sensor_clocks.values())

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

    @cached_property
    def stripped(self) -> dict[str, dict[str, str]]:
        """Names of places read off location texts before, by the pattern they were stripped with."""
        return {}

    def settings(self, rule: str, model: type[Settings]) -> Settings:
        """The settings of a rule of a family. Raises `pydantic.ValidationError` when they are malformed."""
        known = self._settings_read
        if rule not in known:
            known[rule] = model.model_validate(self.rules[rule])
        found = known[rule]
        assert isinstance(found, model)
        return found

    @cached_property
    def _settings_read(self) -> dict[str, Rule]:
        return {}

    def rule_version(self, rule: str) -> int:
        return int(self.rules[rule]["version"])


def parse(content: str | bytes) -> RuleBook:
    """A rule book from YAML or JSON text. Raises ValueError (pydantic's names the field) when it is malformed."""
    try:
        data = read_yaml(content)
    except yaml.YAMLError as fault:
        raise ValueError(f"no YAML: {fault}") from fault
    return RuleBook.model_validate(data)


@lru_cache(maxsize=1)
def _shipped_data() -> dict[str, Any]:
    folder = files("kuangan.library.warning").joinpath("data")
    loaded: dict[str, Any] = read_yaml(folder.joinpath("rulebook.yaml").read_text("utf-8"))
    for path in sorted(folder.iterdir(), key=lambda each: each.name):
        if path.name.endswith(".yaml") and path.name != "rulebook.yaml":
            further = read_yaml(path.read_text("utf-8"))
            loaded["rules"] |= further["rules"]
            loaded["clauses"] |= further["clauses"]
    return loaded


@lru_cache(maxsize=1)
def shipped() -> RuleBook:
    """The defaults delivered with the package."""
    return RuleBook.model_validate(_shipped_data())
