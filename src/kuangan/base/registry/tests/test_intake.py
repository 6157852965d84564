from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base.clock import to_ms
from kuangan.base.registry.intake import enter_seen
from kuangan.base.registry.models import Mine, Point, SubStation
from kuangan.base.registry.regions import load_regions

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class SeenMine:
    code: str
    name: str
    first_seen: int


def point(code: str, at: datetime, **changes: object) -> dict[str, object]:
    row = {
        "code": code,
        "mine": code[:12],
        "station": f"{code[:12]}FZ001",
        "sensor_type": "0001",
        "value_type": "1",
        "unit": "%",
        "location": "2307 上隅角",
        "limits": {"alarm_high": 1.0, "cut_high": 1.5},
        "valid_from": to_ms(at),
    }
    return row | changes


@pytest.fixture
def regions(db: None) -> None:
    load_regions()


def test_an_unknown_mine_is_entered_provisionally_under_its_county(regions: None, moment: datetime) -> None:
    enter_seen([SeenMine("140404912345", "示例北岗煤矿", to_ms(moment))], [], moment)
    mine = Mine.objects.get()
    assert (mine.provisional, mine.name, mine.county_id, mine.city_id) == (True, "示例北岗煤矿", "140404", "140400")
    assert (mine.pinyin, mine.old_region_code, mine.first_seen) == ("slbgmk", False, moment)


@pytest.mark.parametrize(
    ("code", "county", "city", "region"),
    [("140421900001", None, "140400", "140400"), ("149921900001", None, None, "140000")],
)
def test_a_code_of_a_county_that_is_no_more_goes_to_its_city_else_to_the_province(
    regions: None, moment: datetime, code: str, county: str | None, city: str | None, region: str
) -> None:
    enter_seen([SeenMine(code, "示例旧矿", to_ms(moment))], [], moment)
    mine = Mine.objects.get()
    assert (mine.county_id, mine.city_id, mine.region_code, mine.old_region_code) == (county, city, region, True)


def test_entering_twice_changes_nothing(cast: object, moment: datetime) -> None:
    mines = [SeenMine("140404912345", "示例北岗煤矿", to_ms(moment))]
    points = [point("14040490000101MN001", moment), point("14040491234501MN001", moment)]
    enter_seen(mines, points, moment)
    before = list(Point.objects.values()), list(Mine.objects.values()), list(SubStation.objects.values())
    enter_seen(mines, points, moment + timedelta(hours=1))
    assert before == (list(Point.objects.values()), list(Mine.objects.values()), list(SubStation.objects.values()))


def test_a_registered_mine_keeps_its_name_and_learns_its_first_arrival(cast: object, moment: datetime) -> None:
    enter_seen([SeenMine("140404900001", "另一个名字", to_ms(moment))], [], moment)
    mine = Mine.objects.get(pk="140404900001")
    assert (mine.name, mine.first_seen, mine.provisional) == ("示例远峰煤业", moment, False)


def test_a_provisional_mine_without_a_name_takes_the_first_one_it_is_given(regions: None, moment: datetime) -> None:
    enter_seen([], [point("14040491234501MN001", moment)], moment)
    assert Mine.objects.get().name == "140404912345"
    enter_seen([SeenMine("140404912345", "示例北岗煤矿", to_ms(moment))], [], moment)
    assert Mine.objects.get().name == "示例北岗煤矿"


def test_changed_limits_close_the_definition_and_open_another(cast: object, moment: datetime) -> None:
    later = moment + timedelta(hours=2)
    code = "14040490000101MN001"
    enter_seen([], [point(code, moment)], moment)
    enter_seen([], [point(code, later, limits={"alarm_high": 0.8, "cut_high": float("nan")})], later)
    rows = list(Point.objects.filter(code=code).values_list("alarm_high", "cut_high", "valid_from", "valid_to"))
    assert rows == [(1.0, 1.5, moment, later), (0.8, None, later, None)]


def test_a_definition_older_than_the_standing_one_changes_nothing(cast: object, moment: datetime) -> None:
    code = "14040490000101MN001"
    enter_seen([], [point(code, moment)], moment)
    enter_seen([], [point(code, moment - timedelta(days=1), unit="ppm")], moment)
    assert list(Point.objects.values_list("unit", "valid_from")) == [("%", moment)]


def test_two_changes_in_one_batch_leave_one_open_definition(cast: object, moment: datetime) -> None:
    code, later = "14040490000101MN001", moment + timedelta(minutes=1)
    enter_seen([], [point(code, moment), point(code, moment, unit="ppm"), point(code, later, unit="m/s")], later)
    rows = list(Point.objects.values_list("unit", "valid_from", "valid_to"))
    assert rows == [("ppm", moment, later), ("m/s", later, None)]


def test_only_the_bulk_inserts_grow_with_the_points_of_a_batch(cast: object, moment: datetime) -> None:
    points = [point(f"14040490000101MN{n:03d}", moment) for n in range(400)]
    with CaptureQueriesContext(connection) as made:
        enter_seen([], points, moment)
    reads = [query["sql"] for query in made if not query["sql"].startswith("INSERT")]
    assert Point.objects.count() == 400
    assert len(reads) <= 8
    assert len(made) <= 20
