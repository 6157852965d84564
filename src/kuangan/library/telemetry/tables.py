"""Rows of the careful path as tables with fixed columns."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from operator import itemgetter
from typing import Final

import polars as pl

from kuangan.library.telemetry.careful import Parsed
from kuangan.library.telemetry.forms import FileType, Value
from kuangan.library.telemetry.grammar import COAL, file_types, sensor_types
from kuangan.library.telemetry.results import READINGS
from kuangan.library.telemetry.shapes import ORIGIN, SHAPES

_KINDS: Final[dict[str, pl.DataType]] = {
    "code": pl.String(),
    "text": pl.String(),
    "words": pl.String(),
    "word": pl.String(),
    "mine": pl.String(),
    "number": pl.Float64(),
    "limit": pl.Float64(),
    "limit_or_zero": pl.Float64(),
    "value": pl.Float64(),
    "mask": pl.Int32(),
    "bits": pl.Int32(),
    "count": pl.Int32(),
    "digit": pl.Int8(),
    "open_digit": pl.Int8(),
    "time": pl.Int64(),
    "open_time": pl.Int64(),
    "day_or_time": pl.Int64(),
    "track": pl.String(),
}
_KEYS: Final[dict[str, pl.DataType]] = {"frame": pl.Int32(), "record": pl.Int32()}
HEADER_OF_POINTS: Final = ("system_model", "system_name", "maker")
Many = Sequence[tuple[int, Parsed, FileType]]
Row = tuple[object, ...]


def readings_of(parsed: Many) -> pl.DataFrame:
    """Rows of `readings` frames with the columns of READINGS, a row for each reading of a record."""
    rows = [
        (index, record, value.code(code), time, number, status)
        for index, each, kind in parsed
        if kind.feeds == "readings"
        for record, code, time, status, numbers in _measured(each, kind)
        for value, number in zip(kind.values, numbers, strict=True)
    ]
    return pl.DataFrame(rows, schema=READINGS, orient="row")


def points_of(parsed: Many) -> pl.DataFrame:
    """Point definitions, one row a point, with what the header says of the system and, as JSON, what has no column."""
    common = [column.name for column in file_types()["CDDY"].fields]
    schema = _KEYS | {column.name: _KINDS[column.kind] for column in file_types()["CDDY"].fields}
    schema |= dict.fromkeys(("type_name", "extra", *HEADER_OF_POINTS), pl.String())
    rows: list[Row] = []
    for index, each, kind in parsed:
        if kind.feeds != "points":
            continue
        head = tuple(each.header.get(name, "") for name in HEADER_OF_POINTS)
        for record, *values in each.rows:
            said = dict(zip((column.name for column in kind.fields), values, strict=True))
            rest = extra_of(said, {*common, *ORIGIN})
            for value in kind.values:
                qualified = value.type or kind.grammar.qualified(str(said.get("sensor_type") or ""))
                name, unit = "", said.get("unit")
                if kind.grammar.prefix:
                    texts = {key: each for key, each in said.items() if isinstance(each, str)}
                    name, _, unit, _ = described(kind, replace(value, type=qualified), texts)
                own = said | {"code": value.code(str(said["code"])), "sensor_type": qualified, "unit": unit}
                rows.append((index, record, *(own.get(column) for column in common), name, rest, *head))
    return pl.DataFrame(rows, schema=schema, orient="row")


def definitions_of(feeds: str, parsed: Many) -> pl.DataFrame:
    """Rows of a feed with the columns of all its types, null where a type has none, in order of frame and record."""
    schema = _schema(feeds)
    columns = [name for name in schema if name not in _KEYS]
    rows: list[Row] = []
    for index, each, kind in parsed:
        if feeds not in (kind.feeds, *kind.also) or not each.rows:
            continue
        names = [column.name for column in kind.fields]
        if "extra" in schema:
            for record, *values in each.rows:
                said = dict(zip(names, values, strict=True))
                said |= _more(said, kind, schema)
                rows.append((index, record, *(said.get(name) for name in columns)))
        else:
            places = [names.index(name) + 1 if name in names else len(names) + 1 for name in columns]
            picked = itemgetter(0, *places)
            rows += [(index, *picked((*row, None))) for row in each.rows]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _more(said: Mapping[str, object], kind: FileType, schema: Mapping[str, pl.DataType]) -> dict[str, object]:
    """What is told of a record besides its columns: its sensor type qualified, the unit of that, and the rest as JSON."""
    more: dict[str, object] = {"extra": extra_of(said, {*schema, *ORIGIN, *(one.name for one in kind.derived)})}
    if qualified := kind.grammar.qualified(str(said.get("sensor_type") or "")):
        more |= {"sensor_type": qualified, "unit": sensor(qualified)[1]}
    return more


def kept_definitions(points: pl.DataFrame) -> pl.DataFrame:
    """Of the definitions those that say more than the common columns, as the table `definitions` keeps them."""
    said = points.filter(pl.col("extra") != "")
    return said.select("frame", "record", "code", "sensor_type", "location", "unit", "extra")


def extra_of(said: Mapping[str, object], known: Collection[str]) -> str:
    """What has no column, as JSON; "" when there is nothing."""
    rest = {name: value for name, value in said.items() if name not in known and not _nothing(value)}
    return json.dumps(rest, ensure_ascii=False) if rest else ""


def texts_of(each: Parsed, kind: FileType) -> dict[tuple[int, str], tuple[str, str, str, str]]:
    """(record, code of a reading) → type name, location, unit and qualified sensor type of its point."""
    names = [column.name for column in kind.fields]
    found = {}
    for record, *values in each.rows:
        said = {name: value for name, value in zip(names, values, strict=True) if isinstance(value, str)}
        for value in kind.values:
            code = value.code(said["code"])
            found[int(str(record)), code] = described(kind, value, said)
    return found


def described(kind: FileType, value: Value, said: Mapping[str, str]) -> tuple[str, str, str, str]:
    """Type name, location, unit and qualified sensor type of the point of a reading, by what its record says."""
    qualified = value.type or (kind.grammar.qualified(said.get("sensor_type", "")) if kind.grammar.prefix else "")
    known = sensor(qualified)
    alone = not value.suffix
    name = (said.get("type_name", "") if alone else "") or known[0]
    return name, said.get("location", ""), (said.get("unit", "") if alone else "") or known[1], qualified


@cache
def sensor(qualified: str) -> tuple[str, str]:
    """Name and unit of a sensor type, empty when it is not known."""
    known = sensor_types().get(qualified)
    return (known.name, known.unit) if known else ("", "")


def _measured(each: Parsed, kind: FileType) -> Iterator[tuple[int, str, int, int, list[float]]]:
    """(record, code, time, status, numbers) of the records of a frame."""
    code, time, status = (kind.place(name) for name in ("code", "time", "status"))
    assert code is not None
    assert time is not None
    masked = status is not None and kind.fields[status].kind in ("mask", "bits")
    places = [[place for name in value.columns if (place := kind.place(name)) is not None] for value in kind.values]
    for record, *values in each.rows:
        numbers = [_first([values[place] for place in one]) for one in places]
        mask = int(str(values[status])) if masked and status is not None else 0
        yield int(str(record)), str(values[code]), int(str(values[time])), mask, numbers


def _first(numbers: Sequence[object]) -> float:
    """The first that is a number, NaN when none is."""
    return next((float(str(each)) for each in numbers if not _nothing(each)), math.nan)


def _nothing(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


@cache
def _schema(feeds: str) -> dict[str, pl.DataType]:
    """The columns of a feed: those of coal's own types and those that its table has; what else a type says stands in `extra`,
    where the table has that."""
    shape = SHAPES.get(feeds)
    kept = {} if shape is None else shape.columns
    found = dict(_KEYS)
    for kind in sorted(file_types().values(), key=lambda each: each.family != COAL):
        if feeds not in (kind.feeds, *kind.also):
            continue
        for column in kind.fields:
            if column.name not in ORIGIN and (column.name in kept or (kind.family == COAL and "extra" not in kept)):
                found.setdefault(column.name, _KINDS[column.kind])
    if "extra" in kept:
        found |= {name: kind for name, kind in kept.items() if name not in ORIGIN and name not in found}
    return found
