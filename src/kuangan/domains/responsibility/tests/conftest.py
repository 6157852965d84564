"""What people of the cast enter about mine A."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kuangan.base.clock import beijing_day
from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Supervision
from kuangan.domains.responsibility.acts import Person, assign
from kuangan.domains.responsibility.models import Post
from kuangan.domains.responsibility.posts import Appointment, appoint

DAY = timedelta(days=1)
Make = Callable[..., Any]


@pytest.fixture(autouse=True)
def _still(time_stands_still: None) -> None:
    pass


@pytest.fixture
def today(moment: datetime) -> date:
    return beijing_day(moment)


@pytest.fixture
def government(cast: Any) -> Organisation:
    return Organisation.objects.create(
        kind="government", name="长治市上党区人民政府", level="county", region="140404", parent=None
    )


@pytest.fixture
def named(cast: Any, government: Organisation, moment: datetime, today: date) -> Make:
    """Name a leader (or with `kind` an officer) of mine A, a hundred days ago, as the county's leader unless told otherwise."""

    def make(
        name: str = "示例领导",
        *,
        kind: str = "leader",
        body: Any = None,
        first: date | None = None,
        by: Any = None,
        mine: Any = None,
    ) -> Supervision:
        return assign(
            mine or cast.mine_a,
            body or government,
            Person(kind, name, "副区长"),
            first or today - 100 * DAY,
            basis="示例文号",
            by=by or cast.county_leader,
            at=moment,
        )

    return make


@pytest.fixture
def appointed(cast: Any, moment: datetime, today: date) -> Make:
    """A person in a post of mine A since a year ago, entered by the mine."""

    def make(
        post: str = "manager",
        name: str = "示例矿长",
        *,
        first: date | None = None,
        until: date | None = None,
        by: Any = None,
        **more: Any,
    ) -> Post:
        subject = more.pop("subject", cast.mine_a)
        given = Appointment(post, name, first or today - 365 * DAY, until, **more)
        return appoint(subject, given, basis="示例任命", by=by or cast.mine_a_manager, at=moment)

    return make
