"""`kuangan demo` as a process, what it prints, and the uploads that fill its screens for a picture."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kuangan.library.telemetry.hot import read_hot
from tests.browser import wire
from tests.browser.installation import READY_S, answers, environment_of
from tests.waiting import eventually

MINES = 9
"""As few as its script needs."""


@dataclass(frozen=True)
class Demonstration:
    """Where it is, and user → password."""

    home: Path
    address: str
    passwords: dict[str, str]

    def hand_in(self, *files: tuple[str, bytes]) -> None:
        """Files put into the watched folder, each in one rename."""
        for name, content in files:
            draft = self.home / "inbox" / f".{name}.part"
            draft.write_bytes(content)
            draft.rename(draft.with_name(name))

    def methane_points(self) -> pl.DataFrame:
        """code, mine, mine_name, type_name, location of methane points, one a mine, the last mines of the fleet first."""
        points = read_hot(self.home, "points")
        assert points is not None
        methane = points.filter((pl.col("unit") == "%CH4") & pl.col("location").str.contains("回风"))
        return methane.unique("mine", keep="first", maintain_order=True).sort("mine", descending=True)


def over_limits(demonstration: Demonstration) -> None:
    """An orange and a blue over-limit, another mine's file, bytes that are no text, and a broken record."""
    at, points = wire.now(), demonstration.methane_points()
    orange, blue, broken = points.head(3).to_dicts()
    demonstration.hand_in(
        _file(orange, at, 2.36),
        _file(blue, at, 1.08),
        (_file(broken, at, 0.3)[0].replace(".txt", "_1.txt"), _file(orange, at, 2.37)[1]),
        (_file(broken, at, 0.3)[0].replace(".txt", "_2.txt"), bytes(range(128, 256)) * 20 + b"~||"),
        (_file(broken, at, 0.3)[0].replace(".txt", "_3.txt"), _file(broken, at, "0.3O")[1]),
    )


def _file(point: dict[str, str], at: wire.Moment, value: float | str) -> tuple[str, bytes]:
    record = ";".join(
        (point["code"], point["type_name"], point["location"], str(value), "%CH4", "0", wire.wire_time(at))
    )
    return wire.of_records(point["mine"], [record], at, point["mine_name"])


def _last(home: Path) -> str:
    """The end of what a demonstration says of itself."""
    return (home / "demo.log").read_text(errors="replace")[-4000:]


def running(home: Path, database_url: str) -> Iterator[Demonstration]:
    """The demonstration from its start to its end, with an hour of history."""
    command = [sys.executable, "-m", "kuangan.cli", "demo", "--mines", str(MINES), "--hours", "1", "--json"]
    with (home / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=environment_of(home, database_url),
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, (home / "demo.log").read_text(errors="replace")
        said = json.loads(line)
        address = said["address"].rstrip("/")
        eventually(lambda: answers(f"{address}/accounts/login/"), 3 * READY_S, lambda: f"the pages:\n{_last(home)}")
        yield Demonstration(home, address, {s["user"]: s["password"] for s in said["sign_ins"]})
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()
