"""One engine a home, and files of a synthetic fleet that the rest of the house takes."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.running import command, running
from tests.waiting import eventually


def test_a_second_engine_and_a_replay_are_turned_away_while_one_holds_the_home(home: Path, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    with running(logs, home, "engine", "--json") as first:
        eventually((home / "hot" / "status.json").exists, 90, lambda: first.err)
        second = command(home, "engine", "--json")
        assert (second.code, second.result) == (3, {"home": str(home)})
        assert "an engine holds" in second.err
        replay = command(home, "replay", tmp_path, "--json")
        assert replay.code == 3
        assert "stop it before replaying" in replay.result["error"]
        assert first.interrupt() == 0, first.err
    assert json.loads(first.out) == {"home": str(home)}


def test_simulated_files_are_labelled_and_replayed_without_a_single_reject(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "fleet"
    words = ("--mines", "2", "--points", "20", "--hours", "0.5", "--rhythm", "60", "--json")
    made = command(home, "simulate", out, *words)
    assert made.code == 0, made.err
    files = [path for path in out.rglob("*") if path.is_file()]
    assert made.result["files"] == len(files) > 60
    truth = json.loads((tmp_path / "deep" / "fleet-truth.json").read_text("utf-8"))
    assert truth["synthetic"] is True
    assert (len(truth["truths"]), truth["start"]) == (made.result["labels"], made.result["start"])
    replayed = command(home, "replay", out, "--json").result
    others = ("partial", "duplicate", "quarantined", "unknown", "waiting")
    assert [replayed["frames"][state] for state in others] == [0] * len(others)
    assert replayed["frames"]["accepted"] == len(files)
    assert all(row["rejected"] == 0 for row in replayed["by_type"].values())
    assert replayed["readings_archived"] == replayed["by_type"]["CDSS"]["records"] > 500
