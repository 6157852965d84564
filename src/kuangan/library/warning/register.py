"""What the engine must know of the register: which mines are entered, alias codes, classes of places, upload modes."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

STOPPED: Final = frozenset({"stopped", "suspended", "closing", "closed"})
"""States of production in which nobody but approved caretakers may be below ground."""


class ApprovedCaretakers(BaseModel):
    """Who may be in a stopped mine: how many at once, names of areas, shifts, and their cards where they are known."""

    model_config = ConfigDict(extra="ignore")

    most: int
    areas: list[str] = Field(default_factory=list)
    shifts: list[str] = Field(default_factory=list)
    cards: list[str] = Field(default_factory=list)


class RegisteredMine(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    kind: str = ""
    gas_grade: str | None = None
    state: str = ""
    caretakers: ApprovedCaretakers | None = None

    @property
    def stopped(self) -> bool:
        """Whether nobody but caretakers may be below ground; a state that nobody recorded is not a stop."""
        return self.state in STOPPED


class Inspection(BaseModel):
    """When inspectors are at a mine, ms. Known to the engine only; nobody at the mine is told."""

    model_config = ConfigDict(extra="ignore")

    mine: str
    start: int = Field(alias="from")
    end: int = Field(alias="to")


class RegisteredCamera(BaseModel):
    """A camera as its mine registered it: where it looks, whether that must be seen (`duty` always, working, none or "" by the rule
    book), whether it is part of an electronic seal besides those of the rule book, and its other code."""

    model_config = ConfigDict(extra="ignore")

    place: str
    duty: Literal["", "always", "working", "none"] = ""
    seal: bool = False
    other_code: str = ""


class Register(BaseModel):
    """Content of the `config` frame named `register`. Raises `pydantic.ValidationError` when malformed."""

    model_config = ConfigDict(extra="ignore")

    mines: dict[str, RegisteredMine] = Field(default_factory=dict)
    aliases: dict[str, str] = Field(default_factory=dict)
    place_class: dict[str, str] = Field(default_factory=dict)
    upload_mode: dict[str, Literal["periodic", "on_change"]] = Field(default_factory=dict)
    cameras: dict[str, dict[str, RegisteredCamera]] = Field(default_factory=dict)
    """By mine and code of the camera."""

    inspections: list[Inspection] = Field(default_factory=list)
    ventilation: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Mine → working → system of ventilation ("U", "Y", …)."""
    distances: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Mine → working → metres from T1 to T2."""

    def name_of(self, code: str) -> str:
        mine = self.mines.get(code)
        return mine.name if mine else ""

    def gas_grade(self, code: str) -> str | None:
        mine = self.mines.get(code)
        return mine.gas_grade if mine else None
