"""The form of a mine: made from the clauses that bind it; what the register cannot say is asked, never left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuangan.base.registry.models import MineKind
from kuangan.domains.selfcheck.editions import changed, fingerprint
from kuangan.domains.selfcheck.form import POLICY_KIND, asked_nodes, because, items_for, of_round
from kuangan.domains.selfcheck.kinds import APPLYING, FILE, ROUND_KINDS, load_applying, load_rounds
from kuangan.library.policy import shipped

LIBRARY = shipped()
SX34 = asked_nodes(LIBRARY, ["SX34"])
GAS = {"gas_grade": ["low", "high", "outburst", None], "state": ["producing", "stopped", None]}


def asked(kind: str, **facts: object) -> dict[str, str]:
    return {item.node: item.why for item in items_for(SX34, kind, facts)}


def test_every_item_is_a_clause_that_binds_mines_of_this_kind() -> None:
    for kind in MineKind.values:
        items = asked(kind, gas_grade="high", state="producing")
        assert len(items) > 20
        for node in items:
            assert "mine" in LIBRARY.nodes[node].binds
            assert POLICY_KIND[kind] in LIBRARY.nodes[node].mine_kinds


def test_every_clause_that_binds_mines_is_an_item_or_has_a_reason_why_not() -> None:
    said = {node.id for node in SX34} | set(APPLYING.not_asked)
    for node in LIBRARY.of("SX34") if hasattr(LIBRARY, "of") else LIBRARY.documents["SX34"].nodes:
        if "mine" not in node.binds or node.id in said:
            continue
        assert (node.series == "hard_measure" and not node.duty_in_heading) or set(node.kinds) == {"sanction"}, node.id


def test_tables_name_only_places_that_exist_and_bind_mines() -> None:
    for node in {*APPLYING.not_asked, *APPLYING.asked, *(n for kind in ROUND_KINDS.values() for n in kind.nodes)}:
        assert "mine" in LIBRARY.nodes[node].binds, node
    for kind in ROUND_KINDS.values():
        assert kind.clause in LIBRARY.nodes
        assert set(kind.documents) <= set(LIBRARY.documents)
        assert {node.id for node in of_round(LIBRARY, kind)} >= set(kind.nodes)


def test_stages_of_the_health_check_are_the_dates_of_the_text() -> None:
    said = {day for deadline in LIBRARY.nodes["SX36-24"].deadlines for day in deadline.days(2026)}
    assert {stage.on for stage in ROUND_KINDS["health"].stages} == said


def test_an_outburst_mine_is_asked_about_outburst_and_a_low_gas_mine_is_not() -> None:
    assert "SX34-39" in asked("underground_coal", gas_grade="outburst")
    assert "SX34-39" not in asked("underground_coal", gas_grade="low")
    assert "SX34-39" not in asked("tailings_pond", gas_grade="outburst")
    assert "低瓦斯" not in because("SX34-39", {"gas_grade": "outburst"})


def test_what_the_register_does_not_say_is_asked() -> None:
    assert "瓦斯等级未登记" in asked("underground_coal")["SX34-39"]
    assert asked("underground_coal", gas_grade="outburst")["SX34-39"] == ""
    assert "死亡事故" in asked("underground_coal")["SX34-71"]


@given(st.sampled_from(MineKind.values), st.sampled_from(GAS["gas_grade"]), st.sampled_from(GAS["state"]))
def test_knowing_more_never_adds_an_item(kind: str, gas: str | None, state: str | None) -> None:
    assert set(asked(kind, gas_grade=gas, state=state)) <= set(asked(kind))


def test_slopes_are_asked_of_open_pits_alone_and_cards_of_people_below_ground() -> None:
    assert "SX34-45" in asked("open_pit_coal")
    assert "SX34-45" not in asked("underground_coal")
    assert "SX34-69" in asked("underground_noncoal")
    assert "SX34-69" not in asked("open_pit_coal")


def test_a_clause_reads_otherwise_when_its_words_or_its_official_text_do() -> None:
    node = LIBRARY.nodes["SX34-15"]
    same = fingerprint(node)
    assert fingerprint(node.model_copy(update={"room": "hazards"})) == same
    assert fingerprint(node.model_copy(update={"summary": "示例"})) != same
    assert fingerprint(node, "示例原文") != same


def test_editions_differ_by_what_came_changed_and_went() -> None:
    assert changed({"a": "1", "b": "1", "c": "1"}, {"b": "2", "c": "1", "d": "1"}) == (["d"], ["b"], ["a"])


def test_data_files_refuse_what_they_do_not_know() -> None:
    folder = Path(__file__).parents[1]
    text = (folder / "rounds.yaml").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="filled_by"):
        load_rounds(text.replace("filled_by: mine", "filled_by: anybody"))
    with pytest.raises(ValueError, match="kinds"):
        load_applying((folder / "applying.yaml").read_text(encoding="utf-8").replace("[tailings_pond]", "[pond]"))
    assert FILE.largest_mb < 64
