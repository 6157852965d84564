"""The number in the menu is the number of the desk: without what the organisation has shelved, without drills."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from kuangan.base.people.scope import scope_of
from kuangan.domains.alerts.figures import COUNTED
from kuangan.domains.alerts.models import Alert, Shelving
from kuangan.domains.alerts.queries import filtered
from kuangan.domains.alerts.sink import apply_events
from kuangan.portal.pulse import counts_within, read_marks
from tests.walk.world import over_limit

WATCHERS = (
    "county_officer",
    "city_officer",
    "province_officer",
    "mine_a_dispatcher",
    "parent_dispatcher",
    "neighbour_officer",
)


def shelve(alert: Alert, cast: Any, organisation: str, at: datetime) -> None:
    Shelving.objects.create(
        alert=alert,
        organisation=cast.organisations[organisation],
        level="direct",
        grade=alert.grade,
        rank=alert.rank,
        reason="等待检修",
        by=cast.county_officer,
        at=at,
        until=at + timedelta(hours=1),
        state="in_force",
    )


@pytest.mark.django_db
def test_the_badge_is_the_count_of_the_desk_for_everybody_before_and_after_shelving(
    cast: Any, moment: datetime
) -> None:
    with transaction.atomic():
        apply_events([over_limit(cast.mine_a.code, moment)], moment)
    alert = Alert.objects.get()

    def both(who: str, at: datetime) -> tuple[int, int]:
        user = cast.people[who]
        return counts_within(scope_of(user), at)["open"], filtered(user, COUNTED, at).count()

    before = {who: both(who, moment) for who in WATCHERS}
    assert before["county_officer"] == (1, 1) and before["neighbour_officer"] == (0, 0)
    shelve(alert, cast, "county", moment)
    after = {who: both(who, moment) for who in WATCHERS}
    assert after["county_officer"] == (0, 0) and after["city_officer"] == (1, 1)
    later = {who: both(who, moment + timedelta(hours=2)) for who in WATCHERS}
    for counts in (before, after, later):
        assert all(badge == desk for badge, desk in counts.values())
    assert later["county_officer"] == (1, 1)


@pytest.mark.django_db
def test_shelving_is_a_change_that_open_pages_are_told_of(cast: Any, moment: datetime) -> None:
    from kuangan.domains.alerts.shelving import shelve as take_off

    with transaction.atomic():
        apply_events([over_limit(cast.mine_a.code, moment)], moment)
    before = read_marks()
    at = moment + timedelta(minutes=1)
    take_off(
        Alert.objects.get().case, by=cast.county_officer, at=at, until=at + timedelta(minutes=30), reason="等待检修"
    )
    assert read_marks() != before
