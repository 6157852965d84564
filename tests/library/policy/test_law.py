"""What the documents have follow keeps to the legal frame: kinds of mine, hearings, who decides, dates of acts."""

from __future__ import annotations

import datetime
import re

import pytest

from kuangan.library.policy.load import shipped
from kuangan.library.policy.schema import Consequence, Node
from kuangan.library.policy.tables import Measure

LIBRARY = shipped()
MEASURES = LIBRARY.documents["SX34"].nodes
CHAIN = (
    "filed",
    "investigated",
    "legal_review",
    "notice_given",
    "defence_heard",
    "hearing_offered",
    "collective_decision",
    "served",
)


def consequences() -> list[tuple[Node, Consequence, Measure]]:
    return [(node, row, LIBRARY.measures[row.measure]) for node in LIBRARY.nodes.values() for row in node.on_breach]


def test_the_document_has_eighty_measures_for_forty_three_hard_ones_in_nine_parts() -> None:
    document = LIBRARY.documents["SX34"]
    assert (len(document.of("clause")), len(document.of("hard_measure")), len(document.parts)) == (80, 43, 9)
    assert [node.key for node in document.of("clause") if node.under is None] == ["78", "79", "80"]
    assert {node.under for node in document.of("clause")} - {None} == {node.id for node in document.of("hard_measure")}


def test_ten_names_answer_for_the_eighty_measures() -> None:
    named = {name for node in MEASURES for name in node.authorities}
    assert named == {unit.id for unit in LIBRARY.authorities.values() if "SX34" in unit.named_in}
    assert len(named) == 10


def test_four_measures_name_no_department() -> None:
    offices = {unit.id for unit in LIBRARY.authorities.values() if unit.kind in ("department", "departments", "bureau")}
    assert [node.key for node in MEASURES if node.authorities and not offices & set(node.authorities)] == [
        "1",
        "12",
        "16",
        "78",
    ]


def test_a_heading_that_adds_a_duty_says_so() -> None:
    adds = re.compile("只在标题|只由标题|标题约束")
    assert [node.id for node in MEASURES if node.duty_in_heading != bool(adds.search(node.summary))] == []


def test_stop_and_rectify_has_its_whole_chain_and_a_hearing() -> None:
    stop = LIBRARY.measures["stop_rectify"]
    assert stop.prior == CHAIN
    assert stop.nature == "penalty" and stop.hearing and stop.follows == ("revoke_permit",)


def test_whoever_is_punished_is_told_before_and_heard() -> None:
    assert not [
        row.id
        for row in LIBRARY.measures.values()
        if row.nature == "penalty"
        and not ({"notice_given", "defence_heard", "hearing_offered"} <= set(row.prior) and row.hearing)
    ]


def test_a_measure_on_the_spot_needs_no_hearing_and_no_case() -> None:
    on_the_spot = [row for row in LIBRARY.measures.values() if row.nature == "on_site"]
    assert {"withdraw_stop", "stop_temporarily", "stop_area"} <= {row.id for row in on_the_spot}
    assert not [row.id for row in on_the_spot if row.hearing or "filed" in row.prior]


def test_power_goes_only_after_people_are_out_and_with_fans_and_pumps_kept() -> None:
    assert LIBRARY.measures["limit_power"].prior == (
        "stop_refused",
        "real_danger",
        "people_out",
        "safe_circuits_kept",
        "head_approved",
        "notice_24h",
        "served",
    )


def test_a_name_is_listed_only_after_the_penalty_is_final() -> None:
    for name in ("dishonesty_list", "joint_measures", "expose", "clear_out"):
        assert LIBRARY.measures[name].prior[0] == "penalty_final", name


@pytest.mark.parametrize("name", ["points", "as_accident", "assess_gas", "intelligent_upgrade", "stop_area"])
def test_what_only_coal_law_knows_is_for_coal_mines(name: str) -> None:
    assert LIBRARY.measures[name].mine_kinds == ("coal",)


def test_every_kind_of_mine_of_a_measure_has_its_own_acts() -> None:
    assert not [row.id for row in LIBRARY.measures.values() if row.bases and set(row.bases) != set(row.mine_kinds)]


def test_acts_of_coal_are_no_basis_for_other_mines() -> None:
    wrong = [
        (row.id, kind, act)
        for row in LIBRARY.measures.values()
        for kind, acts in row.bases.items()
        for act in acts
        if LIBRARY.statutes[act].mine_kinds and kind not in LIBRARY.statutes[act].mine_kinds
    ]
    assert wrong == []


def test_twice_in_three_months_closes_coal_mines_only() -> None:
    rows = [
        row
        for node, row, _ in consequences()
        if node.document == "SX34" and row.measure == "request_closure" and "3个月" in row.what
    ]
    assert rows and all(row.mine_kinds == ("coal",) for row in rows)


def test_a_consequence_is_proposed_only_where_the_measure_may_be_used() -> None:
    wrong = [
        (node.id, row.measure) for node, row, rule in consequences() if not set(row.mine_kinds) <= set(rule.mine_kinds)
    ]
    assert wrong == []


def test_a_consequence_does_not_reach_beyond_the_mines_that_its_node_binds() -> None:
    wrong = [
        (node.id, row.measure)
        for node, row, _ in consequences()
        if node.document == "SX34" and node.mine_kinds and not set(row.mine_kinds) <= set(node.mine_kinds)
    ]
    assert wrong == []


def test_who_signs_a_consequence_may_sign_or_decide_that_measure() -> None:
    wrong = [
        (node.id, row.measure, row.signs)
        for node, row, rule in consequences()
        if node.document == "SX34" and row.signs not in (*rule.signs, rule.decides)
    ]
    assert wrong == []


def test_nobody_is_dismissed_by_an_inspector() -> None:
    assert LIBRARY.measures["advise_post"].decides == "appointing_body"
    assert LIBRARY.measures["advise_post"].nature == "proposal"
    assert not [
        node.id
        for node, row, _ in consequences()
        if re.search("辞职|免职|撤职|调离", row.what) and row.measure != "advise_post"
    ]


def test_mines_are_bound_exactly_where_their_kinds_are_named() -> None:
    assert [node.id for node in MEASURES if bool(node.mine_kinds) != ("mine" in node.binds)] == []


def test_the_old_coal_rules_end_the_day_before_the_new_ones_begin() -> None:
    old, new = LIBRARY.statutes["reg446_10"], LIBRARY.statutes["reg774_64"]
    assert (old.until, new.first) == (datetime.date(2024, 4, 30), datetime.date(2024, 5, 1))
    for day in (datetime.date(2024, 4, 30), datetime.date(2024, 5, 1), datetime.date(2026, 11, 23)):
        assert old.in_force(day) != new.in_force(day), day


@pytest.mark.parametrize("name", ["stop_rectify", "fine", "request_closure"])
def test_a_deed_before_may_2024_finds_an_act_in_force(name: str) -> None:
    acts = [LIBRARY.statutes[act] for act in LIBRARY.measures[name].bases["coal"]]
    special = [act.id for act in acts if act.mine_kinds == ("coal",) and act.in_force(datetime.date(2024, 3, 1))]
    assert special == ["reg446_10"]


def test_a_date_of_which_the_day_is_unknown_is_marked() -> None:
    unknown = {act.id for act in LIBRARY.statutes.values() if act.dated}
    assert {"special_sx", "restore_sx", "restart_sx", "inspection_rules"} <= unknown
    assert not [act.id for act in LIBRARY.statutes.values() if act.dated and act.first and act.first.day != 1]


def test_every_reading_says_what_else_might_be_meant_and_who_may_change_it() -> None:
    closed = {row.id for row in LIBRARY.readings.values() if not row.alternatives}
    assert closed == {"overhead_ponds", "admission_90"}
    assert all(LIBRARY.changers[row.changed_by].two_persons for row in LIBRARY.readings.values())


def test_what_the_text_leaves_open_is_not_filled_in() -> None:
    assert LIBRARY.readings["base_year"].settings == {"base_year": None}
    assert LIBRARY.readings["no_date_given"].settings == {"due": None}


def test_texts_that_are_missing_name_the_places_that_wait_for_them() -> None:
    assert not [row.id for row in LIBRARY.not_loaded.values() if not row.nodes or not row.until_then]


def test_inclusive_and_strict_words_have_their_signs() -> None:
    wrong = [
        (node.id, row.said, row.op)
        for node in LIBRARY.nodes.values()
        for row in node.thresholds
        if ("以上" in row.said and row.op not in (">=", "<="))
        or (re.match("超过|高于|大于", row.said) and row.op != ">")
        or (re.match("低于", row.said) and row.op != "<")
    ]
    assert wrong == []
