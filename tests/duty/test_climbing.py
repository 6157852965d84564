"""A missing acknowledgement climbs the roster, at the minute the table says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from kuangan.base.deadlines.ladders import LADDERS
from kuangan.base.deadlines.models import Deadline
from kuangan.base.deadlines.ticking import tick
from kuangan.base.notices.models import Notice
from kuangan.domains.alerts.acts import acknowledge
from kuangan.domains.alerts.models import Alert
from kuangan.domains.duty.models import Shift
from kuangan.domains.duty.rules import ACK_LADDER, SHIFT_POSTS
from kuangan.site.wiring import HANDLERS

MINUTE = timedelta(minutes=1)
Raise = Callable[..., Alert]


def called(key: int) -> set[str]:
    """Which of the three numbers of an organisation were rung."""
    numbers = {f"0000000{key}00{n}": post for n, post in enumerate(SHIFT_POSTS, 1)}
    rung = Notice.objects.filter(channel="voice", to__in=list(numbers)).values_list("to", flat=True)
    return {numbers[to] for to in rung}


def test_the_rungs_of_the_ladder_are_the_posts_of_a_shift() -> None:
    told = [rung.code for rung in LADDERS[ACK_LADDER].rungs if rung.action == "roster"]
    assert told == list(SHIFT_POSTS)


def test_officer_deputy_and_leader_of_the_mine_are_rung_one_after_another(
    staffed: dict[str, Shift], alert_of: Raise, moment: datetime
) -> None:
    alert = alert_of(grade="red")
    tick(moment + 3 * MINUTE - timedelta(seconds=1), HANDLERS)
    assert called(0) == set()
    tick(moment + 3 * MINUTE, HANDLERS)
    assert called(0) == {"officer"}
    tick(moment + 6 * MINUTE - timedelta(seconds=1), HANDLERS)
    assert called(0) == {"officer"}
    tick(moment + 6 * MINUTE, HANDLERS)
    assert called(0) == {"officer", "deputy"}
    tick(moment + 9 * MINUTE, HANDLERS)
    assert called(0) == {"officer", "deputy", "leader"}
    said = Notice.objects.filter(channel="voice", to="00000000003").get()
    assert "领mine_a" in said.body and alert.case.number in said.body
    assert said.subject_id == str(alert.pk)


def test_an_acknowledgement_ends_the_climb(
    staffed: dict[str, Shift], alert_of: Raise, cast: Any, moment: datetime
) -> None:
    alert = alert_of(grade="red")
    tick(moment + 3 * MINUTE, HANDLERS)
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=moment + 4 * MINUTE)
    tick(moment + 30 * MINUTE, HANDLERS)
    assert called(0) == {"officer"}
    assert called(2) == {"officer", "deputy", "leader"}, "the county had not acknowledged"


def test_an_officer_with_an_account_finds_it_in_the_own_inbox(
    roster: Callable[..., Shift], alert_of: Raise, cast: Any, moment: datetime
) -> None:
    roster("mine_a", officer_name="甲矿调度员")
    alert_of()
    tick(moment + 10 * MINUTE, HANDLERS)
    told = Notice.objects.get(to=f"user:{cast.mine_a_dispatcher.pk}")
    assert told.channel == "inbox" and "值班员甲矿调度员" in told.body


def test_a_gap_in_the_roster_is_told_to_the_organisation(alert_of: Raise, cast: Any, moment: datetime) -> None:
    alert_of()
    tick(moment + 30 * MINUTE, HANDLERS)
    mine = Notice.objects.filter(to=f"organisation:{cast.organisations['mine_a'].pk}", body__contains="无人在班")
    assert mine.count() == 1


def test_a_second_tick_and_other_clocks_tell_nobody_again(
    staffed: dict[str, Shift], alert_of: Raise, moment: datetime
) -> None:
    alert = alert_of(grade="red")
    after = moment + timedelta(hours=1)
    tick(after, HANDLERS)
    rung = Notice.objects.filter(key__startswith="roster:")
    once = rung.count()
    owed = Deadline.objects.filter(subject_id=str(alert.pk), ladder=ACK_LADDER, state="lapsed").count()
    # inbox, SMS and voice to each of three persons
    assert once == owed * 9
    assert tick(after, HANDLERS) == 0 and rung.count() == once


def test_a_flood_costs_the_roster_a_constant_number_of_queries(
    staffed: dict[str, Shift], alert_of: Raise, moment: datetime, django_assert_max_num_queries: Any
) -> None:
    from kuangan.domains.duty.climbing import climb_roster

    for number in range(12):
        alert_of(ident=f"g1-1-{number}")
    owed = list(Deadline.objects.filter(ladder=ACK_LADDER))
    assert len(owed) == 24
    with django_assert_max_num_queries(6):
        climb_roster(owed, LADDERS[ACK_LADDER].rungs[1], moment)


def test_a_drill_rings_as_a_drill(staffed: dict[str, Shift], alert_of: Raise, moment: datetime) -> None:
    alert_of(grade="red", inputs={"drill": True, "unit": "%CH4"})
    tick(moment + 3 * MINUTE, HANDLERS)
    said = Notice.objects.filter(key__startswith="roster:")
    assert said.exists() and all(notice.subject.startswith("【演练】") for notice in said)
