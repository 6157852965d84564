"""Which limit is judged at a point: the lower of statutory row and own limit, and where the row comes from."""

from __future__ import annotations

import math

import pytest

from kuangan.library.warning.limits import Limit, choose, type_by_name, type_in_code
from kuangan.library.warning.places import PLACE_CLASSES
from kuangan.library.warning.rulebook import shipped
from tests.library.warning.scene import CH4, FAN, MINE, Scene, code, definition

NONE = math.nan


def limit(
    location: str = "",
    *,
    own: float = NONE,
    register_place: str | None = None,
    gas_grade: str | None = None,
    sensor_type: str = "0043",
    value_type: str = "MN",
) -> Limit:
    return choose(
        shipped(),
        sensor_type=sensor_type,
        value_type=value_type,
        location=location,
        own=own,
        register_place=register_place,
        gas_grade=gas_grade,
    )


def test_the_place_class_of_the_register_goes_before_the_location_text() -> None:
    found = limit("总回风巷", register_place="coal_bunker")
    assert (found.value, found.source, found.row) == (1.5, "statutory_register", "S-13")


def test_without_a_class_in_the_register_the_location_text_decides() -> None:
    found = limit("一采区总回风巷瓦斯")
    assert (found.value, found.source, found.place, found.article) == (
        0.75,
        "statutory_location",
        "main_return",
        "规程171条",
    )


@pytest.mark.parametrize(
    ("own", "value", "source", "notes"),
    [
        (0.8, 0.8, "own", ()),
        (1.0, 1.0, "statutory_location", ()),
        (1.5, 1.0, "statutory_location", ("own_limit_above_statutory",)),
        (NONE, 1.0, "statutory_location", ()),
        (0.0, 1.0, "statutory_location", ()),
    ],
)
def test_the_lower_of_row_and_own_limit_is_judged(
    own: float, value: float, source: str, notes: tuple[str, ...]
) -> None:
    found = limit("1102综采工作面上隅角T0", own=own)
    assert (found.value, found.source, found.notes) == (value, source, notes)
    assert found.statutory == 1.0


def test_without_a_row_the_own_limit_is_judged_whatever_its_height() -> None:
    found = limit("地面某处", own=2.5)
    assert (found.value, found.source, found.row) == (2.5, "own", "")


def test_without_row_and_own_limit_methane_is_judged_at_our_default() -> None:
    found = limit("地面某处")
    assert (found.value, found.source, found.confidence) == (1.0, "system_default", "I")


@pytest.mark.parametrize(
    ("grade", "value", "source"),
    [("outburst", 0.5, "statutory_location"), ("low", 1.0, "system_default"), (None, 1.0, "system_default")],
)
def test_the_intake_row_binds_outburst_mines_only(grade: str | None, value: float, source: str) -> None:
    found = limit("1102综采工作面进风巷T3", gas_grade=grade)
    assert (found.place, found.value, found.source) == ("face_intake", value, source)


def test_carbon_monoxide_has_one_limit_everywhere() -> None:
    for location in ("1102综采工作面回风巷CO", "机电硐室"):
        found = limit(location, sensor_type="0004")
        assert (found.value, found.row, found.quantity, found.step) == (24, "S-16", "carbon_monoxide", 1)
    assert limit("", sensor_type="0004", own=20).value == 20


@pytest.mark.parametrize("value_type", ["KG", "LJ", "DT"])
def test_switches_and_counters_are_not_judged(value_type: str) -> None:
    found = limit("1102综采工作面T1", value_type=value_type, own=1.0)
    assert math.isnan(found.value)
    assert found.source == "none"


def test_other_quantities_without_an_own_limit_are_not_judged() -> None:
    assert math.isnan(limit("回风巷风速", sensor_type="0002").value)
    assert limit("回风巷风速", sensor_type="0002", own=4).value == 4


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("1102综采工作面T1", "coal_face"),
        ("1102综采工作面上隅角T0", "return_corner"),
        ("1102综采工作面回风巷T2", "face_return"),
        ("1102综采工作面回风巷中部瓦斯", "face_return_middle"),
        ("1102综采工作面进风巷T3", "face_intake"),
        ("被串采煤工作面进风巷", "series_intake"),
        ("1102综采工作面采煤机瓦斯", "shearer"),
        ("2103掘进工作面T1", "heading_face"),
        ("2103掘进工作面回风流T2", "heading_return"),
        ("一采区回风巷", "district_return"),
        ("东一翼回风巷", "main_return"),
        ("架线电机车装煤点", "trolley_loading"),
        ("煤仓上方", "coal_bunker"),
        ("地面瓦斯抽采泵房", "surface_pump_room"),
        ("井下临时抽采泵站下风侧栅栏外", "underground_pump_downwind"),
        ("中央变电所", "other"),
    ],
)
def test_the_pattern_table_names_the_class_of_a_location(location: str, place: str) -> None:
    assert shipped().place_of(location) == place


def test_every_class_with_a_row_and_every_pattern_is_a_class_of_the_register() -> None:
    book = shipped()
    assert {row.place for row in book.statutory} - {"any"} <= set(PLACE_CLASSES)
    assert {row.place for row in book.places} <= set(PLACE_CLASSES)


def test_the_type_of_a_point_is_read_from_its_code_or_its_name() -> None:
    assert type_in_code(CH4) == ("MN", "0043")
    assert type_in_code(FAN) == ("KG", "1001")
    assert type_in_code("whatever") == ("", "")
    book = shipped()
    assert [type_by_name(book, name) for name in ("环境瓦斯", "管道瓦斯", "一氧化碳", "风速")] == [
        "0001",
        "0022",
        "0004",
        "",
    ]


def test_a_point_of_unreadable_code_is_judged_by_the_name_of_its_type(scene: Scene) -> None:
    strange = f"{MINE}XX77"
    scene.send(0, {strange: 1.2})
    event = scene.only()
    assert (event.subject, event.inputs["quantity"]) == (strange, "methane")


def test_a_definition_brings_the_own_limit_into_force(scene: Scene) -> None:
    point = code(7)
    scene.send(0, {point: 0.85})
    assert scene.judge() == []
    scene.upload("CDDY", [definition(point, 0.8)], 5)
    scene.send(10, {point: 0.85})
    event = scene.only()
    assert (event.inputs["limit"], event.inputs["limit_source"], event.inputs["statutory"]) == (0.8, "own", 1.0)


def test_an_own_limit_above_the_row_is_told_with_the_event(scene: Scene) -> None:
    scene.upload("CDDY", [definition(CH4, 1.5)], 0)
    scene.send(10, 1.0)
    (event,) = [event for event in scene.judge() if event.rule == "gas.over_limit"]
    assert event.inputs["notes"] == ["own_limit_above_statutory"]
    assert (event.inputs["own"], event.inputs["limit"], event.inputs["article"]) == (1.5, 1.0, "规程498条")


def test_a_switch_that_reads_one_raises_nothing(scene: Scene) -> None:
    scene.send(0, {FAN: 1})
    scene.send(10, {FAN: 5})
    assert scene.judge() == []
