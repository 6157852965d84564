"""The three-year action as the cast has it: the office is the province's emergency department, one city, two counties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kuangan.base.clock import BEIJING
from kuangan.base.compliance.choices import BaselineAnswer, ChoiceState
from kuangan.domains.campaign import items
from kuangan.domains.campaign.definition import definitions
from kuangan.domains.campaign.loading import put_in_force
from kuangan.domains.campaign.models import Item, Programme

Make = Callable[..., Any]
DAY = timedelta(days=1)
ACTION = "action_2024_2026"


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=BEIJING)


@pytest.fixture
def people(cast: Any) -> Any:
    """The cast, with somebody who signs for the province."""
    from kuangan.base.people.models import User

    cast.people["province_leader"] = User.objects.create(
        username="province_leader",
        organisation=cast.organisations["province"],
        roles=["leader"],
        display_name="省带班领导",
        password="!unusable",
    )
    return cast


@pytest.fixture
def early(people: Any) -> Programme:
    """In force since the day of the document."""
    return put_in_force(definitions()[ACTION], by=None, at=noon(2024, 2, 20))


@pytest.fixture
def late(people: Any, moment: datetime) -> Programme:
    """Loaded in November 2026, nine days before the evaluation is due."""
    return put_in_force(definitions()[ACTION], by=None, at=moment)


@pytest.fixture
def line(people: Any, moment: datetime) -> Make:
    """An item of the county, due in a month unless told otherwise."""

    def make(programme: Programme, by: Any = None, at: datetime = moment, owner: str = "county", **more: Any) -> Item:
        today = at.astimezone(BEIJING).date()
        given = {
            "text": "完成三处采空区探查",
            "owner": people.organisations[owner],
            "start": today,
            "due": today + 30 * DAY,
        }
        return items.add(programme, items.Line(**(given | more)), by=by or people.county_officer, at=at)

    return make


def on(text: str) -> date:
    return date.fromisoformat(text)


def answered(key: str, value: str, by: Any, at: datetime) -> None:
    """What two persons answered on the page of baselines."""
    BaselineAnswer.objects.create(
        key=key,
        value=value,
        source="年度统计",
        source_date=on("2023-12-31"),
        valid_from=on("2024-01-01"),
        reason="核定",
        proposed_by=by,
        proposed_at=at,
        state=ChoiceState.APPROVED,
        decided_by=by,
        decided_at=at,
    )
