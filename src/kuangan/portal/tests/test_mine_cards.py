"""The page of a mine gathers its stations, the state of its data and whom to call, for those who may see each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from conftest import MINE_A, Cast
from kuangan.base.clock import BEIJING, to_ms, use
from kuangan.base.registry.intake import enter_seen
from kuangan.base.registry.models import SubStation
from kuangan.domains.alerts.sink import apply_events
from kuangan.domains.duty.contacts import Line, enter_contact
from kuangan.domains.duty.rosters import Entry, enter_shifts
from kuangan.library.telemetry.frames import UPLOAD, Frame, digest_of
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.sink import Collecting
from kuangan.portal import mine_cards
from tests.walk.world import over_limit

Clients = Callable[[Any], Client]
PAGE = f"/mines/{MINE_A}/"
POINT = f"{MINE_A}01MN0043000001"
BASE = f"{MINE_A}0004000010"


@pytest.fixture(autouse=True)
def _time_stands_still(moment: datetime) -> Any:
    with use(moment):
        yield


@pytest.fixture
def sent(home: Path, moment: datetime) -> Path:
    """A home that took files of mine A: two sub-stations, a base station, five-minute statistics, a record that is bad."""

    def wire(minutes: int) -> str:
        return f"{(moment + timedelta(minutes=minutes)).astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"

    def statistics(minutes: int, high: str) -> str:
        begin, end = wire(minutes), wire(minutes + 5)
        return f"{POINT};激光甲烷;示例上隅角;%CH4;{begin};{end};{high};{begin};0.1;{begin};0.2;{end}"

    files = (
        ("FZSS", -20, [f"{MINE_A}00001;0;1;{wire(-20)}", f"{MINE_A}00002;0;1;{wire(-20)}"]),
        ("FZSS", -10, [f"{MINE_A}00001;0;1;{wire(-10)}", f"{MINE_A}00002;1;0;{wire(-10)}"]),
        ("RYJZ", -20, [f"{BASE};示例机头基站;0;0;0;"]),
        ("JZSS", -10, [f"{BASE};2;2;{wire(-10)}"]),
        ("TJSJ", -5, [statistics(-15, "0.41"), statistics(-10, "0.52")]),
        ("CDSS", -4, [f"{POINT};激光甲烷;示例上隅角;abc;%CH4;0;{wire(-4)}"]),
    )
    pipeline, frames = Pipeline(home, Collecting()), []
    for seq, (kind, minutes, records) in enumerate(files):
        payload = "~".join([f"{MINE_A};示例远峰煤业;{wire(minutes)}", *records, "||"]).encode()
        name = f"{MINE_A}_{kind}_202611210{seq}0000.txt"
        at = to_ms(moment) + minutes * 60_000
        frames.append(("g1", Frame(seq, MINE_A, UPLOAD, name, "s", at, digest_of(payload), payload)))
    pipeline.advance(frames)
    pipeline.flush()
    return home


def page(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_stations_stand_with_their_last_state_those_with_faults_first(
    cast: Cast, sent: Path, client_of: Clients, moment: datetime
) -> None:
    SubStation.objects.create(code=f"{MINE_A}00002", mine=cast.mine_a, location="示例变电所")
    SubStation.objects.create(code=f"{MINE_A}00003", mine=cast.mine_a, location="示例泵房")
    rows = mine_cards.stations(cast.county_officer, cast.mine_a, moment)
    assert rows is not None
    told = [(row.kind, row.code[-5:], row.name, row.run_word, row.power_word, row.bad) for row in rows]
    assert told == [
        ("定位基站", "00010", "示例机头基站", "故障", "供电故障", True),
        ("监控分站", "00002", "示例变电所", "通信中断", "直流备电", True),
        ("监控分站", "00003", "示例泵房", "未上传状态", "—", False),
        ("监控分站", "00001", "", "正常", "交流", False),
    ]
    assert rows[1].since == moment - timedelta(minutes=10)
    shown = page(client_of(cast.county_officer))
    assert "4 台，异常 2" in shown and "通信中断" in shown


def test_the_quality_of_the_data_is_counted(cast: Cast, sent: Path, client_of: Clients, moment: datetime) -> None:
    silence = over_limit(MINE_A, moment)
    with transaction.atomic():
        apply_events([silence], moment)
    quality = mine_cards.quality_of(cast.county_officer, cast.mine_a, moment)
    assert quality is not None
    assert (quality.arrived.received, quality.not_whole, quality.arrived.rejected) == (6, 1, 1)
    assert quality.alerts == {}, "gas is not what is wrong with data"
    assert mine_cards.quality_of(cast.county_officer, cast.mine_b, moment).arrived.received == 0


def test_whom_to_call_is_who_is_on_duty_and_the_phone_book(
    cast: Cast, home: Path, client_of: Clients, moment: datetime
) -> None:
    body, by = cast.organisations["mine_a"], cast.mine_a_manager
    enter_contact(body, Line("other", "0000-0007", "示例七"), by=by, at=moment, reason="登记")
    shift = Entry(
        start=moment - timedelta(hours=1), end=moment + timedelta(hours=7), officer_name="示例八", officer_phone="0000-0008"
    )  # fmt: skip
    enter_shifts(body, [shift], by=by, at=moment - timedelta(hours=2), basis="测试")
    shown = page(client_of(cast.county_officer))
    for words in ("示例七", "0000-0007", "示例八", "0000-0008"):
        assert words in shown
    assert mine_cards.reach_of(cast.neighbour_officer, cast.mine_a, moment) is None


def test_who_may_not_look_at_links_duty_or_alerts_sees_none_of_the_cards(
    cast: Cast, sent: Path, client_of: Clients, moment: datetime
) -> None:
    shown = page(client_of(cast.security_admin))
    for card in ('id="quality"', 'id="stations"', 'id="reach"', 'id="alerts"'):
        assert card not in shown


def test_the_number_of_open_alerts_is_not_cut_with_the_list(
    cast: Cast, home: Path, client_of: Clients, moment: datetime
) -> None:
    event = over_limit(MINE_A, moment)
    with transaction.atomic():
        apply_events(
            [replace(event, id=f"g1.{n}.0", subject=f"{event.subject[:-2]}{n:02d}") for n in range(23)], moment
        )
    answer = client_of(cast.county_officer).get(PAGE)
    assert (len(answer.context["cases"]), answer.context["cases_total"]) == (20, 23)


def test_the_curve_page_shows_what_the_mine_sent_as_statistics(
    cast: Cast, sent: Path, client_of: Clients, moment: datetime
) -> None:
    row = {"code": POINT, "mine": MINE_A, "unit": "%CH4", "location": "示例上隅角", "limits": {}, "defined": True}
    enter_seen([], [row | {"valid_from": to_ms(moment - timedelta(days=1))}], moment)
    client = client_of(cast.county_officer)
    span = f"from={to_ms(moment - timedelta(hours=1))}&to={to_ms(moment)}"
    answer = client.get(f"/curves/?mine={MINE_A}&point={POINT}&{span}")
    assert [(told["max"], told["name"]) for told in answer.context["told"]] == [
        (0.52, "示例上隅角"),
        (0.41, "示例上隅角"),
    ]
    known = client.get(f"/curves/?mine={MINE_A}&point={POINT}&{span}&known={to_ms(moment - timedelta(minutes=30))}")
    assert known.context["told"] == []
