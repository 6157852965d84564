"""What the mines of the night send, and the data an installation is given so that the night passes in a minute."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Final

import yaml

from kuangan.library.simulate import crew_wire
from kuangan.library.simulate.crew import SNAPSHOT_S, below
from kuangan.library.simulate.mine import build_mine
from kuangan.library.warning.rulebook import NETWORK_OUTAGE, shipped
from tests.browser import wire
from tests.browser.installation import Installation
from tests.browser.night_register import CUT, MINE_NAME
from tests.browser.register import ANY_TOKEN, MINE_A

RHYTHM_S: Final = 2.0
CALM, OVER, SAFE = 0.42, 3.26, 0.61
"""Methane at the return corner, %CH4: before, at the worst, once power is cut and air is restored."""
HISTORY: Final = timedelta(hours=8)
POINTS: Final = (1, 2)
CAGE: Final = timedelta(seconds=20)
"""Between two persons who come up."""


def rule_book() -> bytes:
    """The shipped rule book, but a link is out after twelve seconds and yellow after eighteen."""
    book: dict[str, Any] = json.loads(shipped().model_dump_json())
    book["rules"][NETWORK_OUTAGE]["minutes"] = {"blue": 0.2, "yellow": 0.3, "orange": 60, "red": 120}
    return json.dumps(book, ensure_ascii=False).encode()


def routing_table() -> str:
    """Our routing table, but mine, parent and county have one minute to acknowledge red."""
    table = yaml.safe_load((files("kuangan.domains.alerts") / "routing.yaml").read_text(encoding="utf-8"))
    for row in table["rows"]:
        if (row["colour"], row["step"]) == ("red", "acknowledge") and row["level"] in ("mine", "parent", "direct"):
            row["minutes"] = 1
    return yaml.safe_dump(table | {"name": "示例时限表"}, allow_unicode=True)


def ladders() -> str:
    """The roster is climbed in seconds: the deputy four seconds after the officer, the leader after eight."""
    table = yaml.safe_load((files("kuangan.base.deadlines") / "ladders.yaml").read_text(encoding="utf-8"))
    ladder = table["ladders"]["alert_ack"]
    for rung in ladder["rungs"]:
        rung["offset"] = {"seconds": {"deputy": 4, "leader": 8}.get(rung["code"], 0)}
    return yaml.safe_dump(table | {"ladders": {"alert_ack": ladder}}, allow_unicode=True)


class Below:
    """The positioning system of the mine: a shift is below ground until it is called out."""

    def __init__(self) -> None:
        self.mine = build_mine(MINE_A, MINE_NAME, seed=20, points=40, gas_grade="high", crew=150)

    def definitions(self, at: datetime) -> list[tuple[str, bytes]]:
        """Areas, base stations and persons, as they are sent once a day."""
        second = int(at.timestamp())
        return [_named(kind, at, text(self.mine, second)) for kind, text in crew_wire.DEFINITIONS.items()]

    def evening(self, at: datetime) -> list[tuple[str, bytes]]:
        """A snapshot each five minutes of the eight hours before."""
        moments = range(int((at - HISTORY).timestamp()), int(at.timestamp()) - SNAPSHOT_S, SNAPSHOT_S)
        return [self._whole(datetime.fromtimestamp(second, at.tzinfo)) for second in moments]

    def count(self, at: datetime) -> int:
        """How many the shift has below ground."""
        return len(below(self.mine, int(at.timestamp())))

    def snapshot(self, shift: datetime, at: datetime, left: int) -> tuple[str, bytes]:
        """The file of `at` with the people of the moment `shift`, of whom `left` are below ground still."""
        head, *records, end = crew_wire.snapshot(self.mine, int(shift.timestamp())).decode().split("~")
        rows = [record.split(";") for record in records]
        inside = [row for row in rows if row[2] == "1"]
        for number, row in enumerate(inside[left:]):
            row[2], row[4] = "2", wire.wire_time(at - number * CAGE)
        header = ";".join([*head.split(";")[:2], wire.wire_time(at)])
        return _named("RYSS", at, "~".join([header, *(";".join(row) for row in rows), end]).encode())

    def _whole(self, at: datetime) -> tuple[str, bytes]:
        return _named("RYSS", at, crew_wire.snapshot(self.mine, int(at.timestamp())))


def _named(kind: str, at: datetime, text: bytes) -> tuple[str, bytes]:
    return f"{MINE_A}_{kind}_{(at + timedelta(hours=8)).strftime('%Y%m%d%H%M%S')}.txt", text


class Mines(threading.Thread):
    """The systems of all mines: each sends every two seconds, until its link is cut."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(daemon=True)
        self.installation = installation
        self.methane = CALM
        self.rounds = 0
        self.fault: Exception | None = None
        self._cut = threading.Event()
        self._end = threading.Event()

    def cut(self) -> None:
        """The link of the two hundred goes at once."""
        self._cut.set()

    def end(self) -> None:
        self._end.set()
        self.join(30)
        if self.fault is not None:
            raise self.fault

    def run(self) -> None:
        while not self._end.is_set():
            try:
                self.send(*self._files(wire.now()))
            except Exception as fault:
                self.fault = fault
                return
            self.rounds += 1
            self._end.wait(RHYTHM_S)

    def send(self, *files: tuple[str, bytes]) -> None:
        """One upload that must be stored whole."""
        answer = self.installation.upload(*files, token=ANY_TOKEN)
        answer.raise_for_status()
        refused = [frame for frame in answer.json()["frames"] if frame["status"] != "stored"]
        assert refused == [], refused

    def _files(self, at: datetime) -> Sequence[tuple[str, bytes]]:
        own = wire.realtime(MINE_A, [(1, self.methane, at), (2, CALM - 0.1, at)], at)
        if self._cut.is_set():
            return [own]
        return [own, *(_quiet(code, name, at) for code, name in CUT.items())]


def _quiet(code: str, name: str, at: datetime) -> tuple[str, bytes]:
    return wire.of_records(code, [wire.record(code, number, 0.21, at) for number in POINTS], at, name)
