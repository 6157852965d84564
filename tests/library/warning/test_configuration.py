"""Rule book and register come in as frames; what cannot be read changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kuangan.library.warning.rulebook import RULES, parse, shipped
from tests.library.warning.scene import CH4, MINE, OTHER, Scene, code, definition, moment


def book(**changes: Any) -> dict[str, Any]:
    return json.loads(shipped().model_dump_json()) | changes


def test_the_shipped_book_is_complete_and_round_trips() -> None:
    again = parse(shipped().model_dump_json())
    assert again.model_dump() == shipped().model_dump()
    assert all(again.rule_version(rule) >= 1 and again.clauses[rule] for rule in RULES)


def test_a_rule_book_frame_changes_the_limits_in_force(scene: Scene) -> None:
    statutory = [row | {"alarm": 0.6} for row in book()["statutory"]]
    scene.send(0, 0.7)
    assert scene.judge() == []
    scene.config("rulebook", book(version=7, statutory=statutory), 5)
    scene.send(10, 0.7)
    event = scene.only()
    assert (event.inputs["limit"], event.inputs["book_version"]) == (0.6, 7)


def test_shorter_clocks_run_from_the_moment_they_are_in_force(scene: Scene) -> None:
    rules = book()["rules"]
    rules["link.network_outage"]["minutes"] = {"blue": 1, "yellow": 10, "orange": 30, "red": 120}
    scene.send(0, 0.3)
    scene.judge(until=30)
    scene.config("rulebook", book(rules=rules), 31)
    assert scene.judge(until=59) == []
    assert scene.only(until=60).raised_at == moment(60)


def test_a_register_frame_gives_names_gas_grades_classes_and_aliases(scene: Scene) -> None:
    scene.config(
        "register",
        {
            "mines": {MINE: {"name": "登记一号煤矿", "gas_grade": "outburst"}},
            "aliases": {OTHER: MINE},
            "place_class": {CH4: "face_intake"},
        },
        0,
    )
    scene.send(1, 0.6)
    scene.send(2, {code(1, OTHER): 1.2}, mine=OTHER)
    first, second = scene.judge()
    assert (first.inputs["limit"], first.inputs["limit_source"]) == (0.5, "statutory_register")
    assert first.inputs["mine_name"] == "登记一号煤矿"
    assert (second.mine, second.subject) == (MINE, f"{MINE}:{code(1, OTHER)}")
    assert scene.sink.mines == {}


def test_a_mine_outside_the_register_is_handed_on_once_with_the_name_of_its_header(scene: Scene) -> None:
    scene.send(0, 0.3)
    scene.send(10, 0.3)
    scene.judge()
    assert scene.sink.mines == {MINE: "合成煤矿"}


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"- a: [b",
        b"\xff\xfe\x00",
        b"[]",
        b'{"version": 2}',
        json.dumps(book(default_limit={"methane": "high"})).encode(),
        json.dumps(book(places=[{"pattern": "(", "place": "coal_face"}])).encode(),
        json.dumps(book(places=[{"pattern": "x", "place": "moon"}])).encode(),
        json.dumps(book(type_names=[{"pattern": "*", "code": "0001"}])).encode(),
        json.dumps(book(ladders={})).encode(),
        json.dumps(book(rules={})).encode(),
    ],
)
def test_a_malformed_rule_book_is_left_out_and_judging_goes_on(scene: Scene, payload: bytes) -> None:
    scene.send(0, 0.3)
    scene.config("rulebook", payload, 1)
    scene.send(10, 1.2)
    assert scene.only().inputs["book_version"] == shipped().version


@pytest.mark.parametrize("rule", ["link.network_outage", "link.sensor_offline"])
def test_a_rule_without_clocks_is_malformed(rule: str) -> None:
    rules = book()["rules"]
    rules[rule]["minutes"] = {}
    with pytest.raises(ValueError, match=r"minutes|clocks"):
        parse(json.dumps(book(rules=rules)))


@pytest.mark.parametrize(
    "payload", [b"", b"nothing", b"[1]", b'{"mines": {"1": {}}}', b'{"upload_mode": {"a": "never"}}', b"\xff"]
)
def test_a_malformed_register_is_left_out(scene: Scene, payload: bytes) -> None:
    scene.config("register", {"mines": {MINE: {"name": "登记一号煤矿"}}}, 0)
    scene.config("register", payload, 1)
    scene.send(10, 1.2)
    assert scene.only().inputs["mine_name"] == "登记一号煤矿"


def test_an_unknown_configuration_changes_nothing(scene: Scene) -> None:
    scene.config("weather", {"rain": True}, 0)
    scene.send(10, 1.2)
    assert scene.only().status == "open"


def test_a_mine_cannot_write_the_points_of_another(scene: Scene) -> None:
    scene.send(0, 1.2)
    scene.send(5, {CH4: 0.1}, mine=OTHER)
    assert scene.only().status == "open"
    scene.send(10, {CH4: 3.5}, mine=OTHER)
    own, foreign = scene.judge()
    assert (own.subject, own.mine, own.grade) == (CH4, MINE, "blue")
    assert (foreign.subject, foreign.mine, foreign.grade) == (f"{OTHER}:{CH4}", OTHER, "red")


def test_a_mine_cannot_define_the_points_of_another(scene: Scene) -> None:
    scene.upload("CDDY", [definition(CH4, 0.3)], 0, mine=OTHER)
    scene.send(1, 0.5)
    assert scene.judge() == []


def test_two_mines_that_send_the_same_code_in_one_batch_are_kept_apart(scene: Scene) -> None:
    for at in range(0, 60, 10):
        scene.send(at, {CH4: 0.2})
        scene.send(at + 1, {CH4: 1.1}, mine=OTHER)
    assert [(e.subject, e.onset) for e in scene.judge()] == [(f"{OTHER}:{CH4}", moment(1))]


def test_a_register_with_another_visit_alone_leaves_points_and_limits_as_they_are(scene: Scene) -> None:
    register: dict[str, Any] = {"mines": {MINE: {"name": "登记一号煤矿"}}, "place_class": {CH4: "face_intake"}}
    scene.config("register", register, 0)
    scene.send(1, 0.4)
    scene.judge(until=5)
    state = scene.pipeline.state
    before = state.layout
    visit = {"mine": MINE, "from": moment(3), "to": moment(3600)}
    scene.config("register", register | {"inspections": [visit]}, 6)
    scene.judge(until=8)
    assert [each.start for each in state.register.inspections] == [moment(3)]
    assert state.layout == before
    scene.config("register", register | {"place_class": {}}, 9)
    scene.judge(until=10)
    assert state.layout > before
