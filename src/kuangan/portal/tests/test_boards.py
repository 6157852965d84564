"""Boards of dangers: the points of the scope, the worst first, and nothing of others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from conftest import MINE_A, MINE_B, Cast
from kuangan.base.clock import now
from kuangan.domains.alerts.sink import apply_events
from kuangan.library.telemetry.grammar import sensor_types
from kuangan.library.telemetry.hot import publish
from kuangan.library.warning.events import Event
from kuangan.library.warning.rulebook import ADDED
from kuangan.portal.boards import BOARDS, CURVES_SHOWN, POINTS_SHOWN, alerts_of, limits_word, points_of
from tests.walk.world import over_limit


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def shown(user: object, kind: str, **query: str) -> object:
    return signed_in(user).get(reverse(f"portal:board_{kind}"), query)


@pytest.fixture
def water(home: Path) -> None:
    """A hole of each mine; that of mine A is in a graded band."""
    codes = [f"{MINE_A}05MN05020104", f"{MINE_A}05MN05030201", f"{MINE_B}05MN05020104"]
    table = {
        "code": codes,
        "mine": [MINE_A, MINE_A, MINE_B],
        "type_name": ["水位", "涌水量", "水位"],
        "sensor_type": ["water:0502", "water:0503", "water:0502"],
        "unit": ["m", "m³/h", "m"],
        "location": ["水文孔K2-1", "1102工作面", "水文孔K9-9"],
        "limit": [None, None, None],
        "sign": ["", "", ""],
        "low": [None, 5.0, None],
        "high": [None, 90.0, None],
        "band_grade": ["", "orange", ""],
    }
    publish(home, "points", pl.DataFrame(table))
    publish(home, "latest", pl.DataFrame({"code": codes[:2], "time": [1_800_000_000_000] * 2, "value": [562.3, 96.0]}))


def test_every_board_names_rules_and_types_that_exist() -> None:
    for board in BOARDS.values():
        assert set(board.rules) <= set(ADDED)
        assert board.types <= set(sensor_types())
        assert all(any(code.startswith(f"{family}:") for code in sensor_types()) for family in board.families)


@pytest.mark.django_db
def test_a_board_lists_the_points_of_the_scope_worst_first(cast: Cast, water: None) -> None:
    page = shown(cast.mine_a_dispatcher, "water").content.decode()
    assert page.index("1102工作面") < page.index("水文孔K2-1")
    assert "K9-9" not in page
    assert "96.0" in page or "96 m³/h" in page
    assert "＜ 5.00 m³/h 或 ≥ 90 m³/h" in page
    assert 'data-severity="orange"' in page
    assert f"/curves/?mine={MINE_A}" in page


@pytest.mark.django_db
def test_another_mine_is_not_found_and_strangers_sign_in(cast: Cast, water: None) -> None:
    assert shown(cast.mine_a_dispatcher, "water", mine=MINE_B).status_code == 404
    assert shown(cast.mine_a_dispatcher, "water", mine=MINE_A).status_code == 200
    assert Client().get(reverse("portal:board_water")).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(BOARDS))
def test_an_empty_board_says_which_files_it_waits_for(kind: str, cast: Cast, home: Path) -> None:
    page = shown(cast.mine_a_dispatcher, kind).content.decode()
    assert BOARDS[kind].empty in page
    assert BOARDS[kind].files in page


@pytest.mark.parametrize(
    ("low", "high", "limit", "word"),
    [(0.25, 4.1, None, "＜ 0.25 m/s 或 ≥ 4.10 m/s"), (None, None, 24.0, "≥ 24 m/s"), (None, None, float("nan"), "—")],
)
def test_limits_in_words(low: float | None, high: float | None, limit: float | None, word: str) -> None:
    assert limits_word(low, high, limit, "m/s") == word


@pytest.fixture
def many(home: Path) -> None:
    """Ninety holes of mine A; the last is in a graded band."""
    codes = [f"{MINE_A}05MN0502{number:04d}" for number in range(90)]
    table = {
        "code": codes,
        "mine": [MINE_A] * 90,
        "type_name": ["水位"] * 90,
        "sensor_type": ["water:0502"] * 90,
        "unit": ["m"] * 90,
        "location": [f"孔{number:03d}" for number in range(90)],
        "limit": [None] * 90,
        "sign": [""] * 90,
        "low": [None] * 90,
        "high": [90.0] * 90,
        "band_grade": [""] * 89 + ["yellow"],
    }
    kinds = {"limit": pl.Float64, "low": pl.Float64}
    publish(home, "points", pl.DataFrame(table, schema_overrides=kinds))


@pytest.mark.django_db
def test_a_long_board_has_pages_and_can_be_narrowed_to_what_is_not_sound(cast: Cast, many: None) -> None:
    first = shown(cast.mine_a_dispatcher, "water").content.decode()
    assert first.count("data-board-line=") == POINTS_SHOWN
    assert first.index("孔089") < first.index("孔000")
    assert "page=2" in first
    last = shown(cast.mine_a_dispatcher, "water", page="3").content.decode()
    assert last.count("data-board-line=") == 90 - 2 * POINTS_SHOWN
    alone = shown(cast.mine_a_dispatcher, "water", graded="1").content.decode()
    assert alone.count("data-board-line=") == 1
    assert "孔089" in alone


@pytest.mark.django_db
def test_many_mines_have_curves_of_what_is_not_sound_and_one_mine_of_its_first_points(cast: Cast, many: None) -> None:
    whole = shown(cast.city_officer, "water").content.decode()
    assert whole.count("data-board-chart=") == 1
    one = shown(cast.city_officer, "water", mine=MINE_A).content.decode()
    assert one.count("data-board-chart=") == CURVES_SHOWN


@pytest.mark.django_db
def test_a_point_with_a_lasting_alert_is_not_sound(cast: Cast, many: None, home: Path) -> None:
    code = f"{MINE_A}05MN05020007"
    mines = {MINE_A: "甲矿"}
    found = points_of(home, BOARDS["water"], mines, {code: "red"}, False, "")
    assert [(line.code, line.grade) for line in found.lines[:2]] == [(code, "red"), (f"{MINE_A}05MN05020089", "yellow")]
    assert found.graded == 2


@pytest.mark.django_db
def test_short_lines_are_given_for_points_of_the_scope_alone(cast: Cast, water: None) -> None:
    own, other = f"{MINE_A}05MN05020104", f"{MINE_B}05MN05020104"
    answer = signed_in(cast.mine_a_dispatcher).get(reverse("portal:board_lines"), {"point": [own, other, "nothing"]})
    assert set(answer.json()["lines"]) == {own}
    assert Client().get(reverse("portal:board_lines"), {"point": own}).status_code == 302


def reported(ident: str, sensor_type: str, category: str, moment: datetime) -> Event:
    told = {"sensor_type": sensor_type, "category": category, "level": "2", "text": "", "value": None, "limit": None}
    return replace(over_limit(MINE_A, moment), id=ident, rule="danger.reported", subject=ident, inputs=told)


@pytest.mark.django_db
def test_an_early_warning_of_a_mine_stands_on_the_board_of_its_kind_alone(cast: Cast, home: Path) -> None:
    at = now()
    with transaction.atomic():
        apply_events(
            [
                reported("g1.1.water", "water:0502", "01", at),
                reported("g1.2.rock", "pressure:1401", "01", at),
                reported("g1.3.slope", "", "slope_alarm", at),
            ],
            at,
        )
    told = {
        kind: {line.alert.subject for line in alerts_of(cast.city_officer, BOARDS[kind], "", at)[0] or ()}
        for kind in ("water", "pressure", "slope")
    }
    assert told == {"water": {"g1.1.water"}, "pressure": {"g1.2.rock"}, "slope": {"g1.3.slope"}}


@pytest.mark.django_db
def test_a_number_that_its_point_calls_faulty_is_not_shown(cast: Cast, water: None, home: Path) -> None:
    codes = [f"{MINE_A}05MN05020104", f"{MINE_A}05MN05030201"]
    latest = {"code": codes, "time": [1_800_000_000_000] * 2, "value": [0.0, 96.0], "status": [128, 4]}
    publish(home, "latest", pl.DataFrame(latest))
    faulty, calibrated = sorted(
        points_of(home, BOARDS["water"], {MINE_A: "甲矿"}, {}, False, "").lines, key=lambda line: line.code
    )
    assert (faulty.value, calibrated.value) == ("无有效数据", "96 m³/h（标校）")
