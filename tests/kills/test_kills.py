"""Real processes, real SIGKILLs. Runs in `make test-all`, on SQLite and, when an address is set, on PostgreSQL."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.kills.fleet import Fleet
from tests.kills.installation import Installation, own_database
from tests.kills.round import run_round
from tests.waiting import eventually, free_port

pytestmark = pytest.mark.kills
SEED = 20
KILLS = 20
DATABASE = os.environ.get("KUANGAN_DATABASE_URL", "")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with own_database(DATABASE, f"kuangan_processes_{os.getpid()}") as url:
        made = Installation(tmp_path / "home", tmp_path / "logs", url)
        try:
            yield made
        finally:
            made.end()


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads"
    folder.mkdir()
    fleet = Fleet(1, 1_773_101_700_000)
    for offer in (x for step in range(3) for x in fleet.offers(0, step)):
        (folder / offer.name).write_bytes(offer.payload)
    return folder


@pytest.mark.broker
def test_twenty_kills_under_load_lose_nothing_and_judge_nothing_twice(tmp_path: Path) -> None:
    result = run_round(tmp_path, SEED, KILLS, DATABASE)
    assert result.faults == []
    assert len(result.kills) == KILLS
    assert {kill.victim for kill in result.kills} == {"receive", "engine", "worker"}
    assert result.carriers == {"http", "folder", "ftp", "mqtt"}
    assert result.half_hours >= 4
    assert result.interrupted_half_hours >= 1
    assert result.alerts > result.half_hours
    print(result.words())


def test_a_second_engine_and_a_replay_refuse_while_an_engine_holds_the_home(
    installation: Installation, uploads: Path
) -> None:
    installation.answer("audit", "verify", "--json")
    installation.start("engine")
    eventually(
        lambda: installation.status().get("pid") == installation.processes["engine"].pid, 60, "the engine publishes"
    )
    for command in (("engine",), ("replay", str(uploads), "--json")):
        code, out, err = installation.command(*command)
        assert code == 3
        assert err.startswith("error: an engine holds ")
        assert "Traceback" not in err
        assert not out.startswith('{"frames"')
    assert not (installation.home / "spool" / "live" / "replay").exists()
    installation.check("engine")
    installation.kill("engine")
    report = installation.answer("replay", str(uploads), "--json")
    assert report["frames"]["accepted"] == len(list(uploads.iterdir()))


def test_a_second_gateway_of_the_same_name_refuses(installation: Installation) -> None:
    installation.start("receive")
    beat = installation.home / "run" / "gateway-g1.json"
    eventually(beat.exists, 60, "the gateway beats")
    code, _, err = installation.command("receive", "--port", str(free_port()))
    assert code == 3
    assert err.startswith("error: ")
    assert "Traceback" not in err
    installation.check("receive")


def test_a_replay_that_was_killed_goes_on_where_it_stopped(installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    fleet = Fleet(2, 1_773_101_700_000)
    offers = [x for step in range(400) for mine in range(3) for x in fleet.offers(mine, step)]
    for offer in offers:
        (folder / offer.name).write_bytes(offer.payload)
    installation.answer("audit", "verify", "--json")
    installation.start("replay", str(folder), "--json")
    eventually(
        lambda: any((installation.home / "spool" / "live" / "replay").glob("*.parquet")),
        60,
        "the replay commits",
        0.001,
    )
    installation.processes["replay"].send_signal(signal.SIGKILL)
    installation.processes.pop("replay").wait(20)
    report = installation.answer("replay", str(folder), "--json")
    assert sum(report["frames"][x] for x in ("accepted", "duplicate")) >= len(offers)
    code, out, _ = installation.command("ledger", "verify", "--json")
    assert code == 0, out
    again = installation.answer("replay", str(folder), "--json")
    assert again["frames"]["duplicate"] == len(offers)
    assert (again["readings_archived"], again["alerts"]) == (0, {})


def test_the_supervisor_starts_a_killed_process_again_and_takes_all_down_together(installation: Installation) -> None:
    environment = installation.environment(KUANGAN_PORT=str(free_port()), KUANGAN_GATEWAY_PORT=str(installation.port))
    installation.start("serve", environment=environment)
    eventually(lambda: "pid" in installation.status(), 90, "the engine publishes")
    supervisor = psutil.Process(installation.processes["serve"].pid)
    children = {name: child for child in supervisor.children() for name in child.cmdline()[3:4]}
    assert sorted(children) == ["engine", "receive", "web", "worker"]
    children["engine"].kill()
    eventually(lambda: installation.status()["pid"] != children["engine"].pid, 60, "another engine publishes")
    after = {name: child for child in supervisor.children() for name in child.cmdline()[3:4]}
    assert sorted(after) == sorted(children)
    assert all(after[name].pid == children[name].pid for name in children if name != "engine")
    installation.stop("serve")
    assert not any(child.is_running() for child in (*after.values(), children["receive"]))
