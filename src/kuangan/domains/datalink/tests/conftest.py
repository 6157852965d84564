"""A home with a real spool and a real ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import time_machine

from conftest import MINE_A, MINE_B, MOMENT
from kuangan.base.clock import to_ms
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.ledger import FRAMES, REJECTS, Ledger
from kuangan.library.telemetry.spool import SpoolWriter

GATEWAY = "g1"
NOW_MS = to_ms(MOMENT)


@dataclass(frozen=True)
class World:
    """Sequence numbers of the frames written: one good and one half-bad file of mine A, one quarantined of mine B."""

    home: Path
    good: int
    partial: int
    quarantined: int
    refused: int
    payloads: dict[int, bytes]


def ledger_row(seq: int, outcome: str, **given: Any) -> dict[str, Any]:
    row: dict[str, Any] = {name: 0 if kind.is_integer() else "" for name, kind in FRAMES.items()}
    row |= {"gateway": GATEWAY, "seq": seq, "received_at": NOW_MS - 60_000 + seq, "outcome": outcome, "stale": False}
    return row | {"header_time": None, "type": "CDSS"} | given


@pytest.fixture
def world(tmp_path: Path, settings: Any) -> World:
    """The spool and the ledger of a minute ago, and the engine's table of mines."""
    for name in ("hot", "run", "ledger", "spool", "config"):
        (tmp_path / name).mkdir()
    settings.HOME = tmp_path
    writer = SpoolWriter(tmp_path, GATEWAY)
    offered = (
        ("upload", MINE_A, f"{MINE_A}_CDSS_20261121075900.txt", b"good \xd6\xd0\r\n~||"),
        ("upload", MINE_A, f"{MINE_A}_CDSS_20261121075910.txt", b"half"),
        ("upload", MINE_B, f"{MINE_B}_CDSS_20261121075920.txt", b"broken"),
        (
            "refusal",
            MINE_B,
            f"{MINE_B}_FZDY_1.txt",
            b'{"reason": "token", "size": 77, "address": "192.0.2.7", "sender": ""}',
        ),
    )
    seqs = [
        writer.append(kind=kind, name=name, source="http", payload=payload, received_at=NOW_MS - 60_000, mine=mine)
        for kind, mine, name, payload in offered
    ]
    writer.commit()
    writer.close()
    rows = [
        ledger_row(seqs[0], "accepted", mine=MINE_A, name=offered[0][2], good=10, archived=10, size=len(offered[0][3])),
        ledger_row(seqs[1], "partial", mine=MINE_A, name=offered[1][2], good=3, archived=3, rejected=1, marks="gbk"),
        ledger_row(seqs[2], "quarantined", mine=MINE_B, name=offered[2][2], reason="truncated"),
        ledger_row(seqs[3], "refused", mine=MINE_B, name=offered[3][2], reason="token", type="FZDY"),
    ]
    reject = {"gateway": GATEWAY, "seq": seqs[1], "mine": MINE_A, "name": offered[1][2], "received_at": NOW_MS - 60_000}
    reject |= {"record": 4, "column": "value", "reason": "bad_number", "excerpt": "1.2.3"}
    Ledger(tmp_path).append(
        pl.DataFrame(rows, schema=FRAMES), pl.DataFrame([reject], schema=REJECTS), {GATEWAY: seqs[-1]}
    )
    mines = {
        "mine": [MINE_A],
        "mine_name": ["示例远峰煤业"],
        "first_seen": [NOW_MS - 10**7],
        "last_arrival": [NOW_MS - 60_000],
        "last_data_time": [NOW_MS - 62_000],
        "silent_since": pl.Series([None], dtype=pl.Int64),
    }
    publish(tmp_path, "mines", pl.DataFrame(mines))
    return World(tmp_path, *seqs, {seq: each[3] for seq, each in zip(seqs, offered, strict=True)})


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Any:
    with time_machine.travel(MOMENT, tick=False):
        yield


@pytest.fixture
def get(client_of: Callable[..., Any], world: World) -> Callable[..., Any]:
    """Answer of a page for a person."""

    def answer(user: Any, address: str) -> Any:
        return client_of(user).get(address)

    return answer
