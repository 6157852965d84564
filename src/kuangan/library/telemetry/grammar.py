"""Format families as data: a grammar, and per file type a table of columns that says what it feeds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

KINDS: Final = ("code", "text", "number", "limit", "value", "mask", "time", "open_time")
FEEDS: Final = ("readings", "points", "stations", "reported_alarms")


@dataclass(frozen=True, slots=True)
class Grammar:
    """Separators and encodings of a family."""

    field: str
    record: str
    end: str
    full_width_field: str
    encodings: tuple[str, ...]
    stray: tuple[str, ...]
    unset: frozenset[str]
    bad_value: float


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a record; `kind` is one of KINDS."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class FileType:
    """One file type: header fields, columns, the fewest fields a record may have, and what it feeds."""

    name: str
    feeds: str
    header: tuple[str, ...]
    columns: tuple[Column, ...]
    least: int
    grammar: Grammar

    def index(self, column: str) -> int:
        """Place of a column in a record, from 0."""
        return [each.name for each in self.columns].index(column)


def read_family(text: str) -> dict[str, FileType]:
    """The file types of one family's YAML; ValueError when a kind or feed is not known."""
    data = yaml.safe_load(text)
    grammar = _grammar(data["grammar"])
    return {name: _file_type(name, entry, grammar) for name, entry in data["types"].items()}


@cache
def file_types() -> dict[str, FileType]:
    """Every declared file type by the TYPE in its names."""
    found: dict[str, FileType] = {}
    for path in sorted(resources.files(__package__).joinpath("formats").iterdir(), key=lambda each: each.name):
        if path.name.endswith(".yaml"):
            found.update(read_family(path.read_text("utf-8")))
    return found


def _grammar(data: dict[str, Any]) -> Grammar:
    return Grammar(
        field=data["field"],
        record=data["record"],
        end=data["end"],
        full_width_field=data["full_width_field"],
        encodings=tuple(data["encodings"]),
        stray=tuple(data["stray"]),
        unset=frozenset(data["unset"]),
        bad_value=float(data["bad_value"]),
    )


def _file_type(name: str, data: dict[str, Any], grammar: Grammar) -> FileType:
    columns = tuple(Column(*entry) for entry in data["columns"])
    unknown = [column.kind for column in columns if column.kind not in KINDS]
    if unknown or data["feeds"] not in FEEDS:
        raise ValueError(f"{name}: unknown kind or feed: {unknown or data['feeds']}")
    return FileType(name, data["feeds"], tuple(data["header"]), columns, data.get("least", len(columns)), grammar)
