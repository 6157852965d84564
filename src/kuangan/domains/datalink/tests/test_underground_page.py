"""Who is below ground, page and exports: the right persons see it, names only some, and every look at them is recorded."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine

from conftest import MINE_A, MOMENT, Cast
from kuangan.base.audit.models import AuditEntry
from kuangan.base.clock import BEIJING, to_ms
from kuangan.base.registry.models import MineAlias
from kuangan.domains.datalink.underground import UndergroundQuery
from kuangan.library.telemetry.frames import UPLOAD, Frame, digest_of
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.sink import Collecting

Get = Callable[[Any, str], Any]
PAGE = f"/mines/{MINE_A}/underground/"
FACE, GOAF, UNDEFINED = f"{MINE_A}0004", f"{MINE_A}0012", f"{MINE_A}0099"
OLD = "150622B0012000200092"


def wire(minutes: int) -> str:
    return f"{MOMENT.astimezone(BEIJING).replace(hour=8, minute=0):%Y-%m-%d} 07:{60 + minutes:02d}:00"


def position(number: int, name: str, area: str, flag: str = "1", leader: int = 0) -> str:
    since = wire(-30)
    out = since if flag == "2" else ""
    track = f"{area}000010&{since}"
    card = f"{MINE_A}{number:05d}"
    return f"{card};{name};{flag};{since};{out};{area};{since};{area}000010;{since};三八制;-1.5;正常;{leader};0;{track}"


FILES = (
    ("RYQY", -20, [f"重点区域;{FACE};1;合成1102综采工作面", f"限制区域;{GOAF};0;合成采空区"]),
    ("RYJZ", -20, [f"{FACE}000010;合成机头基站;0;0;0;"]),
    ("RYXX", -20, [f"{MINE_A}00001;=合成甲;采煤机司机;班长;综采一队;1990-01-01;;0;1"]),
    ("RYSS", -10, [position(1, "合成甲", FACE)]),
    (
        "RYSS",
        -5,
        [
            position(1, "合成甲", FACE),
            position(2, "合成乙", FACE, leader=1),
            position(3, "合成丙", GOAF),
            position(4, "合成丁", UNDEFINED),
            position(5, "合成戊", FACE, flag="2"),
        ],
    ),
)


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    pipeline = Pipeline(tmp_path, Collecting())
    frames = []
    for seq, (kind, minutes, records) in enumerate(FILES):
        extra = "400;KJ;系统;厂家;2028-12-31;" if kind == "RYXX" else ""
        payload = "~".join([f"{MINE_A};示例远峰煤业;{extra}{wire(minutes)}", *records, "||"]).encode()
        at = to_ms(MOMENT) + minutes * 60_000
        name = f"{MINE_A}_{kind}_202611210{seq}0000.txt"
        frames.append(("g1", Frame(seq, MINE_A, UPLOAD, name, "s", at, digest_of(payload), payload)))
    pipeline.advance(frames)
    pipeline.flush()
    return tmp_path


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Any:
    with time_machine.travel(MOMENT, tick=False):
        yield


@pytest.fixture
def get(client_of: Callable[..., Any], home: Path) -> Get:
    return lambda user, address: client_of(user).get(address)


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def actions() -> list[str]:
    return list(AuditEntry.objects.filter(action__startswith="underground.").values_list("action", flat=True))


def test_the_county_sees_counts_by_area_beside_the_approved_number(cast: Cast, get: Get) -> None:
    answer = get(cast.county_officer, PAGE)
    shown = answer.context["shown"]
    assert (shown.below.count, shown.approved) == (4, 400)
    assert [(row.code, row.persons, row.limit, row.word) for row in shown.areas] == [
        (FACE, 2, 1, "超过核定人数"),
        (GOAF, 1, 0, "限制区域有人"),
        (UNDEFINED, 1, None, ""),
    ]
    page = text(answer)
    assert "合成1102综采工作面" in page and "未上传区域定义" in page and "合成机头基站" in page


def test_the_number_is_that_of_the_list_and_of_the_sum_of_the_areas(cast: Cast, get: Get) -> None:
    shown = get(cast.county_officer, PAGE).context["shown"]
    assert shown.below.count == len(shown.people) == sum(row.persons for row in shown.areas)
    narrowed = get(cast.county_officer, f"{PAGE}?area={FACE}").context["shown"]
    assert len(narrowed.people) == 2 and narrowed.below.count == 4


def test_people_of_whom_no_area_is_told_stand_in_a_line_of_their_own(cast: Cast, get: Get, home: Path) -> None:
    pipeline = Pipeline(home, Collecting())
    records = [position(1, "合成甲", FACE), position(2, "合成乙", ""), position(3, "合成丙", UNDEFINED)]
    payload = "~".join([f"{MINE_A};示例远峰煤业;{wire(-1)}", *records, "||"]).encode()
    name = f"{MINE_A}_RYSS_20261121090000.txt"
    frame = Frame(len(FILES), MINE_A, UPLOAD, name, "s", to_ms(MOMENT) - 60_000, digest_of(payload), payload)
    pipeline.advance([("g1", frame)])
    pipeline.flush()
    page = get(cast.county_officer, PAGE)
    rows = {row.code: (row.name, row.persons) for row, _ in page.context["areas"]}
    assert rows[""] == ("未报区域", 1) and sum(persons for _, persons in rows.values()) == 3
    assert page.context["shown"].area_count == 3
    main = text(page).split("<main")[1]
    assert "未报区域" in main and main.count('<option value=""') == 1 and "None" not in main


def test_names_are_not_there_until_they_are_asked_for_and_then_it_is_recorded(cast: Cast, get: Get) -> None:
    page = text(get(cast.county_officer, PAGE))
    assert "合成甲" not in page and f"{MINE_A}00001" in page
    assert actions() == []
    page = text(get(cast.county_officer, f"{PAGE}?names=1"))
    assert "=合成甲" in page and "合成乙" in page and "综采一队" in page and "合成戊" not in page
    entry = AuditEntry.objects.get(action="underground.names")
    assert (entry.actor_id, entry.kind, entry.ident) == (cast.county_officer.pk, "mine", MINE_A)
    assert (json.loads(entry.content)["rows"], json.loads(entry.content)["names"]) == (4, True)


def test_a_look_that_cannot_be_recorded_shows_nothing(cast: Cast, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**given: Any) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("kuangan.domains.datalink.underground_views.audit.record", broken, raising=False)
    for address in (f"{PAGE}?names=1", f"{PAGE}export.csv"):
        with pytest.raises(RuntimeError):
            get(cast.county_officer, address)


@pytest.mark.parametrize(
    ("who", "page", "names"),
    [
        ("county_officer", 200, 200),
        ("city_leader", 200, 200),
        ("bureau_officer", 200, 200),
        ("mine_a_dispatcher", 200, 200),
        ("mine_a_manager", 200, 200),
        ("parent_dispatcher", 200, 403),
        ("neighbour_officer", 404, 404),
        ("mine_b_dispatcher", 404, 404),
        ("system_admin", 403, 403),
        ("security_admin", 403, 403),
        ("auditor", 403, 403),
        ("training_body", 403, 403),
        ("nobody", 403, 403),
    ],
)
def test_each_person_gets_what_the_role_and_the_scope_allow(
    cast: Cast, get: Get, who: str, page: int, names: int
) -> None:
    user = cast.people[who]
    for address in (PAGE, f"{PAGE}export.xlsx", f"{PAGE}export.csv"):
        assert get(user, address).status_code == page
        assert get(user, f"{address}?names=1").status_code == names
    recorded = actions()
    assert recorded.count("underground.names") == (names == 200)
    assert recorded.count("underground.exported") == 2 * ((page == 200) + (names == 200))


def test_a_stranger_is_sent_to_sign_in_and_an_unknown_mine_is_not_found(cast: Cast, get: Get) -> None:
    assert get(None, PAGE).status_code == 302
    assert get(cast.province_officer, "/mines/140404909999/underground/").status_code == 404
    assert get(cast.county_officer, f"{PAGE}export.pdf").status_code == 404


def test_an_earlier_moment_is_answered_by_the_snapshot_of_that_time(cast: Cast, get: Get) -> None:
    shown = get(cast.county_officer, f"{PAGE}?at=2026-11-21T07:53").context["shown"]
    assert (shown.below.count, f"{shown.snapshot.astimezone(BEIJING):%H:%M}") == (1, "07:50")
    assert get(cast.county_officer, f"{PAGE}?at=2099-01-01T00:00").context["shown"].at == MOMENT
    assert get(cast.county_officer, f"{PAGE}?at=yesterday").context["shown"].at == MOMENT


def test_without_a_young_snapshot_the_number_is_unknown_and_nothing_is_exported(cast: Cast, get: Get) -> None:
    with time_machine.travel(MOMENT.replace(minute=30), tick=False):
        answer = get(cast.county_officer, PAGE)
        page = text(answer)
        assert "井下人数未知，不是 0" in page and "当时 4 人" in page
        assert answer.context["shown"].below.count is None and answer.context["shown"].areas == []
        assert get(cast.county_officer, f"{PAGE}export.csv").status_code == 404
    assert "此前 24 小时也没有" in text(get(cast.county_officer, f"{PAGE}?at=2026-11-19T08:00"))
    assert actions() == []


def test_the_sheet_and_the_text_hold_the_same_rows_and_nothing_that_would_be_run(cast: Cast, get: Get) -> None:
    sheet = openpyxl.load_workbook(BytesIO(get(cast.county_officer, f"{PAGE}export.xlsx?names=1").content)).active
    rows = [["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    answer = get(cast.county_officer, f"{PAGE}export.csv?names=1")
    assert answer.content.startswith(b"\xef\xbb\xbf") and "attachment" in answer["Content-Disposition"]
    read = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows == read and len(read) == 5
    assert read[0][:5] == ["姓名", "工种", "职务", "队组", "卡号"]
    assert {row[0] for row in read[1:]} == {"'=合成甲", "合成乙", "合成丙", "合成丁"}
    bare = get(cast.county_officer, f"{PAGE}export.csv?area={FACE}").content.decode("utf-8-sig")
    assert "合成甲" not in bare and len(bare.splitlines()) == 3


def test_a_mine_is_found_under_its_alias_codes_too(cast: Cast, get: Get, home: Path) -> None:
    MineAlias.objects.create(alias=OLD, mine=cast.mine_a)
    at = to_ms(MOMENT) - 60_000
    payload = f"{wire(-1)};1;0001/合成己;~{';'.join(position(9, '合成己', FACE).split(';')[:9])};;~||".encode()
    frame = Frame(9, OLD, UPLOAD, f"{OLD}_RYSS_20261121075900.txt", "s", at, digest_of(payload), payload)
    pipeline = Pipeline(home, Collecting())
    pipeline.advance([("g1", frame)])
    pipeline.flush()
    assert get(cast.county_officer, PAGE).context["shown"].below.count == 1


def test_the_curve_ends_where_snapshots_are_missing(cast: Cast, get: Get) -> None:
    curve = get(cast.county_officer, f"{PAGE}?at=2026-11-21T08:00").context["curve"]
    assert (len(curve.lines), curve.highest) == (1, 4)
    assert len(curve.lines[0].split()) == 2


def test_the_curve_covers_the_hours_asked_for_and_no_others(cast: Cast, get: Get) -> None:
    for asked, hours in (("1", 1), ("24", 24), ("", 8), ("9", 8), ("x", 8)):
        page = get(cast.county_officer, f"{PAGE}?at=2026-11-21T08:00&hours={asked}")
        curve = page.context["curve"]
        assert (curve.end - curve.begin).total_seconds() == hours * 3600
        assert f"前 {hours} 小时" in page.content.decode()


def test_the_page_asks_the_database_little(
    cast: Cast, get: Get, django_assert_max_num_queries: Callable[[int], Any], client_of: Callable[..., Any]
) -> None:
    client = client_of(cast.county_officer)
    client.get(PAGE)
    with django_assert_max_num_queries(20):
        client.get(f"{PAGE}?names=1")


def test_a_query_is_understood_and_written_again() -> None:
    query = UndergroundQuery.parse({"at": "2026-11-21T07:53", "area": FACE, "later": "1", "names": "1"})
    assert query.address() == f"?at=2026-11-21T07%3A53%3A00&area={FACE}&later=1&names=1"
    assert UndergroundQuery.parse({"at": "2026-11-21T07:53+02:00", "names": "yes"}) == UndergroundQuery()
