"""What else befell a mine at the time of an alert."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from conftest import MINE_B
from kuangan.base.clock import to_ms
from kuangan.domains.alerts.company import SHOWN, companions
from kuangan.domains.alerts.models import Alert
from kuangan.library.warning.events import Event

Make = Callable[..., Event]
Apply = Callable[..., list[Alert]]
FAN, GAS = "danger.fan_stopped", "gas.over_limit"


@pytest.fixture
def gas(event: Make, apply: Apply) -> Alert:
    """Gas over its limit at a heading."""
    return apply(event(id="gas", rule=GAS, inputs={"location": "1103掘进工作面T1"}))[0]


def said(alert: Alert, user: Any, at: datetime) -> list[tuple[str, bool]]:
    return [(row.kind, row.near) for row in companions(alert, user, at)[0]]


@pytest.mark.django_db
def test_a_fan_that_stands_at_the_place_comes_first(
    cast: Any, gas: Alert, event: Make, apply: Apply, moment: datetime
) -> None:
    apply(event(id="far", rule=FAN, inputs={"location": "2202综采工作面"}))
    apply(event(id="near", rule=FAN, inputs={"location": "1103掘进工作面1号局部通风机"}))
    found = said(gas, cast.mine_a_dispatcher, moment)
    assert found == [("通风机停止", True), ("通风机停止", False)]


@pytest.mark.django_db
def test_other_mines_other_times_and_the_merged_are_no_company(
    cast: Any, gas: Alert, event: Make, apply: Apply, moment: datetime
) -> None:
    apply(event(id="b", rule=FAN, mine=MINE_B))
    early = to_ms(gas.onset - timedelta(hours=3))
    apply(event(id="early", rule=FAN, onset=early, end=early + 60_000, status="cleared"))
    apply(event(id="merged", rule=FAN, merged_into="gas", end=to_ms(moment), status="cleared"))
    assert said(gas, cast.province_officer, moment) == []


@pytest.mark.django_db
def test_the_page_lists_a_few_and_says_how_many_there_are(
    cast: Any, gas: Alert, event: Make, apply: Apply, moment: datetime, client_of: Callable[..., Any]
) -> None:
    for number in range(SHOWN + 2):
        apply(event(id=f"f{number}", rule=FAN, inputs={"location": f"22{number:02d}综采工作面"}))
    page = client_of(cast.mine_a_dispatcher).get(reverse("alerts:alert", args=[gas.case.number])).content.decode()
    assert f"本矿同时段告警 {SHOWN + 2} 条，列出 {SHOWN} 条" in page
