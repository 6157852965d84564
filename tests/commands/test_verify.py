"""`ledger verify` and `audit verify` find what was changed behind the back of the system."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests.commands import wire
from tests.commands.running import command

SECONDS = [f"08:00:0{second}" for second in range(5)]


@pytest.fixture(scope="module")
def filled(new_home: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = new_home()
    files = {wire.named("CDSS", at): wire.readings(at, wire.reading(1, at)) for at in SECONDS}
    done = command(home, "replay", wire.write(tmp_path_factory.mktemp("uploads"), files), "--json")
    assert done.result["frames"]["accepted"] == len(SECONDS), done.err
    return home


@pytest.fixture
def copy(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "copy"))


def test_the_ledger_of_a_sound_home_balances(copy: Path) -> None:
    done = command(copy, "ledger", "verify", "--json")
    assert (done.code, done.result["balanced"], done.result["faults"]) == (0, True, [])
    assert (done.result["received"], done.result["accepted"]) == (len(SECONDS), len(SECONDS))


@pytest.mark.parametrize("where", [0.3, 0.999], ids=["within", "at-its-end"])
def test_a_changed_spool_segment_is_found(copy: Path, where: float) -> None:
    segment = max((copy / "spool/live/replay").glob("*.parquet"), key=lambda path: path.stat().st_size)
    content = bytearray(segment.read_bytes())
    content[int(len(content) * where)] ^= 0xFF
    segment.write_bytes(content)
    done = command(copy, "ledger", "verify", "--json")
    assert done.code == 1, done.err
    assert done.result["faults"]


def test_a_ledger_row_that_is_missing_is_found(copy: Path) -> None:
    gone = wire.named("CDSS", SECONDS[2])
    DeltaTable(copy / "ledger" / "frames").delete(f"name = '{gone}'")
    done = command(copy, "ledger", "verify", "--json")
    assert done.code == 1
    assert [fault.partition(": ")[2] for fault in done.result["faults"]] == ["no row"]


def test_the_audit_chain_of_a_changed_entry_does_not_verify(home: Path) -> None:
    added = command(home, "sender", "add", "合成一号煤矿", "--code", wire.MINE, "--json")
    assert added.code == 0, added.err
    assert command(home, "audit", "verify", "--json").code == 0
    with sqlite3.connect(home / "kuangan.sqlite3") as connection:
        connection.execute("drop trigger audit_auditentry_update")
        connection.execute("update audit_auditentry set action = 'sender.forget' where action = 'sender.create'")
    connection.close()
    done = command(home, "audit", "verify", "--json")
    assert (done.code, done.result["intact"]) == (1, False)
    assert len(done.result["faults"]) == 1
