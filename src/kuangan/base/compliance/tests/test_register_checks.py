"""What checks say of the register: paper where it is whole, unknown where something is missing, never proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from kuangan.base.compliance.checks import State
from kuangan.base.compliance.register_checks import NEEDED
from kuangan.base.documents.models import Drawing, DrawingVersion
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.base.registry.models import Camera, Mine, Place, Point, Supervision
from tests.checked import answer_of, check_of, findings_of, opened

DAY = timedelta(days=1)
GOOD = {
    "state": "producing",
    "capacity": 150,
    "gas_grade": "high",
    "water_grade": "medium",
    "fire_grade": "easy",
    "dust_grade": "explosive",
    "standard_grade": "first",
    "flood_threat": "none",
    "coordinates": {"lon": 112.9, "lat": 36.1},
}
Record = Callable[..., None]
pytestmark = pytest.mark.usefixtures("time_stands_still")


@pytest.fixture
def record(cast: Any, moment: datetime) -> Record:
    """Record facts of mine A, or of another mine."""

    def facts(mine: Mine | None = None, **values: Any) -> None:
        code = (mine or cast.mine_a).code
        rows = [NewFact(code, name, value, moment - 40 * DAY) for name, value in values.items()]
        record_facts(rows, at=moment - 2 * DAY, basis="测试")

    return facts


def of_kind(mine: Mine, kind: str) -> None:
    mine.kind = kind
    mine.save()


def test_a_mine_whose_facts_are_all_known_is_on_paper(cast: Any, record: Record, moment: datetime) -> None:
    record(**GOOD)
    found = findings_of("register.base_facts", moment)
    assert (found[cast.mine_a.code].state, found[cast.mine_a.code].why) == (State.PAPER, "complete")
    assert found[cast.mine_a.code].data_at == moment - 2 * DAY


def test_a_missing_fact_is_named(cast: Any, record: Record, moment: datetime) -> None:
    record(**{name: value for name, value in GOOD.items() if name != "gas_grade"})
    finding = findings_of("register.base_facts", moment)[cast.mine_a.code]
    assert (finding.state, finding.why, finding.inputs) == (State.UNKNOWN, "missing", {"facts": ["瓦斯等级"]})


@pytest.mark.parametrize("kind", NEEDED)
def test_every_kind_of_mine_is_asked_for_its_own_facts(cast: Any, record: Record, moment: datetime, kind: str) -> None:
    of_kind(cast.mine_a, kind)
    record(**{name: GOOD[name] for name in NEEDED[kind]})
    assert answer_of("register.base_facts", cast.mine_a.code, moment) == (State.PAPER, "complete")


@pytest.mark.parametrize(
    ("ident", "region", "empty"),
    [("register.county_facts", "140404", "140109"), ("register.city_facts", "140400", "140100")],
)
def test_a_territory_is_known_when_each_of_its_mines_is(
    cast: Any, record: Record, moment: datetime, ident: str, region: str, empty: str
) -> None:
    assert answer_of(ident, region, moment) == (State.UNKNOWN, "missing")
    record(**GOOD)
    record(cast.mine_b, **GOOD)
    assert answer_of(ident, region, moment) == (State.PAPER, "complete")
    assert answer_of(ident, empty, moment) == (State.NOT_APPLICABLE, "no_mines")


@pytest.mark.parametrize(
    ("ident", "region", "empty"),
    [("register.county_supervisors", "140404", "140109"), ("register.city_supervisors", "140400", "140100")],
)
def test_each_mine_has_one_lead(cast: Any, moment: datetime, ident: str, region: str, empty: str) -> None:
    direct = Supervision.objects.filter(mine=cast.mine_a, role="direct")
    assert answer_of(ident, region, moment) == (State.PAPER, "one")
    assert answer_of(ident, empty, moment) == (State.NOT_APPLICABLE, "no_mines")
    second = cast.organisations["neighbour"]
    Supervision.objects.create(
        mine=cast.mine_a, body=second, role="direct", valid_from=moment - DAY, valid_to=moment + DAY
    )
    assert answer_of(ident, region, moment) == (State.SUSPECTED, "several")
    Supervision.objects.filter(mine=cast.mine_a, role="direct").delete()
    assert not direct.exists()
    assert answer_of(ident, region, moment) == (State.UNKNOWN, "nobody")


def test_grades_of_disasters_are_on_record_or_named(cast: Any, record: Record, moment: datetime) -> None:
    record(gas_grade="high")
    finding = findings_of("register.disaster_grades", moment)[cast.mine_a.code]
    assert (finding.state, finding.why, finding.inputs) == (State.UNKNOWN, "missing", {"facts": ["水文地质类型"]})
    record(water_grade="complex")
    assert answer_of("register.disaster_grades", cast.mine_a.code, moment) == (State.PAPER, "recorded")


def point(mine: Mine, at: datetime, **changes: Any) -> Point:
    fields: dict[str, Any] = {
        "code": f"{mine.code}01MN000101",
        "mine": mine,
        "sensor_type": "0001",
        "defined": True,
        "location": "示例1102采煤工作面T1",
        "alarm_high": 1.0,
        "statutory": 1.0,
        "statutory_row": "S-02",
        "limit": 1.0,
        "limit_source": "statutory_location",
        "valid_from": at - DAY,
    }
    return Point.objects.create(**(fields | changes))


def test_limits_of_its_own_above_the_table_are_looked_at(cast: Any, moment: datetime) -> None:
    ident = "register.own_limits"
    assert answer_of(ident, cast.mine_a.code, moment) == (State.UNKNOWN, "no_points")
    row = point(cast.mine_a, moment)
    assert answer_of(ident, cast.mine_a.code, moment) == (State.PAPER, "within")
    row.own_above = True
    row.save()
    found = findings_of(ident, moment)
    assert (found[cast.mine_a.code].state, found[cast.mine_a.code].why) == (State.SUSPECTED, "above")
    assert found[cast.mine_a.code].data_at == moment - DAY
    assert found[cast.mine_b.code].why == "no_points"


def test_places_of_methane_points_are_on_record_or_guessed(cast: Any, moment: datetime) -> None:
    ident = "register.places_classified"
    assert answer_of(ident, cast.mine_a.code, moment) == (State.UNKNOWN, "no_points")
    row = point(cast.mine_a, moment)
    assert answer_of(ident, cast.mine_a.code, moment) == (State.UNKNOWN, "guessed")
    row.place = Place.objects.create(mine=cast.mine_a, name="1102", place_class="coal_face", valid_from=moment - DAY)
    row.save()
    assert answer_of(ident, cast.mine_a.code, moment) == (State.PAPER, "recorded")


def camera(mine: Mine, place: str, at: datetime) -> None:
    number = Camera.objects.count()
    Camera.objects.create(
        mine=mine, code=f"C{number:03}", place=place, valid_from=at - DAY, recorded_at=at - DAY, basis="测试"
    )


def test_cameras_are_registered_for_every_place_that_must_be_seen(cast: Any, moment: datetime) -> None:
    ident = "register.cameras"
    assert answer_of(ident, cast.mine_a.code, moment) == (State.UNKNOWN, "none")
    for place in ("主井井口", "副井井口", "风井井口", "调度室"):
        camera(cast.mine_a, place, moment)
    finding = findings_of(ident, moment)[cast.mine_a.code]
    assert (finding.state, finding.why, finding.inputs) == (State.UNKNOWN, "missing", {"places": ["车辆出入口"]})
    camera(cast.mine_a, "工业广场大门", moment)
    assert answer_of(ident, cast.mine_a.code, moment) == (State.PAPER, "registered")
    Place.objects.create(mine=cast.mine_a, name="1102", place_class="coal_face", valid_from=moment - DAY)
    assert answer_of(ident, cast.mine_a.code, moment) == (State.UNKNOWN, "missing")


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ({}, (State.UNKNOWN, "no_state")),
        ({"state": "producing"}, (State.UNKNOWN, "no_grade")),
        ({"state": "producing", "standard_grade": "second"}, (State.PAPER, "held")),
        ({"state": "producing", "standard_grade": "third"}, (State.SUSPECTED, "below")),
        ({"state": "stopped", "standard_grade": "third"}, (State.NOT_APPLICABLE, "not_producing")),
    ],
)
def test_a_producing_coal_mine_holds_grade_one_or_two(
    cast: Any, record: Record, moment: datetime, facts: dict[str, Any], answer: tuple[State, str]
) -> None:
    record(**facts)
    assert answer_of("register.coal_grade", cast.mine_a.code, moment) == answer


@pytest.mark.parametrize(
    ("facts", "later", "answer"),
    [
        ({}, 0, (State.UNKNOWN, "no_state")),
        ({"state": "producing"}, 0, (State.UNKNOWN, "no_grade")),
        ({"state": "producing", "standard_grade": "second"}, 0, (State.PAPER, "held")),
        ({"state": "producing", "standard_grade": "third"}, 0, (State.UNKNOWN, "no_size")),
        ({"state": "producing", "standard_grade": "none"}, 0, (State.UNKNOWN, "not_due")),
        ({"state": "producing", "standard_grade": "none"}, 60, (State.SUSPECTED, "below")),
        ({"state": "closed"}, 0, (State.NOT_APPLICABLE, "not_producing")),
    ],
)
def test_other_mines_have_until_the_end_of_2026(
    cast: Any, record: Record, moment: datetime, facts: dict[str, Any], later: int, answer: tuple[State, str]
) -> None:
    of_kind(cast.mine_a, "underground_noncoal")
    record(**facts)
    assert answer_of("register.noncoal_grade", cast.mine_a.code, moment + later * DAY) == answer


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ({}, (State.UNKNOWN, "no_state")),
        ({"state": "producing"}, (State.NOT_APPLICABLE, "not_building")),
        ({"state": "building"}, (State.UNKNOWN, "no_capacity")),
        ({"state": "building", "capacity": 119}, (State.UNKNOWN, "outside")),
        ({"state": "building", "capacity": 120}, (State.PAPER, "inside")),
        ({"state": "building", "capacity": 500, "gas_grade": "outburst"}, (State.PAPER, "inside")),
        ({"state": "building", "capacity": 501, "gas_grade": "outburst"}, (State.UNKNOWN, "outside")),
        ({"state": "building", "capacity": 801, "gas_grade": "high"}, (State.UNKNOWN, "outside")),
    ],
)
def test_a_mine_being_built_lies_within_the_bounds_of_capacity(
    cast: Any, record: Record, moment: datetime, facts: dict[str, Any], answer: tuple[State, str]
) -> None:
    record(**facts)
    assert answer_of("register.admission", cast.mine_a.code, moment) == answer


DRAWINGS = {
    "drawings.escape": ("underground_coal", ("escape",)),
    "drawings.water": ("underground_coal", ("hydrogeology", "drainage")),
    "drawings.systems": ("underground_coal", ("monitoring", "positioning")),
    "drawings.slope": ("open_pit_coal", ("slope_monitoring", "pit_plan")),
    "drawings.pond": ("tailings_pond", ("pond_plan", "pond_drainage", "pond_monitoring")),
}


@pytest.mark.parametrize("ident", DRAWINGS)
def test_drawings_are_handed_in_and_kept_up(cast: Any, moment: datetime, ident: str) -> None:
    kind, drawings = DRAWINGS[ident]
    of_kind(cast.mine_a, kind)
    finding = findings_of(ident, moment)[cast.mine_a.code]
    assert (finding.state, finding.why, len(finding.inputs["drawings"])) == (State.UNKNOWN, "missing", len(drawings))  # type: ignore[arg-type]
    rows = [hand_in(cast, drawing, moment) for drawing in drawings]
    assert answer_of(ident, cast.mine_a.code, moment) == (State.PAPER, "current")
    DrawingVersion.objects.filter(pk=rows[-1].pk).update(valid_from=moment.date() - 500 * DAY)
    assert answer_of(ident, cast.mine_a.code, moment) == (State.UNKNOWN, "old")
    of_kind(cast.mine_a, "tailings_pond" if kind != "tailings_pond" else "underground_coal")
    assert answer_of(ident, cast.mine_a.code, moment) == (State.NOT_APPLICABLE, "not_needed")


def hand_in(cast: Any, kind: str, at: datetime) -> DrawingVersion:
    by, body = cast.mine_a_manager, cast.organisations["mine_a"]
    drawing = Drawing.objects.create(mine=cast.mine_a, kind=kind, title=kind, secrecy="internal", by=by, at=at - DAY)
    return DrawingVersion.objects.create(
        drawing=drawing,
        number=1,
        valid_from=at.date() - DAY,
        name="a.pdf",
        format="pdf",
        size=1,
        sha256="0" * 64,
        organisation=body,
        by=by,
        at=at - DAY,
    )


def test_a_withdrawn_drawing_is_missing_again(cast: Any, moment: datetime) -> None:
    row = hand_in(cast, "escape", moment)
    DrawingVersion.objects.filter(pk=row.pk).update(withdrawn_at=moment - DAY)
    assert answer_of("drawings.escape", cast.mine_a.code, moment) == (State.UNKNOWN, "missing")


PAGES = {
    "register.base_facts": "示例远峰煤业",
    "register.own_limits": "示例远峰煤业",
    "register.places_classified": "示例远峰煤业",
    "register.cameras": "示例远峰煤业",
    "register.county_facts": "示例远峰煤业",
    "register.city_facts": "示例远峰煤业",
    "register.county_supervisors": "示例远峰煤业",
    "register.coal_grade": "示例远峰煤业",
    "drawings.escape": "示例远峰煤业",
}


@pytest.mark.parametrize("ident", PAGES)
def test_every_page_of_the_register_shows_its_subject_and_not_the_other(
    cast: Any, client_of: Callable[[Any], Client], moment: datetime, ident: str
) -> None:
    point(cast.mine_a, moment)
    subject = {"county": "140404", "city": "140400"}.get(check_of(ident).subject, cast.mine_a.code)
    finding = findings_of(ident, moment)[subject]
    for text in opened(client_of(cast.province_officer), finding):
        assert PAGES[ident] in text
        assert check_of(ident).subject == "city" or "示例青岭煤业" not in text


def test_an_answer_stays_the_same_while_nothing_changes(cast: Any, record: Record, moment: datetime) -> None:
    record(**GOOD)
    for ident in ("register.base_facts", "register.coal_grade", "drawings.escape", "register.cameras"):
        first, later = (findings_of(ident, at)[cast.mine_a.code] for at in (moment, moment + DAY / 2))
        assert first.mark(1) == later.mark(1)
        assert replace(first, data_at=None).mark(1) == first.mark(1)
