"""A good file of any declared type, written by its own table of columns: what an engineer can look at, send and have read."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from kuangan.library.telemetry.forms import JSON, LINES, SHEET, TEXT, Column, FileType, Grammar
from kuangan.library.telemetry.grammar import sensor_types
from kuangan.library.telemetry.names import BEIJING, JOINED

NUMBERS: Final[Mapping[str, str]] = {
    **{"x": "37512345.12", "y": "3951234.56", "z": "820.5", "longitude": "112.52545722", "latitude": "39.16101755"},
    **{"range_high": "100", "range_low": "0", "alarm_high": "60", "distance": "-12.50", "altitude": "1262.2"},
}
"""What stands in a number's column where 1.25 would look odd."""
UNITS: Final[Mapping[str, str]] = {"electricity": "kWh", "production": "t", "explosives": "kg"}
"""The unit of a table's numbers where it is not the usual one."""
SPAN_MS: Final = 900_000
"""How long before its end something began."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes files of one mine at one moment (Unix ms); `words` are texts by name of column."""

    mine: str
    at: int
    words: Mapping[str, str]

    def name(self, kind: FileType, extension: str = "") -> str:
        """The name under which a file of the type is sent."""
        told, _, style = kind.name.partition(".")
        stamp = f"{self._moment():%Y%m%d%H%M%S}"
        if style == "xml":
            return f"{told}_{self.mine}_{stamp}.xml"
        gap = "" if style == JOINED or kind.family == "legacy" else "_"
        usual = {TEXT: "txt", LINES: "txt"}.get(kind.grammar.syntax, "json")
        return f"{self.mine}{gap}{told}_{stamp}.{extension or usual}"

    def file(self, kind: FileType, extension: str = "", records: int = 1) -> bytes:
        """The content: a header and records that differ in the number at the end of their codes."""
        rows = [[self._field(column, kind, number) for column in kind.columns] for number in range(1, records + 1)]
        grammar = kind.grammar
        if grammar.syntax == TEXT:
            head = grammar.field.join(self._header(name) for name in kind.header)
            return grammar.record.join([head, *(grammar.field.join(row) for row in rows), grammar.end]).encode()
        if grammar.syntax == LINES:
            return "".join(f"{grammar.field.join(row)}\n" for row in rows).encode()
        named = [dict(zip((each.source or each.name for each in kind.columns), row, strict=True)) for row in rows]
        if grammar.syntax == SHEET and extension == "csv":
            return self._sheet(named)
        return self._json(named, grammar) if grammar.syntax in (JSON, SHEET) else self._xml(named, grammar)

    def _sheet(self, named: Sequence[Mapping[str, str]]) -> bytes:
        out = StringIO(newline="")
        sheet = csv.DictWriter(out, list(named[0]))
        sheet.writeheader()
        sheet.writerows(named)
        return out.getvalue().encode()

    def _json(self, named: Sequence[Mapping[str, str]], grammar: Grammar) -> bytes:
        items = [_nested(row) for row in named]
        head = {key: self._header(name) for key, name in self._heads(grammar)}
        document: Any = {**head, grammar.records: items} if grammar.records else items
        return json.dumps(document, ensure_ascii=False, indent=1).encode()

    def _xml(self, named: Sequence[Mapping[str, str]], grammar: Grammar) -> bytes:
        head = {key: self._header(name) for key, name in self._heads(grammar)}
        lines = [f"<data {_attributes(row)}/>" for row in named]
        inner = f"<head {_attributes(head)}/>{''.join(lines)}"
        text = f'<?xml version="1.0" encoding="utf-8"?><root code={quoteattr(grammar.root)}>{inner}</root>'
        return text.encode()

    @staticmethod
    def _heads(grammar: Grammar) -> list[tuple[str, str]]:
        """Names in the document of what its header says."""
        said = [(grammar.mine, "mine"), (grammar.mine_name, "mine_name"), (grammar.time, "header_time")]
        return [(key, name) for key, name in said if key]

    def _moment(self, before: int = 0) -> datetime:
        return datetime.fromtimestamp((self.at - before) / 1000, UTC).astimezone(BEIJING)

    def _time(self, before: int = 0) -> str:
        return f"{self._moment(before):%Y-%m-%d %H:%M:%S}"

    def _header(self, name: str) -> str:
        known = {"mine": self.mine, "header_time": self._time(), "approved": "400", "interval": "300"}
        return known.get(name) or self.words.get(name, "")

    def _field(self, column: Column, kind: FileType, number: int) -> str:
        made = {"code": self._code, "mine": self._mine, "word": self._word}.get(column.kind)
        if made is not None:
            return made(column, kind, number)
        if column.kind in ("time", "open_time", "day_or_time"):
            over = column.name in ("end", "out_time", "recover_at") and column.kind == "open_time"
            return "" if over else self._time(SPAN_MS if column.name == "start" else 0)
        if column.kind in ("number", "limit", "limit_or_zero", "value"):
            return NUMBERS.get(column.name, "1.25")
        if column.kind in ("text", "words"):
            return self._text(column, kind, number)
        return {"mask": "0", "bits": "00000000", "count": "12", "digit": "1", "open_digit": "0"}.get(column.kind, "")

    def _mine(self, column: Column, kind: FileType, number: int) -> str:
        return self.mine

    def _word(self, column: Column, kind: FileType, number: int) -> str:
        return next(iter(kind.grammar.words[column.source]))

    def _code(self, column: Column, kind: FileType, number: int) -> str:
        area = f"{self.mine}{number:04d}"
        if column.name == "card":
            return f"{self.mine}{number:05d}"
        if column.name == "camera" or kind.family == "video":
            return f"{self.mine}0101{number:04d}"
        if kind.feeds in ("areas", "base_stations") or column.name == "area":
            return area if kind.feeds == "areas" else f"{area}000010"
        if kind.feeds in ("stations", "station_states"):
            return f"{self.mine}{number:05d}"
        told = self._sensor_type(kind)
        return f"{self.mine}01MN{told}{number:06d}" if told.isdecimal() else f"{self.mine}{told}{number:04d}"

    def _text(self, column: Column, kind: FileType, number: int) -> str:
        if column.name == "sensor_type":
            return self._sensor_type(kind)
        if column.name in ("station", "sensor"):
            return self._place(column, kind, number)
        if column.name == "unit" and kind.feeds in UNITS:
            return UNITS[kind.feeds]
        if column.kind == "words" and column.name not in self.words:
            return f"{column.name}-{number}"
        return self.words.get(column.name, "")

    def _place(self, column: Column, kind: FileType, number: int) -> str:
        """Stations and sensors: short numbers in older families, codes of a mine in the others."""
        if kind.family in ("legacy", "db14"):
            return f"{1:03d}" if column.name == "station" else f"001A{number:02d}"
        if kind.feeds == "positions":
            return f"{self.mine}{1:04d}000010"
        return f"{self.mine}{1:05d}"

    @staticmethod
    def _sensor_type(kind: FileType) -> str:
        """A sensor type that the type may carry: the one it declares, else the first of its family."""
        if declared := kind.values[0].type:
            return declared.rpartition(":")[2]
        if kind.family == "db14":
            return next(iter(kind.grammar.coal))
        own = (code for code, known in sensor_types().items() if known.family == kind.family)
        return next(own, "0043").rpartition(":")[2] if kind.family != "mtt1201" else "0043"


def _nested(row: Mapping[str, str]) -> dict[str, Any]:
    """`outer.inner` as an object within the object."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        *outer, last = key.split(".")
        into = found
        for name in outer:
            into = into.setdefault(name, {})
        into[last] = value
    return found


def _attributes(row: Mapping[str, str]) -> str:
    return " ".join(f"{key}={quoteattr(value)}" for key, value in row.items())
