"""A document that cannot be used says where: file, node, field, reason."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from kuangan.library.policy.load import FOLDER, OTHERS, Broken, load_document, load_library

THIRD = """
document: {id: SX99, number: 晋测发〔2026〕7号, title: 试验, issuer: 测试办, issued: 2026-03-05}
parts: [{id: P1, title: 第一部分}]
nodes:
  - id: SX99-H1
    part: P1
    title: 按时测试
    summary: 每月测试一次。
    kinds: [duty]
    binds: [mine]
    mine_kinds: [coal]
    our_authorities: [emergency]
    lasts: standing
    room: hazards
  - id: SX99-1
    part: P1
    under: SX99-H1
    title: 按时测试
    summary: 每月测试一次，2026年底前上报。
    kinds: [duty]
    binds: [mine]
    mine_kinds: [coal]
    authorities: [test_office]
    deadlines: [{on: 2026-12-31, what: 上报, said: 2026年底前}, {yearly: "12-10", from: 2026, until: 2028, what: 总结, said: 每年}]
    thresholds: [{name: tests_per_month, op: ">=", value: 1, unit: count, what: 要求：每月测试, said: 每月}]
    on_breach: [{measure: points, what: 记分, signs: department_head, mine_kinds: [coal]}]
    statutes: [{id: test_act, conf: M}]
    lasts: standing
    room: hazards
    same_as: [SX34-14]
authorities: [{id: test_office, name: 测试办, full_name: 测试委员会办公室, spellings: [测试办], kind: committee, conf: M}]
statutes: [{id: test_act, name: 测试法, about: 测试, conf: M}]
"""
Edit = Callable[[str], str]


def written(folder: Path, edit: Edit = lambda text: text) -> Path:
    path = folder / "third.yaml"
    path.write_text(edit(THIRD), encoding="utf-8")
    return path


def faults(path: Path) -> tuple[str, ...]:
    with pytest.raises(Broken) as broken:
        load_document(path)
    return broken.value.faults


def replaced(old: str, new: str) -> Edit:
    assert old in THIRD
    return lambda text: text.replace(old, new, 1)


def test_a_third_document_is_one_file(tmp_path: Path) -> None:
    written(tmp_path)
    library = load_library(FOLDER, tmp_path)
    node = library.nodes["SX99-1"]
    assert (node.document, node.key, node.series, node.owners) == ("SX99", "1", "clause", ("test_office",))
    assert library.authorities["test_office"].name == "测试办"
    assert [str(day) for day in node.deadlines[1].days(2027)] == ["2026-12-10", "2027-12-10"]
    assert library.kinds_of(node, "points") == ("coal",)
    assert library.by_number("晋测发〔2026〕 7 号") is library.documents["SX99"]


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (replaced('op: ">="', 'op: "=>"'), "SX99-1: thresholds.0.op"),
        (replaced("kinds: [duty]", "kinds: [wish]"), "SX99-H1: kinds.0"),
        (replaced("title: 按时测试", f"title: {'长' * 25}"), "SX99-H1: title"),
        (replaced("room: hazards", "room: hazards\n    colour: red"), "SX99-H1: colour"),
        (replaced("on: 2026-12-31, ", 'on: 2026-12-31, yearly: "12-31", '), "SX99-1: deadlines.0"),
        (replaced('"12-10"', '"13-10"'), "SX99-1: deadlines.1.yearly"),
        (replaced("id: SX99-1\n", "id: SX99-X1\n"), "SX99-X1: id"),
        (replaced("id: SX99-1\n", "id: SX99-H1\n"), "SX99-H1: id: stands 2 times"),
        (replaced("under: SX99-H1", "under: SX99-H2"), "SX99-1: under: no hard measure SX99-H2"),
        (replaced("part: P1\n    under", "part: P2\n    under"), "SX99-1: part: no part P2"),
        (replaced("our_authorities: [emergency]", "our_authorities: []"), "SX99-H1: our_authorities: neither"),
        (replaced("issued: 2026-03-05", "issued: soon"), "document.issued"),
        (replaced("nodes:", "nodes: ["), "third.yaml: "),
    ],
)
def test_a_fault_names_file_node_and_field(tmp_path: Path, edit: Edit, fault: str) -> None:
    found = faults(written(tmp_path, edit))
    assert all(row.startswith("third.yaml: ") for row in found)
    assert any(fault in row for row in found), found


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (replaced("our_authorities: [emergency]", "our_authorities: [moon]"), "SX99-H1: our_authorities: no moon"),
        (replaced("measure: points", "measure: applause"), "SX99-1: on_breach: no applause"),
        (replaced("signs: department_head", "signs: nobody"), "SX99-1: on_breach.signs: no nobody"),
        (
            replaced("what: 记分, signs: department_head, mine_kinds: [coal]", "what: 记分, mine_kinds: [tailings]"),
            "points is not for tailings",
        ),
        (
            replaced("id: test_act, conf: M}]\n    lasts", "id: lost_act, conf: M}]\n    lasts"),
            "SX99-1: statutes: no lost_act",
        ),
        (replaced("same_as: [SX34-14]", "same_as: [SX34-99]"), "SX99-1: same_as: no SX34-99"),
        (replaced("same_as: [SX34-14]", "readings: [slope]"), "SX99-1: readings: slope does not name it"),
        (replaced("{id: test_act, name", "{id: reg774_70, name"), "statutes: reg774_70: stands 2 times"),
    ],
)
def test_what_a_document_points_to_must_be_there(tmp_path: Path, edit: Edit, fault: str) -> None:
    written(tmp_path, edit)
    with pytest.raises(Broken) as broken:
        load_library(FOLDER, tmp_path)
    assert any(fault in row for row in broken.value.faults), broken.value.faults


def test_every_fault_of_a_table_is_told_at_once(tmp_path: Path) -> None:
    for name in (*OTHERS, "sx34", "sx36"):
        shutil.copy(FOLDER / f"{name}.yaml", tmp_path)
    content = yaml.safe_load((tmp_path / "measures.yaml").read_text(encoding="utf-8"))
    content["measures"][0] |= {"nature": "unheard", "prior": ["nothing"], "signs": ["nobody"]}
    (tmp_path / "measures.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(Broken) as broken:
        load_library(tmp_path)
    name = content["measures"][0]["id"]
    assert set(broken.value.faults) == {
        *(
            f"measures: {name}: nature: no unheard",
            f"measures: {name}: signs: no nobody",
            f"measures: {name}: prior: no nothing",
        )
    }


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert faults(tmp_path / "none.yaml")[0].startswith("none.yaml: ")
