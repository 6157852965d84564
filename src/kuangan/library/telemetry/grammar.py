"""Format families as data: a grammar, and per file type a table of columns that says what it feeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any, Final

from kuangan.library.shipped import read_yaml
from kuangan.library.telemetry.forms import SYNTAXES, TEXT, Column, Derived, FileType, Grammar, SensorType, Value
from kuangan.library.telemetry.names import WireName
from kuangan.library.telemetry.shapes import SHAPES

__all__ = [
    "FEEDS",
    "KEPT",
    "KINDS",
    "PERSONAL",
    "Column",
    "FileType",
    "Grammar",
    "SensorType",
    "file_types",
    "sensor_types",
]

KINDS: Final = (
    "code",
    "text",
    "words",
    "word",
    "mine",
    "number",
    "limit",
    "limit_or_zero",
    "value",
    "mask",
    "bits",
    "count",
    "digit",
    "open_digit",
    "time",
    "open_time",
    "day_or_time",
    "track",
)
KEPT: Final = tuple(name for name in SHAPES if name != "definitions")
"""What is kept as it came, in tables of its own; nothing of it is judged."""
COAL: Final = "mtt1201"
"""The family of coal mines' own safety monitoring and persons: its sensor types are not qualified."""
PERSONAL: Final = frozenset({"positions", "persons", "help_calls"})
"""Feeds whose records name persons: what of them is shown beside others is the card at most."""
FEEDS: Final = ("readings", "points", "stations", "reported_alarms", *KEPT, "definitions")


def read_family(text: str) -> dict[str, FileType]:
    """The file types of one family's YAML; ValueError when a kind or feed is not known."""
    return _types(read_yaml(text))


@cache
def file_types() -> dict[str, FileType]:
    """Every declared file type by the TYPE in its names, with the style behind a point where another style means another."""
    found: dict[str, FileType] = {}
    for data in _families():
        types = _types(data)
        if twice := found.keys() & types.keys():
            raise ValueError(f"declared twice: {sorted(twice)}")
        found.update(types)
    return found


def type_for(name: WireName) -> FileType | None:
    """The file type that a name stands for, None when none is declared for it."""
    known = file_types()
    styled = known.get(f"{name.type}.{name.style}") if name.style else None
    return styled or (None if name.style == "xml" else known.get(name.type))


@cache
def sensor_types() -> dict[str, SensorType]:
    """Every sensor type by its qualified code: "water:0502", "noncoal:0008"; those of MT/T 1201.1 as they are: "0043"."""
    found: dict[str, SensorType] = {}
    for data in _families():
        grammar = _grammar(data)
        for code, (quantity, unit, step, *name) in data.get("sensor_types", {}).items():
            known = SensorType(quantity, unit, float(step), data["family"], name[0] if name else "")
            found[grammar.qualified(str(code))] = known
    return found


@cache
def _families() -> tuple[dict[str, Any], ...]:
    folder = resources.files(__package__).joinpath("formats")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".yaml")), key=lambda each: each.name)
    return tuple(read_yaml(path.read_text("utf-8")) for path in paths)


def _types(data: Mapping[str, Any]) -> dict[str, FileType]:
    grammar = _grammar(data)
    return {name: _file_type(name, entry, grammar, data["family"]) for name, entry in data["types"].items()}


def _grammar(data: Mapping[str, Any]) -> Grammar:
    said = dict(data["grammar"])
    for name in ("encodings", "stray"):
        if name in said:
            said[name] = tuple(said[name])
    said["unset"] = frozenset(said.get("unset", ()))
    said["bad_value"] = float(said.get("bad_value", -9999))
    if said.get("syntax", TEXT) not in SYNTAXES:
        raise ValueError(f"unknown syntax: {said['syntax']}")
    words = {
        **data.get("words", {}),
        "sensor_types": {code: row[3] for code, row in data.get("sensor_types", {}).items()},
    }
    return Grammar(**said, prefix=data.get("prefix", ""), coal=data.get("coal", {}), words=words)


def _file_type(name: str, data: Mapping[str, Any], grammar: Grammar, family: str) -> FileType:
    also = tuple(data.get("also", ()))
    unknown = [feed for feed in (data["feeds"], *also) if feed not in FEEDS]
    if unknown:
        raise ValueError(f"{name}: unknown kind or feed: {unknown}")
    forms = [_form(name, entry, grammar, data["feeds"]) for entry in (data, *data.get("others", ()))]
    derived = tuple(
        Derived(target, tuple(said["from"]), said.get("drop", 0)) for target, said in data.get("derived", {}).items()
    )
    fixed = {key: str(value) for key, value in data.get("fixed", {}).items()}
    columns = {column.name: column for form in forms for column in form.columns}
    columns |= {each: Column(each, "text") for each in (*(one.name for one in derived), *fixed) if each not in columns}
    if data["feeds"] == "readings" and grammar.time:
        columns.setdefault("time", Column("time", "time"))
    fields = tuple(columns.values())
    order = [column.name for column in fields]
    placed = [
        replace(
            form,
            fields=fields,
            places=tuple(order.index(column.name) for column in form.columns),
            family=family,
            also=also,
            values=tuple(_values(data.get("values", ()), grammar)) or (Value(),),
            derived=derived,
            fixed=fixed,
            live=bool(data.get("live", False)),
        )
        for form in forms
    ]
    return replace(placed[0], others=tuple(placed[1:]))


def _form(name: str, data: Mapping[str, Any], grammar: Grammar, feeds: str) -> FileType:
    columns = tuple(Column(*entry) for entry in data["columns"])
    unknown = [column.kind for column in columns if column.kind not in KINDS]
    unknown += [column.source for column in columns if column.kind == "word" and column.source not in grammar.words]
    if unknown:
        raise ValueError(f"{name}: unknown kind or feed: {unknown}")
    least, trailing = data.get("least", len(columns)), data.get("trailing", False)
    return FileType(name, feeds, tuple(data.get("header", ())), columns, least, grammar, trailing)


def _values(said: Sequence[Mapping[str, Any]], grammar: Grammar) -> Iterator[Value]:
    for each in said:
        columns = each.get("columns") or [each.get("column", "value")]
        yield Value(tuple(columns), each.get("suffix", ""), grammar.qualified(str(each.get("type", ""))))
