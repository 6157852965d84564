"""A drill goes its real way, is never counted, and is measured on each level."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kuangan.base.case.errors import Forbidden
from kuangan.base.notices.delivery import deliver
from kuangan.base.notices.models import Notice
from kuangan.domains.alerts.acts import acknowledge, act
from kuangan.domains.alerts.figures import QUERIES
from kuangan.domains.alerts.figures import figure as alert_figure
from kuangan.domains.alerts.models import Alert
from kuangan.domains.duty.drills import result, start_drill
from kuangan.domains.duty.figures import KINDS, figure
from kuangan.domains.duty.models import Drill
from kuangan.domains.duty.rules import Span

SECOND = timedelta(seconds=1)


@pytest.fixture
def drill(cast: Any, moment: datetime) -> Drill:
    return start_drill(cast.mine_a, "red", by=cast.county_officer, at=moment, purpose="夜间拉动")


def test_a_drill_is_a_marked_alert_that_every_level_is_told_of(drill: Drill, cast: Any) -> None:
    alert = Alert.objects.get(pk=drill.pk)
    assert alert.drill and drill.case.drill and drill.case.kind == "alert"
    told = set(Notice.objects.filter(subject_id=str(drill.pk), channel="inbox").values_list("to", flat=True))
    assert told == {
        f"organisation:{cast.organisations[key].pk}" for key in ("mine_a", "parent", "county", "city", "province")
    }
    assert all(notice.subject.startswith("【演练】") for notice in Notice.objects.filter(subject_id=str(drill.pk)))


def test_each_level_is_measured_from_raised_to_told_to_acknowledged(drill: Drill, cast: Any, moment: datetime) -> None:
    deliver(moment + 2 * SECOND, limit=100)
    acknowledge(drill.case, by=cast.mine_a_dispatcher, at=moment + 40 * SECOND)
    acknowledge(drill.case, by=cast.county_officer, at=moment + 700 * SECOND)
    found = {one.organisation.level: one for one in result(drill, moment + 3600 * SECOND)}
    assert {level: one.to_told for level, one in found.items()} == dict.fromkeys(found, 2)
    assert {level: one.to_acknowledged for level, one in found.items()} == {
        "mine": 40,
        "parent": None,
        "county": 700,
        "city": None,
        "province": None,
    }
    assert {level for level, one in found.items() if one.late} == {"parent", "county", "city", "province"}


def test_a_drill_is_never_counted(drill: Drill, cast: Any, moment: datetime) -> None:
    day = Span(moment - timedelta(days=1), moment + timedelta(days=1))
    assert all(figure(name, cast.county_officer, day, moment).value == 0 for name in KINDS)
    assert all(alert_figure(name, cast.county_officer, moment).value == 0 for name in QUERIES)


def test_a_drill_ends_by_whoever_may_hold_drills_and_a_real_alert_does_not(
    drill: Drill, alert_of: Callable[..., Alert], cast: Any, moment: datetime, tmp_path: Path
) -> None:
    ended = act(drill.case, "end_drill", by=cast.city_officer, at=moment, form={"note": "达标"}, home=tmp_path)
    assert ended.state == "closed" and ended.due is None
    with pytest.raises(Forbidden):
        act(alert_of().case, "end_drill", by=cast.city_officer, at=moment, form={}, home=tmp_path)


def test_a_mine_starts_no_drill(cast: Any, moment: datetime) -> None:
    with pytest.raises(Forbidden):
        start_drill(cast.mine_a, "red", by=cast.mine_a_dispatcher, at=moment)


def test_two_drills_at_one_mine_are_two_alerts(drill: Drill, cast: Any, moment: datetime) -> None:
    other = start_drill(cast.mine_a, "red", by=cast.county_officer, at=moment + SECOND)
    assert other.pk != drill.pk
