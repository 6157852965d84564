"""Rosters from tables: nothing is lost, every refused row has its reason."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from kuangan.base.clock import BEIJING
from kuangan.domains.duty.rosters import Entry
from kuangan.domains.duty.sheets import MAX_BYTES, Unreadable, read_sheet, rows_of_file, rows_of_text

HEAD = "开始,结束,值班员,值班员电话,带班领导"
GOOD = "2026-11-21 08:00,2026-11-22 08:00,赵一,99900000001,钱二"


def read(*lines: str) -> Any:
    return read_sheet(rows_of_text("\n".join((HEAD, *lines))))


def test_a_good_row_is_taken_in_beijing_time() -> None:
    sheet = read(GOOD)
    start, end = (datetime(2026, 11, day, 8, tzinfo=BEIJING) for day in (21, 22))
    assert sheet.taken == [Entry(start, end, "赵一", "99900000001", leader_name="钱二")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("昨天,2026-11-22 08:00,赵一,,", "开始时间无法识别：昨天"),
        ("2026-11-21 08:00,,赵一,,", "结束时间无法识别：空"),
        ("2026-11-22 08:00,2026-11-21 08:00,赵一,,", "结束时间不晚于开始时间"),
        ("2026-11-21 08:00,2026-11-28 08:00,赵一,,", "班次超过 72 小时"),
        ("2026-11-21 08:00,2026-11-22 08:00,,,", "缺少值班员"),
        ("2026-11-21 08:00,2026-11-22 08:00,赵一,一二三,", "电话格式不正确：一二三"),
        (GOOD, "与已有班次重复"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_reason_and_costs_its_neighbours_nothing(row: str, reason: str) -> None:
    sheet = read(GOOD, row, "2026-11-22 08:00,2026-11-23 08:00,孙三,,")
    assert [(one.line, one.reason) for one in sheet.refused] == [(3, reason)]
    assert (sheet.read, len(sheet.taken)) == (3, 2)


CELLS = st.sampled_from(["2026-11-21 08:00", "2026/11/22 8:00", "", "x", "赵一", "99900000001", "a" * 60])


@given(st.lists(st.lists(CELLS, max_size=7), max_size=12))
def test_what_is_read_is_taken_or_refused(rows: list[list[str]]) -> None:
    sheet = read_sheet([HEAD.split(","), *rows])
    assert sheet.read == len(sheet.taken) + len(sheet.refused) == sum(any(row) for row in rows)


def test_tabs_semicolons_and_full_commas_separate_cells_too() -> None:
    for mark in ("\t", ";", "，"):
        assert read_sheet(rows_of_text(f"{HEAD}\n{GOOD}".replace(",", mark))).taken == read(GOOD).taken


def test_a_workbook_reads_as_its_text_does() -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(HEAD.split(","))
    sheet.append([datetime(2026, 11, 21, 8), datetime(2026, 11, 22, 8), "赵一", 99900000001, "钱二"])
    out = io.BytesIO()
    book.save(out)
    assert read_sheet(rows_of_file("班表.xlsx", out.getvalue())).taken == read(GOOD).taken


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_reads_in_the_encodings_of_the_country(encoding: str) -> None:
    content = f"{HEAD}\n{GOOD}\n".encode(encoding)
    assert read_sheet(rows_of_file("班表.csv", content)).taken == read(GOOD).taken


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.exe", b"x", "只接受"),
        ("a.xlsx", b"PK\x03\x04 broken", "不是有效的"),
        ("a.csv", b"\xff\xff\xff", "编码"),
        ("a.csv", b"\n\n", "空的"),
        ("a.csv", "姓名,电话\n赵一,1".encode(), "缺少：开始"),
        ("a.csv", b"x" * (MAX_BYTES + 1), "超过 2 MB"),
        ("a.csv", b"a\n" * 3_000, "最多"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(name: str, content: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_sheet(rows_of_file(name, content))
