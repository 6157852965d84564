"""Kinds of rounds, spans, sizes and what narrows a clause, as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from importlib.resources import files
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from kuangan.base.people.roles import OrganisationKind
from kuangan.base.registry.models import MineKind
from kuangan.library.policy.typed import NodeId
from kuangan.library.shipped import read_yaml

DEFAULT_MARK: Final = "系统默认，非官方分级"
STRICT: Final = ConfigDict(extra="forbid", frozen=True)
POSTS: Final = frozenset({"lead", "safety"})
"""Who signs a sheet: the one in charge and the one of safety, two different people."""


class Stage(BaseModel):
    """A date of the text by which a health check must have come so far."""

    model_config = STRICT
    code: str
    on: date
    label: str
    shown: Literal["computed", "confirmed"]


class RoundKind(BaseModel):
    model_config = STRICT
    label: str
    short: str
    clause: NodeId
    documents: tuple[str, ...] = Field(min_length=1)
    nodes: tuple[NodeId, ...]
    filled_by: Literal["mine", "supervisor"]
    posts: Mapping[str, str]
    stages: tuple[Stage, ...]

    @field_validator("posts")
    @classmethod
    def known(cls, posts: Mapping[str, str]) -> Mapping[str, str]:
        if strange := set(posts) - POSTS:
            raise ValueError(f"no posts {sorted(strange)}")
        return posts

    @property
    def by_mine(self) -> bool:
        return self.filled_by == "mine"


class RoundFile(BaseModel):
    """`rounds.yaml` says what the fields mean."""

    model_config = STRICT
    version: Literal[1]
    source: Literal["default", "official"]
    in_force_from: date
    confidence: Literal["S", "M", "I"]
    largest_mb: int = Field(gt=0)
    most_files: int = Field(gt=0)
    submit_days: int = Field(gt=0)
    review_days: int = Field(gt=0)
    return_days: int = Field(gt=0)
    verify_days: int = Field(gt=0)
    bodies: frozenset[OrganisationKind] = Field(min_length=1)
    rounds: Mapping[str, RoundKind]

    @property
    def review(self) -> timedelta:
        return timedelta(days=self.review_days)

    @property
    def returned(self) -> timedelta:
        return timedelta(days=self.return_days)

    @property
    def verify(self) -> timedelta:
        return timedelta(days=self.verify_days)


class Narrowing(BaseModel):
    """When a clause becomes an item of a mine's form."""

    model_config = STRICT
    kinds: frozenset[MineKind] = frozenset()
    facts: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    asks: str = ""
    hint: str = ""


class ApplyingFile(BaseModel):
    """`applying.yaml` says what the fields mean."""

    model_config = STRICT
    version: Literal[1]
    source: Literal["default", "official"]
    in_force_from: date
    confidence: Literal["S", "M", "I"]
    not_asked: Mapping[NodeId, str]
    asked: Mapping[NodeId, Narrowing]


def load_rounds(text: str) -> RoundFile:
    """A validated file. Raises pydantic.ValidationError or yaml.YAMLError."""
    return RoundFile.model_validate(_plain(read_yaml(text)))


def load_applying(text: str) -> ApplyingFile:
    return ApplyingFile.model_validate(read_yaml(text))


def _plain(content: object) -> object:
    """The content with `on` as a key again, which YAML takes for the word of a switch."""
    if isinstance(content, dict):
        return {"on" if key is True else key: _plain(value) for key, value in content.items()}
    return [_plain(value) for value in content] if isinstance(content, list) else content


_HERE: Final = files("kuangan.domains.selfcheck")
FILE: Final = load_rounds((_HERE / "rounds.yaml").read_text(encoding="utf-8"))
APPLYING: Final = load_applying((_HERE / "applying.yaml").read_text(encoding="utf-8"))
ROUND_KINDS: Final = FILE.rounds
KIND_WORDS: Final[Mapping[str, str]] = {code: kind.label for code, kind in ROUND_KINDS.items()}
LARGEST: Final = FILE.largest_mb << 20
