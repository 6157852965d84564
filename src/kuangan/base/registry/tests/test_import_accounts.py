"""Whatever stands in a table: every row that holds something comes out once, with exactly one verdict."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuangan.base.people.models import Organisation
from kuangan.base.people.scope import Scope
from kuangan.base.registry.imports.columns import FIELDS, columns, field_of, plain
from kuangan.base.registry.imports.judging import judge, understood
from kuangan.base.registry.imports.rows import Row, read_row
from kuangan.base.registry.imports.sheets import MOST_ROWS, Line, Unreadable, read_file, text_of
from kuangan.base.registry.imports.standing import Ground, Standing
from kuangan.base.registry.imports.words import FIELD_WORDS
from kuangan.base.registry.models import Mine, Verdict
from kuangan.base.registry.tests.workbooks import of_rows

MOMENT = datetime(2026, 11, 21, tzinfo=UTC)
KNOWN = "140404900001"


def register() -> Standing:
    """One mine, one county, one authority; no database."""
    body = Organisation(pk=1, kind="emergency", name="长治市上党区应急管理局", region="140404")
    return Standing(
        at=MOMENT,
        scope=Scope("province", "14", frozenset({"coal", "noncoal", "tailings"}), None, 1),
        mines={
            KNOWN: Mine(code=KNOWN, name="示例远峰煤业", kind="underground_coal", county_id="140404", city_id="140400")
        },
        within=frozenset({KNOWN}),
        aliases={"140404900077": KNOWN},
        facts={(KNOWN, "capacity"): [(datetime(2020, 1, 1, tzinfo=UTC), None, 90)]},
        direct={},
        ground=Ground(
            counties={"140404": ["140404"], plain("上党区"): ["140404"]},
            levels={"140404": "county", "140400": "city", "140000": "province"},
            bodies={plain("长治市上党区应急管理局"): [body]},
            emergency={"140404": body},
            named={("140400", plain("示例远峰煤业")): KNOWN},
        ),
    )


ODD = st.one_of(
    st.none(),
    st.text(alphabet="01289０９ab.,;、年月万吨煤=-+eE \t\n\u3000\u200b", max_size=12),
    st.integers(-5, 10**13),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
)
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "code": st.sampled_from(
        [KNOWN, "140404900010", "１４０４０４９０００１１", 140404900012, "140404900077", "149921900001"]
    ),
    "name": st.sampled_from(["示例远峰煤业", "示例南岭煤业", "示例东川煤业 "]),
    "kind": st.sampled_from(["井工", "露天煤矿", "尾矿库"]),
    "capacity": st.sampled_from([90, "９０", "1,200", "120万吨/年", 9000]),
    "supervisor": st.sampled_from(["县级", "市级", "县级、市级", "长治市上党区应急管理局", "某局"]),
    "valid_from": st.sampled_from(["2025-03-01", 45717, date(2025, 3, 1), "二〇二五年"]),
}


@st.composite
def lines(draw: st.DrawFn) -> list[Line]:
    rows = draw(
        st.lists(
            st.fixed_dictionaries({}, optional={name: st.one_of(LIKELY.get(name, ODD), ODD) for name in FIELDS}),
            max_size=12,
        )
    )
    return [Line("登记", number, row, [text_of(cell) for cell in row.values()]) for number, row in enumerate(rows, 2)]


@given(lines())
def test_accepted_questioned_and_refused_add_up_to_what_was_read(given_lines: list[Line]) -> None:
    judged = judge(understood(given_lines), register(), MOMENT)
    assert [found.line for found in judged] == given_lines
    counts = [sum(found.verdict == verdict for found in judged) for verdict in Verdict.values]
    assert sum(counts) == len(given_lines)
    for found in judged:
        assert (found.row is None) <= (found.verdict == Verdict.REFUSED)
        assert bool(found.reasons) == (found.verdict != Verdict.ACCEPTED)


@given(lines())
def test_a_row_reads_the_same_after_it_was_kept_as_json(given_lines: list[Line]) -> None:
    for line in given_lines:
        row, _ = read_row(line)
        if row is not None:
            assert Row.model_validate(row.model_dump(mode="json", exclude_none=True)) == row


@given(st.lists(st.lists(st.text(alphabet="0123456789 \t，煤,;\"'=＝\n", max_size=6), max_size=4), max_size=10))
def test_every_line_of_a_csv_file_that_holds_something_is_read(rows: list[list[str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["矿山编码", "名称"], *rows])
    (sheet,) = read_file("a.csv", out.getvalue().encode("utf-8-sig"))
    holding = [row for row in csv.reader(io.StringIO(out.getvalue(), newline="")) if any(text_of(cell) for cell in row)]
    assert len(sheet.lines) == len(holding) - 1


def test_every_field_is_found_by_all_its_heads_and_has_a_word() -> None:
    assert set(columns().heads) == set(FIELDS)
    assert all(field_of(head) == name for name, head in columns().heads.items())
    assert all(field_of(word) == name or name not in FIELDS for name, word in FIELD_WORDS.items() if name != "entered")
    assert field_of("煤矿 编码 （必填）：") == "code"
    assert field_of("核定生产能力\n(万吨/年)") == "capacity"


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "+SUM(A1)", "@x"])
def test_what_looks_like_a_formula_is_only_text(text: str) -> None:
    (sheet,) = read_file("a.csv", f'矿山编码,名称\n140404900010,"{text}"\n'.encode())
    assert sheet.lines[0].cells["name"] == text


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"\0" * ((8 << 20) + 1), "too_large"),
        ("a.exe", b"MZ", "unknown_kind"),
        ("a.xlsx", b"nothing", "damaged"),
        ("a.csv", b"x,y\n1,2\n", "no_head"),
        ("a.csv", ("矿山编码,名称\n" + "1,2\n" * (MOST_ROWS + 1)).encode(), "too_many_rows"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as fault:
        read_file(name, content)
    assert fault.value.code == code


def test_a_cell_far_away_is_refused_before_it_takes_memory() -> None:
    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None
    book.active.append(["矿山编码", "名称"])
    book.active["XFD1048576"] = "x"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Unreadable) as fault:
        read_file("a.xlsx", out.getvalue())
    assert fault.value.code == "too_many_cells"


def test_csv_files_of_offices_are_read_in_their_encodings() -> None:
    text = "矿山编码;名称\n140404900010;示例南岭煤业\n"
    for encoding in ("utf-8-sig", "utf-8", "gb18030", "utf-16"):
        (sheet,) = read_file("登记.CSV", text.encode(encoding))
        assert sheet.lines[0].cells == {"code": "140404900010", "name": "示例南岭煤业"}


def test_a_formula_counts_with_the_value_that_was_stored_and_is_never_run() -> None:
    content = of_rows(["矿山编码", "名称", "产能"], [["140404900010", "示例南岭煤业", "=60+30"]])
    (sheet,) = read_file("a.xlsm", content)
    assert sheet.lines[0].cells.get("capacity") in (None, 0, 0.0), "openpyxl stores no value beside the formula"
