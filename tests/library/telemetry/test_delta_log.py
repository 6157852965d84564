from __future__ import annotations

import os
from pathlib import Path

import pytest
from deltalake import DeltaTable

from kuangan.library.telemetry.archive import Archive
from kuangan.library.telemetry.delta import CHECKPOINT_EVERY
from kuangan.library.telemetry.delta_log import heal_log, heal_tables, sync_log
from tests.library.telemetry.test_archive import AT, DAY, rows
from tests.library.telemetry.wire import code

HINT = "_last_checkpoint"


def fill(home: Path, commits: int) -> Archive:
    archive = Archive(home)
    (home / "spool/live/g").mkdir(parents=True, exist_ok=True)
    for number in range(commits):
        archive.append(rows((1, number, 0.1, 5, 0)), {"g": number})
    return archive


def log_of(home: Path) -> Path:
    return home / "archive/readings/_delta_log"


def held(home: Path) -> tuple[dict[str, int], int]:
    archive = Archive(home)
    return archive.position(), archive.read([code(1)], AT, AT + DAY).height


def test_only_a_commit_that_exists_can_be_made_durable(tmp_path: Path) -> None:
    fill(tmp_path, 2)
    sync_log(tmp_path / "archive/readings", 2)
    with pytest.raises(FileNotFoundError):
        sync_log(tmp_path / "archive/readings", 3)


@pytest.mark.parametrize("left", [b"", b'{"add":{"path":"day=20', b'{"commitInfo":{}}\n{"txn":', b"\x00" * 300])
def test_a_commit_that_a_power_cut_left_torn_is_taken_back_whole(tmp_path: Path, left: bytes) -> None:
    fill(tmp_path, 3)
    last = log_of(tmp_path) / f"{3:020d}.json"
    last.write_bytes(left)
    assert heal_tables(tmp_path) == [last.name]
    assert heal_tables(tmp_path) == []
    assert held(tmp_path) == ({"g": 1}, 2)
    Archive(tmp_path).append(rows((1, 2, 0.1, 5, 0)), {"g": 2})
    assert held(tmp_path) == ({"g": 2}, 3)


def test_sound_logs_and_folders_without_one_are_left_alone(tmp_path: Path) -> None:
    assert heal_log(tmp_path) == []
    fill(tmp_path, CHECKPOINT_EVERY + 1)
    before = sorted(path.name for path in log_of(tmp_path).iterdir())
    assert f"{CHECKPOINT_EVERY:020d}.checkpoint.parquet" in before
    assert heal_tables(tmp_path) == []
    assert sorted(path.name for path in log_of(tmp_path).iterdir()) == before


@pytest.mark.parametrize("damage", ["empty", "half", "missing", "hint"])
def test_a_checkpoint_that_a_power_cut_left_unfinished_is_done_without(tmp_path: Path, damage: str) -> None:
    fill(tmp_path, CHECKPOINT_EVERY)
    summed = log_of(tmp_path) / f"{CHECKPOINT_EVERY:020d}.checkpoint.parquet"
    if damage == "empty":
        summed.write_bytes(b"")
    elif damage == "half":
        summed.write_bytes(summed.read_bytes()[:2000])
    elif damage == "missing":
        summed.unlink()
    else:
        (log_of(tmp_path) / HINT).write_bytes(b"")
    assert HINT in heal_tables(tmp_path)
    assert held(tmp_path) == ({"g": CHECKPOINT_EVERY - 1}, CHECKPOINT_EVERY)


def test_a_cleaned_log_keeps_rows_and_position_for_new_and_old_readers(tmp_path: Path) -> None:
    archive = fill(tmp_path, CHECKPOINT_EVERY - 2)
    old = Archive(tmp_path)
    for number in range(CHECKPOINT_EVERY - 2, CHECKPOINT_EVERY + 3):
        archive.append(rows((1, number, 0.1, 5, 0)), {"g": number})
    for path in log_of(tmp_path).glob("*.json"):
        os.utime(path, (0, 0))
    archive.kept().table.clean_log()
    assert len(list(log_of(tmp_path).glob("*.json"))) < 10
    with pytest.raises(Exception, match=r"."):
        DeltaTable(str(tmp_path / "archive/readings"), version=1)
    assert held(tmp_path) == ({"g": CHECKPOINT_EVERY + 2}, CHECKPOINT_EVERY + 3)
    old.refresh()
    assert old.read([code(1)], AT, AT + DAY).height == CHECKPOINT_EVERY + 3
    assert archive.as_of(0).read([code(1)], AT, AT + DAY).is_empty()
    assert archive.as_of(CHECKPOINT_EVERY + 1).read([code(1)], AT, AT + DAY).height == CHECKPOINT_EVERY + 1
