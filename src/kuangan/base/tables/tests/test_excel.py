from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from kuangan.base.tables.excel import FORMULA_STARTS, harmless, write_sheet


@pytest.mark.parametrize("text", ['=HYPERLINK("x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert harmless(text).startswith("'")


@pytest.mark.parametrize("text", ["-9999", "+0.5", "2307 综采面", "", "A=1"])
def test_numbers_and_plain_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@given(st.text())
def test_no_text_leaves_with_a_formula_start_unless_it_is_a_number(text: str) -> None:
    clean = harmless(text)
    assert not clean.startswith(FORMULA_STARTS) or float(clean) is not None


def test_a_sheet_keeps_numbers_times_and_text_apart() -> None:
    out = BytesIO()
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    assert write_sheet(out, "告警", ["甲", "乙"], [[1.5, "=1+1"], [moment, None], ["坏\x00字", True]]) == 3
    sheet = load_workbook(out).active
    assert list(sheet.values) == [("甲", "乙"), (1.5, "'=1+1"), ("2026-11-21 08:00:00", None), ("坏字", True)]
    assert sheet["B2"].data_type == "s"
