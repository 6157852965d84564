"""My work tells each organisation what announcements and checks ask of it, and nothing that the clock does by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kuangan.domains.operations.checking import find_overrun
from kuangan.domains.operations.tests.conftest import HOUR, Make

Clients = Callable[[Any], Client]


def asked(browser: Client) -> list[tuple[str, str]]:
    answer = browser.get(reverse("alerts:work"))
    assert answer.status_code == 200
    return [(item.asked, item.case.number) for item in answer.context["items"]]


@pytest.fixture
def power_cut(declared: Make, moment: datetime, mine_a: Any) -> Any:
    start = moment + timedelta(days=2)
    return declared(kind="power_cut", starts=start, ends=start + 4 * HOUR, parts=(("mine", mine_a.code),))


def test_the_direct_supervisor_owes_an_answer_and_nobody_else_does(
    power_cut: Any, cast: Any, client_of: Clients
) -> None:
    browser = client_of(cast.county_officer)
    assert asked(browser) == [("答复报备", power_cut.case.number)]
    page = browser.get(reverse("alerts:work")).content.decode()
    assert f"/announcements/{power_cut.case.number}/" in page
    for other in (cast.neighbour_officer, cast.city_officer, cast.mine_b_dispatcher, cast.mine_a_dispatcher):
        assert asked(client_of(other)) == []


def test_what_the_clock_begins_and_ends_asks_nobody(declared: Make, cast: Any, client_of: Clients) -> None:
    declared()
    assert asked(client_of(cast.mine_a_dispatcher)) == []


def test_the_mine_owes_the_end_and_then_an_explanation(
    declared: Make, cast: Any, client_of: Clients, tick: Make
) -> None:
    row = declared()
    tick(row.starts)
    row.refresh_from_db()
    browser = client_of(cast.mine_a_dispatcher)
    assert asked(browser) == [("报告结束或申请延期", row.case.number)]
    check = find_overrun(row, row.ends + HOUR)
    assert check is not None
    assert ("说明情况", check.case.number) in asked(browser)
