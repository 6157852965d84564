"""The curve browser: who may see which points, and that nothing that matters is lost on the way to the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from kuangan.base.clock import to_ms
from kuangan.base.registry.intake import enter_seen
from kuangan.library.telemetry.archive import Archive
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.reported import REPORTED
from kuangan.portal.curve_lines import SHOWN, line_of
from kuangan.portal.curve_query import LONGEST, MINUTE, USUAL, span_of

Clients = Callable[[Any], Client]
SECOND = 1000


def readings(times: list[int], values: list[float], status: int | list[int] = 0) -> pl.DataFrame:
    states = [status] * len(times) if isinstance(status, int) else status
    return pl.DataFrame(
        {"time": times, "value": values, "status": states},
        schema={"time": pl.Int64, "value": pl.Float64, "status": pl.Int32},
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(SHOWN + 1, 20_000), st.integers(1, 12))
def test_the_extremes_of_every_bucket_survive_thinning(seed: int, count: int, planted: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(0.4, 0.05, count).round(3)
    peaks = rng.choice(count, planted, replace=False)
    values[peaks] = 5.0 + np.arange(planted)
    times = np.arange(count) * 10 * SECOND
    end = int(times[-1]) + 1
    line = line_of(readings(times.tolist(), values.tolist()), 0, end)
    drawn = {time: value for time, value in line.data if value is not None}
    assert line.thinned
    assert len(line.data) <= 2 * (SHOWN // 2 + 1) + 2
    assert (max(drawn.values()), min(drawn.values())) == (values.max(), values.min())
    assert set(drawn.items()) <= set(zip(times.tolist(), values.tolist(), strict=True)), "only readings that were"
    width = end // (SHOWN // 2)
    highest = pl.DataFrame({"bucket": times // width, "value": values}).group_by("bucket").agg(pl.col("value").max())
    shown: dict[int, float] = {}
    for time, value in drawn.items():
        shown[int(time) // width] = max(value, shown.get(int(time) // width, value))
    assert shown == dict(highest.rows())


def test_few_readings_are_all_shown_with_gaps_and_bad_values_as_breaks() -> None:
    times = [0, 10_000, 20_000, 300_000, 310_000, 320_000]
    line = line_of(readings(times, [0.1, float("nan"), 0.3, 0.4, 0.5, 0.6], [0, 0, 4, 0, 128, 0]), 0, 400_000)
    assert line.data == [
        [0, 0.1], [10_000, None], [20_000, 0.3], [20_001, None], [300_000, 0.4], [310_000, None], [320_000, 0.6],
    ]  # fmt: skip
    assert (line.gaps, line.bad) == ([[20_000, 300_000]], [[10_000, 20_000], [310_000, 320_000]])
    assert line.calibrating == [[20_000, 300_000]]
    assert not line_of(readings(times, [0.1] * 6), 0, 400_000, on_change=True).gaps


def test_a_span_is_kept_within_31_days_and_nonsense_falls_back() -> None:
    last = 1_800_000_000_000
    assert span_of({}, last) == (last - USUAL, last)
    assert span_of({"from": "x", "to": "y", "hours": "5000"}, last) == (last - USUAL, last)
    assert span_of({"from": "1700000000000"}, last) == (1_700_000_000_000, 1_700_000_000_000 + USUAL)
    assert span_of({"from": "1000000000000", "to": str(last)}, last) == (last - LONGEST, last)
    assert span_of({"from": str(last), "to": str(last - 5)}, last) == (last, last + MINUTE)
    assert span_of({"to": "2026-11-21T08:00", "hours": "1"}, last) == (1_795_215_600_000, 1_795_219_200_000)
    start, end = span_of({"around": str(last)}, 0)
    assert start < last < end


@pytest.fixture
def told(cast: Any, home: Path, moment: datetime) -> dict[str, Any]:
    """Two points of mine A and one of mine B with an hour of readings; one value sent again later with another number."""
    codes = [f"{cast.mine_a.code}01MN0001", f"{cast.mine_a.code}01MN0002", f"{cast.mine_b.code}01MN0001"]
    limits = {"alarm_high": 1.0, "cut_high": 1.5}
    more = {
        "unit": "%CH4",
        "location": "=示例上隅角",
        "limits": limits,
        "limit": 1.0,
        "limit_source": "own",
        "defined": True,
    }
    enter_seen([], [{"code": code, "mine": code[:12], "valid_from": moment} | more for code in codes], moment)
    start = to_ms(moment)
    times = [start + 10 * SECOND * number for number in range(360)]
    rows = pl.DataFrame(
        {
            "point": [code for code in codes for _ in times],
            "time": times * 3,
            "value": ([0.3] * 200 + [1.2] * 10 + [0.4] * 150) * 3,
            "status": [0] * 1080,
            "lag": [2 * SECOND] * 1080,
            "rev": [0] * 1080,
            "mine": [code[:12] for code in codes for _ in times],
        },
        schema_overrides={"status": pl.Int32, "lag": pl.Int32, "rev": pl.Int16},
    )
    (home / "archive").mkdir()
    (home / "spool" / "g1").mkdir()
    Archive(home).append(rows, {"g1": 1})
    report: dict[str, Any] = dict.fromkeys(REPORTED)
    report |= {"gateway": "g1", "seq": 1, "received_at": times[215], "mine": cast.mine_a.code, "code": codes[0]}
    report |= {"alarm_type": "001", "start": times[200], "end": times[210], "max": 1.2}
    publish(home, "reported", pl.DataFrame([report], schema=REPORTED))
    return {"codes": codes, "start": start, "end": times[-1] + 1, "times": times}


def ask(browser: Client, told: dict[str, Any], name: str = "curve_data", **more: Any) -> Any:
    query = {"mine": told["codes"][0][:12], "point": told["codes"], "from": told["start"], "to": told["end"]} | more
    return browser.get(reverse(f"portal:{name}"), query)


@pytest.mark.django_db
def test_points_of_a_mine_share_an_axis_and_those_of_others_stay_out(
    cast: Any, client_of: Clients, told: dict[str, Any]
) -> None:
    answer = ask(client_of(cast.county_officer), told).json()
    assert [point["code"] for point in answer["points"]] == told["codes"][:2]
    first = answer["points"][0]
    assert (first["count"], first["thinned"], max(value for _, value in first["data"])) == (360, False, 1.2)
    assert first["limits"] == [
        {"from": told["start"], "to": told["end"], "limit": 1.0, "own": 1.0, "cut": 1.5, "low": None}
    ]
    assert [(report["from"], report["to"]) for report in answer["reported"]] == [
        (told["times"][200], told["times"][210])
    ]
    for user, status in ((cast.neighbour_officer, 404), (cast.mine_b_dispatcher, 404), (cast.nobody, 403)):
        assert [ask(client_of(user), told, name).status_code for name in ("curves", "curve_data", "curve_export")] == [
            status
        ] * 3


@pytest.mark.django_db
def test_what_had_not_arrived_yet_is_not_shown(cast: Any, client_of: Clients, told: dict[str, Any]) -> None:
    known = told["times"][100]
    answer = ask(client_of(cast.county_officer), told, known=str(known)).json()
    assert max(time for time, _ in answer["points"][0]["data"]) == told["times"][99]
    assert answer["reported"] == []


@pytest.mark.django_db
def test_alerts_of_the_points_are_bands_for_those_who_may_see_them(
    cast: Any, client_of: Clients, told: dict[str, Any], moment: datetime
) -> None:
    from django.db import transaction

    from kuangan.domains.alerts.sink import apply_events
    from tests.walk.world import over_limit

    event = over_limit(cast.mine_a.code, moment)
    with transaction.atomic():
        apply_events([type(event)(**{**_fields(event), "subject": told["codes"][0]})], moment)
    (alert,) = ask(client_of(cast.county_officer), told).json()["alerts"]
    assert (alert["grade"], alert["from"], alert["to"]) == ("yellow", told["start"], told["end"])
    assert ask(client_of(cast.system_admin), told).json()["alerts"] == []


def _fields(event: Any) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__dataclass_fields__}


@pytest.mark.django_db
def test_the_export_holds_what_is_shown_and_nothing_a_spreadsheet_would_run(
    cast: Any, client_of: Clients, told: dict[str, Any]
) -> None:
    text = ask(client_of(cast.county_officer), told, "curve_export").content.decode("utf-8-sig")
    lines = text.splitlines()
    assert len(lines) == 1 + 720
    assert lines[1].split(",")[:5] == [told["codes"][0], "'=示例上隅角", "2026-11-21 08:00:00.000", "0.3", "%CH4"]


@pytest.mark.django_db
def test_more_points_ask_no_more_questions(
    cast: Any, client_of: Clients, told: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    browser = client_of(cast.county_officer)
    for points in (told["codes"][:1], told["codes"][:2]):
        with django_assert_max_num_queries(12):
            assert ask(browser, told, point=points).status_code == 200


@pytest.mark.django_db
def test_without_a_mine_one_is_chosen(cast: Any, client_of: Clients, told: dict[str, Any]) -> None:
    browser, address = client_of(cast.city_officer), reverse("portal:curves")
    assert "示例远峰煤业" in browser.get(address, {"q": "示例"}).content.decode()
    assert browser.get(address, {"q": "远峰"})["Location"].endswith(f"?mine={cast.mine_a.code}")
