"""Kinds, rhythms, matters and rates of the room, as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from kuangan.base.people.roles import Level
from kuangan.base.registry.models import MineKind
from kuangan.library.shipped import read_yaml

DEFAULT_MARK: Final = "系统默认，非官方分级"
FROM_MEMORY: Final = "待核"


class Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OfficerKind(Frozen):
    label: str
    log_days: int = Field(gt=0)


class PostKind(Frozen):
    label: str
    mine: bool = False
    company: bool = False
    principal: bool = False
    five: bool = False


class NatureKind(Frozen):
    label: str
    state: bool


class Stability(Frozen):
    months: int = Field(gt=0)
    manager_changes: int = Field(gt=0)
    team_changes: int = Field(gt=0)
    vacancy_days: int = Field(gt=0)


class Dated(Frozen):
    version: Literal[1]
    source: Literal["default", "official"]
    in_force_from: date


class RoomFile(Dated):
    """The whole file; `responsibility.yaml` says what the fields mean."""

    confidence: Literal["S", "M", "I"]
    leader_days: dict[Level, int]
    leader_kinds: frozenset[MineKind]
    back_days: int = Field(ge=0)
    officers: dict[str, OfficerKind]
    shifts: dict[str, str]
    operations: dict[str, str]
    posts: dict[str, PostKind]
    five_kinds: frozenset[MineKind]
    natures: dict[str, NatureKind]
    stability: Stability


class Matter(Frozen):
    label: str
    hint: str


class MatterFile(Dated):
    confidence: Literal["S", "M", "I"]
    matters: dict[str, Matter]


class FundClass(Frozen):
    """A class of mines with its rate in yuan per tonne."""

    label: str
    rate: Decimal = Field(gt=0)
    kinds: frozenset[MineKind]
    when: dict[str, frozenset[str]] = {}
    declared: bool = False
    conf: Literal["S", "M", "I"]


class FundFile(Dated):
    basis: str
    classes: dict[str, FundClass]
    categories: dict[str, str]


T = TypeVar("T", bound=BaseModel)


def load(kind: type[T], name: str) -> T:
    """A file of this room. Raises pydantic.ValidationError or yaml.YAMLError."""
    text = (files("kuangan.domains.responsibility") / name).read_text(encoding="utf-8")
    return kind.model_validate(read_yaml(text))


ROOM: Final = load(RoomFile, "responsibility.yaml")
MATTERS: Final[Mapping[str, Matter]] = load(MatterFile, "matters.yaml").matters
FUNDS: Final = load(FundFile, "funds.yaml")

POST_WORDS: Final = {code: post.label for code, post in ROOM.posts.items()}
MINE_POSTS: Final = {code: post.label for code, post in ROOM.posts.items() if post.mine}
COMPANY_POSTS: Final = {code: post.label for code, post in ROOM.posts.items() if post.company}
PRINCIPALS: Final = frozenset(code for code, post in ROOM.posts.items() if post.principal)
FIVE: Final = tuple(code for code, post in ROOM.posts.items() if post.five)
OFFICER_WORDS: Final = {code: kind.label for code, kind in ROOM.officers.items()}
LEADER: Final = "leader"
HOLDER_WORDS: Final = {LEADER: "包保领导", **OFFICER_WORDS}
NATURE_WORDS: Final = {code: nature.label for code, nature in ROOM.natures.items()}
MATTER_WORDS: Final = {code: matter.label for code, matter in MATTERS.items()}
CLASS_WORDS: Final = {code: each.label for code, each in FUNDS.classes.items()}
CATEGORY_WORDS: Final[Mapping[str, str]] = FUNDS.categories


def leader_days(level: str) -> int:
    """Days within which a leader of that level comes; the county's for levels without a row."""
    return ROOM.leader_days.get(Level(level), ROOM.leader_days[Level.COUNTY])
