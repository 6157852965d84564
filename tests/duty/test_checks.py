"""What checks say of rosters, handovers, drills and weather warnings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kuangan.base.compliance.checks import State
from kuangan.base.deadlines.models import Deadline
from kuangan.base.registry.models import Supervision
from kuangan.domains.alerts.acts import acknowledge, act
from kuangan.domains.duty.drills import start_drill
from kuangan.domains.duty.handing import open_handover, sign, take
from kuangan.domains.duty.models import Drill, Shift
from kuangan.domains.duty.weather import acts
from kuangan.domains.duty.weather.intake import take as received
from kuangan.domains.duty.weather.models import SpotCheck, SpotDraw, Withdrawal
from tests.checked import answer_of, check_of, findings_of, opened
from tests.duty.weather_wire import COUNTY, cap

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ROSTERS = {"duty.mine_roster": "mine_a", "duty.body_roster": "county", "duty.bureau_roster": "bureau"}
ORDER = {"basis": "示例依据", "scope": "井下全部作业人员"}


def subject_of(cast: Any, key: str) -> str:
    return cast.mine_a.code if key == "mine_a" else str(cast.organisations[key].pk)


@pytest.mark.parametrize("ident", ROSTERS)
def test_a_roster_of_the_next_day_is_paper_and_a_gap_is_unknown(cast: Any, moment: datetime, ident: str) -> None:
    key = ROSTERS[ident]
    subject, body = subject_of(cast, key), cast.organisations[key]
    assert answer_of(ident, subject, moment) == (State.UNKNOWN, "none")
    fields = {"organisation": body, "officer_name": "示例员", "basis": "测试", "recorded_at": moment - DAY}
    Shift.objects.create(start=moment - HOUR, end=moment + 12 * HOUR, **fields)
    assert answer_of(ident, subject, moment) == (State.UNKNOWN, "gap")
    Shift.objects.create(start=moment + 12 * HOUR, end=moment + 36 * HOUR, **fields)
    finding = findings_of(ident, moment)[subject]
    assert (finding.state, finding.why, finding.data_at) == (State.PAPER, "filled", moment - DAY)
    assert finding.mark(1) == findings_of(ident, moment + 6 * HOUR)[subject].mark(1)


def test_bodies_that_supervise_no_mine_keep_no_roster_here(cast: Any, moment: datetime) -> None:
    Supervision.objects.all().delete()
    for ident, key in (("duty.body_roster", "county"), ("duty.bureau_roster", "bureau"), ("duty.handovers", "county")):
        assert answer_of(ident, subject_of(cast, key), moment) == (State.NOT_APPLICABLE, "not_asked")


def test_a_roster_opens_and_is_ones_own(
    cast: Any, client_of: Callable[[Any], Client], roster: Any, moment: datetime
) -> None:
    roster("county")
    finding = findings_of("duty.body_roster", moment)[subject_of(cast, "county")]
    assert all("员county" in text for text in opened(client_of(cast.county_officer), finding))


def test_two_people_hand_over(cast: Any, client_of: Callable[[Any], Client], moment: datetime) -> None:
    subject = subject_of(cast, "county")
    assert answer_of("duty.handovers", subject, moment) == (State.UNKNOWN, "none")
    row = sign(open_handover(by=cast.county_officer, at=moment), by=cast.county_officer, at=moment, remarks="正常")
    assert answer_of("duty.handovers", subject, moment) == (State.UNKNOWN, "none")
    take(row, "accept", by=cast.county_leader, at=moment + MINUTE)
    finding = findings_of("duty.handovers", moment + HOUR)[subject]
    assert (finding.state, finding.why, finding.data_at) == (State.PAPER, "signed", moment + MINUTE)
    assert all(row.case.number in text for text in opened(client_of(cast.county_officer), finding))
    assert answer_of("duty.handovers", subject, moment + 3 * DAY) == (State.UNKNOWN, "none")


@pytest.fixture
def drill(cast: Any, moment: datetime) -> Drill:
    return start_drill(cast.mine_a, "red", by=cast.county_officer, at=moment - DAY)


@pytest.fixture
def ended(cast: Any, drill: Drill, tmp_path: Path) -> Callable[[datetime], object]:
    """End the drill."""
    return lambda at: act(drill.case, "end_drill", by=cast.county_officer, at=at, form={}, home=tmp_path)


EVERYBODY = ("mine_a_dispatcher", "parent_dispatcher", "county_officer", "city_officer", "province_officer")


def test_a_drill_that_every_level_answered_is_proved(
    cast: Any, client_of: Callable[[Any], Client], drill: Drill, ended: Any, moment: datetime
) -> None:
    ident, start = "duty.alarm_drills", moment - DAY
    assert answer_of(ident, cast.mine_b.code, moment) == (State.UNKNOWN, "none")
    for name in EVERYBODY:
        acknowledge(drill.case, by=cast.people[name], at=start + MINUTE)
    assert answer_of(ident, cast.mine_a.code, moment) == (State.UNKNOWN, "none"), "it goes on"
    ended(start + HOUR)
    finding = findings_of(ident, moment)[cast.mine_a.code]
    assert (finding.state, finding.why, finding.data_at) == (State.PROVED, "answered", start)
    assert all("示例远峰煤业" in text for text in opened(client_of(cast.county_officer), finding))
    assert answer_of(ident, cast.mine_a.code, moment + 183 * DAY) == (State.UNKNOWN, "none")


def test_a_drill_with_a_late_level_is_looked_at(cast: Any, drill: Drill, ended: Any, moment: datetime) -> None:
    for name in EVERYBODY[1:]:
        acknowledge(drill.case, by=cast.people[name], at=moment - DAY + MINUTE)
    ended(moment - HOUR)
    assert answer_of("duty.alarm_drills", cast.mine_a.code, moment) == (State.SUSPECTED, "late")


def test_a_drill_that_ended_before_its_clocks_says_nothing(cast: Any, ended: Any, moment: datetime) -> None:
    ended(moment - DAY + timedelta(seconds=5))
    assert answer_of("duty.alarm_drills", cast.mine_a.code, moment) == (State.UNKNOWN, "cut_short")


@pytest.fixture
def row(cast: Any, moment: datetime, tmp_path: Path) -> Withdrawal:
    """Mine A under a red rainstorm warning."""
    received(tmp_path, "a.xml", cap(moment, codes=(COUNTY,)), "http", at=moment)
    return Withdrawal.objects.select_related("case", "mine", "warning").get()


def step(row: Withdrawal, name: str, by: Any, at: datetime, /, **form: Any) -> None:
    acts.take(row.case, name, by=by, at=at, form=form, reason=form.get("reason", ""))
    row.refresh_from_db()


def followed(cast: Any, at: datetime) -> tuple[State, str]:
    return answer_of("duty.weather_followed", cast.mine_a.code, at)


def test_a_mine_under_no_warning_is_not_asked(cast: Any, moment: datetime) -> None:
    assert followed(cast, moment) == (State.NOT_APPLICABLE, "none")


def test_an_order_is_followed_on_paper_until_somebody_looked(
    cast: Any, client_of: Callable[[Any], Client], row: Withdrawal, moment: datetime
) -> None:
    assert followed(cast, moment + MINUTE) == (State.UNKNOWN, "undecided")
    step(row, "order", cast.county_leader, moment + MINUTE, **ORDER)
    assert followed(cast, moment + 2 * MINUTE) == (State.UNKNOWN, "running")
    step(row, "begin", cast.mine_a_dispatcher, moment + 3 * MINUTE, below=42)
    said = {"out": 42, "remaining": 0, "out_at": moment + 9 * MINUTE}
    step(row, "report_out", cast.mine_a_manager, moment + 10 * MINUTE, **said)
    finding = findings_of("duty.weather_followed", moment + HOUR)[cast.mine_a.code]
    assert (finding.state, finding.why, finding.data_at) == (State.PAPER, "reported", moment + 10 * MINUTE)
    assert all(row.case.number in text for text in opened(client_of(cast.county_officer), finding))
    found(cast, row, "out", moment + HOUR)
    assert followed(cast, moment + 2 * HOUR) == (State.PROVED, "checked")
    found(cast, row, "staying", moment + 2 * HOUR)
    assert followed(cast, moment + 3 * HOUR) == (State.SUSPECTED, "staying")
    assert followed(cast, moment + 91 * DAY) == (State.NOT_APPLICABLE, "none")


def found(cast: Any, row: Withdrawal, verdict: str, at: datetime) -> None:
    draw = SpotDraw.objects.create(
        warning=row.warning, organisation=cast.organisations["county"], by=cast.county_officer, at=at, asked=1, seed="0"
    )
    SpotCheck.objects.create(draw=draw, withdrawal=row, place=1, means="on_site", verdict=verdict, at=at)


def test_an_order_that_is_not_answered_in_time_is_looked_at(cast: Any, row: Withdrawal, moment: datetime) -> None:
    step(row, "order", cast.county_leader, moment + MINUTE, **ORDER)
    assert followed(cast, moment + DAY) == (State.SUSPECTED, "late")


def test_a_warning_that_led_to_no_order_for_a_reason_is_none_of_the_mines(
    cast: Any, row: Withdrawal, moment: datetime
) -> None:
    step(row, "decline", cast.county_leader, moment + MINUTE, reason="矿井已停产，井下无人")
    assert followed(cast, moment + DAY) == (State.NOT_APPLICABLE, "declined")


def test_drills_of_warnings_do_not_count(cast: Any, moment: datetime, tmp_path: Path) -> None:
    received(tmp_path, "a.xml", cap(moment, codes=(COUNTY,), status="Exercise"), "http", at=moment)
    assert Withdrawal.objects.get().case.drill
    assert followed(cast, moment + DAY) == (State.NOT_APPLICABLE, "none")


def test_calling_and_deciding_have_their_clocks(cast: Any, row: Withdrawal, moment: datetime) -> None:
    subject = subject_of(cast, "county")
    assert answer_of("duty.weather_answered", subject, moment) == (State.NOT_APPLICABLE, "nothing")
    clocks = Deadline.objects.filter(subject_id=str(row.pk), code__in=("call", "decide"))
    last = max(clock.due for clock in clocks)
    assert answer_of("duty.weather_answered", subject, last) == (State.SUSPECTED, "late")
    step(row, "order", cast.county_leader, moment + MINUTE, **ORDER)
    finding = findings_of("duty.weather_answered", last)[subject]
    assert (finding.state, finding.why, finding.data_at) == (State.PROVED, "in_time", last)
    assert "nobody" in check_of("duty.weather_answered").words
