"""Texts of the wire and characters of mines, read from data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml


@cache
def words() -> dict[str, Any]:
    """`words.yaml`."""
    return _read("words.yaml")


class Character(NamedTuple):
    """One row of `characters.yaml`; units stand there."""

    name: str
    grade: str
    headings: int
    air: float
    section: float
    rib: float
    goaf: float
    cut: float
    relaxation: float
    breathing: float
    pass_minutes: float
    passes: int
    diesel: float
    blasts: float
    type: str
    noise: float
    rhythm: int


@cache
def characters() -> Mapping[str, Character]:
    rows = _read("characters.yaml")
    return {
        name: Character(name, **{"pass_minutes" if k == "pass" else k: v for k, v in row.items()})
        for name, row in rows.items()
    }


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((files(__package__) / "data" / name).read_text("utf-8"))
    return found
