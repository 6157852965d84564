"""The cockpit: every number agrees with the list it opens, and nobody sees beyond his scope."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import transaction
from django.test import Client

from conftest import MINE_A, MINE_B, MOMENT, Cast
from kuangan.base.clock import to_ms, use
from kuangan.domains.alerts.sink import apply_events
from kuangan.library.telemetry.hot import publish
from kuangan.library.warning.events import Event
from kuangan.portal.tests.test_pages import signed_in, text
from kuangan.portal.tiles import tiles

COUNTY_A, COUNTY_B, CITY = MINE_A[:6], MINE_B[:6], "140400"


def over_limit(number: int, mine: str, grade: str, **changes: Any) -> Event:
    at = to_ms(MOMENT)
    fields: dict[str, Any] = {
        "id": f"g1.{number}.0",
        "rev": 1,
        "rule": "gas.over_limit",
        "rule_version": 1,
        "mine": mine,
        "subject_kind": "point",
        "subject": f"{mine}01MN{number:06d}",
        "onset": at - 60_000,
        "end": None,
        "peak": 1.2,
        "peak_at": at,
        "grade": grade,
        "status": "open",
        "merged_into": None,
        "late": False,
        "raised_at": at,
        "changed_at": at,
        "inputs": {"limit": 1.0, "unit": "%CH4", "location": "示例上隅角", "confidence": "I"},
    }
    return Event(**(fields | changes))


@pytest.fixture
def alerts(cast: Cast) -> Cast:
    old = to_ms(MOMENT - timedelta(hours=9))
    events = [over_limit(1, MINE_A, "red"), over_limit(2, MINE_A, "yellow"), over_limit(3, MINE_B, "orange")]
    events.append(over_limit(4, MINE_A, "yellow", raised_at=old, changed_at=old, onset=old))
    events.append(over_limit(5, MINE_A, "red", inputs={"drill": True}))
    with transaction.atomic():
        apply_events(events, MOMENT)
    return cast


def tile(page: str, county: str) -> tuple[str, str]:
    found = re.search(rf'data-state="(\w+)" data-county="{county}".*?</(?:a|span)>', page, re.DOTALL)
    assert found
    said = re.search(r"<i>(.*?)</i>", found[0])
    return found[1], said[1] if said else ""


def opened(user: Any) -> Any:
    with use(MOMENT):
        return signed_in(user).get("/cockpit/")


def test_the_schematic_holds_every_county_once_and_marks_where_cities_meet() -> None:
    placed = tiles()
    assert (
        len(placed) == len({tile.code for tile in placed}) == len({(tile.column, tile.row) for tile in placed}) == 117
    )
    assert {tile.city for tile in placed} == {f"14{number:02d}00" for number in range(1, 12)}
    by_place = {(each.column, each.row): each for each in placed}
    for each in placed:
        right = by_place.get((each.column + 1, each.row))
        assert ("r" in each.edges.split()) == (right is None or right.city != each.city)


def test_tiles_tell_the_gravest_open_colour_of_the_scope(alerts: Cast, home: Path) -> None:
    page = text(opened(alerts.city_officer))
    assert (tile(page, COUNTY_A), tile(page, COUNTY_B)) == (("red", "红1"), ("orange", "橙1"))
    assert tile(page, "140502")[0] == "outside"
    page = text(opened(alerts.county_officer))
    assert (tile(page, COUNTY_A), tile(page, COUNTY_B)) == (("red", "红1"), ("outside", ""))
    assert "示例青岭煤业" not in page


def test_a_county_without_alerts_is_never_green_but_says_what_is_known(cast: Cast, home: Path) -> None:
    assert tile(text(opened(cast.city_officer)), COUNTY_A) == ("unconnected", "—")
    heard: dict[str, list[Any]] = {"mine": [MINE_A, MINE_B], "silent_since": [None, to_ms(MOMENT)]}
    publish(home, "mines", pl.DataFrame(heard, schema={"mine": pl.String, "silent_since": pl.Int64}))
    page = text(opened(cast.city_officer))
    assert (tile(page, COUNTY_A), tile(page, COUNTY_B)) == (("calm", "1"), ("silent", "静默"))


def test_every_number_is_what_its_list_holds(alerts: Cast, home: Path) -> None:
    for user in (alerts.province_officer, alerts.county_officer, alerts.mine_a_dispatcher):
        answer = opened(user)
        numbers = [*answer.context["recent"], *(n for c in answer.context["cities"] for n in (*c.open, c.lapsed))]
        assert [number.value for number in numbers if number.value]
        with use(MOMENT):
            for number in numbers:
                assert signed_in(user).get(number.address).context["total"] == number.value, number.address
    province, county = (opened(user).context for user in (alerts.province_officer, alerts.county_officer))
    (line,) = (city for city in province["cities"] if city.code == CITY)
    assert ([number.value for number in line.open], line.mines) == ([1, 1, 2, 0], 2)
    assert [number.value for number in county["cities"][0].open] == [1, 0, 2, 0]
    assert [number.value for number in county["recent"]] == [2, 1, 0, 1, 0, 0, 2]


def test_queries_do_not_grow_with_the_alerts(
    alerts: Cast, home: Path, django_assert_max_num_queries: Any, client: Client
) -> None:
    with django_assert_max_num_queries(40):
        opened(alerts.province_officer)
