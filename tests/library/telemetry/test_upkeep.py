from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from kuangan.library.telemetry.archive import Archive, read_point
from kuangan.library.telemetry.compaction import FAN, Merge, Stopped
from kuangan.library.telemetry.frames import UPLOAD
from kuangan.library.telemetry.ledger import FRAMES, REJECTS, Ledger, balance, verify
from kuangan.library.telemetry.spool import SpoolReader, SpoolWriter
from kuangan.library.telemetry.upkeep import GRACE, Retention, passed
from tests.library.telemetry.upkeeping import DAY, HOUR, POINTS, Store
from tests.library.telemetry.wire import AT, MINE, code

ROOT = Path(__file__).resolve().parents[3]


def filled(home: Path, flushes: int, retention: Retention | None = None) -> Store:
    store = Store(home, retention)
    for number in range(flushes):
        store.put(number)
    store.flushed()
    return store


def same(before: list[pl.DataFrame], after: list[pl.DataFrame]) -> bool:
    return all(one.equals(other) for one, other in zip(before, after, strict=True))


def test_merging_leaves_few_files_and_every_row_as_it_was(tmp_path: Path) -> None:
    store = filled(tmp_path, 2 * FAN + 3)
    before = store.all_rows()
    assert before[0].height == before[1].height == POINTS * (2 * FAN + 3)
    curve = read_point(tmp_path, code(1), AT, AT + DAY)
    store.look_after()
    per_partition = [len(paths) for paths in by_folder(store.listed()).values()]
    assert max(per_partition) < FAN
    assert same(before, store.all_rows())
    assert read_point(tmp_path, code(1), AT, AT + DAY).equals(curve)
    assert store.archive.position() == Archive(tmp_path).position() == {"g": 2 * FAN + 2}


def by_folder(paths: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(str(Path(path).parent), []).append(path)
    return found


def test_nothing_is_merged_before_the_first_flush(tmp_path: Path) -> None:
    filled(tmp_path, FAN + 1)
    store = Store(tmp_path)
    listed = store.listed()
    store.look_after(3)
    assert store.listed() == listed


def test_a_closed_day_becomes_one_file_once_it_is_quiet(tmp_path: Path) -> None:
    store = filled(tmp_path, 5)
    before = store.all_rows()
    store.look_after()
    assert max(len(paths) for paths in by_folder(store.listed()).values()) == 5
    store.now = AT + 2 * DAY
    store.look_after(2)
    store.put(5)
    store.flushed()
    store.look_after(3)
    assert max(len(paths) for paths in by_folder(store.listed()).values()) == 6
    store.now += 2 * HOUR
    store.look_after()
    assert {len(paths) for paths in by_folder(store.listed()).values()} == {1}
    assert same(before, [table.filter(pl.col(key) < limit) for table, key, limit in limited(store)])


def limited(store: Store) -> list[tuple[pl.DataFrame, str, int]]:
    bounds = [("time", AT + 5000), ("time", AT + 5000), ("seq", 5), ("seq", 5), ("seq", 5)]
    return [(table, key, limit) for table, (key, limit) in zip(store.all_rows(), bounds, strict=True)]


def test_merged_files_stay_for_who_listed_them_and_are_swept_after_the_grace(tmp_path: Path) -> None:
    store = filled(tmp_path, FAN)
    listed = store.listed()
    early = Ledger(tmp_path).frames()
    store.look_after()
    assert not listed & store.listed()
    store.now += GRACE // 2
    store.look_after()
    assert listed <= store.on_disk()
    assert early.collect().height == FAN
    before = store.all_rows()
    store.let_go()
    assert store.on_disk() == store.listed()
    assert same(before, store.all_rows())


def test_what_the_last_flush_may_start_from_is_not_swept(tmp_path: Path) -> None:
    store = filled(tmp_path, FAN)
    version = store.archive.version()
    for _ in range(3):
        store.look_after()
        store.now += 2 * GRACE
    past = Archive(tmp_path).as_of(version)
    assert past.read([code(1)], AT, AT + DAY).height == FAN
    assert set(past.files()) <= store.on_disk() - store.listed()


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    store = filled(tmp_path, 1)
    folder = next(iter(by_folder(store.listed())))
    for name in ("000000000009-0.parquet", "000000000009-0.parquet.tmp"):
        (Path(folder) / name).write_bytes(b"half")
    for _ in range(2):
        store.look_after()
        store.now += 2 * GRACE
        store.flushed()
    store.look_after()
    assert store.on_disk() == store.listed()


def test_a_merge_told_to_stop_commits_nothing(tmp_path: Path) -> None:
    store = filled(tmp_path, 3)
    store.upkeep.close()
    kept, before = store.archive.kept(), sorted(store.listed())
    paths = next(paths for paths in by_folder(set(kept.table.files([]))).values())
    stop = store.upkeep._stop
    with pytest.raises(Stopped):
        Merge(kept, {"day": "2026-03-10", "shard": "0"}, paths, 1).write(AT, stop)
    assert sorted(store.listed()) == before


def test_days_past_their_retention_go_and_the_rest_stays(tmp_path: Path) -> None:
    store = Store(tmp_path, Retention(archive_days=3, ledger_days=5))
    for number in range(8):
        store.put(number, step=DAY)
    store.now = AT + 8 * DAY
    store.flushed()
    store.look_after()
    readings, _, frames, rejects, reports = store.all_rows()
    assert sorted(set(readings["time"].to_list())) == [AT + n * DAY for n in (5, 6, 7)]
    assert reports["seq"].to_list() == [5, 6, 7]
    assert frames["seq"].to_list() == rejects["seq"].to_list() == [3, 4, 5, 6, 7]
    store.let_go()
    assert store.on_disk() == store.listed()
    assert len(list((tmp_path / "archive/readings").glob("day=*"))) == 3


def spooled(home: Path, days: int) -> None:
    with SpoolWriter(home, "g") as writer:
        for number in range(days):
            writer.append(
                kind=UPLOAD, name="n", source="s", payload=b"%d" % number, received_at=AT + number * DAY, mine=MINE
            )
            writer.commit()
        writer.seal(AT + days * DAY)


def account(home: Path, first: int, days: int) -> Store:
    """Ledger rows of the frames, by the engine's own columns."""
    store = Store(home, Retention(ledger_days=2))
    frames = [frame for frame in SpoolReader(home, "g").read() if first <= frame.seq < days]
    blank = {"gateway": "g", "outcome": "accepted", "stale": False, "type": "CDSS", "size": 1, "name": "n"}
    counts = dict.fromkeys(("good", "archived"), 1) | dict.fromkeys(("rejected", "superseded", "repeated"), 0)
    rows = [blank | counts | {"seq": frame.seq, "received_at": frame.received_at} for frame in frames]
    store.ledger.append(pl.DataFrame(rows, schema=FRAMES), pl.DataFrame(schema=REJECTS), {"g": days - 1})
    return store


def test_the_spool_gives_up_only_what_ledger_and_engine_have_passed(tmp_path: Path) -> None:
    spooled(tmp_path, 10)
    assert passed(tmp_path, "g") == -1
    store = account(tmp_path, 0, 4)
    assert passed(tmp_path, "g") == -1
    store.upkeep.flushed({"g": 3}, AT)
    assert passed(tmp_path, "g") == 3
    store.upkeep.flushed({"g": 2}, AT)
    assert passed(tmp_path, "g") == 2
    with SpoolWriter(tmp_path, "g") as writer:
        assert writer.retire(AT + 20 * DAY, 2) == 3
        assert writer.retire(AT + 20 * DAY, 2) == 0
        assert writer.retire(AT + 3 * DAY, 9) == 0
    assert [frame.seq for frame in SpoolReader(tmp_path, "g", after=2).read()] == list(range(3, 10))
    with pytest.raises(KeyError):
        SpoolReader(tmp_path, "g").frame(2)
    assert verify(tmp_path) == []
    found = balance(tmp_path)
    assert (found.balanced, found.received, found.waiting, found.accepted) == (True, 10, 6, 4)


def test_a_spool_that_is_given_up_whole_keeps_its_numbers(tmp_path: Path) -> None:
    spooled(tmp_path, 5)
    with SpoolWriter(tmp_path, "g") as writer:
        writer.retire(AT + 99 * DAY, 99)
        assert len(list((tmp_path / "spool/sealed/g").iterdir())) == 1
    with SpoolWriter(tmp_path, "g") as writer:
        assert writer.next_seq == 5


def test_the_ledger_keeps_the_days_that_the_spool_still_has(tmp_path: Path) -> None:
    spooled(tmp_path, 8)
    store = account(tmp_path, 0, 8)
    with SpoolWriter(tmp_path, "g") as writer:
        writer.retire(AT + 20 * DAY, 2)
    store.now = AT + 20 * DAY
    store.upkeep.flushed({"g": 7}, store.now)
    store.look_after()
    assert store.ledger.frames().collect()["seq"].sort().to_list() == [3, 4, 5, 6, 7]
    assert verify(tmp_path) == []
    assert balance(tmp_path).balanced
    assert Ledger(tmp_path).position() == {"g": 7}


READER = """
import sys
from pathlib import Path
from kuangan.library.telemetry.archive import Archive, read_point
from kuangan.library.telemetry.ledger import Ledger
from tests.library.telemetry.wire import AT, code
home, most, rounds = Path(sys.argv[1]), 0, 0
ledger = Ledger(home)
print("ready", flush=True)
while not (home / "stop").exists():
    count = read_point(home, code(1), AT, AT + 86_400_000).height
    times = [AT + 1000 * n for n in range(count)]
    assert Archive(home).existing([code(1)] * count, times).height == count
    frames = ledger.frames().collect()
    assert frames["seq"].n_unique() == frames.height
    assert min(count, frames.height) >= most, (count, frames.height, most)
    most, rounds = min(count, frames.height), rounds + 1
print(rounds, most)
"""


def test_a_reader_in_another_process_sees_every_row_while_files_are_merged(tmp_path: Path) -> None:
    store = filled(tmp_path, 5)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert reader.stdout is not None and reader.stdout.readline() == "ready\n"
    for number in range(5, 4 * FAN):
        store.put(number)
        store.flushed()
        store.look_after(2)
    (tmp_path / "stop").touch()
    rest, _ = reader.communicate()
    assert reader.returncode == 0
    rounds, most = map(int, rest.split())
    assert rounds > 3 and most <= 4 * FAN
    assert any("-t1" in path for path in store.listed())


@pytest.mark.kills
def test_a_kill_at_any_moment_of_merging_leaves_every_row_once(tmp_path: Path) -> None:
    chance = random.Random(11)
    told = -1
    for _ in range(6):
        command = [sys.executable, "-m", "tests.library.telemetry.upkeeping", str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        for _ in range(FAN):
            told = int(process.stdout.readline())
        time.sleep(chance.uniform(0, 0.4))
        os.kill(process.pid, signal.SIGKILL)
        rest, _ = process.communicate()
        told = int(([str(told), *rest.split()])[-1])
        store = Store(tmp_path)
        last = store.archive.position()["g"]
        assert last >= told
        readings, _, frames, rejects, reports = store.all_rows()
        assert readings.height == POINTS * (last + 1)
        for rows in (frames, rejects, reports):
            assert rows["seq"].to_list() == list(range(len(rows))) and len(rows) >= told + 1
    assert any("-t1" in path for path in store.listed())
