"""Registers as offices keep them: workbooks and CSV files made up for tests, with everything that goes wrong in them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook

HEADS = (
    "序号",
    "煤矿编码*",
    "煤矿 名称",
    "所在县（市、区）",
    "核定生产能力(万吨/年)",
    "生产状态",
    "瓦斯等级",
    "直接监管单位",
    "批复日期",
    "文号",
    "矿井类型",
    "备注",
)


def full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def workbook(*sheets: tuple[str, Sequence[Sequence[Any]], Sequence[str]]) -> bytes:
    """(title, rows, merged ranges) each."""
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for title, rows, merged in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for span in merged:
            sheet.merge_cells(span)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def messy(known: str, foreign: str) -> bytes:
    """A register with merged cells, blank rows, full-width digits, dates as text and as numbers, doubles, odd counties.

    The county of rows 5 to 8 stands in one merged cell.
    """
    rows: list[list[Any]] = [
        ["长治市煤矿登记表（2026 年）", *[None] * 11],
        [None] * 12,
        list(HEADS),
        [
            1,
            known,
            "示例远峰煤业 ",
            "上党区",
            "120万吨/年",
            "生产",
            "低瓦斯",
            "长治市上党区应急管理局",
            "2025年3月1日",
            "晋能源〔2025〕1号",
            "",
        ],
        [
            2,
            full_width("140404900010"),
            "示例南岭煤业　",
            "上党区",
            "９０",
            "在产",
            "高瓦斯矿井",
            "县级",
            45717,
            "文2",
            None,
        ],
        [None] * 12,
        ["  ", "", None, "\u3000", None, None, None, None, None, None, None],
        [3, 140404900011, "示例东川煤业", None, 60.0, "停产", "低", "市级", date(2025, 3, 1), "文3", None],
        [4, "140404900012", "示例西坡煤业", "上党区", "1,200", "建设", "突出", "县级、市级", "2025/3/1", "文4", None],
        [5, "140421900013", "示例北台煤业", "长治县", 45, "生产", "低瓦斯", "县级", "2025.3.1", "文5", None],
        [6, "140404900010", "示例南岭煤业", "上党区", 120, "生产", "高瓦斯", "县级", "2025-03-01", "文6", None],
        [7, foreign, "示例青岭煤业", "潞州区", 30, "生产", "低瓦斯", "县级", "20250301", "文7", None],
        [8, "1.40405E+11", "示例中庄煤业", "上党区", 30, "生产", "低瓦斯", "县级", "2025-03-01", "文8", None],
        [9, "14040490", "示例短码煤业", "上党区", 30, "生产", "低瓦斯", "县级", "2025-03-01", "文9", None],
        [10, "140404900014", "示例坏数煤业", "上党区", "约三十", "生产", "低瓦斯", "县级", "三月一日", "文10", None],
        [11, "140404900015", "示例怪词煤业", "上党区", 30, "睡着了", "低瓦斯", "县级", "2025-03-01", "文11", None],
        ["合计", None, None, None, 1455, None, None, None, None, None, None],
    ]
    rows = [[*row[:-1], "井工", row[-1]] if isinstance(row[0], int) else row for row in rows]
    notes = [["说明"], ["本表由各县上报"], [None], ["联系人"]]
    kinds = [
        ["编码", "名称", "类型"],
        ["140404900016", "示例平石采石场", "露天非煤矿山"],
        ["140404900017", "示例远峰煤业", "井工"],
    ]
    return workbook(("登记表", rows, ("A1:K1", "D5:D8")), ("说明", notes, ()), ("非煤", kinds, ()))


def of_rows(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    return workbook(("登记", [heads, *rows], ()))
