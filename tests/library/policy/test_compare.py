"""Two editions of a text: exactly what was edited, nothing else."""

from __future__ import annotations

from kuangan.library.policy.compare import Difference, Passage, compare, passages
from kuangan.library.policy.load import shipped
from kuangan.library.policy.parse import parse
from tests.library.policy.texts import MEASURES, Measures

NEW = "对多次造假的，列入名单，三年内不得参加测试。（责任单位：省应急厅）"


def difference(new: Measures | str) -> Difference:
    text = new if isinstance(new, str) else new.text()
    return compare(parse(MEASURES.text(), shipped()), parse(text, shipped()))


def test_an_edition_is_the_same_as_itself() -> None:
    assert difference(MEASURES).same


def test_other_breaks_page_numbers_and_widths_are_no_difference() -> None:
    text = MEASURES.text().replace("，", ",").replace("逐", "逐\n").replace("记录", "记\n- 3 -\n录")
    assert difference(text).same


def test_a_changed_number_is_shown_whole_between_its_words() -> None:
    found = difference(MEASURES.saying(0, 2, "10 年以上", "12 年以上"))
    (change,) = found.changed
    assert change.new.key == "3"
    assert change.passages == (Passage("测试人员须有", "10", "12", "年以上经历（含实习期"),)
    assert (found.added, found.removed, found.renumbered) == ((), (), ())


def test_a_removed_clause_is_removed_and_those_behind_it_are_renumbered() -> None:
    found = difference(MEASURES.without(0, 1))
    assert [entry.key for entry in found.removed] == ["2"]
    assert [(old.key, new.key) for old, new in found.renumbered] == [("3", "2"), ("4", "3"), ("5", "4"), ("6", "5")]
    assert (found.added, found.changed) == ((), ())


def test_a_removed_clause_that_leaves_a_gap_renumbers_nothing() -> None:
    text = MEASURES.text()
    found = difference(text[: text.index("5.对造假")] + text[text.index("三、第") :])
    assert [entry.key for entry in found.removed] == ["5"]
    assert (found.added, found.changed, found.renumbered) == ((), (), ())


def test_an_added_clause_is_added() -> None:
    found = difference(MEASURES.adding(2, 1, NEW))
    assert [entry.key for entry in found.added] == ["7"]
    assert (found.removed, found.changed, found.renumbered) == ((), (), ())


def test_all_three_at_once_are_told_apart() -> None:
    found = difference(MEASURES.without(0, 0).saying(1, 0, "不少于 3 次", "不少于 5 次").adding(1, 2, NEW))
    assert [entry.key for entry in found.removed] == ["1"]
    assert [(change.old.key, change.new.key) for change in found.changed] == [("4", "3")]
    assert [(row.old, row.new) for row in found.changed[0].passages] == [("3", "5")]
    assert [entry.text for entry in found.added] == ["对多次造假的，列入名单，三年内不得参加测试。"]
    assert ("6", "6") not in [(old.key, new.key) for old, new in found.renumbered]


def test_a_clause_written_anew_under_its_number_is_one_gone_and_one_come() -> None:
    provision, clauses = MEASURES.provisions[1]
    found = difference(MEASURES._with(1, provision, (NEW, clauses[1])))
    assert [entry.key for entry in found.removed] == ["4"]
    assert [entry.key for entry in found.added] == ["4"]


def test_another_responsible_unit_is_a_change_without_passages() -> None:
    (change,) = difference(MEASURES.saying(1, 0, "省能源局", "省应急厅")).changed
    assert (change.units, change.passages) == (True, ())
    assert (change.old.names, change.new.names) == (("省能源局",), ("省应急厅",))


def test_a_clause_under_another_provision_is_changed() -> None:
    provision, clauses = MEASURES.provisions[1]
    moved = MEASURES._with(0, MEASURES.provisions[0][0], (*MEASURES.provisions[0][1], clauses[0]))._with(
        1, provision, clauses[1:]
    )
    (change,) = difference(moved).changed
    assert (change.old.under, change.new.under) == ("H2", "H1")


def test_passages_that_lie_close_are_one() -> None:
    assert [(row.old, row.new) for row in passages("甲乙丙丁戊己庚辛", "甲子丙丑戊己庚壬")] == [
        ("乙丙丁", "子丙丑"),
        ("辛", "壬"),
    ]
