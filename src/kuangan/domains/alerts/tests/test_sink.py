"""What the engine's events become."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.models import Case
from kuangan.base.clock import to_ms
from kuangan.base.deadlines.models import Deadline
from kuangan.base.notices.models import Notice
from kuangan.base.registry.models import SubStation
from kuangan.domains.alerts.models import Alert, Change
from kuangan.domains.alerts.sink import apply_events
from kuangan.library.warning.events import Event

Make = Callable[..., Event]
Apply = Callable[..., list[Alert]]
MINUTE = 60_000


def running(alert: Alert) -> dict[str, datetime]:
    rows = Deadline.objects.filter(subject_kind="case", subject_id=str(alert.pk), state="running")
    return dict(rows.values_list("code", "due"))


def kinds(alert: Alert) -> list[str]:
    return list(Change.objects.filter(alert=alert).order_by("pk").values_list("kind", flat=True))


def test_a_new_event_becomes_a_numbered_case_owned_by_the_direct_supervisor(
    apply: Apply, event: Make, cast: Any
) -> None:
    [alert] = apply(event())
    case = alert.case
    assert case.number == "GJ-20261121-0001"
    assert case.owner == cast.organisations["county"]
    assert (case.kind, case.state, case.severity, case.region, case.sector) == (
        "alert",
        "raised",
        "yellow",
        "140404",
        "coal",
    )
    assert case.title == "示例远峰煤业 2307综采面上隅角 瓦斯超限 1.20 %CH4"
    assert kinds(alert) == ["raised"]
    assert AuditEntry.objects.filter(kind="alert", ident=case.number, action="alert.raised").count() == 1


def test_clocks_of_the_colour_run_from_the_arrival(apply: Apply, event: Make, moment: datetime) -> None:
    late = event(late=True, onset=to_ms(moment) - 7 * 3600_000)
    [alert] = apply(late)
    clocks = running(alert)
    assert clocks["ack_mine"] == moment + timedelta(minutes=10)
    assert clocks["ack_direct"] == moment + timedelta(minutes=30)
    assert "ack_parent" not in clocks and "ack_province" not in clocks
    assert alert.case.due == clocks["ack_mine"]
    assert alert.late


def test_blue_stays_at_the_mine(apply: Apply, event: Make, cast: Any) -> None:
    [alert] = apply(event(grade="blue"))
    told = set(Notice.objects.filter(subject_id=str(alert.pk)).values_list("to", flat=True))
    assert told == {f"organisation:{cast.organisations['mine_a'].pk}"}
    assert alert.reach == 0


def test_red_is_told_to_every_level_and_rings_the_phones_that_are_known(apply: Apply, event: Make, cast: Any) -> None:
    mine = cast.organisations["mine_a"]
    mine.phone = "03550000000"
    mine.save()
    [alert] = apply(event(grade="red", peak=3.1))
    rows = Notice.objects.filter(subject_id=str(alert.pk))
    told = {row.to for row in rows if row.channel == "inbox"}
    assert told == {
        f"organisation:{cast.organisations[k].pk}" for k in ("mine_a", "parent", "county", "city", "province")
    }
    assert [row.to for row in rows if row.channel == "voice"] == ["03550000000"]
    assert alert.reach == 4


def test_mail_and_interface_are_told_where_an_organisation_has_them(apply: Apply, event: Make, cast: Any) -> None:
    county = cast.organisations["county"]
    county.email, county.webhook = "zhiban@example.org", "https://example.org/alerts"
    county.save()
    red, yellow = apply(event("g1.1.0", grade="red"), event("g1.2.0"))
    outside = {"email", "webhook"}
    found = {(n.channel, n.to) for n in Notice.objects.filter(subject_id=str(red.pk), channel__in=outside)}
    assert found == {("email", "zhiban@example.org"), ("webhook", "https://example.org/alerts")}
    assert not Notice.objects.filter(subject_id=str(yellow.pk), channel__in=outside).exists()


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Case, Change, Deadline, Notice, AuditEntry))


def test_applying_the_same_batch_twice_changes_nothing(apply: Apply, event: Make) -> None:
    apply(event())
    before = counts()
    apply(event())
    assert counts() == before


def test_an_older_revision_is_passed_over(apply: Apply, event: Make) -> None:
    apply(event(rev=3, grade="orange", peak=2.2))
    [alert] = apply(event(rev=2))
    assert (alert.rev, alert.grade, alert.peak) == (3, "orange", 2.2)


def test_a_raise_of_colour_starts_the_clocks_of_the_new_colour_at_the_raise(
    apply: Apply, event: Make, moment: datetime
) -> None:
    first = event()
    apply(first)
    later = moment + timedelta(minutes=6)
    [alert] = apply(replace(first, rev=2, grade="red", peak=3.2, changed_at=to_ms(later)), at=later)
    clocks = running(alert)
    assert clocks["ack_mine"] == later + timedelta(minutes=3)
    assert clocks["ack_province"] == later + timedelta(minutes=15)
    assert clocks["withdraw_start"] == later + timedelta(minutes=5)
    assert (alert.case.severity, alert.grade, alert.graded_at) == ("red", "red", later)
    assert kinds(alert) == ["raised", "grade"]
    assert Deadline.objects.filter(subject_id=str(alert.pk), code="ack_mine").count() == 2


def test_several_revisions_in_one_batch_leave_each_raise_in_the_timeline(
    apply: Apply, event: Make, moment: datetime
) -> None:
    first = event(grade="blue")
    steps = [
        replace(first, rev=number, grade=grade, changed_at=to_ms(moment) + number * 1000)
        for number, grade in ((2, "yellow"), (3, "orange"))
    ]
    alert = apply(first, *steps)[0]
    assert [change.grade for change in Change.objects.filter(alert=alert)] == ["blue", "yellow", "orange"]
    assert alert.graded_at == moment + timedelta(seconds=3)


def test_physical_clearing_leaves_the_case_open(apply: Apply, event: Make, moment: datetime) -> None:
    first = event()
    apply(first)
    end = to_ms(moment) + 5 * MINUTE
    [alert] = apply(replace(first, rev=2, status="cleared", end=end, changed_at=end))
    assert to_ms(alert.physically_cleared_at) == end
    assert alert.case.state == "raised" and alert.case.closed is None
    assert "ack_mine" in running(alert)


def test_a_flapping_value_neither_restarts_clocks_nor_tells_again(apply: Apply, event: Make, moment: datetime) -> None:
    first = event()
    apply(first)
    told = Notice.objects.count()
    end = to_ms(moment) + MINUTE
    apply(replace(first, rev=2, status="cleared", end=end, changed_at=end))
    [alert] = apply(replace(first, rev=3, changed_at=end + MINUTE))
    assert Notice.objects.count() == told
    assert running(alert)["ack_mine"] == moment + timedelta(minutes=10)
    assert alert.physically_cleared_at is None and kinds(alert) == ["raised"]


def test_a_closed_case_opens_again_when_the_event_comes_back(apply: Apply, event: Make, moment: datetime) -> None:
    first = event()
    [alert] = apply(first)
    Case.objects.filter(pk=alert.pk).update(state="closed", closed=moment)
    Deadline.objects.filter(subject_id=str(alert.pk)).update(state="cancelled", next_at=None)
    end = to_ms(moment) + MINUTE
    apply(replace(first, rev=2, status="cleared", end=end, changed_at=end))
    again = moment + timedelta(minutes=9)
    [alert] = apply(replace(first, rev=3, changed_at=to_ms(again)), at=again)
    assert alert.case.state == "raised" and alert.case.closed is None
    assert kinds(alert) == ["raised", "reopened"]
    assert running(alert)["ack_mine"] == again + timedelta(minutes=10)


def test_a_void_event_is_marked_kept_and_waits_for_its_supervisor(apply: Apply, event: Make, cast: Any) -> None:
    first = event()
    apply(first)
    [alert] = apply(replace(first, rev=2, status="void", changed_at=first.changed_at + MINUTE))
    assert alert.void and alert.case.state == "raised"
    assert set(running(alert)) == {"close"}
    assert Deadline.objects.get(subject_id=str(alert.pk), state="running").owner == cast.organisations["county"]
    assert kinds(alert) == ["raised", "void"]


def test_a_merged_event_closes_its_case_and_waits_for_nobody(apply: Apply, event: Make) -> None:
    first = event()
    apply(first)
    [alert] = apply(replace(first, rev=2, status="void", merged_into="g1.90.0", changed_at=first.changed_at + MINUTE))
    assert alert.case.state == "closed" and alert.merged_into == "g1.90.0"
    assert running(alert) == {}


def test_a_mine_without_direct_supervisor_is_owned_by_its_city(apply: Apply, event: Make, cast: Any) -> None:
    cast.mine_a.supervision.filter(role="direct").delete()
    [alert] = apply(event())
    assert alert.case.owner == cast.organisations["city"]
    owners = Deadline.objects.filter(subject_id=str(alert.pk), code="ack_direct").values_list("owner", flat=True)
    assert list(owners) == [cast.organisations["city"].pk]


def test_an_event_of_a_mine_nobody_knows_is_raised_all_the_same(apply: Apply, event: Make) -> None:
    [alert] = apply(event(mine="149999900001", inputs={"mine_name": "示例未登记矿"}))
    assert alert.case.mine is None and alert.case.region == "149999"[:2] + "0000"
    assert alert.mine_name == "示例未登记矿"


def test_a_drill_is_marked_on_the_case(apply: Apply, event: Make) -> None:
    [alert] = apply(event(inputs={"drill": True}))
    assert alert.drill and alert.case.drill
    assert Notice.objects.filter(subject_id=str(alert.pk), subject__startswith="【演练】").exists()


def _queries(events: list[Event], at: datetime) -> int:
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        apply_events(events, at)
    return len(captured)


def test_five_hundred_events_cost_no_query_each(cast: Any, event: Make, moment: datetime) -> None:
    few = _queries([event(f"g1.{n}.a", grade="red") for n in range(5)], moment)
    many = _queries([event(f"g1.{n}.b", grade="red") for n in range(500)], moment)
    assert few <= 40
    # SQLite takes at most 999 values in one statement, so a bulk insert of 500 rows is several statements.
    allowed = few + 180 if connection.vendor == "sqlite" else few + 10
    assert many <= allowed
    assert Alert.objects.count() == 505


def test_an_event_about_a_sub_station_is_where_the_register_says_it_stands(
    apply: Apply, event: Make, cast: Any
) -> None:
    known, unknown, own = "14040490000100001", "14040490000100002", "14040490000100003"
    for code in (known, own):
        SubStation.objects.create(code=code, mine=cast.mine_a, location="三采区变电所")
    about = {"rule": "danger.on_battery", "subject_kind": "station"}
    nowhere = {"location": ""}
    found = apply(
        event("g1.1.0", subject=known, inputs=nowhere, **about),
        event("g1.2.0", subject=unknown, inputs=nowhere, **about),
        event("g1.3.0", subject=own, inputs={"location": "五采区"}, **about),
    )
    assert [alert.location for alert in found] == ["三采区变电所", "", "五采区"]
    assert "三采区变电所" in found[0].case.title
    [again] = apply(event("g1.1.0", subject=known, inputs=nowhere, rev=2, grade="orange", **about))
    assert again.location == "三采区变电所"


@pytest.mark.parametrize("count", [3])
def test_numbers_follow_each_other_within_a_batch(apply: Apply, event: Make, count: int) -> None:
    alerts = apply(*[event(f"g1.{n}.0") for n in range(count)])
    assert [alert.case.number for alert in alerts] == ["GJ-20261121-0001", "GJ-20261121-0002", "GJ-20261121-0003"]
