"""An alert from its first ring to its close, and who may take which step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields, NotVisible, WrongState
from kuangan.base.deadlines.models import Deadline
from kuangan.domains.alerts.acts import acknowledge, act, evidence_path
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.models import Acknowledgement, Alert, Evidence
from kuangan.domains.alerts.rules import ACTORS, END_DRILL

Make = Callable[..., Any]
VERIFIED = {"cause_code": "true_overlimit", "withdrawn": "yes", "measures": "停电撤人，加强通风"}


@pytest.fixture
def red(apply: Make, event: Make) -> Alert:
    return apply(event(grade="red", peak=3.2))[0]


def step(alert: Alert, name: str, by: Any, at: datetime, tmp: Path, **form: object) -> str:
    return act(alert.case, name, by=by, at=at, form=form, home=tmp).state


def deadline(alert: Alert, code: str) -> str:
    return Deadline.objects.filter(subject_id=str(alert.pk), code=code).order_by("-pk")[0].state


def test_the_state_moves_with_the_mine_and_other_levels_leave_their_rows(
    red: Alert, cast: Any, moment: datetime
) -> None:
    acknowledge(red.case, by=cast.county_officer, at=moment)
    red.case.refresh_from_db()
    assert red.case.state == "raised"
    acknowledge(red.case, by=cast.mine_a_dispatcher, at=moment, withdrawing=True, note="已断电")
    red.case.refresh_from_db()
    assert red.case.state == "acknowledged"
    levels = {(ack.level, ack.withdrawing) for ack in Acknowledgement.objects.filter(alert=red)}
    assert levels == {("direct", False), ("mine", True)}
    assert deadline(red, "ack_mine") == deadline(red, "ack_direct") == deadline(red, "withdraw_start") == "met"
    assert deadline(red, "ack_parent") == "running"


def test_a_level_acknowledges_a_colour_once(red: Alert, cast: Any, moment: datetime) -> None:
    acknowledge(red.case, by=cast.county_officer, at=moment)
    with pytest.raises(WrongState):
        acknowledge(red.case, by=cast.county_leader, at=moment)


def test_a_higher_colour_asks_every_level_again(apply: Make, event: Make, cast: Any, moment: datetime) -> None:
    first = event(grade="yellow")
    [alert] = apply(first)
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=moment)
    later = moment + timedelta(minutes=2)
    [alert] = apply(replace(first, rev=2, grade="red", changed_at=first.changed_at + 120_000), at=later)
    assert deadline(alert, "ack_mine") == "running"
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=later)
    grades = list(Acknowledgement.objects.filter(alert=alert, level="mine").values_list("grade", flat=True))
    assert grades == ["yellow", "red"]


@pytest.mark.parametrize("name", ["mine_b_dispatcher", "neighbour_officer", "bureau_officer", "auditor", "nobody"])
def test_who_stands_on_no_level_cannot_acknowledge(red: Alert, cast: Any, moment: datetime, name: str) -> None:
    with pytest.raises(Forbidden):
        acknowledge(red.case, by=cast.people[name], at=moment)
    assert not Acknowledgement.objects.exists()


def test_an_alert_is_worked_to_its_close(red: Alert, cast: Any, moment: datetime, tmp_path: Path) -> None:
    acknowledge(red.case, by=cast.mine_a_dispatcher, at=moment)
    photo = SimpleUploadedFile("现场.jpg", b"\xff\xd8 synthetic", content_type="image/jpeg")
    assert (
        step(red, "first_report", cast.mine_a_dispatcher, moment, tmp_path, withdrawn="yes", measures="断电")
        == "acknowledged"
    )
    assert step(red, "verify", cast.mine_a_manager, moment, tmp_path, **VERIFIED) == "verified"
    reported = act(
        red.case, "report", by=cast.mine_a_manager, at=moment, form={"report": "已恢复"}, home=tmp_path, files=[photo]
    )
    assert reported.state == "reported"
    assert step(red, "review", cast.county_officer, moment, tmp_path, opinion="属实") == "reviewed"
    with pytest.raises(WrongState, match="尚缺：上级企业调度、直接监管部门、市级值班、省级值班"):
        step(red, "close", cast.county_leader, moment, tmp_path)
    for who in ABOVE:
        acknowledge(red.case, by=cast.people[who], at=moment)
    assert step(red, "close", cast.county_leader, moment, tmp_path) == "closed"
    red.refresh_from_db()
    assert (red.cause_code, red.withdrawn) == ("true_overlimit", "yes")
    red.case.refresh_from_db()
    assert red.case.closed == moment and red.case.due is None
    assert not Deadline.objects.filter(subject_id=str(red.pk), state__in=("running", "lapsed")).exists()
    file = Evidence.objects.get(alert=red)
    assert evidence_path(tmp_path, file.sha256).read_bytes() == b"\xff\xd8 synthetic"
    told = list(AuditEntry.objects.filter(ident=red.case.number).order_by("pk").values_list("action", flat=True))
    assert [a for a in told if a in {t.name for t in FLOW.transitions}] == [
        "acknowledge", "first_report", "verify", "report", "review", "close",
    ]  # fmt: skip


def test_an_orange_alert_is_closed_without_waiting_for_every_level(
    apply: Make, event: Make, cast: Any, moment: datetime, tmp_path: Path
) -> None:
    [alert] = apply(event(grade="orange"))
    to(alert, "reviewed", cast, moment, tmp_path)
    assert step(alert, "close", cast.county_leader, moment, tmp_path) == "closed"


def to(alert: Alert, state: str, cast: Any, moment: datetime, tmp: Path) -> None:
    for who in ("mine_a_dispatcher", *ABOVE):
        with suppress(WrongState):
            acknowledge(alert.case, by=cast.people[who], at=moment)
    path = [("verify", cast.mine_a_manager, VERIFIED), ("report", cast.mine_a_manager, {"report": "已恢复"})]
    path += [("review", cast.county_officer, {"opinion": "属实"})]
    for name, by, form in path:
        if FLOW.transition(name).from_[0] in ("acknowledged", "verified", "reported")[: STATES.index(state)]:
            step(alert, name, by, moment, tmp, **form)


ABOVE = ("parent_dispatcher", "county_officer", "city_officer", "province_officer")
STATES = ("acknowledged", "verified", "reported", "reviewed")


@pytest.mark.parametrize(
    ("state", "name", "form", "allowed"),
    [
        ("acknowledged", "verify", VERIFIED, {"mine_a_dispatcher", "mine_a_manager", "parent_dispatcher"}),
        ("verified", "report", {"report": "已恢复"}, {"mine_a_dispatcher", "mine_a_manager"}),
        ("reported", "review", {"opinion": "属实"}, {"county_officer", "county_leader"}),
        ("reported", "return", {"reason": "证据不足"}, {"county_officer", "county_leader"}),
        ("reviewed", "close", {}, {"county_officer", "county_leader"}),
    ],
)
def test_each_step_is_for_the_level_the_table_names(
    red: Alert,
    cast: Any,
    moment: datetime,
    tmp_path: Path,
    state: str,
    name: str,
    form: dict[str, object],
    allowed: set[str],
) -> None:
    from django.db import transaction

    to(red, state, cast, moment, tmp_path)
    could = set()
    for who, user in cast.people.items():
        try:
            with transaction.atomic():
                step(red, name, user, moment, tmp_path, **form)
                could.add(who)
                transaction.set_rollback(True)
        except (Forbidden, NotVisible):
            continue
    assert could == allowed


def test_the_one_who_reported_may_not_review(red: Alert, cast: Any, moment: datetime, tmp_path: Path) -> None:
    organisation = cast.organisations["mine_a"]
    to(red, "verified", cast, moment, tmp_path)
    officer = cast.county_officer
    officer.organisation, officer.roles = organisation, ["mine_manager"]
    officer.save()
    step(red, "report", officer, moment, tmp_path, report="已恢复")
    officer.organisation, officer.roles = cast.organisations["county"], ["inspector"]
    officer.save()
    with pytest.raises(FourEyes):
        step(red, "review", officer, moment, tmp_path, opinion="属实")


def test_sending_back_needs_a_reason_and_starts_the_feedback_clock_again(
    red: Alert, cast: Any, moment: datetime, tmp_path: Path
) -> None:
    to(red, "reported", cast, moment, tmp_path)
    with pytest.raises(MissingFields):
        step(red, "return", cast.county_officer, moment, tmp_path)
    later = moment + timedelta(hours=3)
    assert step(red, "return", cast.county_officer, later, tmp_path, reason="缺少现场照片") == "verified"
    clock = Deadline.objects.get(subject_id=str(red.pk), code="written_feedback", state="running")
    assert clock.due == later + timedelta(hours=24)
    assert clock.owner == cast.organisations["mine_a"]


def test_verifying_needs_cause_withdrawal_and_measures(red: Alert, cast: Any, moment: datetime, tmp_path: Path) -> None:
    acknowledge(red.case, by=cast.mine_a_dispatcher, at=moment)
    with pytest.raises(MissingFields) as missing:
        step(red, "verify", cast.mine_a_manager, moment, tmp_path, measures="停电")
    assert set(missing.value.fields) == {"cause_code", "withdrawn"}


def test_a_void_alert_can_only_be_confirmed_void_by_its_supervisor(
    apply: Make, event: Make, cast: Any, moment: datetime, tmp_path: Path
) -> None:
    first = event()
    apply(first)
    [alert] = apply(replace(first, rev=2, status="void", changed_at=first.changed_at + 1000))
    with pytest.raises(WrongState):
        acknowledge(alert.case, by=cast.mine_a_dispatcher, at=moment)
    with pytest.raises(Forbidden):
        step(alert, "confirm_void", cast.mine_a_manager, moment, tmp_path, reason="更正")
    assert step(alert, "confirm_void", cast.county_officer, moment, tmp_path, reason="矿端更正数据") == "closed"
    assert Alert.objects.filter(pk=alert.pk).exists()


def test_every_step_of_the_flow_names_the_levels_that_may_take_it() -> None:
    assert set(ACTORS) == {step.name for step in FLOW.transitions} - {"acknowledge", END_DRILL}
