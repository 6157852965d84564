"""The packaged data of the simulator: sensor types, places, names, and the profile of the province's coal mines."""

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from kuangan.library.shipped import read_yaml

GasGrade = Literal["low", "high", "outburst"]
_DATA = files("kuangan.library.simulate") / "data"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sensor(_Row):
    """One sensor type: its wire name, unit and range; `on_text`, `off_text` mark a switch."""

    name: str
    unit: str = ""
    decimals: int = 0
    low: float = 0.0
    high: float = 0.0
    on_text: str | None = None
    off_text: str | None = None


class PointSpec(_Row):
    """How one point of a place behaves; the formula stands at the top of layout.yaml."""

    at: str
    type: str
    role: str
    driver: Literal["none", "one", "emission", "blast", "running", "load", "haulage", "door"]
    base: float = 0.0
    gain: float = 0.0
    delay: int = 0
    air: bool = False
    wind: bool = False
    gas: bool = False
    ar: float = 0.0
    white: float = 0.0
    day: float = 0.0
    alarm: float | None = None
    low: float | None = None
    cut: float | None = None
    restore: float | None = None
    grades: tuple[GasGrade, ...] = ("low", "high", "outburst")


class PlaceSpec(_Row):
    name: str
    system: str = "01"
    points: tuple[PointSpec, ...]


class SystemSpec(_Row):
    model: str
    name: str
    maker: str
    certificate_until: str


class Layout(_Row):
    sensors: dict[str, Sensor]
    grade_scale: dict[GasGrade, float]
    places: dict[str, PlaceSpec]
    extras: dict[str, PlaceSpec]
    districts: tuple[str, ...]
    system: SystemSpec
    ycbj: dict[str, str]


class Names(_Row):
    mine_first: str
    mine_second: str
    company_first: str
    company_second: str
    coal_suffixes: tuple[str, ...]
    pit_suffixes: tuple[str, ...]
    noncoal_suffixes: tuple[str, ...]
    noncoal_pit_suffixes: tuple[str, ...]
    pond_suffixes: tuple[str, ...]
    group_suffix: str
    company_suffix: str
    avoid: tuple[str, ...]
    gas_grades: dict[str, tuple[int, int, int]]
    water_grades: dict[str, int]
    standard_grades: dict[str, int]
    states: dict[str, str]
    noncoal_states: dict[str, int]
    noncoal_counties: tuple[str, ...] = Field(min_length=1)


class PositioningSystem(_Row):
    model: str
    name: str
    maker: str
    certificate: str
    certificate_until: str


class Crew(_Row):
    """Words for the people of a mine: syllables of names, trades with team and share, areas, the positioning system."""

    surnames: str
    given: str
    trades: tuple[tuple[str, str, int], ...]
    leader: tuple[str, str, str]
    special: tuple[str, str]
    inspector: tuple[str, str]
    posts: tuple[str, ...]
    education: tuple[str, ...]
    area_types: dict[str, str]
    mouth: str
    sealed: str
    station: str
    approved: dict[str, int]
    labour_system: str
    work_state: str
    system: PositioningSystem


@cache
def crew_words() -> Crew:
    """Words for the people of a mine."""
    return Crew.model_validate(read_yaml((_DATA / "crew.yaml").read_text("utf-8")))


@cache
def layout() -> Layout:
    """Sensor types and places."""
    return Layout.model_validate(read_yaml((_DATA / "layout.yaml").read_text("utf-8")))


@cache
def names() -> Names:
    """Syllables, suffixes and weights of the synthetic register."""
    return Names.model_validate(read_yaml((_DATA / "names.yaml").read_text("utf-8")))


@cache
def coal_profile() -> pl.DataFrame:
    """County, type, status, capacity of the province's coal mines (Global Energy Monitor, GCMT, May 2024, CC BY 4.0)."""
    text = (_DATA / "coal_mine_profile.csv").read_bytes()
    return pl.read_csv(text, schema_overrides={"county_code": pl.String, "capacity_10kt_per_year": pl.Float64})


@cache
def families() -> dict[str, Any]:
    """Instruments of other families in the proof, with the text of their records."""
    loaded: dict[str, Any] = read_yaml((_DATA / "families.yaml").read_text("utf-8"))
    return loaded
