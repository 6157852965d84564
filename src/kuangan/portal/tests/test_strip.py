"""A stale screen never looks calm."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from kuangan.library.telemetry.hot import publish
from kuangan.portal.status import Item, engine_items, gateway_item, machinery_items, mine_items, seconds

NOW = 1_800_000_000_000


def beat(home: Path, gateway: str, wall: int) -> None:
    (home / "run" / f"gateway-{gateway}.json").write_text(json.dumps({"wall": wall}))


def by_key(items: list[Item]) -> dict[str, Item]:
    return {item.key: item for item in items}


def status(**changed: int) -> dict[str, int]:
    return {"wall": NOW - 400, "clock": NOW - 600, "spool_age_ms": 200, "lag_ms": 300, **changed}


def test_an_empty_home_says_that_nothing_runs(home: Path, moment: datetime) -> None:
    items = by_key(machinery_items(moment))
    assert items["gateway"].text == "未启动"
    assert items["engine"].text == "未启动"
    assert {items["gateway"].level, items["engine"].level} == {"bad"}


def test_a_fresh_heartbeat_is_green_and_a_dead_gateway_red_with_words(home: Path) -> None:
    beat(home, "g1", NOW - 400)
    assert gateway_item(home, NOW) == Item("gateway", "网关心跳", "0.4 秒前", "ok")
    assert gateway_item(home, NOW + 4_599).level == "ok"
    dead = gateway_item(home, NOW + 4_600)
    assert (dead.level, dead.text) == ("bad", "停止 5.0 秒")


def test_the_oldest_of_several_gateways_counts(home: Path) -> None:
    beat(home, "g1", NOW - 400)
    beat(home, "g2", NOW - 60_000)
    assert gateway_item(home, NOW).level == "bad"


def test_a_heartbeat_that_cannot_be_read_is_no_heartbeat(home: Path) -> None:
    (home / "run" / "gateway-g1.json").write_text('{"wall": ')
    assert gateway_item(home, NOW).text == "未启动"


def test_a_stopped_engine_a_stale_tick_and_a_long_lag_are_told_apart() -> None:
    assert {item.level for item in engine_items(status(), NOW)} == {"ok"}
    assert by_key(engine_items(status(wall=NOW - 8_000), NOW))["engine"].text == "停止 8.0 秒"
    assert by_key(engine_items(status(clock=NOW - 15_000), NOW))["engine"].text == "落后 15 秒"
    assert by_key(engine_items(status(clock=0), NOW))["engine"].text == "等待首个心跳"
    late = by_key(engine_items(status(lag_ms=6_000, spool_age_ms=31_000), NOW))
    assert (late["engine"].level, late["spool"].level) == ("warn", "bad")


def test_mines_off_line_are_counted_within_the_scope_only(home: Path) -> None:
    rows = {"mine": ["a", "b", "c"], "silent_since": [None, NOW, NOW]}
    publish(home, "mines", pl.DataFrame(rows, schema={"mine": pl.String, "silent_since": pl.Int64}))
    assert mine_items(frozenset({"a", "b"}))[0].text == "1/2"
    assert mine_items(frozenset({"a"}))[0].level == "ok"
    assert mine_items(frozenset()) == []


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (-5, "0.0 秒"),
        (400, "0.4 秒"),
        (12_000, "12 秒"),
        (180_000, "3 分"),
        (7_200_000, "2 小时"),
        (86_400_000, "1 天"),
    ],
)
def test_spans_are_said_in_words(ms: int, words: str) -> None:
    assert seconds(ms) == words
