"""Overrides: stricter ones of one's own mines, agreed to by a second person, never laxer than the law, gone at their end."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields
from kuangan.base.people.models import User
from kuangan.base.registry.models import Point
from kuangan.domains.rulebook import overriding, publishing
from kuangan.domains.rulebook.models import Override
from kuangan.domains.rulebook.overriding import Wish
from kuangan.domains.rulebook.reading import in_force
from kuangan.domains.rulebook.tests.conftest import POINT_A

pytestmark = pytest.mark.django_db(transaction=True)
Clients = Callable[[Any], Client]


@pytest.fixture
def point(cast: Any, moment: datetime) -> Point:
    return Point.objects.create(
        code=POINT_A,
        mine=cast.mine_a,
        sensor_type="0043",
        value_type="MN",
        location="1102综采工作面T1",
        limit=1.0,
        statutory=1.0,
        article="规程173条",
        limit_source="statutory_location",
        valid_from=moment - timedelta(days=30),
    )


def wish(cast: Any, at: datetime, **changes: Any) -> Wish:
    given = {"mine": cast.mine_a, "point": "", "chosen": "limit:methane", "value": 0.8, "reason": "回风隅角瓦斯偏高"}
    return Wish(**(given | {"valid_to": at + timedelta(days=10)} | changes))


def rows(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((home / "config" / "rulebook.json").read_text())["overrides"]
    return found


def test_a_second_person_agrees_the_home_has_the_row_and_it_ends_by_itself(
    home: Path, cast: Any, moment: datetime, point: Point
) -> None:
    row = overriding.propose(wish(cast, moment, point=POINT_A), by=cast.county_officer, at=moment)
    assert row.overridden == "1（规程（安装位置识别））"
    assert not (home / "config" / "rulebook.json").exists()
    overriding.approve(row, by=cast.county_leader, at=moment)
    assert rows(home) == [
        {
            "id": str(row.pk),
            "rule": "gas.over_limit",
            "setting": "limit",
            "quantity": "methane",
            "mine": cast.mine_a.pk,
            "point": POINT_A,
            "value": 0.8,
        }
    ]
    assert in_force(home).book.overrides[0].value == 0.8
    assert publishing.publish(home, row.valid_to)
    assert rows(home) == []
    told = AuditEntry.objects.filter(kind="rule_override").values_list("action", flat=True)
    assert sorted(told) == ["override.approved", "override.proposed"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": 1.5}, "value"),
        ({"value": 0}, "value"),
        ({"point": POINT_A, "value": 1.2}, "value"),
        ({"point": POINT_A, "value": 1.0}, "value"),
        ({"point": POINT_A, "chosen": "limit:carbon_monoxide", "value": 10}, "point"),
        ({"point": "14040490000101MN004300099A01"}, "point"),
        ({"chosen": "merge_gap_min", "value": 500}, "value"),
        ({"reason": "  "}, "reason"),
        ({"valid_to": datetime(2026, 11, 1).astimezone()}, "valid_to"),
    ],
)
def test_what_is_laxer_or_means_nothing_is_refused(
    home: Path, cast: Any, moment: datetime, point: Point, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(MissingFields) as refused:
        overriding.propose(wish(cast, moment, **changes), by=cast.county_officer, at=moment)
    assert list(refused.value.fields) == [field]
    assert not Override.objects.exists()


def test_neither_alone_nor_a_stranger_to_the_mine_nor_the_mine_itself(home: Path, cast: Any, moment: datetime) -> None:
    own = overriding.propose(wish(cast, moment), by=cast.county_leader, at=moment)
    with pytest.raises(FourEyes):
        overriding.approve(own, by=cast.county_leader, at=moment)
    for person in (cast.county_officer, cast.mine_a_manager):
        with pytest.raises(Forbidden):
            overriding.approve(own, by=person, at=moment)
    for person in (cast.neighbour_officer, cast.mine_a_manager, cast.province_officer):
        with pytest.raises(Forbidden):
            overriding.propose(wish(cast, moment), by=person, at=moment)
    overriding.approve(own, by=cast.city_leader, at=moment)
    assert len(rows(home)) == 1


def test_a_newer_row_for_the_same_takes_the_place_of_the_older(home: Path, cast: Any, moment: datetime) -> None:
    for value in (0.8, 0.7):
        row = overriding.propose(wish(cast, moment, value=value), by=cast.county_officer, at=moment)
        overriding.approve(row, by=cast.county_leader, at=moment)
    assert [row["value"] for row in rows(home)] == [0.7]
    assert Override.objects.filter(state="ended", end_reason="由新的覆盖项取代").count() == 1


def test_overrides_stay_with_a_version_and_a_version_with_overrides(
    home: Path, cast: Any, province_leader: User, moment: datetime
) -> None:
    from kuangan.domains.rulebook.tests.test_drafting import proposed

    row = overriding.propose(wish(cast, moment), by=cast.county_officer, at=moment)
    overriding.approve(row, by=cast.county_leader, at=moment)
    publishing.approve(proposed(cast.province_officer, moment), by=province_leader, at=moment)
    found = in_force(home).book
    assert (found.version, len(found.overrides), found.over_limit.merge_gap_min) == (1, 1, 20)
    overriding.end(row, by=cast.city_leader, at=moment, reason="已恢复正常")
    assert (in_force(home).book.version, rows(home)) == (1, [])


def test_the_pages_of_an_override(home: Path, cast: Any, moment: datetime, point: Point, client_of: Clients) -> None:
    officer, leader = client_of(cast.county_officer), client_of(cast.county_leader)
    given = {"mine": cast.mine_a.pk, "point": POINT_A, "chosen": "limit:methane", "value": "1.2"}
    given |= {"valid_to": "2026-12-01T08:00", "reason": "回风偏高"}
    refused = officer.post(reverse("rulebook:override_new"), given)
    assert "宽于规程限值 1（规程173条），不得放宽" in refused.content.decode()
    made = officer.post(reverse("rulebook:override_new"), given | {"value": "0.8"})
    row = Override.objects.get()
    page = reverse("rulebook:override", args=[row.pk])
    assert made.url == page
    approve = reverse("rulebook:override_step", args=[row.pk, "approve"])
    assert officer.post(approve).status_code == 403
    assert leader.post(approve).status_code == 302
    assert "执行中" in leader.get(page).content.decode()
    listed = client_of(cast.mine_a_dispatcher).get(reverse("rulebook:overrides"))
    assert listed.context["total"] == 1
    assert client_of(cast.neighbour_officer).get(page).status_code == 404
    assert client_of(cast.mine_b_dispatcher).get(reverse("rulebook:overrides")).context["total"] == 0
    assert "1 项覆盖" in client_of(cast.mine_a_dispatcher).get(reverse("rulebook:rules")).content.decode()
