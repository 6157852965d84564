"""Small hand-made snapshots of a personnel system on the stage of the judge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kuangan.library.warning.events import Event
from kuangan.library.warning.rulebook import shipped
from tests.library.warning.scene import MINE, Scene, moment, wire_time

FACE, ROAD, SEALED = f"{MINE}0004", f"{MINE}0002", f"{MINE}0012"
AREAS = (
    f"重点区域;{FACE};4;1102综采工作面",
    f"其它区域;{ROAD};0;运输大巷",
    f"限制区域;{SEALED};0;旧采区密闭",
)
EVERY = 300


def card(number: int) -> str:
    return f"{MINE}{number:05d}"


@dataclass(frozen=True)
class Seen:
    """One record; times are seconds since START. `station_at` None: since the last multiple of ten minutes before the snapshot.
    `distance` NaN is left out."""

    number: int
    area: str = FACE
    flag: int = 1
    entered: float = -3600
    left: float | None = None
    station: str = ""
    station_at: float | None = None
    distance: float | None = None
    system: str = "三八制"
    leader: int = 0
    track: str = ""
    area_at: float = -1800

    def record(self, at: float) -> str:
        station = self.station or f"{self.area}000010"
        since = (at // 600) * 600 - 3 * self.number if self.station_at is None else self.station_at
        distance = (self.number * 7 + at) % 50 if self.distance is None else self.distance
        fields = (
            card(self.number),
            "合成甲",
            self.flag,
            wire_time(moment(self.entered)),
            "" if self.left is None else wire_time(moment(self.left)),
            self.area,
            wire_time(moment(self.area_at)),
            station,
            wire_time(moment(since)),
            self.system,
            "" if math.isnan(distance) else distance,
            "正常",
            self.leader,
            0,
            self.track,
        )
        return ";".join(map(str, fields))


def crowd(count: int, first: int = 1, **told: Any) -> list[Seen]:
    """Several cards that are seen alike."""
    return [Seen(first + number, **told) for number in range(count)]


LEADER = Seen(900, area=ROAD, leader=1)


def snapshot(
    scene: Scene,
    at: float,
    people: Sequence[Seen | str],
    arrival: float | None = None,
    mine: str = MINE,
) -> None:
    """A RYSS file of a moment; a text is a record as it is."""
    header = f"{mine};合成煤矿;{wire_time(moment(at))}"
    records = [each if isinstance(each, str) else each.record(at) for each in people]
    scene.upload("RYSS", records, at if arrival is None else arrival, mine, header)


def define(scene: Scene, at: float, approved: int | None = 400, areas: Sequence[str] = AREAS) -> None:
    """Areas, and the list of persons with the number approved for the mine; card 900 is a leader's, 901 a gas inspector's."""
    scene.upload("RYQY", areas, at)
    told = "" if approved is None else approved
    header = f"{MINE};合成煤矿;{told};KJ;系统;厂家;2028-12-31;{wire_time(moment(at))}"
    listed = [f"{card(900)};合成乙;矿领导;未设置;矿;;;1;0", f"{card(901)};合成丙;瓦斯检查工;未设置;通风队;;;0;1"]
    scene.upload("RYXX", listed, at, header=header)


def steadily(scene: Scene, start: float, end: float, people: Sequence[Seen | str]) -> None:
    """The same people at every fifth minute of [start, end]."""
    at = start
    while at <= end:
        snapshot(scene, at, people)
        at += EVERY


def of(events: Sequence[Event], rule: str) -> list[Event]:
    return [event for event in events if event.rule == rule]


def quick(scene: Scene, rule: str, at: float = 0, **settings: Any) -> None:
    """The shipped rule book with other settings of one rule."""
    book = shipped().model_dump(mode="json")
    book["rules"][rule] |= settings
    scene.config("rulebook", book, at)


def rung(grade: str, over: float = 0, minutes: float = 0) -> dict[str, Any]:
    return {"id": f"T-{grade}", "grade": grade, "over": over, "minutes": minutes}
