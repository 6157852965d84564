"""The people board: counts agree with the lists they open, unknown is not 0, nobody sees beyond his scope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import time_machine
from django.test import Client

from conftest import MINE_A, MINE_B, MOMENT, Cast
from kuangan.base.clock import to_ms
from kuangan.domains.alerts.sink import apply_events
from kuangan.domains.datalink import headcount
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.records import SHAPES
from kuangan.library.warning.events import Event

Clients = Callable[[Any], Client]
BOARD = "/underground/board/"
HOUR = 3_600_000


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Any:
    headcount.forget()
    with time_machine.travel(MOMENT, tick=False):
        yield
    headcount.forget()


def rows(name: str, told: list[dict[str, Any]]) -> pl.DataFrame:
    blank = dict.fromkeys(SHAPES[name].columns)
    origin = {"gateway": "g1", "mine": MINE_A, "record": 0}
    return pl.DataFrame([blank | origin | row for row in told], schema=dict(SHAPES[name].columns))


@pytest.fixture
def sent(home: Path) -> Path:
    """Mine A has 4 people below at each of the last snapshots and is approved for 3; mine B sent nothing."""
    positions = []
    for seq, minutes in enumerate((-60, -55, -5)):
        at = to_ms(MOMENT) + minutes * 60_000
        file = {"seq": seq, "received_at": at, "moment": at, "type": "RYSS", "rejected": 0}
        positions += [file, *({**file, "record": n, "card": f"c{n}", "flag": 1} for n in range(1, 5))]
    publish(home, "positions", rows("positions", positions))
    early = to_ms(MOMENT) - HOUR
    known = {"seq": 9, "received_at": early, "moment": early, "type": "RYXX", "area": "", "approved": 3}
    publish(home, "areas", rows("areas", [known]))
    return home


def event(rule: str, ident: str = "g1.1.x", grade: str = "yellow", mine: str = MINE_A, **changes: Any) -> Event:
    at = to_ms(MOMENT) - HOUR // 2
    inputs: dict[str, Any] = {"persons": 4, "limit": 3, "value": 4, "snapshot": at, "mine_name": "示例", "location": ""}
    made = Event(ident, 1, rule, 1, mine, "mine", mine, at, None, 4.0, at, grade, "open", None, False, at, at, inputs)
    return replace(made, **changes)


def test_a_mine_stands_with_its_people_the_approved_number_and_its_open_alerts(
    cast: Cast, client_of: Clients, sent: Path
) -> None:
    apply_events([event("people.mine_over"), event("people.no_leader", "g1.2.x", "orange")], MOMENT)
    page = client_of(cast.county_officer).get(BOARD)
    line = page.context["lines"][0]
    assert (line.row.mine.code, line.row.head.persons, line.approved, line.over) == (MINE_A, 4, 3, True)
    assert [said for _, said in line.told] == ["无带班矿领导 4 人", "井下超员 4 人"]
    assert line.severity == "orange"
    text = page.content.decode()
    assert all(alert.case.address in text for alert, _ in line.told)


def test_each_figure_counts_the_mines_it_opens(cast: Cast, client_of: Clients, sent: Path) -> None:
    apply_events([event("people.mine_over"), event("people.area_over", "g1.2.x", subject="a"), event("people.area_over", "g1.3.x", subject="b")], MOMENT)  # fmt: skip
    client = client_of(cast.province_officer)
    for figure in client.get(BOARD).context["figures"]:
        opened = client.get(figure.address).context
        assert len(opened["lines"]) == figure.value
        assert [f.label for f in opened["figures"] if f.chosen] == [figure.label]


def test_a_mine_that_sends_nothing_is_unknown_and_not_zero(cast: Cast, client_of: Clients, sent: Path) -> None:
    page = client_of(cast.province_officer).get(BOARD)
    unknown = next(line for line in page.context["lines"] if line.row.mine.code == MINE_B)
    assert (unknown.row.head, unknown.approved, unknown.over) == (None, None, False)
    assert page.context["unknown"] >= 1
    assert "人数未知" in page.content.decode() and "未上传" in page.content.decode()


def test_void_closed_and_other_alerts_are_not_open_ones_about_people(
    cast: Cast, client_of: Clients, sent: Path
) -> None:
    void = event("people.mine_over", status="void")
    apply_events(
        [void, event("gas.over_limit", "g1.2.x"), event("people.overtime", "g1.3.x", merged_into="g1.9.x")], MOMENT
    )
    page = client_of(cast.county_officer).get(BOARD)
    assert [line.alerts for line in page.context["lines"] if line.alerts] == []


def test_another_county_sees_neither_the_mine_nor_its_alerts(cast: Cast, client_of: Clients, sent: Path) -> None:
    apply_events([event("people.mine_over")], MOMENT)
    page = client_of(cast.neighbour_officer).get(BOARD)
    assert MINE_A not in {line.row.mine.code for line in page.context["lines"]}
    assert {figure.value for figure in page.context["figures"]} == {0}
    assert client_of(cast.neighbour_officer).get(f"/mines/{MINE_A}/people/").status_code == 404


def test_the_day_of_a_mine_has_its_curve_the_approved_line_and_its_alerts(
    cast: Cast, client_of: Clients, sent: Path
) -> None:
    over = to_ms(MOMENT) - 20 * 60_000
    apply_events([event("people.mine_over", end=over, status="cleared"), event("gas.over_limit", "g1.2.x")], MOMENT)
    page = client_of(cast.county_officer).get(f"/mines/{MINE_A}/people/?hours=1")
    curve = page.context["curve"]
    assert (curve.highest, curve.approved, len(curve.lines)) == (4, 3, 2)
    assert curve.limit is not None and 6 < curve.limit < curve.height
    [(alert, said, _, _)] = page.context["alerts"]
    [mark] = page.context["marks"]
    assert said == "井下超员 4 人" and mark.address == alert.case.address
    assert (mark.x, mark.width) == (380.0, 126.7)  # half an hour ago, for ten minutes, of an hour on 760
    text = page.content.decode()
    assert 'stroke-dasharray="6 4"' in text and alert.case.number in text


def test_queries_do_not_grow_with_mines_and_alerts(
    cast: Cast, client_of: Clients, sent: Path, django_assert_max_num_queries: Any
) -> None:
    apply_events([event("people.area_over", f"g1.{n}.x", subject=str(n)) for n in range(40)], MOMENT)
    client = client_of(cast.province_officer)
    client.get(BOARD)
    with django_assert_max_num_queries(12):
        client.get(BOARD)
