from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kuangan.library.telemetry.archive import Archive
from kuangan.library.telemetry.compaction import FAN
from kuangan.library.telemetry.frames import TICK, UPLOAD
from kuangan.library.telemetry.gateways.intake import Limits
from kuangan.library.telemetry.gateways.run import Gateway
from kuangan.library.telemetry.ledger import Ledger, balance, verify
from kuangan.library.telemetry.segments import first_seq
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.telemetry.upkeep import passed
from kuangan.library.warning.runners.embedded import FLUSH_EVERY, Embedded
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.sink import Collecting
from tests.library.telemetry.wire import AT, MINE, code, record, wire

HOUR = 3_600_000
DAY = 24 * HOUR


class Wall:
    """A wall clock that the test moves."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> int:
        return self.now


def send(writer: SpoolWriter, number: int) -> None:
    """One file with one reading, and a tick, a flush interval after the file before."""
    at = AT + number * FLUSH_EVERY
    moment = datetime.fromtimestamp(at / 1000, UTC) + timedelta(hours=8)
    payload = wire(record(1, f"0.{number % 90 + 10}", time=f"{moment:%Y-%m-%d %H:%M:%S}"))
    name = f"{MINE}_CDSS_{moment:%Y%m%d%H%M%S}.txt"
    writer.append(kind=UPLOAD, name=name, source="s", payload=payload, received_at=at, mine=MINE)
    writer.append(kind=TICK, name="tick", source="clock", payload=b"", received_at=at + 1000)
    writer.commit()


def engine(home: Path, wall: Wall) -> Embedded:
    return Embedded(Pipeline(home, Collecting()), wall)


def work(running: Embedded, wall: Wall, writer: SpoolWriter, first: int, count: int) -> None:
    for number in range(first, first + count):
        send(writer, number)
        wall.now = AT + (number + 1) * FLUSH_EVERY
        running.poll()
        while running.upkeep.busy:
            time.sleep(0.002)


def curve(home: Path) -> list[int]:
    return Archive(home).read([code(1)], AT - DAY, AT + 9 * DAY)["time"].to_list()


def test_the_engine_merges_its_files_while_it_judges(tmp_path: Path) -> None:
    wall = Wall()
    with SpoolWriter(tmp_path, "g") as writer:
        running = engine(tmp_path, wall)
        work(running, wall, writer, 0, 2 * FAN + 2)
        running.upkeep.close()
    assert curve(tmp_path) == [AT + n * FLUSH_EVERY for n in range(2 * FAN + 2)]
    assert len(Archive(tmp_path).files()) < FAN
    assert Ledger(tmp_path).frames().collect().height == 2 * FAN + 2
    assert balance(tmp_path).balanced and verify(tmp_path) == []


def test_an_engine_that_starts_on_a_torn_commit_reads_its_frames_again(tmp_path: Path) -> None:
    wall = Wall()
    with SpoolWriter(tmp_path, "g") as writer:
        work(engine(tmp_path, wall), wall, writer, 0, 5)
        shutil.rmtree(tmp_path / "engine")
        last = max((tmp_path / "archive/readings/_delta_log").glob("*.json"))
        last.write_bytes(last.read_bytes()[:20])
        work(engine(tmp_path, wall), wall, writer, 5, 3)
    assert curve(tmp_path) == [AT + n * FLUSH_EVERY for n in range(8)]
    assert balance(tmp_path).balanced and verify(tmp_path) == []


def test_a_gateway_removes_old_segments_and_the_engine_goes_on_with_and_without_checkpoint(tmp_path: Path) -> None:
    wall = Wall()
    with SpoolWriter(tmp_path, "g") as writer:
        gateway = Gateway(tmp_path, writer, Limits(spool_days=2), wall)
        work(engine(tmp_path, wall), wall, writer, 0, 3)
        send(writer, DAY // FLUSH_EVERY)
        send(writer, 3 * DAY // FLUSH_EVERY)
        gateway._seal(AT + DAY + 2 * HOUR)
        assert first_seq(tmp_path, "g") == 0
        gateway._seal(AT + 6 * DAY)
        assert passed(tmp_path, "g") == 5
        assert first_seq(tmp_path, "g") == 6
        wall.now = AT + 3 * DAY + FLUSH_EVERY
        running = engine(tmp_path, wall)
        assert running.poll()
        assert verify(tmp_path) == [] and balance(tmp_path).balanced
        before = curve(tmp_path)
        assert len(before) == 5
        shutil.rmtree(tmp_path / "engine")
        work(engine(tmp_path, wall), wall, writer, 3 * DAY // FLUSH_EVERY + 1, 2)
    assert len(curve(tmp_path)) == 7
    assert verify(tmp_path) == [] and balance(tmp_path).balanced
