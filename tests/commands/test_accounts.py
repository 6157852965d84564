"""Accounts and tables that are entered from the command line."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import httpx
import pytest

from tests.commands import wire
from tests.commands.running import ROOT, command, running
from tests.waiting import eventually

TABLE = ROOT / "src/kuangan/domains/alerts/routing.yaml"
BY_HAND = "wu-ren"
MAKE_USER = "insert into people_user (%s) values (%s)"


def test_a_sender_added_here_is_known_to_the_gateway_and_speaks_only_for_its_mine(home: Path, tmp_path: Path) -> None:
    added = command(home, "sender", "add", "合成一号煤矿", "--code", wire.MINE, "--json")
    assert added.code == 0, added.err
    assert added.result["codes"] == [wire.MINE]
    name, foreign = wire.named("CDSS", "08:00:00"), wire.named("CDSS", "08:00:00", wire.OTHER)
    content = wire.readings("08:00:00", wire.reading(1, "08:00:00"))
    files = [("frame", (name, content)), ("frame", (foreign, content))]
    with running(
        tmp_path / "logs", home, "receive", "--port", "0", "--json", KUANGAN_DISK_RESERVE_BYTES="0"
    ) as gateway:
        port = eventually(lambda: _port(home, gateway.process.pid), 60, lambda: gateway.err)
        address = f"http://127.0.0.1:{port}/v1/frames"
        own = {"Authorization": f"Bearer {added.result['token']}"}
        answer = httpx.post(address, files=files, headers=own, timeout=30, trust_env=False)
        wrong = httpx.post(address, files=files, headers={"Authorization": "Bearer x"}, timeout=30, trust_env=False)
        assert gateway.interrupt() == 0, gateway.err
    given = [(row["name"], row["status"], row["reason"]) for row in answer.json()["frames"]]
    assert given == [(name, "stored", ""), (foreign, "refused", "foreign_mine")]
    assert wrong.status_code == 401
    assert json.loads(gateway.out) == {"gateway": "g1", "port": 0}


@pytest.mark.parametrize("codes", [["12"], ["*", wire.MINE], ["14040499000x"]])
def test_a_sender_needs_codes_of_mines(home: Path, codes: list[str]) -> None:
    done = command(home, "sender", "add", "合成", *(word for code in codes for word in ("--code", code)), "--json")
    assert done.code == 2
    assert done.result["error"] in done.err


def test_an_official_table_is_imported_for_a_person_and_from_a_good_file_only(home: Path, tmp_path: Path) -> None:
    _enter_person(home)
    good = command(home, "routing", "import", TABLE, "--by", BY_HAND, "--json")
    assert good.code == 0, good.err
    assert set(good.result) == {"table", "name", "in_force_from"}
    stranger = command(home, "routing", "import", TABLE, "--by", "nobody", "--json")
    assert (stranger.code, stranger.result) == (2, {"error": "no user nobody"})
    bad = tmp_path / "bad.yaml"
    bad.write_text(TABLE.read_text("utf-8").replace("level: mine", "level: moon"), "utf-8")
    refused = command(home, "routing", "import", bad, "--by", BY_HAND, "--json")
    assert refused.code == 2
    assert refused.result["error"].startswith("bad.yaml: ")
    with sqlite3.connect(home / "kuangan.sqlite3") as connection:
        assert connection.execute("select count(*) from alerts_routingtable").fetchone() == (1,)
    connection.close()


def _port(home: Path, pid: int) -> int:
    try:
        beat = json.loads((home / "run" / "gateway-g1.json").read_text())
    except (OSError, ValueError):
        return 0
    return int(beat["port"] or 0) if beat["pid"] == pid else 0


def _enter_person(home: Path) -> None:
    """An account by hand: every column without a default gets an empty value of its kind."""
    with sqlite3.connect(home / "kuangan.sqlite3") as connection:
        columns = connection.execute("pragma table_info(people_user)").fetchall()
        empty = {"integer": 0, "bool": 0, "datetime": "2026-03-10 00:00:00", "date": "2026-03-10"}
        needed = {c[1]: empty.get(str(c[2]).lower(), "") for c in columns if c[3] and not c[5]}
        row = needed | {"username": BY_HAND, "is_active": 1, "roles": "[]", "sealed_groups": "[]"}
        row = {name: value for name, value in row.items() if name in {c[1] for c in columns}}
        marks = ", ".join("?" * len(row))
        connection.execute(MAKE_USER % (", ".join(row), marks), list(row.values()))
    connection.close()
