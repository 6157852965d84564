from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kuangan.library.telemetry.frames import TICK, UPLOAD, Frame, digest_of
from kuangan.library.telemetry.spool import Locked, SpoolDamaged, SpoolReader, SpoolWriter, gateways

HOUR = 3_600_000
START = 1_773_100_800_000


def put(writer: SpoolWriter, count: int, at: int = START, step: int = 0) -> None:
    for number in range(count):
        payload = b"payload %d" % writer.next_seq
        writer.append(kind=UPLOAD, name="n", source="test", payload=payload, received_at=at + number * step, mine="m")


def read_all(home: Path, **limits: int) -> list[Frame]:
    reader = SpoolReader(home, "g")
    found: list[Frame] = []
    while taken := reader.read(**limits):
        found += taken
    return found


def test_a_frame_is_readable_only_after_commit_and_comes_back_byte_for_byte(tmp_path: Path) -> None:
    with SpoolWriter(tmp_path, "g") as writer:
        reader = SpoolReader(tmp_path, "g")
        seq = writer.append(kind=UPLOAD, name="a.txt", source="s", payload=b"\x00\xff", received_at=START, mine="m")
        assert reader.read() == []
        assert (writer.pending_frames, writer.pending_bytes) == (1, 2)
        assert writer.commit() == seq == 0
        assert reader.read() == [Frame(0, "m", UPLOAD, "a.txt", "s", START, digest_of(b"\x00\xff"), b"\x00\xff")]
        assert reader.read() == []
        assert gateways(tmp_path) == ["g"]


def test_numbers_and_arrival_continue_after_a_restart(tmp_path: Path) -> None:
    with SpoolWriter(tmp_path, "g") as writer:
        put(writer, 3, step=1000)
        writer.commit()
        put(writer, 2)
    with SpoolWriter(tmp_path, "g") as writer:
        assert (writer.next_seq, writer.last_received_at) == (3, START + 2000)
        writer.append(kind=TICK, name="tick", source="clock", payload=b"", received_at=START - HOUR)
        assert writer.commit() == 3
    assert [frame.received_at - START for frame in read_all(tmp_path)] == [0, 1000, 2000, 2000]


def test_a_gateway_has_one_writer(tmp_path: Path) -> None:
    with SpoolWriter(tmp_path, "g"), pytest.raises(Locked):
        SpoolWriter(tmp_path, "g")
    SpoolWriter(tmp_path, "g").close()


@pytest.mark.parametrize("limits", [{"max_frames": 1}, {"max_frames": 7}, {"max_bytes": 1}, {"max_bytes": 25}, {}])
def test_every_limit_gives_the_same_frames_in_order(tmp_path: Path, limits: dict[str, int]) -> None:
    with SpoolWriter(tmp_path, "g") as writer:
        for count in (1, 5, 3, 9):
            put(writer, count)
            writer.commit()
    found = read_all(tmp_path, **limits)
    assert [frame.seq for frame in found] == list(range(18))
    assert found[7].payload == b"payload 7"


def test_sealing_moves_frames_into_hours_without_losing_one(tmp_path: Path) -> None:
    with SpoolWriter(tmp_path, "g") as writer:
        early = SpoolReader(tmp_path, "g")
        for number in range(12):
            put(writer, 3, at=START + number * HOUR // 4)
            writer.commit()
        assert len(early.read(max_frames=4)) == 4
        writer.seal(START + 2 * HOUR)
        sealed = sorted((tmp_path / "spool/sealed/g").iterdir())
        assert [path.name for path in sealed] == ["2026031000-000000000000.parquet", "2026031001-000000000012.parquet"]
        assert len(list((tmp_path / "spool/live/g").iterdir())) == 4
        rest = early.read()
        put(writer, 1, at=START + 3 * HOUR)
        writer.commit()
        writer.seal(START + 9 * HOUR)
        rest += early.read()
    assert [frame.seq for frame in rest] == list(range(4, 37))
    assert [frame.seq for frame in read_all(tmp_path)] == list(range(37))
    assert SpoolReader(tmp_path, "g", after=17).read(max_frames=1)[0].seq == 18
    assert SpoolReader(tmp_path, "g").frame(13).payload == b"payload 13"
    with pytest.raises(KeyError):
        SpoolReader(tmp_path, "g").frame(37)
    with SpoolWriter(tmp_path, "g") as writer:
        assert writer.next_seq == 37


def test_a_segment_that_is_live_and_sealed_at_once_is_read_once(tmp_path: Path) -> None:
    with SpoolWriter(tmp_path, "g") as writer:
        for number in range(4):
            put(writer, 2, at=START + number * HOUR)
            writer.commit()
        live = tmp_path / "spool/live/g/000000000002.parquet"
        kept = live.read_bytes()
        writer.seal(START + 9 * HOUR)
        live.write_bytes(kept)
        assert [frame.seq for frame in read_all(tmp_path)] == list(range(8))
        writer.seal(START + 9 * HOUR)
        assert not live.exists()


def test_a_missing_segment_is_damage_and_not_the_end(tmp_path: Path) -> None:
    with SpoolWriter(tmp_path, "g") as writer:
        for _ in range(3):
            put(writer, 2)
            writer.commit()
    (tmp_path / "spool/live/g/000000000002.parquet").unlink()
    reader = SpoolReader(tmp_path, "g")
    with pytest.raises(SpoolDamaged):
        for _ in range(3):
            reader.read(max_frames=2)


def test_a_broken_segment_is_damage(tmp_path: Path) -> None:
    with SpoolWriter(tmp_path, "g") as writer:
        put(writer, 200)
        writer.commit()
    path = tmp_path / "spool/live/g/000000000000.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(SpoolDamaged):
        SpoolReader(tmp_path, "g").read()


def test_what_a_killed_writer_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    with SpoolWriter(tmp_path, "g") as writer:
        put(writer, 2)
        writer.commit()
    leftover = tmp_path / "spool/live/g/000000000002.parquet.tmp"
    leftover.write_bytes(b"half")
    assert len(read_all(tmp_path)) == 2
    SpoolWriter(tmp_path, "g").close()
    assert not leftover.exists()


WRITER = """
import sys
from pathlib import Path
from kuangan.library.telemetry.spool import SpoolWriter
writer = SpoolWriter(Path(sys.argv[1]), "g")
while True:
    for _ in range(5):
        seq = writer.append(kind="upload", name="n", source="s", payload=b"%d" % writer.next_seq * 500, received_at=0)
    writer.commit()
    if seq % 50 == 49:
        writer.seal(1)
    print(seq, flush=True)
"""


@pytest.mark.kills
def test_no_acknowledged_frame_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    chance = random.Random(5)
    acknowledged = -1
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        acknowledged = int(process.stdout.readline())
        time.sleep(chance.uniform(0, 0.15))
        os.kill(process.pid, signal.SIGKILL)
        rest, _ = process.communicate()
        said = [int(line) for line in rest.splitlines() if line.isdecimal()]
        acknowledged = max([acknowledged, *said])
        found = read_all(tmp_path)
        assert [frame.seq for frame in found] == list(range(len(found)))
        assert len(found) > acknowledged
        assert all(frame.digest == digest_of(frame.payload) for frame in found)
