import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base.people.models import Organisation
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.load import load_register
from kuangan.base.registry.models import Company, Mine, Region, Supervision
from kuangan.base.registry.ownership import OwnershipLoop, actual_controller, record_owner
from kuangan.base.registry.pinyin import initials
from kuangan.base.registry.publication import register_frame, write_config
from kuangan.base.registry.supervision import direct_supervisor, mines_without_one_direct, supervisors

pytestmark = pytest.mark.django_db
LEVELS = ("county", "city", "province")


def row(n: int, **changes: Any) -> dict[str, Any]:
    county = ("140404", "140403", "140581")[n % 3]
    return {
        "code": f"{county}9{n:05d}",
        "name": f"示例{n}号煤业",
        "kind": "underground_coal",
        "county_code": county,
        "state": "operating",
        "capacity": 90 + n,
        "gas_grade": "high",
        "water_grade": "",
        "parent_company": f"示例集团{n % 4}",
        "actual_controller": "示例控股",
        "direct_supervisor_level": LEVELS[n % 3],
    } | changes


def test_a_register_becomes_mines_companies_bodies_and_facts(moment: datetime) -> None:
    load_register([row(n) for n in range(12)], moment)
    assert Mine.objects.count() == 12
    assert Region.objects.count() == 129
    assert mines_without_one_direct(moment) == {}
    assert facts_as_of(["140404900000"], None, moment)["140404900000"].keys() == {
        "state",
        "capacity",
        "gas_grade",
        "parent_company",
    }
    mine = Mine.objects.get(pk="140404900000")
    assert mine.parent_company is not None
    assert actual_controller(mine.parent_company, moment) == Company.objects.get(name="示例控股")
    assert Organisation.objects.get(mine=mine.code).parent == Organisation.objects.get(name="示例集团0")


def test_the_direct_supervisor_stands_on_the_level_of_the_row(moment: datetime) -> None:
    rows = [row(n) for n in range(3)]
    load_register(rows, moment)
    names = [direct_supervisor([r["code"]], moment)[r["code"]].name for r in rows]
    assert names == ["长治市上党区应急管理局", "长治市应急管理局", "山西省应急管理厅"]
    roles = supervisors([rows[0]["code"]], moment)[rows[0]["code"]]
    assert [body.name for body in roles["upper"]] == ["长治市应急管理局", "山西省应急管理厅"]
    assert [body.name for body in roles["industry"]] == ["长治市上党区能源局"]


def test_loading_again_changes_nothing(moment: datetime) -> None:
    rows = [row(n) for n in range(12)]
    load_register(rows, moment)
    before = [list(model.objects.values()) for model in (Mine, Company, Organisation, Supervision)]
    load_register(rows, moment + timedelta(days=1))
    assert before == [list(model.objects.values()) for model in (Mine, Company, Organisation, Supervision)]


def test_a_changed_supervisor_level_moves_the_mine_on_that_day(moment: datetime) -> None:
    later = moment + timedelta(days=1)
    load_register([row(0)], moment)
    load_register([row(0, direct_supervisor_level="city")], later)
    assert direct_supervisor(["140404900000"], moment)["140404900000"].level == "county"
    assert direct_supervisor(["140404900000"], later)["140404900000"].level == "city"
    assert mines_without_one_direct(later) == {}


def test_a_mine_of_an_unknown_county_code_is_supervised_by_its_city(moment: datetime) -> None:
    load_register([row(0, code="140421900009", county_code="")], moment)
    mine = Mine.objects.get()
    assert (mine.city_id, mine.county_id, mine.old_region_code) == ("140400", None, True)
    assert direct_supervisor([mine.code], moment)[mine.code].name == "长治市应急管理局"


def test_queries_hardly_grow_with_the_register(moment: datetime) -> None:
    load_register([row(0)], moment)
    with CaptureQueriesContext(connection) as few:
        load_register([row(n) for n in range(10)], moment)
    with CaptureQueriesContext(connection) as many:
        load_register([row(n) for n in range(10, 310)], moment)
    assert len(many) - len(few) <= 60


def test_the_published_register_names_mines_aliases_and_is_written_once(moment: datetime, tmp_path: Path) -> None:
    load_register([row(0, aliases=["140404000001"])], moment)
    frame = json.loads(register_frame(moment))
    said = {"name": "示例0号煤业", "kind": "underground_coal", "gas_grade": "high", "state": "operating"}
    assert frame["mines"] == {"140404900000": said}
    assert frame["aliases"] == {"140404000001": "140404900000"}
    assert write_config(tmp_path, moment) is True
    assert write_config(tmp_path, moment + timedelta(seconds=1)) is False
    assert [path.name for path in (tmp_path / "config").iterdir()] == ["register.json"]


def test_a_company_cannot_own_itself_through_others(moment: datetime) -> None:
    first, second, third = (Company.objects.create(code=code, name=code) for code in ("Q1", "Q2", "Q3"))
    record_owner(first, second, moment)
    record_owner(second, third, moment)
    assert actual_controller(first, moment) == third
    with pytest.raises(OwnershipLoop):
        record_owner(third, first, moment)


@pytest.mark.parametrize(("name", "letters"), [("长治远峰煤业2号井（北区）", "czyfmy2hjbq"), ("长子岭矿", "zzlk")])
def test_initials_read_place_names_as_people_say_them(name: str, letters: str) -> None:
    assert initials(name) == letters
