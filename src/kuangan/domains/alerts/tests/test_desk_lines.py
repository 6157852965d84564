"""The desk as lines: folding, flapping, batch acts, saved views, what changed since the last shift."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from kuangan.base.audit.models import AuditEntry
from kuangan.base.clock import to_ms, use
from kuangan.base.registry.models import Mine, Supervision
from kuangan.domains.alerts.lines import listed
from kuangan.domains.alerts.models import Acknowledgement, Alert
from kuangan.domains.alerts.queries import Query, filtered
from kuangan.domains.alerts.seats import mark

Make = Callable[..., Any]
MINUTE = 60_000


@pytest.fixture
def outage(cast: Any, event: Make, moment: datetime) -> Callable[[int], list[Any]]:
    """So many mines of the county that lose their link, half a minute apart."""

    def make(number: int) -> list[Any]:
        mines = [
            Mine(
                code=f"1404049100{n:02d}",
                name=f"示例断网{n}号矿",
                kind="underground_coal",
                county_id="140404",
                city_id="140400",
            )
            for n in range(number)
        ]
        Mine.objects.bulk_create(mines)
        since = moment - timedelta(days=100)
        body = cast.organisations["county"]
        Supervision.objects.bulk_create(Supervision(mine=m, body=body, role="direct", valid_from=since) for m in mines)
        return [
            event(
                f"g1.net.{n}",
                rule="link.network_outage",
                subject_kind="mine",
                subject=mine.code,
                mine=mine.code,
                grade="blue",
                raised_at=to_ms(moment) - n * MINUTE // 2,
            )
            for n, mine in enumerate(mines)
        ]

    return make


def test_a_county_outage_is_one_line_below_a_real_over_limit_and_alerts_are_counted(
    apply: Make, event: Make, cast: Any, client_of: Make, outage: Make
) -> None:
    apply(event(grade="orange"), *outage(12))
    answer = client_of(cast.county_officer).get("/desk/")
    lines = answer.context["lines"]
    assert [(line.row.grade, line.kind, line.count, line.mine_count) for line in lines] == [
        ("orange", "single", 1, 1),
        ("blue", "county", 12, 12),
    ]
    text = answer.content.decode()
    assert "<b>县域断网</b>" in text and ">×12</button>" in text and "示例断网3号矿" in text and "上党区" in text
    assert (answer.context["total"], answer.context["line_count"]) == (13, 2)
    assert "共 13 条告警，折叠为 2 行" in text
    assert client_of(cast.county_officer).get("/desk/?fold=0").context["line_count"] == 13


def test_opening_a_line_lists_its_alerts_in_scope(apply: Make, cast: Any, client_of: Make, outage: Make) -> None:
    apply(*outage(5))
    [line] = client_of(cast.county_officer).get("/desk/").context["lines"]
    assert client_of(cast.county_officer).get(f"/desk/rows?ids={line.ids}").content.decode().count("data-number") == 5
    assert (
        client_of(cast.neighbour_officer).get(f"/desk/rows?ids={line.ids}").content.decode().count("data-number") == 0
    )


def test_the_pages_of_a_folded_list_hold_every_alert_once(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    apply(
        *[
            event(f"g1.{n}.0", grade="orange" if n % 3 else "red", raised_at=to_ms(moment) - n * 4 * MINUTE)
            for n in range(60)
        ]
    )
    cases, seen, after, pages = filtered(cast.county_officer, Query(), moment), [], "", 0
    while True:
        found = listed(cases, replace(Query(), after=after), moment, size=7)
        seen += [pk for line in found.shown for pk in line.members]
        pages += 1
        if not (after := found.next):
            break
    assert pages > 2 and len(seen) == len(set(seen)) == 60


def test_children_that_the_engine_names_stand_under_the_outage(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    point = "14040490000101MN000102"
    apply(
        event("g1.1.0", rule="link.sensor_offline", subject=point, grade="blue", raised_at=to_ms(moment) - 20 * MINUTE),
        event(
            "g1.2.0",
            rule="link.network_outage",
            subject_kind="mine",
            subject=cast.mine_a.code,
            inputs={"children": [point]},
        ),
    )
    [line] = listed(filtered(cast.county_officer, Query(), moment), Query(), moment).shown
    assert (line.row.alert.rule, line.kind, line.count) == ("link.network_outage", "parent", 2)


def test_a_merged_alert_leads_to_its_parent_and_the_parent_lists_it(
    apply: Make, event: Make, cast: Any, client_of: Make
) -> None:
    child = event("g1.1.0", rule="link.sensor_offline")
    apply(child, event("g1.2.0", rule="link.station_offline", subject_kind="station"))
    apply(replace(child, rev=2, status="cleared", merged_into="g1.2.0"))
    client = client_of(cast.county_officer)
    assert "并入 GJ-20261121-0002" in client.get("/desk/?state=all").content.decode()
    assert "并入本条的告警 1 条" in client.get("/alerts/GJ-20261121-0002/").content.decode()
    assert client.get("/desk/?state=all&parent=GJ-20261121-0002").context["total"] == 1


def test_a_subject_raised_again_and_again_is_marked_listed_and_one_line(
    apply: Make, event: Make, cast: Any, client_of: Make, moment: datetime
) -> None:
    again = [
        event(f"g1.{n}.0", rule="link.sensor_offline", raised_at=to_ms(moment) - n * 30 * MINUTE) for n in range(3)
    ]
    apply(*again, event("g1.9.0", rule="link.sensor_offline", subject="14040490000101MN000199"))
    client = client_of(cast.county_officer)
    lines = {line.kind: line for line in client.get("/desk/").context["lines"]}
    assert lines["flapping"].count == 3
    assert ("flapping", "反复 3 次") in lines["flapping"].row.badges
    assert client.get("/desk/?flapping=1").context["total"] == 3
    with use(moment + timedelta(hours=3)):
        assert client.get("/desk/?flapping=1").context["total"] == 0


def test_a_batch_answers_each_alert_by_itself(apply: Make, event: Make, cast: Any, client_of: Make) -> None:
    alerts = apply(event("g1.1.0"), event("g1.2.0"), event("g1.3.0", mine=cast.mine_b.code))
    client = client_of(cast.mine_a_dispatcher)
    client.post("/alerts/GJ-20261121-0002/acknowledge")
    ids = ",".join(str(alert.pk) for alert in alerts)
    answer = client.post("/desk/acknowledge", {"ids": ids})
    said = {a.number[-4:]: a.done for a in answer.context["answers"]}
    assert said == {"0001": True, "0002": False}
    assert answer.context["lost"] == 1
    text = answer.content.decode()
    assert "1 条已办理" in text and "1 条未办理" in text and "1 条不在您的范围内" in text
    assert Acknowledgement.objects.count() == 2
    assert AuditEntry.objects.filter(action="alert.batch_acknowledged").count() == 1


def test_a_batch_with_a_grave_colour_wants_a_reason(apply: Make, event: Make, cast: Any, client_of: Make) -> None:
    alerts = apply(event("g1.1.0", grade="red"), event("g1.2.0"))
    ids = [str(alert.pk) for alert in alerts]
    client = client_of(cast.mine_a_dispatcher)
    assert client.post("/desk/acknowledge", {"ids": ids}).status_code == 422
    assert Acknowledgement.objects.count() == 0
    assert client.post("/desk/acknowledge", {"ids": ids, "note": "同一起停风"}).status_code == 200
    assert set(Acknowledgement.objects.values_list("note", flat=True)) == {"同一起停风"}


def test_a_batch_is_shelved_with_one_reason(apply: Make, event: Make, cast: Any, client_of: Make) -> None:
    alerts = apply(event("g1.1.0"), event("g1.2.0", grade="red"))
    client = client_of(cast.county_officer)
    sent = {"ids": [str(alert.pk) for alert in alerts], "minutes": "30"}
    assert client.post("/desk/shelve", sent).status_code == 422
    said = [a.words for a in client.post("/desk/shelve", sent | {"reason": "检修"}).context["answers"]]
    assert said == ["已申请，待本单位另一人同意", "已搁置"]


def test_the_chosen_lines_are_exported_and_the_sheet_says_how_many_lines(
    apply: Make, event: Make, cast: Any, client_of: Make, outage: Make
) -> None:
    apply(event(), *outage(4))
    client = client_of(cast.county_officer)
    lines = client.get("/desk/").context["lines"]
    chosen = client.post("/desk/export.xlsx", {"ids": [line.ids for line in lines if line.folded]})
    rows = list(load_workbook(BytesIO(chosen.content)).active.iter_rows(values_only=True))
    assert len(rows) == 1 + 4 + 1 and rows[-1][0].startswith("4 条告警，值守台折叠为 1 行")
    whole = client.get("/desk/export.xlsx")
    last = list(load_workbook(BytesIO(whole.content)).active.iter_rows(values_only=True))[-1][0]
    assert last.startswith("5 条告警，值守台折叠为 2 行")
    assert AuditEntry.objects.filter(action="list.exported").count() == 2


def test_a_view_is_kept_shared_within_the_organisation_and_opened_with(cast: Any, client_of: Make) -> None:
    officer, leader = client_of(cast.county_officer), client_of(cast.county_leader)
    sent = {"name": "夜班", "grade": "red", "shared": "on", "default": "on"}
    assert officer.post("/desk/views", sent)["Location"] == "/desk/?state=open&grade=red"
    assert officer.get("/desk/")["Location"] == "/desk/?state=open&grade=red"
    assert "夜班" in leader.get("/desk/").content.decode()
    assert "夜班" not in client_of(cast.city_officer).get("/desk/").content.decode()
    pk = cast.county_officer.pk and AuditEntry.objects.get(action="view.shared").ident
    assert leader.post(f"/desk/views/{pk}/remove").status_code == 403
    assert client_of(cast.city_officer).post(f"/desk/views/{pk}/default").status_code == 404
    assert leader.post(f"/desk/views/{pk}/default").status_code == 302
    assert officer.post(f"/desk/views/{pk}/remove").status_code == 302
    assert leader.get("/desk/").status_code == 200


def test_what_changed_since_the_mark_is_counted_and_each_number_opens_its_list(
    apply: Make, event: Make, cast: Any, client_of: Make, moment: datetime
) -> None:
    before = to_ms(moment) - 60 * MINUTE
    old = event("g1.1.0", raised_at=before, changed_at=before)
    merged = event("g1.2.0", rule="link.sensor_offline", raised_at=before, changed_at=before)
    apply(old, merged)
    mark(cast.county_officer, moment - timedelta(minutes=10))
    later = to_ms(moment)
    apply(
        replace(old, rev=2, grade="orange", changed_at=later),
        replace(merged, rev=2, status="cleared", merged_into="x", changed_at=later),
        event("g1.3.0"),
        event("g1.4.0", inputs={"drill": True}),
    )
    client = client_of(cast.county_officer)
    counts = {name: (number, address) for name, _, number, _, address in client.get("/desk/").context["changes"].counts}
    assert {name: number for name, (number, _) in counts.items()} == {"new": 1, "risen": 1, "closed": 1}
    for number, address in counts.values():
        assert client.get(address).context["total"] == number
    assert client_of(cast.county_leader).get("/desk/").context["changes"] is None
    assert client.post("/desk/mark").status_code == 302
    assert Alert.objects.count() == 4
