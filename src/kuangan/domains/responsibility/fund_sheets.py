"""Safety funds as a table: an Excel or CSV file of months, every row either taken or refused with a reason, shown before it is written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zipfile import BadZipFile

from openpyxl import load_workbook

from kuangan.domains.responsibility.funds import Declared
from kuangan.domains.responsibility.kinds import CLASS_WORDS
from kuangan.domains.responsibility.rules import month_of, month_span

MAX_BYTES: Final = 2 << 20
MAX_ROWS: Final = 240
HEADS: Final = {
    "month": ("月份", "年月"),
    "output_t": ("产量（吨）", "产量(吨)", "产量", "原煤产量"),
    "extracted": ("提取金额（元）", "提取金额(元)", "提取金额", "提取"),
    "fund_class": ("类别",),
}
NEEDED: Final = ("month", "output_t", "extracted")
MOST: Final = Decimal("99999999999.99")


class Unreadable(ValueError):
    """The whole table cannot be read; says why."""


class BadRow(ValueError):
    """One row cannot be taken; says why."""


@dataclass(frozen=True, slots=True)
class Refused:
    line: int
    text: str
    reason: str


@dataclass
class Sheet:
    """`read` = taken + refused; empty lines are no rows."""

    read: int = 0
    taken: list[Declared] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def rows_of_file(name: str, content: bytes) -> list[Sequence[Any]]:
    """Rows of an .xlsx or .csv file (UTF-8 or GBK). Raises Unreadable."""
    if len(content) > MAX_BYTES:
        raise Unreadable("文件超过 2 MB")
    if name.lower().endswith(".xlsx"):
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet: Any = book.worksheets[0]
            rows: list[Sequence[Any]] = list(sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=20, values_only=True))
        except (BadZipFile, KeyError, ValueError, IndexError, OSError, SyntaxError) as fault:
            raise Unreadable("不是有效的 Excel 文件") from fault
    elif name.lower().endswith(".csv"):
        rows = _rows_of_text(content)
    else:
        raise Unreadable("只接受 .xlsx 和 .csv 文件")
    if len(rows) > MAX_ROWS + 1:
        raise Unreadable(f"一次最多 {MAX_ROWS} 行")
    return rows


def _rows_of_text(content: bytes) -> list[Sequence[Any]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(content.decode(encoding))))
        except UnicodeDecodeError:
            continue
        except csv.Error as fault:
            raise Unreadable("表格无法识别") from fault
    raise Unreadable("文字编码无法识别")


def read_sheet(rows: Iterable[Sequence[Any]]) -> Sheet:
    """Rows below a head line; a month that occurs twice is refused the second time. Raises Unreadable."""
    filled = [(n, list(row)) for n, row in enumerate(rows, 1) if any(cell not in (None, "") for cell in row)]
    if not filled:
        raise Unreadable("表格是空的")
    columns = _columns(filled[0][1])
    sheet, months = Sheet(), set[str]()
    for number, cells in filled[1:]:
        sheet.read += 1
        try:
            said = _declared({name: cells[i] if i < len(cells) else None for name, i in columns.items()})
            if said.month in months:
                raise BadRow("同一月份重复")
        except BadRow as fault:
            text = " | ".join("" if cell is None else str(cell) for cell in cells)
            sheet.refused.append(Refused(number, text[:200], str(fault)))
        else:
            months.add(said.month)
            sheet.taken.append(said)
    return sheet


def _columns(head: Sequence[Any]) -> dict[str, int]:
    names = ["".join(str(cell or "").split()) for cell in head]
    found = {name: i for name, words in HEADS.items() for i, cell in enumerate(names) if cell in words}
    if missing := [HEADS[name][0] for name in NEEDED if name not in found]:
        raise Unreadable(f"第一行须为表头，缺少：{'、'.join(missing)}")
    return found


def _declared(cells: dict[str, Any]) -> Declared:
    word = str(cells.get("fund_class") or "").strip()
    codes = {label: code for code, label in CLASS_WORDS.items()}
    if word and word not in codes:
        raise BadRow(f"没有这个类别：{word[:30]}")
    return Declared(
        _month(cells["month"]),
        _amount(cells["output_t"], "产量"),
        _amount(cells["extracted"], "提取金额"),
        codes.get(word, ""),
    )


def _month(cell: Any) -> str:
    if isinstance(cell, datetime | date):
        return month_of(date(cell.year, cell.month, 1))
    text = str(cell or "").strip().replace("年", "-").replace("月", "").replace("/", "-").replace(".", "-")
    year, _, number = text.partition("-")
    try:
        return month_of(month_span(f"{year}-{int(number):02d}").first)
    except ValueError:
        raise BadRow(f"月份无法识别：{text[:30] or '空'}") from None


def _amount(cell: Any, word: str) -> Decimal:
    text = str("" if cell is None else cell).replace(",", "").replace("，", "").strip()
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise BadRow(f"{word}不是数字：{text[:30] or '空'}") from None
    if not value.is_finite() or not 0 <= value <= MOST:
        raise BadRow(f"{word}超出范围：{text[:30]}")
    return value.quantize(Decimal("0.01"))
