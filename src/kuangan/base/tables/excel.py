"""Excel files of lists, written row by row, with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from kuangan.base.clock import BEIJING

CONTENT_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write_sheet(out: IO[bytes], title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write one sheet with a bold, frozen first row; returns the number of rows below it."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, head in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(number)].width = max(12, 2 * len(head) + 4)
    sheet.append([_head(sheet, head) for head in heads])
    count = 0
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
        count += 1
    book.save(out)
    return count


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, not even after it was saved as CSV."""
    clean = FORBIDDEN.sub("", text)
    if clean.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(clean):
        return f"'{clean}"
    return clean


def _head(sheet: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, harmless(text))
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if value.tzinfo else str(value)
    cell = WriteOnlyCell(sheet, harmless(str(value)))
    cell.data_type = "s"
    return cell
