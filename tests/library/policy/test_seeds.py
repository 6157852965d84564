"""The two official texts, read as they were published."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from kuangan.library.policy.compare import compare
from kuangan.library.policy.grammar import cleaned, grammar
from kuangan.library.policy.load import shipped
from kuangan.library.policy.parse import Entry, Tree, parse

SEEDS: Final = Path(__file__).parents[4] / "shared" / "seeds"
FILES: Final = {"SX34": "000_2b9955074da7c7f1.txt", "SX36": "002_84133fc7cb3bc150.txt"}
UNITS: Final = {
    "各矿山企业",
    "省应急厅",
    "国家矿山安监局山西局",
    "省安委会有关成员单位",
    "各市人民政府",
    "省自然资源厅",
    "省能源局",
    "各露天矿山",
    "省消防救援总队",
    "各煤矿企业",
}
DATE: Final = re.compile(r"20\d\d年(?:\d{1,2}月)?(?:底前?|\d{1,2}日)|\d{1,2}月\d{1,2}日前")
OF_PAPERS: Final = re.compile(r"《[^》]*》|〔\d{4}〕")

pytestmark = pytest.mark.shared


@cache
def text(document: str) -> str:
    return (SEEDS / FILES[document]).read_text(encoding="utf-8")


@cache
def tree(document: str) -> Tree:
    return parse(text(document), shipped())


def entries(document: str) -> dict[str, Entry]:
    return {entry.key: entry for entry in tree(document).entries}


def test_every_place_of_the_measures_is_found() -> None:
    found = tree("SX34")
    assert found.document == "SX34"
    assert [entry.number for entry in found.of("clause")] == list(range(1, 81))
    assert [entry.number for entry in found.of("hard_measure")] == list(range(1, 44))
    assert (found.of("safeguard"), found.unplaced) == ((), ())
    assert len(found.of("section")) == 9
    assert found.pages == 1


def test_every_responsible_unit_of_the_measures_is_known() -> None:
    found = tree("SX34")
    assert {name for entry in found.entries for name in entry.names} == UNITS
    assert len(found.units) == len(UNITS)
    kinds = {unit.id: unit.kind for unit in shipped().authorities.values()}
    departments = ("department", "departments", "bureau")
    assert all(entry.units for entry in found.of("clause"))
    assert [
        entry.key for entry in found.of("clause") if not any(kinds[unit] in departments for unit in entry.units)
    ] == [*("1", "12", "16", "78")]


def test_clauses_stand_under_the_provisions_that_the_data_say() -> None:
    found, nodes = entries("SX34"), shipped().documents["SX34"].nodes
    for node in nodes:
        if node.series == "clause":
            under = found[node.key].under or ""
            assert node.under == (f"SX34-{under}" if under.startswith("H") else None), node.id


def test_every_place_of_the_action_is_found() -> None:
    found = tree("SX36")
    assert found.document == "SX36"
    assert [entry.number for entry in found.of("clause")] == list(range(1, 33))
    assert [entry.key for entry in found.of("safeguard")] == ["G1", "G2", "G3", "G4", "G5", "G6"]
    assert [entry.key for entry in found.of("target")] == [f"T{number}" for number in range(1, 10)]
    assert len(found.of("area")) == 9
    assert (len(found.of("organisation")), len(found.of("notice"))) == (1, 1)
    assert (found.of("hard_measure"), found.units, found.unplaced) == ((), (), ())


@pytest.mark.parametrize("document", FILES)
def test_text_and_data_have_the_same_places(document: str) -> None:
    nodes = shipped().documents[document].nodes
    series = {node.series for node in nodes}
    assert {node.key for node in nodes} == {entry.key for entry in tree(document).entries if entry.place in series}


@pytest.mark.parametrize("document", FILES)
def test_text_and_data_name_the_same_units(document: str) -> None:
    found = entries(document)
    assert not [
        node.id
        for node in shipped().documents[document].nodes
        if found[node.key].units and found[node.key].units != node.authorities
    ]


def around(document: str, key: str) -> str:
    """The text in which a node's words may stand: its own, for a target the whole paragraph."""
    found = entries(document)
    if found[key].place == "target":
        return "".join(entry.text for entry in tree(document).entries if entry.place == "target" or entry.key == "P1")
    return found[key].text


@pytest.mark.parametrize("document", FILES)
def test_what_the_text_is_said_to_say_stands_there(document: str) -> None:
    wrong = [
        (node.id, row.said)
        for node in shipped().documents[document].nodes
        for row in (*node.deadlines, *node.thresholds)
        if cleaned(row.said, grammar()).text not in around(document, node.key)
    ]
    assert wrong == []


@pytest.mark.parametrize("document", FILES)
def test_every_date_of_the_text_is_a_deadline(document: str) -> None:
    missing = []
    for node in shipped().documents[document].nodes:
        words = OF_PAPERS.sub("", entries(document)[node.key].text)
        if node.series == "notice":
            words = words.rpartition("。")[0]
        said = [cleaned(row.said, grammar()).text for row in (*node.deadlines, *node.thresholds)]
        missing += [
            (node.id, date) for date in DATE.findall(words) if not any(date in one or one in date for one in said)
        ]
    assert missing == []


@pytest.mark.parametrize("document", FILES)
@pytest.mark.parametrize("width", [7, 23, 61])
def test_the_texts_read_the_same_however_they_are_broken(document: str, width: int) -> None:
    whole = "".join(text(document).split())
    broken = "\n".join(whole[at : at + width] for at in range(0, len(whole), width))
    assert compare(tree(document), parse(broken, shipped())).same


def test_a_changed_copy_gives_exactly_its_changes() -> None:
    copy = "".join(text("SX34").split())
    begin, end = copy.index("16.各矿山企业"), copy.index("17.要聚焦")
    copy = copy[:begin] + copy[end:]
    clause = copy.index("48.")
    copy = copy[:clause] + copy[clause:].replace("72学时", "80学时", 1)
    closing = copy.index("（此件公开发布）")
    copy = f"{copy[:closing]}81.每半年复查一次。（责任单位：省应急厅）{copy[closing:]}"
    found = compare(tree("SX34"), parse(copy, shipped()))
    assert [entry.key for entry in found.removed] == ["16"]
    assert [(entry.key, entry.text) for entry in found.added] == [("81", "每半年复查一次。")]
    assert [(change.new.key, [(row.old, row.new) for row in change.passages]) for change in found.changed] == [
        ("48", [("72", "80")])
    ]
    assert found.renumbered == ()
