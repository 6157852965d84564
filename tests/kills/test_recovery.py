"""A flush has several steps; whichever of them a kill falls behind, the next engine ends where an uncut one does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kuangan.library.telemetry.archive import Archive
from kuangan.library.telemetry.ledger import Ledger
from kuangan.library.telemetry.reported import ReportedAlarms
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.warning import checkpoint
from kuangan.library.warning.digests import Digests
from kuangan.library.warning.runners.chopped import frames_of
from kuangan.library.warning.runners.pipeline import Numbered, Pipeline
from kuangan.library.warning.runners.sink import Collecting
from tests.kills.fleet import Fleet
from tests.kills.proof import archived
from tests.kills.round import short_clocks

AT = 1_773_101_700_000
STEPS = 84
BATCH = 60
BURST = 4
"""Steps that arrive in the same millisecond, as after an outage of the gateway."""
STAGES = {
    "archive": (Archive, "append"),
    "ledger": (Ledger, "append"),
    "reported": (ReportedAlarms, "append"),
    "digests": (Digests, "flush"),
    "checkpoint": (checkpoint, "save"),
}


class Killed(Exception):
    """Stands for the moment of a kill."""


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("spooled")
    fleet = Fleet(5, AT - 300 * 60_000, points=8)
    with SpoolWriter(home, "g1") as writer:
        writer.append(kind="config", name="rulebook", source="home", payload=short_clocks(), received_at=AT)
        for step in range(STEPS):
            at = AT + (step // BURST * BURST) * 500
            for second in range(writer.last_received_at // 1000 + 1, at // 1000 + 1):
                writer.append(kind="tick", name="tick", source="clock", payload=b"", received_at=second * 1000)
            for offer in (x for mine in range(fleet.mines) for x in fleet.offers(mine, step)):
                writer.append(
                    kind="upload",
                    name=offer.name,
                    source="http",
                    payload=offer.payload,
                    received_at=at,
                    mine=fleet.code(offer.mine),
                )
        for second in range(writer.last_received_at // 1000 + 1, writer.last_received_at // 1000 + 15):
            writer.append(kind="tick", name="tick", source="clock", payload=b"", received_at=second * 1000)
        writer.commit()
    return home / "spool"


@pytest.fixture(scope="module")
def spooled(spool: Path) -> list[Numbered]:
    return frames_of(spool.parent, "g1")


@pytest.fixture(scope="module")
def uncut(spooled: list[Numbered], tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    home = tmp_path_factory.mktemp("uncut")
    sink = Collecting()
    pipeline = Pipeline(home, sink)
    pipeline.advance(spooled)
    pipeline.flush()
    return outcome(home, sink)


def outcome(home: Path, sink: Collecting) -> tuple[Any, ...]:
    ledger = Ledger(home)
    tables = (
        ledger.frames().collect().sort("seq"),
        ledger.rejects().collect().sort("seq", "record", "column", "reason"),
        archived(home),
        ReportedAlarms(home).rows().collect().sort("seq", "code"),
    )
    return sorted(sink.events.items()), *tables


def batches(frames: list[Numbered], after: int) -> Iterator[list[Numbered]]:
    rest = [each for each in frames if each[1].seq > after]
    yield from (rest[at : at + BATCH] for at in range(0, len(rest), BATCH))


def judge(home: Path, sink: Collecting, frames: list[Numbered]) -> None:
    """Like the engine: a batch at a time, flushing behind the ticks at which late windows are settled."""
    pipeline = Pipeline(home, sink)
    for batch in batches(frames, pipeline.positions.get("g1", -1)):
        cut = pipeline.settled(batch)
        if cut:
            pipeline.advance(batch[:cut])
            if pipeline.may_flush:
                pipeline.flush()
        pipeline.advance(batch[cut:])
    assert pipeline.may_flush
    pipeline.flush()


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_a_kill_in_a_flush_changes_nothing(
    stage: str,
    behind: bool,
    spool: Path,
    spooled: list[Numbered],
    uncut: tuple[Any, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner, name = STAGES[stage]
    real, calls = getattr(owner, name), 0

    def killed(*arguments: Any, **options: Any) -> None:
        nonlocal calls
        calls += 1
        if calls % 2:
            real(*arguments, **options)
            return
        if behind:
            real(*arguments, **options)
        raise Killed

    shutil.copytree(spool, tmp_path / "spool")
    sink = Collecting()
    kills = 0
    monkeypatch.setattr(owner, name, killed)
    while True:
        try:
            judge(tmp_path, sink, spooled)
        except Killed:
            kills += 1
        else:
            break
    assert kills >= 2
    events, *tables = outcome(tmp_path, sink)
    assert events == uncut[0]
    for found, wanted in zip(tables, uncut[1:], strict=True):
        assert isinstance(found, pl.DataFrame) and found.equals(wanted)
