"""An alert that people learn of long after it was raised, in a replay or after a standstill of ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from kuangan.base.clock import to_ms
from kuangan.base.deadlines.models import Deadline, DeadlineState
from kuangan.base.deadlines.ticking import tick
from kuangan.base.notices.models import Channel, Notice
from kuangan.domains.alerts.acts import acknowledge
from kuangan.domains.alerts.models import Alert, Change
from kuangan.domains.alerts.present import badges
from kuangan.domains.alerts.rules import telling
from kuangan.domains.alerts.sink import apply_events
from kuangan.site.wiring import HANDLERS

Make = Callable[..., Any]


@pytest.fixture
def replayed(event: Make, moment: datetime) -> Make:
    """A red alert raised `ago`, over by then unless `end` says otherwise, and told of now."""

    def run(ago: timedelta, **changes: Any) -> Alert:
        raised = to_ms(moment - ago)
        times = {"onset": raised - 60_000, "raised_at": raised, "changed_at": raised}
        happened = event(grade="red", **times | changes)
        with transaction.atomic():
            apply_events([happened], moment - ago, told_at=moment)
        return Alert.objects.select_related("case").get(event_id=happened.id)

    return run


def clocks(alert: Alert) -> set[tuple[str, timedelta]]:
    rows = Deadline.objects.filter(subject_id=str(alert.pk), code__startswith="ack_")
    return {(row.code, row.due - row.started_at) for row in rows}


def rung(alert: Alert) -> bool:
    return Notice.objects.filter(subject_id=str(alert.pk), channel=Channel.VOICE).exists()


@pytest.fixture(autouse=True)
def _phones(cast: Any) -> None:
    for body in (cast.organisations["mine_a"], cast.organisations["county"]):
        body.phone = "0355-0000000"
        body.save()


def test_within_ten_minutes_the_clocks_run_from_the_arrival(replayed: Make, moment: datetime) -> None:
    alert = replayed(timedelta(minutes=9))
    started = set(Deadline.objects.filter(subject_id=str(alert.pk)).values_list("started_at", flat=True))
    assert started == {moment - timedelta(minutes=9)}
    assert rung(alert) and not alert.told_late


def test_after_a_standstill_an_alert_that_lasts_rings_and_has_its_full_time(replayed: Make, moment: datetime) -> None:
    alert = replayed(timedelta(hours=2))
    started = set(Deadline.objects.filter(subject_id=str(alert.pk)).values_list("started_at", flat=True))
    assert started == {moment} and alert.told_late
    assert rung(alert)
    assert tick(moment, HANDLERS) == 0
    tick(moment + timedelta(minutes=3), HANDLERS)
    assert Change.objects.filter(alert=alert, kind="climbed").exists()


@pytest.mark.parametrize(("ago", "over"), [(timedelta(hours=2), True), (timedelta(days=60), False)])
def test_what_is_past_rings_nobody_and_climbs_nowhere_but_is_worked(
    replayed: Make, moment: datetime, cast: Any, ago: timedelta, over: bool
) -> None:
    alert = replayed(ago, **({"end": to_ms(moment - ago), "status": "cleared"} if over else {}))
    assert not rung(alert) and ("told-late", "补判") in badges(alert)
    assert ("ack_mine", timedelta(minutes=3)) in clocks(alert)
    assert tick(moment + timedelta(minutes=4), HANDLERS) == 1
    assert not Change.objects.filter(alert=alert, kind="climbed").exists()
    reminded = Notice.objects.get(subject_id=str(alert.pk), key__startswith="deadline:")
    assert reminded.to == f"organisation:{cast.organisations['mine_a'].pk}"
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=moment + timedelta(minutes=5))
    own = Deadline.objects.get(subject_id=str(alert.pk), code="ack_mine")
    assert own.state == DeadlineState.MET


def test_a_hundred_replayed_alerts_are_no_flood_of_lapsed_clocks(event: Make, moment: datetime) -> None:
    ago = to_ms(moment - timedelta(days=30))
    times = {"onset": ago, "raised_at": ago, "changed_at": ago, "end": ago + 60_000, "status": "cleared"}
    with transaction.atomic():
        apply_events([event(f"g1.{n}.0", **times) for n in range(100)], moment - timedelta(days=30), told_at=moment)
    assert tick(moment, HANDLERS) == 0
    assert not Notice.objects.exclude(channel=Channel.INBOX).exists()


def test_the_moment_of_telling_decides(moment: datetime) -> None:
    minutes = timedelta(minutes=1)
    assert telling(moment, True, moment + 10 * minutes).start == moment
    assert telling(moment, False, moment + 11 * minutes).start == moment + 11 * minutes
    assert not telling(moment, False, moment + 11 * minutes).past
    assert telling(moment, True, moment + 11 * minutes).past
