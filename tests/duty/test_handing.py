"""Handing over: two persons, a return with its reason, nothing changes afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields, NotVisible, WrongState
from kuangan.base.deadlines.ticking import tick
from kuangan.domains.alerts.models import Alert
from kuangan.domains.duty import figures, handing
from kuangan.domains.duty.calling import open_callout
from kuangan.domains.duty.figures import Silent
from kuangan.domains.duty.handing import digest_of, open_handover, sign, take
from kuangan.domains.duty.instructions import finish_instruction, give_instruction
from kuangan.domains.duty.models import Frozen, Handover, Shift
from kuangan.domains.duty.rules import Span
from kuangan.domains.duty.weather import acts
from kuangan.domains.duty.weather.intake import take as received
from kuangan.domains.duty.weather.models import Withdrawal
from kuangan.site.wiring import HANDLERS, OPEN_LINES, SILENCE
from tests.duty.weather_wire import COUNTY, cap

HOUR = timedelta(hours=1)


@pytest.fixture
def signed(cast: Any, moment: datetime) -> Handover:
    return sign(open_handover(by=cast.county_officer, at=moment), by=cast.county_officer, at=moment, remarks="正常")


def test_the_sheet_holds_what_is_open(
    staffed: dict[str, Shift], cast: Any, alert_of: Callable[..., Alert], moment: datetime
) -> None:
    alert = alert_of()
    alert_of(cast.mine_b.code, "g1-1-2")
    alert_of(ident="g1-1-3", inputs={"drill": True})
    tick(moment + HOUR, HANDLERS)
    callout = open_callout("雨情", by=cast.county_officer, at=moment, mine=cast.mine_a)
    kept = give_instruction(leader="李局长", text="盯住甲矿", given_at=moment, by=cast.county_leader, at=moment)
    done = give_instruction(leader="李局长", text="已办", given_at=moment, by=cast.county_leader, at=moment)
    finish_instruction(done, result="办结", by=cast.county_officer, at=moment)
    figures.install(lambda user, at: [Silent("140404900001", "示例远峰煤业", moment)])
    try:
        row = sign(open_handover(by=cast.county_officer, at=moment), by=cast.county_officer, at=moment + HOUR)
    finally:
        figures.install(SILENCE)
    said = row.content
    assert [one["number"] for one in said["alerts"]["rows"]] == [alert.case.number], "own scope, no drill"
    assert [one["number"] for one in said["callouts"]["rows"]] == [callout.case.number]
    assert [one["text"] for one in said["instructions"]["rows"]] == [kept.text]
    assert [one["mine"] for one in said["silent"]["rows"]] == ["示例远峰煤业"]
    assert {one["number"] for one in said["lapsed"]["rows"]} == {alert.case.number}
    assert said["lapsed"]["total"] == len(said["lapsed"]["rows"]) == 1
    assert said["shift"][0]["officer"] == "员county"


def test_a_flood_is_one_line_of_the_sheet_below_the_gravest_alert_and_each_alert_is_counted(
    cast: Any, alert_of: Callable[..., Alert], moment: datetime
) -> None:
    red = alert_of(ident="g1-0-0", grade="red", at=moment - HOUR)
    for number in range(3):
        alert_of(ident=f"g1-1-{number}")
    said = sign(open_handover(by=cast.county_officer, at=moment), by=cast.county_officer, at=moment).content["alerts"]
    first, second = said["rows"]
    assert (first["number"], first["count"], first["words"]) == (red.case.number, 1, "")
    assert (second["count"], second["words"]) == (3, "反复 ×3")
    assert (said["total"], said["shown"], said["cut"]) == (4, 4, False)


def test_an_order_to_withdraw_is_handed_over_as_long_as_it_holds(cast: Any, moment: datetime, tmp_path: Path) -> None:
    received(tmp_path, "a.xml", cap(moment, codes=(COUNTY,)), "http", at=moment)
    row = Withdrawal.objects.select_related("case").get()
    assert handing.sheet(cast.county_officer, Span(moment, moment), moment)["orders"]["total"] == 0
    acts.take(row.case, "order", by=cast.county_leader, at=moment, form={"basis": "示例依据", "scope": "全矿"})
    [said] = handing.sheet(cast.county_officer, Span(moment, moment), moment)["orders"]["rows"]
    assert (said["number"], said["mine"], said["state"], said["out"]) == (
        row.case.number,
        "示例远峰煤业",
        "已下令",
        None,
    )
    assert handing.sheet(cast.people["neighbour_officer"], Span(moment, moment), moment)["orders"]["rows"] == []
    acts.take(row.case, "revoke", by=cast.county_leader, at=moment, form={"reason": "误下"}, reason="误下")
    assert handing.sheet(cast.county_officer, Span(moment, moment), moment)["orders"]["total"] == 0


def test_without_a_room_that_folds_the_sheet_lists_the_gravest_first(
    cast: Any, alert_of: Callable[..., Alert], moment: datetime
) -> None:
    alerts = [alert_of(ident=f"g1-1-{n}", grade=grade) for n, grade in enumerate(("red", "blue", "orange", "yellow"))]
    by_grade = {alert.grade: alert.case.number for alert in alerts}
    handing.install(handing.one_by_one)
    try:
        said = sign(open_handover(by=cast.county_officer, at=moment), by=cast.county_officer, at=moment).content
    finally:
        handing.install(OPEN_LINES)
    numbers = [one["number"] for one in said["alerts"]["rows"]]
    assert numbers == [by_grade[grade] for grade in ("red", "orange", "yellow", "blue")]


def test_two_persons_sign(signed: Handover, cast: Any, moment: datetime) -> None:
    with pytest.raises(FourEyes):
        take(signed, "accept", by=cast.county_officer, at=moment)
    case = take(signed, "accept", by=cast.county_leader, at=moment + HOUR)
    signed.refresh_from_db()
    assert (case.state, signed.outgoing, signed.incoming) == ("accepted", cast.county_officer, cast.county_leader)
    assert signed.accepted_at == moment + HOUR


def test_the_incoming_officer_returns_it_with_a_reason_and_it_is_signed_anew(
    signed: Handover, cast: Any, moment: datetime
) -> None:
    with pytest.raises(MissingFields):
        take(signed, "return", by=cast.county_leader, at=moment)
    take(signed, "return", by=cast.county_leader, at=moment, reason="漏写叫应")
    signed.refresh_from_db()
    assert signed.outgoing is None and signed.case.state == "draft"
    again = sign(signed, by=cast.county_officer, at=moment + HOUR, remarks="已补")
    assert again.remarks == "已补" and again.digest == digest_of(again)
    take(again, "accept", by=cast.county_leader, at=moment + HOUR)


def test_what_was_accepted_does_not_change(signed: Handover, cast: Any, moment: datetime) -> None:
    take(signed, "accept", by=cast.county_leader, at=moment)
    signed.refresh_from_db()
    signed.remarks = "改了"
    with pytest.raises(Frozen):
        signed.save()
    with pytest.raises(Frozen):
        signed.delete()
    for name in ("sign", "accept", "return"):
        with pytest.raises((WrongState, FourEyes)):
            if name == "sign":
                sign(signed, by=cast.county_leader, at=moment)
            else:
                take(signed, name, by=cast.county_leader, at=moment, reason="x")
    assert Handover.objects.get(pk=signed.pk).remarks == "正常"


def test_the_digest_tells_of_a_row_that_was_changed_behind_our_back(signed: Handover) -> None:
    assert signed.digest == digest_of(signed)
    Handover.objects.filter(pk=signed.pk).update(remarks="改了")
    signed.refresh_from_db()
    assert signed.digest != digest_of(signed)


def test_others_neither_sign_nor_accept(signed: Handover, cast: Any, moment: datetime) -> None:
    with pytest.raises(NotVisible):
        take(signed, "accept", by=cast.neighbour_officer, at=moment)
    with pytest.raises(Forbidden):
        take(signed, "accept", by=cast.city_officer, at=moment)
    with pytest.raises(Forbidden):
        open_handover(by=cast.bureau_officer, at=moment)


def test_one_handover_at_a_time_and_the_next_begins_where_the_last_ended(
    signed: Handover, cast: Any, moment: datetime
) -> None:
    assert open_handover(by=cast.county_leader, at=moment + HOUR).pk == signed.pk
    take(signed, "accept", by=cast.county_leader, at=moment + HOUR)
    following = open_handover(by=cast.county_leader, at=moment + 9 * HOUR)
    assert following.pk != signed.pk and following.since == signed.until


@pytest.mark.parametrize(("out", "in_"), [("mine_a_dispatcher", "mine_a_manager"), ("parent_dispatcher", None)])
def test_mines_and_parent_companies_hand_over_too(cast: Any, moment: datetime, out: str, in_: str | None) -> None:
    row = sign(open_handover(by=cast.people[out], at=moment), by=cast.people[out], at=moment)
    assert row.case.state == "signed"
    if in_:
        assert take(row, "accept", by=cast.people[in_], at=moment).state == "accepted"
