"""What is shipped is whole, points to nothing that is missing, and says what the manual says it says."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from pydantic import BaseModel

from kuangan.library.policy import schema, tables
from kuangan.library.policy.load import shipped

MANUAL: Final = Path(__file__).parents[3] / "docs" / "developers" / "policy.md"
SERIES: Final = {
    "SX34": {"clause": 80, "hard_measure": 43},
    "SX36": {"clause": 32, "target": 9, "organisation": 1, "safeguard": 6, "notice": 1},
}


@pytest.mark.parametrize("document", SERIES)
def test_every_place_of_a_document_has_its_node(document: str) -> None:
    nodes = shipped().documents[document].nodes
    assert Counter(node.series for node in nodes) == SERIES[document]
    for series, count in SERIES[document].items():
        numbers = sorted(
            int(node.key.lstrip("HTG") or 0) for node in nodes if node.series == series and node.key not in "ON"
        )
        assert numbers == list(range(1, count + 1)) or count == 1


def test_every_place_has_an_owner_and_says_whether_the_text_names_it() -> None:
    nodes = shipped().nodes.values()
    assert all(node.owners for node in nodes)
    assert all(node.authorities for node in nodes if node.document == "SX34" and node.series == "clause")
    assert all(node.owner_is_ours for node in nodes if node.document == "SX36" and node.series == "clause")


def test_every_target_has_words_by_which_its_passage_is_found() -> None:
    targets = shipped().documents["SX36"].of("target")
    anchors = [anchor for node in targets for anchor in node.anchors]
    assert all(node.anchors for node in targets)
    assert len(anchors) == len(set(anchors))


def test_no_deadline_of_a_campaign_lies_behind_its_end() -> None:
    for document in shipped().documents.values():
        end = document.document.campaign_until or date.max
        late = [
            (node.id, day)
            for node in document.nodes
            if node.lasts == "campaign"
            for row in node.deadlines
            for day in row.days(min(end.year, 2030))
            if not document.document.issued.replace(month=1, day=1) <= day <= end
        ]
        assert late == []


def test_a_measure_is_proposed_only_for_kinds_of_mine_that_its_law_covers() -> None:
    library = shipped()
    assert library.measures["points"].mine_kinds == ("coal",)
    for node in library.nodes.values():
        for row in node.on_breach:
            assert set(library.kinds_of(node, row.measure)) <= set(library.measures[row.measure].mine_kinds)
    assert library.kinds_of(library.nodes["SX36-7"], "request_closure") == (
        "coal",
        "underground",
        "open_pit",
        "tailings",
    )


def test_a_stop_as_a_penalty_has_its_chain_and_a_hearing() -> None:
    stop = shipped().measures["stop_rectify"]
    assert stop.hearing
    assert {"legal_review", "notice_given", "hearing_offered", "collective_decision"} <= set(stop.prior)
    assert not shipped().measures["withdraw_stop"].hearing


def test_related_places_know_of_each_other() -> None:
    library = shipped()
    for node in library.nodes.values():
        assert all(node in library.related(other) for other in library.related(node)), node.id


def test_an_act_counts_between_its_dates() -> None:
    acts = shipped().statutes
    assert not acts["reg774_70"].in_force(date(2024, 4, 30))
    assert acts["reg774_70"].in_force(date(2024, 5, 1))
    assert acts["reg446_10"].in_force(date(2024, 4, 30))
    assert not acts["reg446_10"].in_force(date(2024, 5, 1))


def test_texts_that_are_not_loaded_are_known_of_the_places_that_rest_on_them() -> None:
    library = shipped()
    assert "points_table" in {text.id for text in library.lacking(library.nodes["SX34-27"])}
    assert library.lacking(library.nodes["SX36-G5"]) == ()


@pytest.mark.parametrize("model", [schema.Head, schema.Node, schema.Deadline, schema.Threshold, schema.Consequence])
def test_every_field_of_a_document_is_in_the_manual(model: type[BaseModel]) -> None:
    text = MANUAL.read_text(encoding="utf-8")
    assert [name for name, field in model.model_fields.items() if (field.alias or name) not in text] == []


@pytest.mark.parametrize("model", [tables.Authority, tables.Measure, tables.Statute, tables.Reading, tables.NotLoaded])
def test_every_row_says_how_sure_it_is(model: type[BaseModel]) -> None:
    assert "conf" in model.model_fields


def test_related_places_stand_on_both_sides() -> None:
    nodes = shipped().nodes
    one_way = [
        (node.id, other) for node in nodes.values() for other in node.same_as if node.id not in nodes[other].same_as
    ]
    assert one_way == []
    assert all(len(node.same_as) == len(set(node.same_as)) and node.id not in node.same_as for node in nodes.values())
    assert "SX36-26" in nodes["SX34-H2"].same_as
    assert "SX34-H2" in nodes["SX36-26"].same_as
    assert {node.id: node.same_as for document in shipped().documents.values() for node in document.nodes} == {
        node.id: node.same_as for node in nodes.values()
    }


def test_what_is_asked_names_places_and_who_answers() -> None:
    library = shipped()
    assert all(set(row.nodes) <= set(library.nodes) for row in library.baselines.values())
    assert all(row.changed_by in library.changers for row in library.baselines.values())
