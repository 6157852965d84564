"""The desk, the alert's pages and the interface: what they show, to whom, at what cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from kuangan.base.clock import to_ms
from kuangan.domains.alerts.acts import acknowledge, evidence_path
from kuangan.domains.alerts.figures import QUERIES, figure
from kuangan.domains.alerts.models import Acknowledgement, Alert
from kuangan.domains.alerts.queries import Query, filtered, page
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.reported import REPORTED

Make = Callable[..., Any]
POINT = "14040490000101MN000101"
NUMBER = "GJ-20261121-0001"
READERS = (
    "province_officer",
    "city_officer",
    "county_officer",
    "bureau_officer",
    "mine_a_dispatcher",
    "parent_dispatcher",
)
OUTSIDERS = ("neighbour_officer", "mine_b_dispatcher")
ROLELESS = ("auditor", "system_admin", "informant", "training_body", "nobody")
PLACES = (
    f"/alerts/{NUMBER}/",
    f"/alerts/{NUMBER}/drawer",
    f"/alerts/{NUMBER}/curve",
    f"/alerts/{NUMBER}/sheet/",
    f"/api/v1/alerts/{NUMBER}",
)


@pytest.fixture
def tail(moment: datetime) -> Any:
    """Half an hour of readings with a gap of five minutes, in the hot tail."""
    now = to_ms(moment)
    times = [now - n * 10_000 for n in range(180, 0, -1) if not 60 <= n < 90]
    count = len(times)
    table = pl.DataFrame(
        {
            "point": [POINT] * count,
            "mine": ["140404900001"] * count,
            "time": times,
            "value": [0.4] * (count - 6) + [1.2] * 6,
            "status": [0] * count,
            "lag": [1000] * count,
            "rev": [0] * count,
        },
        schema_overrides={"status": pl.Int32, "lag": pl.Int32, "rev": pl.Int16},
    )
    publish(Path(settings.HOME), "tail", table)
    yield table
    (Path(settings.HOME) / "hot" / "tail.arrow").unlink()


@pytest.mark.parametrize("place", PLACES)
def test_an_alert_is_there_for_its_scope_hidden_from_others_and_closed_to_other_roles(
    apply: Make, event: Make, cast: Any, client_of: Make, place: str
) -> None:
    apply(event())
    assert {who: client_of(cast.people[who]).get(place).status_code for who in READERS} == dict.fromkeys(READERS, 200)
    assert {who: client_of(cast.people[who]).get(place).status_code for who in OUTSIDERS} == dict.fromkeys(
        OUTSIDERS, 404
    )
    assert {who: client_of(cast.people[who]).get(place).status_code for who in ROLELESS} == dict.fromkeys(ROLELESS, 403)
    assert client_of(None).get(place).status_code == (401 if place.startswith("/api/") else 302)


def test_the_desk_lists_what_is_in_scope_the_gravest_first(
    apply: Make, event: Make, cast: Any, client_of: Make
) -> None:
    apply(event("g1.1.0"), event("g1.2.0", grade="red", peak=3.12), event("g1.3.0", mine=cast.mine_b.code))
    answer = client_of(cast.county_officer).get("/desk/")
    rows = answer.context["rows"]
    assert [(row.grade, row.mine) for row in rows] == [("red", "示例远峰煤业"), ("yellow", "示例远峰煤业")]
    text = answer.content.decode()
    assert "系统默认，非官方分级" in text and "三级" in text and 'href="/clauses/SX34-42/"' in text and "矿调度" in text
    assert "示例青岭煤业" not in text


def test_the_desk_shows_a_dash_for_people_below_while_nobody_tells(cast: Any, client_of: Make) -> None:
    shown = {f.name: f.text for f in client_of(cast.city_officer).get("/desk/").context["figures"]}
    assert shown["people_below"] == "—" and shown["mines_online"] == "—"


def test_online_mines_are_those_of_the_scope_that_are_not_silent(cast: Any, client_of: Make) -> None:
    table = pl.DataFrame(
        {"mine": ["140404900001", "140403900002"], "silent_since": [None, 5]},
        schema_overrides={"silent_since": pl.Int64},
    )
    publish(Path(settings.HOME), "mines", table)
    try:
        by = {
            who: {f.name: (f.text, f.of) for f in client_of(cast.people[who]).get("/desk/").context["figures"]}
            for who in ("city_officer", "county_officer")
        }
    finally:
        (Path(settings.HOME) / "hot" / "mines.arrow").unlink()
    assert by["city_officer"]["mines_online"] == ("1", "2")
    assert by["county_officer"]["mines_online"] == ("1", "1")


@pytest.mark.parametrize("name", sorted(QUERIES))
@pytest.mark.parametrize("who", ["province_officer", "county_officer", "mine_a_dispatcher", "nobody"])
def test_a_figure_is_the_number_of_rows_of_the_list_it_opens(
    apply: Make, event: Make, cast: Any, client_of: Make, moment: datetime, name: str, who: str
) -> None:
    long_ago = to_ms(moment) - 3 * 3600_000
    apply(
        *[event(f"g1.1.{n}", grade=grade) for n, grade in enumerate(("red", "red", "orange", "yellow", "blue"))],
        event("g1.2.0", grade="red", raised_at=long_ago, changed_at=long_ago),
        event("g1.3.0", grade="red", inputs={"drill": True}),
        event("g1.4.0", grade="orange", mine=cast.mine_b.code, raised_at=long_ago, changed_at=long_ago),
    )
    user = cast.people[who]
    shown = figure(name, user, moment)
    rows = page(filtered(user, QUERIES[name], moment), QUERIES[name], size=1000).alerts
    assert shown.value == len(rows)
    assert not any(alert.drill for alert in rows)
    if who != "nobody":
        assert client_of(user).get(shown.address).context["total"] == shown.value


def test_filters_pages_and_search_find_the_same_alerts_once(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    apply(*[event(f"g1.{n}.0", grade="orange" if n % 3 else "red") for n in range(45)])
    user, seen, after = cast.county_officer, [], ""
    while True:
        found = page(filtered(user, Query(), moment), Query(after=after))
        seen += [alert.case.number for alert in found.alerts]
        if not (after := found.next):
            break
    assert len(seen) == len(set(seen)) == 45
    assert filtered(user, Query(grade="red"), moment).count() == 15
    assert filtered(user, Query(text="GJ-20261121-0007"), moment).count() == 1
    assert filtered(user, Query(text="上隅角"), moment).count() == 45
    assert filtered(user, Query(region="140403"), moment).count() == 0


def test_a_desk_page_costs_the_same_number_of_queries_for_one_row_and_for_twenty(
    apply: Make, event: Make, cast: Any, client_of: Make
) -> None:
    client = client_of(cast.city_officer)
    counts = []
    for batch in ([event("g1.0.0")], [event(f"g1.{n}.1", grade="red") for n in range(30)]):
        apply(*batch)
        client.get("/desk/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/desk/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 30


def test_the_drawer_says_why_by_which_rule_and_what_happened(
    apply: Make, event: Make, cast: Any, client_of: Make
) -> None:
    apply(
        event(
            grade="red",
            peak=3.12,
            inputs={
                "calibration_samples": 3,
                "ladder_row": "M-R1",
                "notes": ["own_limit_above_statutory"],
                "occurrences": 3,
            },
        )
    )
    text = client_of(cast.county_officer).get(f"/alerts/{NUMBER}/drawer").content.decode()
    for said in (
        "规程限值",
        "限值表 S-01",
        "规程498条",
        "第 3 次",
        "自设限值高于规程限值",
        "标校样本 3 个不计入",
        "gas.over_limit v1",
        "M-R1",
        "产生告警：红色",
        "没有可用的人员位置数据",
    ):
        assert said in text


def test_late_void_and_drill_are_shown_on_every_page(apply: Make, event: Make, cast: Any, client_of: Make) -> None:
    first = event(late=True, inputs={"drill": True})
    apply(first)
    apply(replace(first, rev=2, status="void", changed_at=first.changed_at + 1000))
    client = client_of(cast.county_officer)
    for place in ("/desk/", f"/alerts/{NUMBER}/", f"/alerts/{NUMBER}/sheet/", f"/alerts/{NUMBER}/drawer"):
        text = client.get(place).content.decode()
        assert "演练" in text and "作废待确认" in text and "迟到数据" in text, place


def test_acknowledging_in_the_drawer_answers_with_the_new_drawer(
    apply: Make, event: Make, cast: Any, client_of: Make
) -> None:
    apply(event())
    answer = client_of(cast.mine_a_dispatcher).post(
        f"/alerts/{NUMBER}/acknowledge", {"withdrawing": "on"}, headers={"X-Drawer": "1"}
    )
    assert answer.status_code == 200 and "甲矿调度员 确认黄色告警，已开始撤人" in answer.content.decode()
    assert Acknowledgement.objects.get().level == "mine"


@pytest.mark.parametrize(
    ("who", "status"), [("county_officer", 302), ("bureau_officer", 403), ("neighbour_officer", 404), ("auditor", 403)]
)
def test_acknowledging_is_for_the_levels_of_the_alert(
    apply: Make, event: Make, cast: Any, client_of: Make, who: str, status: int
) -> None:
    apply(event())
    assert client_of(cast.people[who]).post(f"/alerts/{NUMBER}/acknowledge").status_code == status


def test_a_second_acknowledgement_and_an_empty_form_are_answered_with_words(
    apply: Make, event: Make, cast: Any, client_of: Make, moment: datetime
) -> None:
    [alert] = apply(event())
    acknowledge(alert.case, by=cast.mine_a_manager, at=moment)
    client = client_of(cast.mine_a_dispatcher)
    assert client.post(f"/alerts/{NUMBER}/acknowledge").status_code == 409
    answer = client.post(f"/alerts/{NUMBER}/verify", {"cause_code": ""})
    assert answer.status_code == 422 and "请补全必填项" in answer.content.decode()
    assert client.get(f"/alerts/{NUMBER}/verify").status_code == 405
    assert client.post(f"/alerts/{NUMBER}/unknown").status_code == 404


def reported(mine: Any, name: str, content: bytes) -> Any:
    """The answer to a report with this file as evidence, after the steps before it."""
    mine.post(f"/alerts/{NUMBER}/acknowledge")
    mine.post(f"/alerts/{NUMBER}/verify", {"cause_code": "calibration", "withdrawn": "not_needed", "measures": "标校"})
    file = BytesIO(content)
    file.name = name
    return mine.post(f"/alerts/{NUMBER}/report", {"report": "标校", "evidence": [file]})


def test_evidence_is_downloaded_by_those_who_see_the_alert(
    apply: Make, event: Make, cast: Any, client_of: Make
) -> None:
    apply(event())
    assert reported(client_of(cast.mine_a_manager), "标校记录.txt", b"<script>synthetic</script>").status_code == 302
    pk = Alert.objects.get().evidence.get().pk
    answer = client_of(cast.county_officer).get(f"/alerts/{NUMBER}/evidence/{pk}")
    assert b"".join(answer.streaming_content) == b"<script>synthetic</script>"
    assert (
        answer["Content-Disposition"].startswith("attachment") and answer["Content-Type"] == "application/octet-stream"
    )
    assert client_of(cast.neighbour_officer).get(f"/alerts/{NUMBER}/evidence/{pk}").status_code == 404
    evidence_path(Path(settings.HOME), Alert.objects.get().evidence.get().sha256).write_bytes(b"other")
    answer = client_of(cast.county_officer).get(f"/alerts/{NUMBER}/evidence/{pk}")
    assert answer.status_code == 404 and "“标校记录.txt”缺失，或与登记的摘要" in answer.content.decode()


def test_a_program_is_no_evidence(apply: Make, event: Make, cast: Any, client_of: Make) -> None:
    apply(event())
    answer = reported(client_of(cast.mine_a_manager), "a.exe", b"MZ")
    assert answer.status_code == 422 and "不支持的文件类型" in answer.content.decode()


def test_the_curve_leaves_gaps_open_and_carries_limits_and_onset(
    apply: Make, event: Make, cast: Any, client_of: Make, tail: pl.DataFrame
) -> None:
    apply(event(inputs={"grades": [["yellow", 1, "M-Y1"]]}))
    answer = client_of(cast.county_officer).get(f"/alerts/{NUMBER}/curve").json()
    line = answer["series"][0]["data"]
    assert sum(value is None for _, value in line) == 1
    assert len(line) == tail.height + 1
    assert answer["limits"] == [{"name": "报警", "value": 1.0, "cut": False}]
    assert answer["onset"] == to_ms(Alert.objects.get().onset)
    assert answer["grades"][0]["word"] == "黄"


def test_sparklines_of_many_alerts_come_in_one_answer_and_only_in_scope(
    apply: Make, event: Make, cast: Any, client_of: Make, tail: pl.DataFrame
) -> None:
    apply(event("g1.1.0"), event("g1.2.0"), event("g1.3.0", mine=cast.mine_b.code))
    numbers = ",".join(f"GJ-20261121-000{n}" for n in (1, 2, 3))
    lines = client_of(cast.county_officer).get(f"/desk/sparklines?numbers={numbers}").json()["lines"]
    assert set(lines) == {"GJ-20261121-0001", "GJ-20261121-0002"}
    assert max(value for _, value in lines[NUMBER]) == 1.2


def test_arrivals_are_counted_by_colour_after_the_newest_on_the_page(
    apply: Make, event: Make, cast: Any, client_of: Make
) -> None:
    client = client_of(cast.county_officer)
    apply(event("g1.1.0"))
    newest = client.get("/desk/").context["newest"]
    assert client.get(f"/desk/arrivals?newest={newest}").json()["counts"] == {}
    apply(event("g1.2.0", grade="red"), event("g1.3.0"), event("g1.4.0", grade="red", mine=cast.mine_b.code))
    assert client.get(f"/desk/arrivals?newest={newest}").json()["counts"] == {"red": 1, "yellow": 1}


def test_my_work_is_what_my_organisation_owes_the_nearest_first(
    apply: Make, event: Make, cast: Any, client_of: Make, moment: datetime
) -> None:
    [alert] = apply(event())
    asked = [item.asked for item in client_of(cast.mine_a_dispatcher).get("/todo/").context["items"]]
    assert asked == ["矿调度确认", "初报", "书面反馈"]
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=moment)
    asked = [item.asked for item in client_of(cast.mine_a_dispatcher).get("/todo/").context["items"]]
    assert asked == ["初报", "书面反馈"]
    assert client_of(cast.mine_b_dispatcher).get("/todo/").context["items"] == []


def test_the_workbook_has_the_filtered_rows_and_text_stays_text(
    apply: Make, event: Make, cast: Any, client_of: Make
) -> None:
    apply(event("g1.1.0", inputs={"location": "=1+1"}), event("g1.2.0", grade="red"))
    answer = client_of(cast.county_officer).get("/desk/export.xlsx?grade=yellow")
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows())
    assert [row[0].value for row in rows[1:-1]] == [NUMBER]
    assert (rows[1][3].value, rows[1][3].data_type) == ("=1+1", "s")
    assert "系统默认" in rows[-1][0].value


def test_the_interface_lists_with_the_filters_of_the_desk(apply: Make, event: Make, cast: Any, client_of: Make) -> None:
    apply(*[event(f"g1.{n}.0", grade="red" if n < 22 else "yellow") for n in range(25)])
    client = client_of(cast.county_officer)
    first = client.get("/api/v1/alerts?grade=red").json()
    rest = client.get(f"/api/v1/alerts?grade=red&after={first['next']}").json()
    numbers = [item["number"] for item in first["items"] + rest["items"]]
    assert len(set(numbers)) == 22 and rest["next"] == ""
    assert first["items"][0]["grade_is_default"] is True
    assert client_of(cast.neighbour_officer).get("/api/v1/alerts").json()["items"] == []


def test_what_the_mine_reported_itself_stands_beside_our_event(
    apply: Make, event: Make, cast: Any, client_of: Make, moment: datetime
) -> None:
    apply(event())
    now = to_ms(moment)
    told = dict.fromkeys(REPORTED) | {
        "gateway": "g1",
        "mine": "140404900001",
        "alarm_type": "001",
        "unit": "%CH4",
        "seq": 1,
    }
    told |= {"code": POINT, "start": now - 50_000, "max": 1.31, "cause": "割煤", "measure": "停机", "received_at": now}
    long_ago = told | {"start": now - 5 * 3600_000, "end": now - 4 * 3600_000, "seq": 2, "cause": "旧事"}
    other = told | {"code": POINT[:-1] + "9", "seq": 3, "cause": "别处"}
    publish(Path(settings.HOME), "reported", pl.DataFrame([told, long_ago, other], schema=REPORTED))
    try:
        text = client_of(cast.county_officer).get(f"/alerts/{NUMBER}/drawer").content.decode()
    finally:
        (Path(settings.HOME) / "hot" / "reported.arrow").unlink()
    assert "超限报警 最大 1.31 %CH4" in text and "割煤" in text and "停机" in text
    assert "旧事" not in text and "别处" not in text


@pytest.mark.slow
def test_a_hundred_thousand_alerts_are_listed_with_as_few_queries(
    apply: Make, event: Make, cast: Any, client_of: Make, moment: datetime
) -> None:
    from kuangan.base.case.models import Case

    [pattern] = apply(event())
    fields = {f.attname: getattr(pattern, f.attname) for f in Alert._meta.concrete_fields}
    shared = {f.attname: getattr(pattern.case, f.attname) for f in Case._meta.concrete_fields}
    for start in range(0, 100_000, 5_000):
        numbers = range(start, start + 5_000)
        states = ["closed" if n % 50 else "raised" for n in numbers]
        cases = Case.objects.bulk_create(
            Case(
                **shared
                | {"id": None, "number": f"GJ-2025-{n:06d}", "state": state, "opened": moment - timedelta(minutes=n)}
            )
            for n, state in zip(numbers, states, strict=True)
        )
        Alert.objects.bulk_create(
            Alert(**fields | {"case_id": case.pk, "event_id": f"old.{case.number}"}) for case in cases
        )
    client = client_of(cast.province_officer)
    lists = ("/desk/", "/desk/?state=all", "/desk/?state=closed&after=1-50000", "/desk/arrivals?newest=0")
    for place in (*lists, "/api/v1/alerts?state=all", "/todo/", "/inbox/", "/search/?q=GJ-2025-00", "/link/"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(place).status_code == 200
        assert len(captured) <= 40, place
