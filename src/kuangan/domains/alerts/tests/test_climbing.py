"""What happens when a clock runs out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from kuangan.base.deadlines.models import Deadline
from kuangan.base.deadlines.ticking import tick
from kuangan.base.notices.models import Notice
from kuangan.domains.alerts.acts import acknowledge
from kuangan.domains.alerts.models import Alert, Change
from kuangan.site.wiring import HANDLERS

Make = Callable[..., Any]


def told(alert: Alert, key: str, cast: Any) -> bool:
    return Notice.objects.filter(subject_id=str(alert.pk), to=f"organisation:{cast.organisations[key].pk}").exists()


def climbs(alert: Alert) -> list[tuple[str, str]]:
    return list(Change.objects.filter(alert=alert).exclude(kind="raised").values_list("kind", "level"))


def test_a_mine_that_does_not_answer_is_reported_to_the_next_level(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    [alert] = apply(event())
    assert not told(alert, "parent", cast)
    later = moment + timedelta(minutes=11)
    assert tick(later, HANDLERS) == 2, "the level above and the mine's own officer"
    alert.refresh_from_db()
    assert climbs(alert) == [("climbed", "parent")]
    assert told(alert, "parent", cast) and alert.reach >= 1
    drawn = Deadline.objects.get(subject_id=str(alert.pk), code="ack_parent")
    assert drawn.due == later + timedelta(minutes=30)
    assert drawn.owner == cast.organisations["parent"]


def test_a_second_tick_at_the_same_time_does_nothing(apply: Make, event: Make, moment: datetime, cast: Any) -> None:
    [alert] = apply(event())
    later = moment + timedelta(minutes=11)
    tick(later, HANDLERS)
    notices = Notice.objects.count()
    assert tick(later, HANDLERS) == 0
    assert Notice.objects.count() == notices and len(climbs(alert)) == 1


def test_a_county_that_does_not_answer_draws_in_the_city_up_to_the_ceiling(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    [alert] = apply(event())
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=moment)
    tick(moment + timedelta(minutes=31), HANDLERS)
    assert climbs(alert) == [("climbed", "city")]
    tick(moment + timedelta(minutes=62), HANDLERS)
    assert climbs(alert)[-1] == ("lapsed", "city")
    assert not told(alert, "province", cast)


def test_a_blue_alert_that_nobody_answers_stays_at_the_mine(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    [alert] = apply(event(grade="blue"))
    tick(moment + timedelta(minutes=31), HANDLERS)
    assert climbs(alert) == [("lapsed", "mine")]
    assert not told(alert, "parent", cast) and not told(alert, "county", cast)


def test_a_mine_without_parent_climbs_to_its_direct_supervisor(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    [alert] = apply(event(mine=cast.mine_b.code, grade="orange"))
    tick(moment + timedelta(minutes=6), HANDLERS)
    assert climbs(alert) == [("climbed", "direct")]


def test_an_acknowledged_clock_does_not_climb(apply: Make, event: Make, cast: Any, moment: datetime) -> None:
    [alert] = apply(event())
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=moment)
    tick(moment + timedelta(minutes=11), HANDLERS)
    assert climbs(alert) == []


def test_a_late_answer_still_ends_the_clock(apply: Make, event: Make, cast: Any, moment: datetime) -> None:
    [alert] = apply(event())
    later = moment + timedelta(minutes=11)
    tick(later, HANDLERS)
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=later)
    row = Deadline.objects.get(subject_id=str(alert.pk), code="ack_mine")
    assert row.state == "met" and row.ended_at == later


def test_a_level_drawn_in_can_acknowledge_though_the_table_does_not_name_it(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    [alert] = apply(event())
    later = moment + timedelta(minutes=11)
    tick(later, HANDLERS)
    [row] = acknowledge(alert.case, by=cast.parent_dispatcher, at=later)
    assert row.level == "parent"


def test_after_a_standstill_of_the_worker_each_lapsed_clock_climbs_once(
    apply: Make, event: Make, moment: datetime
) -> None:
    [alert] = apply(event(grade="red"))
    after = moment + timedelta(hours=13)
    tick(after, HANDLERS)
    lapsed = Deadline.objects.filter(subject_id=str(alert.pk), state="lapsed").count()
    told = list(Change.objects.filter(alert=alert).exclude(kind="raised").values_list("detail", flat=True))
    assert len(told) == len(set(told)) == lapsed == 8
    keys = list(Notice.objects.filter(subject_id=str(alert.pk)).values_list("key", flat=True))
    assert tick(after + timedelta(seconds=1), HANDLERS) == 0
    assert Notice.objects.filter(subject_id=str(alert.pk)).count() == len(keys)
    drawn = Deadline.objects.filter(subject_id=str(alert.pk), started_at__gte=after)
    assert not drawn.exists()
