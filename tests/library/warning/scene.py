"""A stage for the judge: wire files of synthetic mines with arrival times, and the ticks between them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from kuangan.library.telemetry.frames import CONFIG, TICK, UPLOAD, Frame, digest_of
from kuangan.library.warning.events import Event
from kuangan.library.warning.runners.pipeline import Numbered, Pipeline
from kuangan.library.warning.runners.sink import Collecting

BEIJING = timezone(timedelta(hours=8))
START = int(datetime(2026, 3, 10, 8, tzinfo=BEIJING).timestamp() * 1000)
SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
MINE, OTHER = "141030900001", "141030900002"
GATEWAY = "live"


def code(number: int, mine: str = MINE, kind: str = "MN0043") -> str:
    return f"{mine}01{kind}{number:04d}0A01"


CH4, CO, FAN = code(1), code(2, kind="MN0004"), code(3, kind="KG1001")
FACE = "1102综采工作面T1"


def moment(seconds: float) -> int:
    return START + round(seconds * SECOND)


def wire_time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def stamp(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, BEIJING).strftime("%Y%m%d%H%M%S")


def record(point: str, value: object, at: float, status: int = 0, location: str = FACE) -> str:
    return f"{point};激光甲烷;{location};{value};%CH4;{status};{wire_time(moment(at))}"


def definition(point: str, alarm: object = "", station: str = "", location: str = FACE, kind: str = "MN") -> str:
    sensor = point[16:20]
    limits = [alarm, alarm, "", "", "", "", "", ""]
    fields = [point, "01", station, sensor, kind, "%CH4", "4", "0", *limits, "", "", location, "", "", "", "", ""]
    return ";".join(map(str, fields))


@dataclass
class Scene:
    """Times are seconds since START; a frame arrives when its newest record was measured unless told otherwise."""

    home: Path
    frames: list[Numbered] = field(default_factory=list)
    ticked: int = START - SECOND
    sink: Collecting = field(default_factory=Collecting)
    revisions: list[Event] = field(default_factory=list)
    judged: int = 0
    ticking: bool = True

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(self.home, self.sink)

    # --- what arrives -----------------------------------------------------------------------------------------------

    def put(self, kind: str, name: str, payload: bytes, at: float) -> None:
        """A frame as it is, after the ticks up to it."""
        self.tick(at - 0.001)
        self._append(kind, name, payload, moment(at))

    def upload(
        self, type_: str, records: Sequence[str], at: float, mine: str = MINE, header: str | None = None
    ) -> None:
        name = f"{mine}_{type_}_{stamp(moment(at))}.txt"
        extra = ";系统;系统;厂家;2028-12-31" if type_ == "CDDY" else ""
        head = header or f"{mine};合成煤矿{extra};{wire_time(moment(at))}"
        self.put(UPLOAD, name, "~".join([head, *records, "||"]).encode(), at)

    def send(
        self,
        at: float,
        values: Mapping[str, object] | float,
        status: int = 0,
        arrival: float | None = None,
        mine: str = MINE,
        location: str = FACE,
    ) -> None:
        """One real-time file with the values of points measured at `at`."""
        wanted = values if isinstance(values, Mapping) else {CH4: values}
        records = [record(point, value, at, status, location) for point, value in wanted.items()]
        self.upload("CDSS", records, at if arrival is None else arrival, mine)

    def series(self, *samples: tuple[float, float], point: str = CH4) -> None:
        for at, value in samples:
            self.send(at, {point: value})

    def steady(
        self, start: float, end: float, values: Mapping[str, object] | float, every: float = 10, mine: str = MINE
    ) -> None:
        """Files in [start, end) at a rhythm."""
        for number in range(round((end - start) / every)):
            self.send(start + number * every, values, mine=mine)

    def config(self, name: str, content: Mapping[str, object] | bytes, at: float) -> None:
        payload = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.put(CONFIG, name, payload, at)

    def tick(self, until: float) -> None:
        """One-second ticks up to and with the last whole second by `until`."""
        last = moment(until) // SECOND * SECOND
        if self.ticking and last > self.ticked:
            self._append(TICK, "tick", str(self.ticked + SECOND).encode(), last)
            self.ticked = last

    def outage(self, until: float) -> None:
        """No ticks of our own before `until`."""
        self.ticked = moment(until) - SECOND

    def _append(self, kind: str, name: str, payload: bytes, at: int) -> None:
        self.frames.append((GATEWAY, Frame(len(self.frames), "", kind, name, "test", at, digest_of(payload), payload)))

    # --- what comes out ---------------------------------------------------------------------------------------------

    def judge(self, until: float | None = None) -> list[Event]:
        """Everything up to now; the last revision of every event by onset and subject."""
        if until is not None:
            self.tick(until)
        fresh, self.judged = self.frames[self.judged :], len(self.frames)
        self.revisions += self.pipeline.advance(fresh) if fresh else []
        self.revisions += self.pipeline.settle_last()
        return self.events()

    def events(self) -> list[Event]:
        return sorted(self.sink.events.values(), key=lambda e: (e.onset, e.subject, e.id))

    def only(self, until: float | None = None) -> Event:
        (event,) = self.judge(until)
        return event
