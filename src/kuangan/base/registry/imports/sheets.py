"""A workbook or CSV file as plain tables. Only values are read: formulas and macros are never run.

Sizes are limited before anything is unpacked: bytes, unpacked bytes, cells, rows.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from kuangan.base.registry.imports.columns import field_of, tidy
from kuangan.base.registry.imports.positions import FIELDS as POSITIONS
from kuangan.base.registry.imports.positions import datum_in

LARGEST: Final = 8 << 20
UNPACKED: Final = 120 << 20
MOST_CELLS: Final = 2_000_000
MOST_ROWS: Final = 5_000
MOST_SHEETS: Final = 30
HEAD_WITHIN: Final = 30
KINDS: Final = (".xlsx", ".xlsm", ".xls", ".csv")
Cell = str | int | float | bool | datetime | date | time | timedelta | None


class Unreadable(ValueError):
    """The file cannot be taken at all; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet that holds something: its number as a person sees it, and its cells by field."""

    sheet: str
    number: int
    cells: dict[str, Cell]
    texts: list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was understood of a sheet: `head` is the row of its heads (0: none was found, nothing is read)."""

    name: str
    head: int
    columns: dict[str, str]
    unused: list[str]
    lines: list[Line]


def read_file(name: str, content: bytes) -> list[Sheet]:
    """The sheets of a file. Raises Unreadable."""
    if len(content) > LARGEST:
        raise Unreadable("too_large")
    if not name.lower().endswith(KINDS):
        raise Unreadable("unknown_kind")
    tables = _csv(content) if name.lower().endswith(".csv") else _workbook(content)
    sheets = [_understood(title, rows) for title, rows in tables]
    if not any(sheet.head for sheet in sheets):
        raise Unreadable("no_head")
    if sum(len(sheet.lines) for sheet in sheets) > MOST_ROWS:
        raise Unreadable("too_many_rows")
    return sheets


def text_of(cell: Cell) -> str:
    """A cell as a person would read it; whole numbers without their point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M:%S}"
    return tidy(str(cell))


def _understood(title: str, rows: Sequence[Sequence[Cell]]) -> Sheet:
    name = tidy(title)[:60] or "1"
    for position, row in enumerate(rows[:HEAD_WITHIN]):
        fields = [field_of(text_of(cell)) if isinstance(cell, str) else "" for cell in row]
        if "code" in fields and len(set(fields) - {""}) >= 2:
            heads = [text_of(cell) for cell in row]
            datum = datum_in(head for field, head in zip(fields, heads, strict=True) if field in POSITIONS)
            lines = [
                Line(name, number, _by_field(fields, values, datum), [text_of(cell)[:200] for cell in values])
                for number, values in enumerate(rows[position + 1 :], start=position + 2)
                if any(text_of(cell) for cell in values)
            ]
            used: dict[str, str] = {}
            for field, head in zip(fields, heads, strict=True):
                if field:
                    used.setdefault(field, head)
            unused = [head for field, head in zip(fields, heads, strict=True) if head and not field]
            return Sheet(name, position + 1, used, unused, lines)
    return Sheet(name, 0, {}, [], [])


def _by_field(fields: Sequence[str], values: Sequence[Cell], datum: str) -> dict[str, Cell]:
    """Cells by field; of several columns that name one field all that differ are kept, joined. `datum` is what the heads say."""
    found: dict[str, Cell] = {}
    for field, cell in zip(fields, values, strict=False):
        if not field or not text_of(cell):
            continue
        before = found.get(field)
        if before is None:
            found[field] = cell
        elif text_of(before) != text_of(cell):
            found[field] = f"{text_of(before)}；{text_of(cell)}"
    if datum and found.keys() & set(POSITIONS):
        found.setdefault("datum", datum)
    return found


def _workbook(content: bytes) -> Iterator[tuple[str, list[list[Cell]]]]:
    if content[:2] == b"PK":
        _look_inside(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        if len(names) > MOST_SHEETS:
            raise Unreadable("too_many_sheets")
        for name in names:
            yield name, _rows(book.get_sheet_by_name(name))
    except (CalamineError, OSError, ValueError) as fault:
        raise fault if isinstance(fault, Unreadable) else Unreadable("damaged") from fault


def _rows(sheet: CalamineSheet) -> list[list[Cell]]:
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise Unreadable("too_many_cells")
    rows: list[list[Cell]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if bottom > top and top < len(rows) and left < len(rows[top]):
            _fill(rows, top, bottom, left, right)
    return rows


def _fill(rows: list[list[Cell]], top: int, bottom: int, left: int, right: int) -> None:
    """A cell merged over rows counts for each of them that holds something; over columns it stays where it stands."""
    value = rows[top][left]
    for row in rows[top + 1 : bottom + 1]:
        if left < len(row) and row[left] in (None, "") and any(text_of(cell) for cell in row):
            row[left] = value


def _look_inside(content: bytes) -> None:
    """Refuse an archive that would unpack to more than a register ever is, or whose cells lie far apart."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > 2_000 or sum(entry.file_size for entry in entries) > UNPACKED:
                raise Unreadable("too_large")
            for entry in entries:
                if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                    with archive.open(entry) as packed:
                        _measure(packed.read(UNPACKED))
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError) as fault:
        raise Unreadable("damaged") from fault


def _measure(xml: bytes) -> None:
    high = wide = 0
    for found in re.finditer(rb'<c [^>]*?r="([A-Z]{1,3})(\d{1,7})"', xml):
        column = 0
        for letter in found[1]:
            column = column * 26 + letter - 64
        high, wide = max(high, int(found[2])), max(wide, column)
    if high * wide > MOST_CELLS:
        raise Unreadable("too_many_cells")


def _csv(content: bytes) -> list[tuple[str, list[list[Cell]]]]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max("\t;,", key=first.count)
    try:
        rows: list[list[Cell]] = [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as fault:
        raise Unreadable("damaged") from fault
    if sum(map(len, rows)) > MOST_CELLS:
        raise Unreadable("too_many_cells")
    return [("CSV", rows)]


def _decoded(content: bytes) -> str:
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("damaged")
