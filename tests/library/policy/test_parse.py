"""An official text becomes its places, however its lines break."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuangan.library.policy.load import shipped
from kuangan.library.policy.parse import Tree, parse
from tests.library.policy.texts import MEASURES, NUMBER, PLAN


def read(text: str) -> Tree:
    return parse(text, shipped())


def shape(tree: Tree) -> list[tuple[str, str, str | None, str, tuple[str, ...]]]:
    return [(entry.key, entry.place, entry.under, entry.text, entry.names) for entry in tree.entries]


def test_clauses_go_on_through_provisions_and_sections() -> None:
    tree = read(MEASURES.text())
    assert [(entry.key, entry.under) for entry in tree.of("hard_measure")] == [("H1", "P1"), ("H2", "P2"), ("H3", "P3")]
    assert [(entry.key, entry.under) for entry in tree.of("clause")] == [
        *(("1", "H1"), ("2", "H1"), ("3", "H1"), ("4", "H2"), ("5", "H2"), ("6", "H3"))
    ]
    assert tree.unplaced == ()
    assert tree.number == NUMBER
    assert tree.document is None


def test_a_place_has_its_whole_text_without_marker_and_units() -> None:
    clause = read(MEASURES.text()).of("clause")[2]
    assert clause.text == "测试人员须有10年以上经历（含实习期），不足的不得上岗。"
    assert clause.names == ("省应急厅",)
    assert clause.units == ("emergency",)


def test_units_are_named_once_in_the_order_of_the_text() -> None:
    tree = read(MEASURES.text())
    assert tree.of("clause")[1].units == ("emergency", "bureau", "mines")
    assert tree.units == ("mines", "emergency", "bureau", "energy", "natural_resources", "cities", "fire")


def test_headings_tasks_and_safeguards_of_a_plan_are_told_apart() -> None:
    tree = read(PLAN)
    keys = [(entry.key, entry.place) for entry in tree.entries if entry.place != "front"]
    assert keys == [
        *(("N", "notice"), ("T", "target"), ("O", "organisation"), ("P3", "section"), ("A1", "area"), ("1", "clause")),
        *(
            ("2", "clause"),
            ("A2", "area"),
            ("3", "clause"),
            ("P4", "section"),
            ("G1", "safeguard"),
            ("G2", "safeguard"),
        ),
    ]
    assert tree.unplaced == ()


def test_the_notice_ends_with_its_signature_and_the_list_of_annexes_is_no_task() -> None:
    tree = read(PLAN)
    assert tree.of("notice")[0].text.endswith("2026年3月6日")
    assert len(tree.of("clause")) == 3


def test_an_article_that_is_cited_at_the_beginning_of_a_line_opens_nothing() -> None:
    text = MEASURES.text().replace("说明第（二）项以外", "说明第\n（四）项以外")
    assert [entry.key for entry in read(text).of("hard_measure")] == ["H1", "H2", "H3"]


def test_grades_and_articles_open_nothing() -> None:
    tree = read(PLAN)
    assert "一、二级要求" in tree.of("target")[0].text
    assert "《刑法修正案（十一）》" in tree.of("clause")[2].text


@given(
    st.lists(st.integers(min_value=0, max_value=700), max_size=60),
    st.sampled_from(["\n", "\r\n", " ", "\n\n", "\u3000"]),
)
@pytest.mark.parametrize("text", [MEASURES.text(), PLAN], ids=["measures", "plan"])
def test_breaks_anywhere_change_nothing(text: str, places: list[int], gap: str) -> None:
    broken = text
    for place in sorted(places, reverse=True):
        broken = broken[:place] + gap + broken[place:] if place < len(broken) else broken
    assert shape(read(broken)) == shape(read(text))


@pytest.mark.parametrize("text", [MEASURES.text(), PLAN], ids=["measures", "plan"])
def test_a_text_without_any_break_reads_the_same(text: str) -> None:
    assert shape(read("".join(text.split()))) == shape(read(text))


@given(st.lists(st.integers(min_value=0, max_value=24), min_size=1, max_size=5, unique=True))
def test_page_numbers_between_lines_are_taken_out_and_counted(places: list[int]) -> None:
    lines = MEASURES.text().splitlines()
    for page, place in enumerate(sorted(places, reverse=True)):
        lines.insert(min(place, len(lines)), f"- {page + 1} -" if page % 2 else f"— {page + 1} —")
    tree = read("\n".join(lines))
    assert shape(tree) == shape(read(MEASURES.text()))
    assert tree.pages == len(places)


def test_a_page_number_inside_a_word_is_taken_out() -> None:
    text = MEASURES.text().replace("不得上岗", "不得\n\n- 21 -\n\n上岗")
    assert shape(read(text)) == shape(read(MEASURES.text()))


def test_half_width_punctuation_is_the_same_text() -> None:
    text = MEASURES.text().replace("（", "(").replace("）", ")").replace("，", ",").replace("：", ":")
    assert shape(read(text)) == shape(read(MEASURES.text()))


def test_a_unit_without_a_row_is_told_and_keeps_its_name() -> None:
    tree = read(MEASURES.saying(1, 0, "省能源局", "省能源局、省测试局").text())
    assert tree.of("clause")[3].names == ("省能源局", "省测试局")
    assert [(row.why, row.near, row.text) for row in tree.unplaced] == [("unknown_unit", "4", "省测试局")]


def test_units_with_only_a_space_between_them_are_told_apart() -> None:
    tree = read(MEASURES.saying(1, 0, "省能源局", "省能源局 省应急厅").text())
    assert tree.of("clause")[3].names == ("省能源局", "省应急厅")
    assert tree.unplaced == ()


def test_a_bracket_that_cannot_be_read_is_told() -> None:
    tree = read(MEASURES.saying(1, 0, "省能源局", "省能源局（煤炭处）").text())
    assert [(row.why, row.near) for row in tree.unplaced] == [("units_not_read", "4")]


def test_a_missing_number_leaves_a_gap() -> None:
    text = MEASURES.text()
    begin, end = text.index("3.测试"), text.index("二、第")
    tree = read(text[:begin] + text[end:])
    assert [entry.key for entry in tree.of("clause")] == ["1", "2", "4", "5", "6"]


def test_the_first_place_below_a_heading_may_be_the_one_that_is_missing() -> None:
    text = PLAN.replace("1. 加强培训。2026年，组织培训,每年一次。\n", "")
    tree = read(text)
    assert [(entry.key, entry.under) for entry in tree.of("clause")] == [("2", "A1"), ("3", "A2")]
    assert tree.of("area")[0].text == "提升人员素质"


def test_a_number_that_stands_twice_is_told() -> None:
    tree = read(MEASURES.text().replace("5.对造假", "4.对造假"))
    assert [(row.why, row.near) for row in tree.unplaced] == [("out_of_order", "item 4")]


def test_what_follows_the_last_units_is_told() -> None:
    tree = read(MEASURES.text() + "另一份文件的标题")
    assert [(row.why, row.near) for row in tree.unplaced] == [("after_the_end", "6")]


def test_another_document_behind_it_is_told() -> None:
    tree = read(PLAN + "又一方案。\n一、工作目标\n通过努力，达到要求。")
    assert {row.why for row in tree.unplaced} == {"another_document", "after_the_end"}
    assert [entry.key for entry in tree.of("target")] == ["T"]


def test_numbers_that_begin_anew_in_each_part_are_counted_through() -> None:
    tree = read("一、甲\n1.做好测试。\n2.做好记录。\n二、乙\n1.做好核查。\n2.做好上报。")
    assert [(entry.key, entry.under) for entry in tree.of("clause")] == [
        ("1", "P1"),
        ("2", "P1"),
        ("3", "P2"),
        ("4", "P2"),
    ]


def test_targets_get_the_passages_that_their_words_open() -> None:
    target = "一、工作目标\n三年内能力提升，隐蔽致灾因素普查经常开展；矿山机械化提高，人员减少10%以上；正常生产煤矿达到一、二级要求，建成标杆企业。"
    document = shipped().documents["SX36"]
    tree = parse(target + "\n二、主要任务\n1.做好测试。", shipped(), document)
    passages = {entry.key: entry.text for entry in tree.of("target")}
    assert passages["T1"] == "隐蔽致灾因素普查经常开展；"
    assert passages["T2"] == "矿山机械化提高，人员减少10%以上；"
    assert passages["T3"] == "正常生产煤矿达到一、二级要求，"
    assert passages["T4"] == "建成标杆企业。"
    assert [row.near for row in tree.unplaced] == ["T5", "T6", "T7", "T8", "T9"]


def test_a_text_without_places_is_told_to_have_none() -> None:
    tree = read("只有一段话，没有编号。")
    assert [entry.place for entry in tree.entries] == ["front"]


@given(st.text(alphabet="一二三十、（）1.。：责任单位省应急厅\n -0", max_size=120))
def test_any_text_is_read_without_failing(text: str) -> None:
    read(text)
