"""A workbook becomes verdicts, decisions, and dated facts; nothing is lost between them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from kuangan.base.audit.models import AuditEntry
from kuangan.base.clock import BEIJING
from kuangan.base.registry.facts import NewFact, facts_as_of, record_facts
from kuangan.base.registry.imports.sheets import Unreadable
from kuangan.base.registry.imports.storing import NotPossible, Offer, decide, discard, preview
from kuangan.base.registry.imports.writing import undecided, writable, write, write_chunk
from kuangan.base.registry.models import ImportRow, Mine, MineAlias, MineFact, RegisterImport, Supervision
from kuangan.base.registry.pauses import Pace
from kuangan.base.registry.supervision import direct_supervisor, mines_without_one_direct
from kuangan.base.registry.tests.workbooks import messy, of_rows

pytestmark = pytest.mark.django_db
SINCE = datetime(2025, 1, 1, tzinfo=BEIJING)


def at_once(size: int = 20) -> Pace:
    """Chunks of one size without a rest between them."""
    return Pace(size, clock=lambda: 0.0, rest=lambda seconds: None)


@pytest.fixture
def office(cast: Any) -> Any:
    return cast


def offer(content: bytes, name: str = "登记表.xlsx", basis: str = "长应急〔2025〕7号") -> Offer:
    return Offer(name, content, basis, SINCE)


def offered(office: Any, moment: datetime, heads: list[str], *rows: list[Any]) -> RegisterImport:
    return preview(offer(of_rows(heads, rows)), by=office.system_admin, at=moment)


def codes_of(row: ImportRow) -> set[str]:
    return {found["code"] for found in row.reasons}


def test_a_messy_register_is_read_row_by_row_and_balances(office: Any, moment: datetime) -> None:
    made = preview(offer(messy(office.mine_a.code, office.mine_b.code)), by=office.system_admin, at=moment)
    rows = {row.row: row for row in made.rows.filter(sheet="登记表")}
    assert made.accepted + made.questioned + made.refused == made.read == made.rows.count() == 14
    assert [sheet["head"] for sheet in made.sheets] == [3, 0, 1]
    assert made.sheets[0]["unused"] == ["序号", "备注"]
    assert (rows[4].verdict, rows[4].news) == ("accepted", "changed")
    assert rows[4].values["capacity"] == 120
    assert (rows[5].code, rows[5].name, rows[5].values["capacity"]) == ("140404900010", "示例南岭煤业", 90)
    assert rows[5].values["valid_from"] == rows[8].values["valid_from"] == "2025-03-01T00:00:00+08:00"
    assert rows[8].values["county"] == "上党区", "the cell merged over the rows counts for each"
    assert codes_of(rows[9]) >= {"two_supervisors"}
    assert codes_of(rows[10]) >= {"old_region_code", "county_unknown"}
    assert {"duplicate_differs"} <= codes_of(rows[5]) & codes_of(rows[11])
    assert [(number, found["column"]) for number in (13, 14, 15, 16) for found in rows[number].reasons] == [
        (13, "code"),
        (14, "code"),
        (15, "capacity"),
        (15, "valid_from"),
        (16, "state"),
    ]
    assert codes_of(rows[17]) == {"code_missing"}
    alias = made.rows.get(code="140404900017")
    assert (alias.alias_of, codes_of(alias)) == (office.mine_a.code, {"looks_like_alias"})


def test_nothing_enters_the_register_before_it_is_written(office: Any, moment: datetime) -> None:
    before = list(Mine.objects.values()), list(MineFact.objects.values()), list(Supervision.objects.values())
    preview(offer(messy(office.mine_a.code, office.mine_b.code)), by=office.system_admin, at=moment)
    assert before == (
        list(Mine.objects.values()),
        list(MineFact.objects.values()),
        list(Supervision.objects.values()),
    )


def test_accepted_rows_become_dated_facts_with_basis_and_author(office: Any, moment: datetime) -> None:
    made = offered(
        office,
        moment,
        ["矿山编码", "名称", "类型", "产能", "生效日期", "文号"],
        ["140404900020", "示例南岭煤业", "井工", 90, "2025-03-01", "晋能源〔2025〕20号"],
    )
    assert write(made, by=office.system_admin, at=moment, pace=at_once()) == 1
    fact = MineFact.objects.get(mine="140404900020", attribute="capacity")
    assert (fact.value, fact.basis, fact.recorded_at, fact.recorded_by) == (
        90,
        "晋能源〔2025〕20号",
        moment,
        office.system_admin,
    )
    assert fact.valid_from == datetime(2025, 3, 1, tzinfo=BEIJING)
    body = direct_supervisor(["140404900020"], moment)["140404900020"]
    assert (body.region, body.kind) == ("140404", "emergency")
    assert "140404900020" not in mines_without_one_direct(moment)
    entry = AuditEntry.objects.get(action="mine.imported", ident="140404900020")
    assert (entry.actor, entry.reason) == (office.system_admin, "晋能源〔2025〕20号")


def test_history_is_added_to_and_never_overwritten(office: Any, moment: datetime) -> None:
    code = office.mine_a.code
    began = datetime(2021, 1, 1, tzinfo=BEIJING)
    record_facts([NewFact(code, "capacity", 90, began)], at=began, basis="旧批复")
    made = offered(
        office, moment, ["矿山编码", "名称", "产能", "生效日期"], [code, "示例远峰煤业有限公司", 120, "2025-03-01"]
    )
    decide(made, "take", by=office.system_admin, at=moment, group="name_differs")
    write(made, by=office.system_admin, at=moment, pace=at_once())
    change = datetime(2025, 3, 1, tzinfo=BEIJING)
    spans = MineFact.objects.filter(mine=code, attribute="capacity").values_list("value", "valid_from", "valid_to")
    assert list(spans) == [(90, began, change), (120, change, None)]
    names = [facts_as_of([code], ["name"], at)[code]["name"] for at in (began, change)]
    assert names == ["示例远峰煤业", "示例远峰煤业有限公司"]
    assert facts_as_of([code], ["capacity"], change, known_at=moment - timedelta(days=1))[code]["capacity"] == 90


def test_a_fact_older_than_what_is_known_fills_only_the_time_before(office: Any, moment: datetime) -> None:
    code, later = office.mine_a.code, datetime(2025, 6, 1, tzinfo=BEIJING)
    record_facts([NewFact(code, "capacity", 120, later)], at=moment, basis="批复")
    made = offered(office, moment, ["矿山编码", "名称", "产能", "生效日期"], [code, "示例远峰煤业", 90, "2024-01-01"])
    assert codes_of(made.rows.get()) == {"older_than_known"}
    decide(made, "take", by=office.system_admin, at=moment, numbers=[1])
    write(made, by=office.system_admin, at=moment, pace=at_once())
    assert facts_as_of([code], ["capacity"], later - timedelta(days=1))[code]["capacity"] == 90
    assert facts_as_of([code], ["capacity"], moment)[code]["capacity"] == 120


@pytest.mark.parametrize(
    ("heads", "row", "reason"),
    [
        (["名称"], ["另一个名字"], "name_differs"),
        (["产能"], [400], "capacity_jump"),
        (["类型"], ["露天煤矿"], "kind_differs"),
        (["所在县"], ["没有的县"], "county_unknown"),
        (["所在县"], ["潞州区"], "county_differs"),
        (["直接监管单位"], ["某局"], "supervisor_unknown"),
        (["生效日期", "产能"], ["2090-01-01", 130], "in_future"),
        (["别名编码", "产能"], ["140403900002", 130], "alias_taken"),
    ],
)
def test_what_is_possible_but_odd_is_asked(
    office: Any, moment: datetime, heads: list[str], row: list[Any], reason: str
) -> None:
    record_facts([NewFact(office.mine_a.code, "capacity", 120, SINCE)], at=moment, basis="批复")
    made = offered(office, moment, ["矿山编码", *heads], [office.mine_a.code, *row])
    found = made.rows.get()
    assert (found.verdict, codes_of(found)) == ("questioned", {reason})


PLACED = ["矿山编码", "经度", "纬度", "坐标系"]


def test_flood_threat_and_coordinates_become_dated_facts_that_weather_rules_read(office: Any, moment: datetime) -> None:
    code = office.mine_a.code
    heads = ["矿山编码", "是否受地表水威胁", "经度（WGS-84）", "纬度（WGS-84）", "生效日期"]
    made = offered(office, moment, heads, [code, "否", 113.05, "36°03′00″", "2025-03-01"])
    row = made.rows.get()
    place = {"lon": 113.05, "lat": 36.05, "datum": "wgs84"}
    assert (row.verdict, [(c["field"], c["before"], c["after"]) for c in row.changes]) == (
        "accepted",
        [("flood_threat", None, "none"), ("coordinates", None, place)],
    )
    write(made, by=office.system_admin, at=moment, pace=at_once())
    change = datetime(2025, 3, 1, tzinfo=BEIJING)
    assert facts_as_of([code], None, moment)[code] == {"flood_threat": "none", "coordinates": place}
    assert MineFact.objects.get(mine=code, attribute="coordinates").valid_from == change
    assert facts_as_of([code], None, change - timedelta(days=1)) == {}


@pytest.mark.parametrize(
    ("cells", "reasons"),
    [
        ([113.05, 36.05, "CGCS2000"], set()),
        ([113.05, 36.05, "2000国家大地坐标系"], set()),
        (["东经113度3分", "36.05N", "WGS_84"], set()),
        ([113.05, 36.05, None], {"datum_missing"}),
        ([113.05, 36.05, "西安80"], {"datum_other"}),
        ([113.05, 36.05, "地方坐标"], {"datum_other"}),
        ([116.4, 39.9, "WGS84"], {"outside_province", "coordinates_moved"}),
        ([113.2, 36.05, "WGS84"], {"coordinates_moved"}),
        ([36.05, 113.05, "WGS84"], {"number_out_of_range"}),
        ([0, 0, "WGS84"], {"number_out_of_range"}),
        ([19684321.5, 3990123.4, "CGCS2000"], {"degrees_unreadable"}),
        (["113°75′", 36.05, "WGS84"], {"degrees_unreadable"}),
        ([113.05, None, "WGS84"], {"coordinates_half"}),
    ],
)
def test_coordinates_are_taken_questioned_or_refused_with_the_reason(
    office: Any, moment: datetime, cells: list[Any], reasons: set[str]
) -> None:
    was = {"lon": 113.06, "lat": 36.05, "datum": "wgs84"}
    record_facts([NewFact(office.mine_a.code, "coordinates", was, SINCE)], at=moment, basis="登记")
    row = offered(office, moment, PLACED, [office.mine_a.code, *cells]).rows.get()
    refused = bool(reasons & {"number_out_of_range", "degrees_unreadable", "coordinates_half"})
    assert codes_of(row) == reasons
    assert row.verdict == ("refused" if refused else "questioned" if reasons else "accepted")


@pytest.mark.parametrize("text", ["113.05, 36.05", "36.05；113.05", "E113.05 N36.05", "东经113°3′，北纬36°3′"])
def test_a_pair_in_one_cell_is_told_apart_by_what_can_lie_in_china(office: Any, moment: datetime, text: str) -> None:
    row = offered(office, moment, ["矿山编码", "坐标（CGCS2000）"], [office.mine_a.code, text]).rows.get()
    assert row.changes[0]["after"] == {"lon": 113.05, "lat": 36.05, "datum": "cgcs2000"}


def test_coordinates_that_are_registered_already_ask_nothing(office: Any, moment: datetime) -> None:
    was = {"lon": 113.05, "lat": 36.05}
    record_facts([NewFact(office.mine_a.code, "coordinates", was, SINCE)], at=moment, basis="登记")
    row = offered(office, moment, PLACED, [office.mine_a.code, 113.05, 36.05, None]).rows.get()
    assert (row.verdict, row.news) == ("accepted", "same")


def test_the_same_register_again_changes_nothing(office: Any, moment: datetime) -> None:
    content = messy(office.mine_a.code, office.mine_b.code)
    for _ in range(2):
        made = preview(offer(content), by=office.system_admin, at=moment)
        write(made, by=office.system_admin, at=moment, pace=at_once())
    assert set(made.rows.filter(verdict="accepted").values_list("news", flat=True)) == {"same"}
    assert MineFact.objects.filter(attribute="capacity", mine=office.mine_a.code).count() == 1


def test_writing_that_was_cut_off_goes_on_and_writes_nothing_twice(office: Any, moment: datetime) -> None:
    rows = [[f"1404049001{n:02d}", f"示例{n}号煤业", "井工", 30 + n] for n in range(12)]
    made = offered(office, moment, ["矿山编码", "名称", "类型", "产能"], *rows)
    write_chunk(made, by=office.system_admin, at=moment, size=5)
    made.refresh_from_db()
    assert (made.state, writable(made).count()) == ("writing", 7)
    assert write(made, by=office.system_admin, at=moment, pace=at_once(5)) == 7
    assert write(made, by=office.system_admin, at=moment, pace=at_once()) == 0
    made.refresh_from_db()
    assert (made.state, made.written_at) == ("written", moment)
    assert MineFact.objects.filter(attribute="capacity", mine__code__startswith="1404049001").count() == 12


def test_what_somebody_changed_meanwhile_is_asked_again(office: Any, moment: datetime) -> None:
    made = offered(office, moment, ["矿山编码", "名称", "产能"], [office.mine_a.code, "示例远峰煤业", 120])
    record_facts([NewFact(office.mine_a.code, "capacity", 100, SINCE)], at=moment, basis="另一批复")
    write(made, by=office.system_admin, at=moment, pace=at_once())
    made.refresh_from_db()
    row = made.rows.get()
    assert (row.verdict, "changed_meanwhile" in codes_of(row), row.written_at) == ("questioned", True, None)
    assert (made.accepted, made.questioned, made.refused, made.read) == (0, 1, 0, 1)
    assert facts_as_of([office.mine_a.code], ["capacity"], moment)[office.mine_a.code]["capacity"] == 100


def test_many_mines_of_one_controller_do_not_ask_again(office: Any, moment: datetime) -> None:
    rows = [[f"14040490020{n}", f"示例{n}号煤业", "井工", "示例甲煤业公司", "示例乙集团"] for n in range(4)]
    made = offered(office, moment, ["矿山编码", "名称", "类型", "上级企业", "实际控制人"], *rows)
    assert write(made, by=office.system_admin, at=moment, pace=at_once(2)) == 4
    assert undecided(made).count() == 0


def test_a_doubtful_code_becomes_an_alias_when_a_person_says_so(office: Any, moment: datetime) -> None:
    made = offered(office, moment, ["矿山编码", "名称", "类型"], ["140404900099", "示例远峰煤业", "井工"])
    decide(made, "alias", by=office.system_admin, at=moment, numbers=[1])
    write(made, by=office.system_admin, at=moment, pace=at_once())
    assert MineAlias.objects.get(alias="140404900099").mine == office.mine_a
    assert not Mine.objects.filter(pk="140404900099").exists()
    again = offered(office, moment, ["矿山编码", "名称", "类型"], ["140404900099", "示例远峰煤业", "井工"])
    assert codes_of(again.rows.get()) == {"known_alias"}
    with pytest.raises(NotPossible):
        decide(again, "take", by=office.system_admin, at=moment, numbers=[1])


def test_of_the_rows_of_one_code_one_is_taken(office: Any, moment: datetime) -> None:
    heads = ["矿山编码", "名称", "类型", "产能", "直接监管单位"]
    one, other = (
        ["140404900030", "示例南岭煤业", "井工", 60, "县级"],
        ["140404900030", "示例南岭煤业", "井工", 90, "市级"],
    )
    made = offered(office, moment, heads, one, other)
    assert all(codes_of(row) >= {"duplicate_differs", "two_supervisors"} for row in made.rows.all())
    with pytest.raises(NotPossible):
        decide(made, "take", by=office.system_admin, at=moment, numbers=[1, 2])
    decide(made, "take", by=office.system_admin, at=moment, numbers=[2])
    with pytest.raises(NotPossible):
        decide(made, "take", by=office.system_admin, at=moment, numbers=[1])
    decide(made, "drop", by=office.system_admin, at=moment, numbers=[1])
    write(made, by=office.system_admin, at=moment, pace=at_once())
    assert direct_supervisor(["140404900030"], moment)["140404900030"].region == "140400"
    made.refresh_from_db()
    assert made.state == "written"


def test_a_change_of_the_direct_supervisor_ends_the_one_before(office: Any, moment: datetime) -> None:
    made = offered(
        office,
        moment,
        ["矿山编码", "名称", "直接监管单位", "生效日期"],
        [office.mine_a.code, "示例远峰煤业", "市级", "2025-03-01"],
    )
    write(made, by=office.system_admin, at=moment, pace=at_once())
    rows = Supervision.objects.filter(mine=office.mine_a, role="direct").order_by("valid_from")
    assert [(row.body.region, row.valid_to is None) for row in rows] == [("140404", False), ("140400", True)]
    assert rows[1].recorded_by == office.system_admin
    assert not mines_without_one_direct(moment)


def test_a_county_keeper_enters_a_mine_of_the_county_that_sends_and_that_nobody_supervises(
    office: Any, moment: datetime
) -> None:
    keeper = office.county_officer
    keeper.roles = ["system_admin"]
    keeper.save()
    heads = ["矿山编码", "名称", "类型"]
    for code, county in (("140404900052", "140404"), ("140403900053", "140403")):
        Mine.objects.create(
            code=code, name=code, kind="underground_coal", county_id=county, city_id="140400", provisional=True
        )
    rows = [["140404900052", "示例本县煤业", "井工"], ["140403900053", "示例外县煤业", "井工"]]
    made = preview(offer(of_rows(heads, rows)), by=keeper, at=moment)
    found = {row.code: (row.verdict, codes_of(row)) for row in made.rows.all()}
    assert found == {"140404900052": ("accepted", set()), "140403900053": ("refused", {"outside_scope"})}
    write(made, by=keeper, at=moment, pace=at_once())
    assert direct_supervisor(["140404900052"], moment)["140404900052"] == office.organisations["county"]


def test_a_county_keeper_cannot_import_beyond_the_county(office: Any, moment: datetime) -> None:
    keeper = office.county_officer
    keeper.roles = ["system_admin"]
    keeper.save()
    rows = [
        [office.mine_b.code, "示例青岭煤业", "井工"],
        ["140403900050", "示例外县煤业", "井工"],
        ["140404900051", "示例本县煤业", "井工"],
    ]
    made = preview(offer(of_rows(["矿山编码", "名称", "类型"], rows)), by=keeper, at=moment)
    assert [(row.verdict, codes_of(row)) for row in made.rows.order_by("number")] == [
        ("refused", {"outside_scope"}),
        ("refused", {"outside_scope"}),
        ("accepted", set()),
    ]


def test_a_provisional_mine_is_entered(office: Any, moment: datetime) -> None:
    Mine.objects.create(
        code="140404911111",
        name="140404911111",
        kind="underground_coal",
        county_id="140404",
        city_id="140400",
        provisional=True,
    )
    made = offered(office, moment, ["矿山编码", "名称", "类型"], ["140404911111", "示例北岗煤业", "露天煤矿"])
    write(made, by=office.system_admin, at=moment, pace=at_once())
    mine = Mine.objects.get(pk="140404911111")
    assert (mine.provisional, mine.name, mine.kind, mine.pinyin) == (False, "示例北岗煤业", "open_pit_coal", "slbgmy")


def test_a_discarded_import_writes_nothing_more(office: Any, moment: datetime) -> None:
    made = offered(office, moment, ["矿山编码", "名称", "类型"], ["140404900060", "示例弃置煤业", "井工"])
    discard(made, by=office.system_admin, at=moment)
    assert write(made, by=office.system_admin, at=moment, pace=at_once()) == 0
    with pytest.raises(NotPossible):
        decide(made, "drop", by=office.system_admin, at=moment, numbers=[1])
    assert not Mine.objects.filter(pk="140404900060").exists()


def test_a_file_that_cannot_be_taken_leaves_nothing_behind(office: Any, moment: datetime) -> None:
    for content, name in (
        (b"", "a.xlsx"),
        (b"PK\x03\x04 broken", "a.xlsx"),
        (b"hello", "a.txt"),
        (b"a,b\n1,2\n", "a.csv"),
    ):
        with pytest.raises(Unreadable):
            preview(offer(content, name), by=office.system_admin, at=moment)
    assert not RegisterImport.objects.exists()


def test_preview_and_chunks_ask_a_fixed_number_of_questions(
    office: Any, moment: datetime, django_assert_max_num_queries: Any
) -> None:
    rows = [[f"14040493{n:04d}", f"示例{n}号煤业", "井工", 30 + n % 50, f"示例集团{n % 9}"] for n in range(600)]
    content = of_rows(["矿山编码", "名称", "类型", "产能", "上级企业"], rows)
    with django_assert_max_num_queries(30):
        made = preview(offer(content), by=office.system_admin, at=moment)
    with django_assert_max_num_queries(70):
        assert write_chunk(made, by=office.system_admin, at=moment, size=200) == 200
    assert Counter(made.rows.values_list("verdict", flat=True)) == {"accepted": 600}
