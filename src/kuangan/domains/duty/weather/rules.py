"""Events, actions, clocks and tolerances of weather warnings, as data; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from importlib.resources import files
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kuangan.library.shipped import read_yaml

STRICT: Final = ConfigDict(extra="forbid", frozen=True)
Action = Literal["withdraw", "prepare", "inform"]
Colour = Literal["blue", "yellow", "orange", "red"]
MineKindCode = Literal["underground_coal", "open_pit_coal", "underground_noncoal", "open_pit_noncoal", "tailings_pond"]
ACTIONS: Final[Mapping[str, str]] = {"withdraw": "建议停产撤人", "prepare": "加强值守、准备撤人", "inform": "提醒"}
LOWER: Final[Mapping[Action, Action]] = {"withdraw": "prepare", "prepare": "inform", "inform": "inform"}
COLOUR_WORDS: Final = {"red": "红色", "orange": "橙色", "yellow": "黄色", "blue": "蓝色"}
DEFAULT_MARK: Final = "系统默认，非官方分级"


class Event(BaseModel):
    model_config = STRICT
    label: str
    words: tuple[str, ...]
    icon: str


class Basis(BaseModel):
    """`official`: read in the text; `unverified`: known of, the text is still to be obtained."""

    model_config = STRICT
    text: str
    source: Literal["official", "unverified"]


class Unless(BaseModel):
    model_config = STRICT
    fact: str
    value: str
    word: str


class Rule(BaseModel):
    model_config = STRICT
    id: str
    events: tuple[str, ...]
    colours: tuple[Colour, ...]
    kinds: tuple[MineKindCode, ...]
    action: Action
    unless: Unless | None = None
    bases: tuple[str, ...] = Field(min_length=1)
    source: Literal["default", "official"]


class Minutes(BaseModel):
    model_config = STRICT
    call: int = Field(gt=0)
    decide: int = Field(gt=0)
    begin: int = Field(gt=0)
    report_out: int = Field(gt=0)
    lift: int = Field(gt=0)


class Tolerance(BaseModel):
    model_config = STRICT
    persons: int = Field(ge=0)
    share: float = Field(ge=0, le=1)
    settle_minutes: int = Field(ge=0)


class RuleFile(BaseModel):
    """The file as a whole; `rules.yaml` says what its fields mean."""

    model_config = STRICT
    version: int
    source: Literal["default", "official"]
    in_force_from: date
    confidence: Literal["S", "M", "I"]
    valid_hours: int = Field(gt=0)
    events: dict[str, Event]
    bases: dict[str, Basis]
    rules: tuple[Rule, ...]
    posts: tuple[str, ...]
    minutes: dict[str, Minutes]
    tolerance: Tolerance

    @model_validator(mode="after")
    def whole(self) -> Self:
        for rule in self.rules:
            if unknown := {*rule.events} - {*self.events} | {*rule.bases} - {*self.bases}:
                raise ValueError(f"{rule.id}: {', '.join(sorted(unknown))} is not defined")
        if "other" not in self.events or set(self.minutes) != set(COLOUR_WORDS):
            raise ValueError("the event `other` and the minutes of four colours are needed")
        return self

    @cached_property
    def valid(self) -> timedelta:
        return timedelta(hours=self.valid_hours)


RULES: Final = RuleFile.model_validate(
    read_yaml((files("kuangan.domains.duty.weather") / "rules.yaml").read_text(encoding="utf-8"))
)
EVENT_WORDS: Final = {code: event.label for code, event in RULES.events.items()}
FACTS: Final = tuple(dict.fromkeys(rule.unless.fact for rule in RULES.rules if rule.unless))
"""Facts of the register that rules ask for."""


def event_of(words: str) -> str:
    """The kind of event that a warning's words name; of several the longest match, `other` for none."""
    said = words.casefold()
    found = [(len(word), code) for code, event in RULES.events.items() for word in event.words if word in said]
    return max(found)[1] if found else "other"


class Verdict(BaseModel):
    """What a mine has to do: the action, by which rule, on which grounds, and why in words."""

    model_config = STRICT
    action: Action
    rule: str
    bases: tuple[str, ...]
    why: str


def judge(event: str, colour: str, kind: str, facts: Mapping[str, Any]) -> Verdict:
    """What a mine of a kind has to do under a warning, with the facts that are known of it."""
    for rule in RULES.rules:
        if event in rule.events and colour in rule.colours and kind in rule.kinds:
            return _verdict(rule, event, colour, facts)
    return Verdict(action="inform", rule="", bases=("SX34-44",), why="没有对应的处置规则，提醒矿山")


def _verdict(rule: Rule, event: str, colour: str, facts: Mapping[str, Any]) -> Verdict:
    said = f"{EVENT_WORDS[event]}{COLOUR_WORDS[colour]}：{ACTIONS[rule.action]}（规则 {rule.id}）"
    action = rule.action
    if rule.unless is not None:
        known = facts.get(rule.unless.fact)
        if known == rule.unless.value:
            action = LOWER[action]
            said += f"；{rule.unless.word}，降为{ACTIONS[action]}"
        elif known is None:
            said += "；是否受地表水威胁未登记，按受威胁对待"
    return Verdict(action=action, rule=rule.id, bases=rule.bases, why=said)


def basis_words(codes: tuple[str, ...] | list[str]) -> list[str]:
    """The grounds in words; codes that are gone are left as they are."""
    return [RULES.bases[code].text if code in RULES.bases else code for code in codes]
