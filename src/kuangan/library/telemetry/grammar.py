"""Format families as data: a grammar, and per file type a table of columns that says what it feeds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Final

from kuangan.library.shipped import read_yaml

KINDS: Final = (
    "code",
    "text",
    "number",
    "limit",
    "value",
    "mask",
    "count",
    "digit",
    "open_digit",
    "time",
    "open_time",
    "track",
)
KEPT: Final = ("positions", "statistics", "station_states", "areas", "base_stations", "persons")
"""What is kept as it came, in tables of its own; nothing of it is judged."""
PERSONAL: Final = frozenset({"positions", "persons"})
"""Feeds whose records name persons: what of them is shown beside others is the card at most."""
FEEDS: Final = ("readings", "points", "stations", "reported_alarms", *KEPT)


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
    """One file type: header fields, columns, the fewest fields a record may have, and what it feeds.

    `others` are further forms of the type; `fields` are the columns of all forms, each once, and `places` say where the own
    columns stand among them. `trailing` allows one separator behind the last field.
    """

    name: str
    feeds: str
    header: tuple[str, ...]
    columns: tuple[Column, ...]
    least: int
    grammar: Grammar
    trailing: bool = False
    others: tuple[FileType, ...] = ()
    fields: tuple[Column, ...] = ()
    places: tuple[int, ...] = ()

    @property
    def forms(self) -> tuple[FileType, ...]:
        """This form and the others."""
        return (self, *self.others)

    @property
    def names_mine(self) -> bool:
        """Whether the header begins with the code of the mine."""
        return self.header[0] == "mine"

    def split(self, text: str, width: int) -> list[str]:
        """The fields of a header or record of this form that should have `width`, not yet stripped."""
        fields = text.split(self.grammar.field)
        if self.trailing and len(fields) == width + 1 and not fields[-1].strip():
            fields.pop()
        return fields

    def index(self, column: str) -> int:
        """Place of a column in a record, from 0."""
        return [each.name for each in self.columns].index(column)


def read_family(text: str) -> dict[str, FileType]:
    """The file types of one family's YAML; ValueError when a kind or feed is not known."""
    data = read_yaml(text)
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
    if data["feeds"] not in FEEDS:
        raise ValueError(f"{name}: unknown kind or feed: {data['feeds']}")
    forms = [_form(name, data["feeds"], entry, grammar) for entry in (data, *data.get("others", ()))]
    fields = tuple({column.name: column for form in forms for column in form.columns}.values())
    order = [column.name for column in fields]
    placed = [
        replace(form, fields=fields, places=tuple(order.index(column.name) for column in form.columns))
        for form in forms
    ]
    return replace(placed[0], others=tuple(placed[1:]))


def _form(name: str, feeds: str, data: dict[str, Any], grammar: Grammar) -> FileType:
    columns = tuple(Column(*entry) for entry in data["columns"])
    unknown = [column.kind for column in columns if column.kind not in KINDS]
    if unknown:
        raise ValueError(f"{name}: unknown kind or feed: {unknown}")
    least, trailing = data.get("least", len(columns)), data.get("trailing", False)
    return FileType(name, feeds, tuple(data["header"]), columns, least, grammar, trailing)
