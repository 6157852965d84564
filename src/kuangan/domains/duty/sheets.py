"""Rosters as simple tables: a pasted text, a CSV or an Excel file. Every row is either taken or refused with a reason."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zipfile import BadZipFile

from openpyxl import load_workbook

from kuangan.base.clock import BEIJING
from kuangan.domains.duty.rosters import Entry
from kuangan.domains.duty.rules import LONGEST_SHIFT

MAX_BYTES: Final = 2 << 20
MAX_ROWS: Final = 2_000
MAX_COLUMNS: Final = 40
HEADS: Final = {
    "start": ("开始", "开始时间", "起", "起始时间"),
    "end": ("结束", "结束时间", "止", "终止时间"),
    "officer_name": ("值班员", "值班人员", "主班"),
    "officer_phone": ("值班员电话", "主班电话"),
    "deputy_name": ("副班", "副班人员"),
    "deputy_phone": ("副班电话",),
    "leader_name": ("带班领导", "带班"),
    "leader_phone": ("带班领导电话", "带班电话"),
    "phone": ("值班电话", "值班室电话"),
}
NEEDED: Final = ("start", "end", "officer_name")
PHONE: Final = re.compile(r"[0-9+\-]{3,20}")
FORMATS: Final = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M")


class Unreadable(ValueError):
    """The whole table cannot be read; says why."""


class BadRow(ValueError):
    """One row cannot be taken; says why."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: its line in the table, what stands there, why."""

    line: int
    text: str
    reason: str


@dataclass
class Sheet:
    """What a table held: `read` = taken + refused; empty lines are no rows."""

    read: int = 0
    taken: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read_sheet(rows: Iterable[Sequence[Any]], standing: Iterable[Entry] = ()) -> Sheet:
    """Rows below a head line. What repeats an earlier row or a `standing` shift is refused. Raises Unreadable."""
    lines = [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    filled = [(number, cells) for number, cells in lines if any(cells)]
    if not filled:
        raise Unreadable("表格是空的")
    columns = _columns(filled[0][1])
    sheet, known = Sheet(), set(standing)
    for number, cells in filled[1:]:
        sheet.read += 1
        try:
            entry = _entry({name: cells[i] if i < len(cells) else "" for name, i in columns.items()})
            if entry in known:
                raise BadRow("与已有班次重复")
        except BadRow as fault:
            sheet.refused.append(Refused(number, " | ".join(cells)[:200], str(fault)))
        else:
            known.add(entry)
            sheet.taken.append(entry)
    return sheet


def rows_of_text(text: str) -> list[list[str]]:
    """Rows of a pasted or CSV text; tabs, commas (full-width too) or semicolons between cells. Raises Unreadable."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    mark = max("\t,;，", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=mark))
    except csv.Error as fault:
        raise Unreadable("表格无法识别") from fault
    return _bounded(rows)


def rows_of_file(name: str, content: bytes) -> list[Sequence[Any]] | list[list[str]]:
    """Rows of an .xlsx or .csv file (UTF-8 or GBK). Raises Unreadable."""
    if len(content) > MAX_BYTES:
        raise Unreadable("文件超过 2 MB")
    if name.lower().endswith(".xlsx"):
        return _rows_of_workbook(content)
    if not name.lower().endswith((".csv", ".txt")):
        raise Unreadable("只接受 .xlsx 和 .csv 文件")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return rows_of_text(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise Unreadable("文字编码无法识别")


def _rows_of_workbook(content: bytes) -> list[Sequence[Any]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet: Any = book.worksheets[0]
        rows: list[Sequence[Any]] = list(sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True))
    except (BadZipFile, KeyError, ValueError, IndexError, OSError, SyntaxError) as fault:
        raise Unreadable("不是有效的 Excel 文件") from fault
    return _bounded(rows)


def _bounded(rows: list[Any]) -> list[Any]:
    if len(rows) > MAX_ROWS + 1:
        raise Unreadable(f"一次最多 {MAX_ROWS} 行")
    return rows


def _columns(head: Sequence[str]) -> dict[str, int]:
    found = {
        name: i
        for name, words in HEADS.items()
        for i, cell in enumerate(head)
        if re.sub(r"[\s*（(].*$", "", cell) in words
    }
    if missing := [HEADS[name][0] for name in NEEDED if name not in found]:
        raise Unreadable(f"第一行须为表头，缺少：{'、'.join(missing)}")
    return found


def _entry(cells: dict[str, str]) -> Entry:
    start, end = _moment(cells["start"], "开始"), _moment(cells["end"], "结束")
    if end <= start:
        raise BadRow("结束时间不晚于开始时间")
    if end - start > LONGEST_SHIFT:
        raise BadRow("班次超过 72 小时")
    if not cells["officer_name"]:
        raise BadRow("缺少值班员")
    said = {name: value for name, value in cells.items() if name not in ("start", "end")}
    for name, value in said.items():
        if name.endswith("phone") and value and not PHONE.fullmatch(value):
            raise BadRow(f"电话格式不正确：{value[:30]}")
        if len(value) > 40:
            raise BadRow(f"内容过长：{value[:30]}…")
    return Entry(start, end, **said)


def _moment(text: str, word: str) -> datetime:
    for style in FORMATS:
        try:
            return datetime.strptime(text, style).replace(tzinfo=BEIJING)
        except ValueError:
            continue
    raise BadRow(f"{word}时间无法识别：{text[:30] or '空'}")


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())
