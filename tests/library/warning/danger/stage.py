"""A scene with points of every kind at one working, their definitions with relations, and what they show."""

from __future__ import annotations

from collections.abc import Mapping

from kuangan.library.warning.events import Event
from tests.library.warning.scene import MINE, Scene, moment, wire_time

HEADING = "1103掘进工作面"
NAMES = {"0043": ("激光甲烷", "%CH4"), "0004": ("一氧化碳", "ppm"), "0002": ("风速", "m/s"), "0003": ("环境温度", "℃")}


def point(kind: str, number: int, mine: str = MINE) -> str:
    """The code of a point: its sensor type tells the value type."""
    return f"{mine}01{'MN' if kind < '1000' else 'KG'}{kind}{number:04d}0A01"


POINTS = {
    "fan": (point("1001", 1), f"{HEADING}1号局部通风机"),
    "spare": (point("1001", 2), f"{HEADING}2号局部通风机"),
    "gas": (point("0043", 1), f"{HEADING}T1"),
    "feed": (point("1015", 1), f"{HEADING}馈电"),
    "air": (point("0002", 1), f"{HEADING}回风流风速"),
    "one": (point("1002", 1), "联络巷风门1号"),
    "two": (point("1002", 2), "联络巷风门2号"),
    "smoke": (point("1008", 1), "主运输大巷机头烟雾"),
    "co": (point("0004", 1), "主运输大巷机头CO"),
}
"""A point of every kind that danger looks at: a heading, a pair of doors, a belt road."""


def row(code: str, location: str, value: object, at: float, status: int = 0) -> str:
    name, unit = NAMES.get(code[16:20], ("开关量", ""))
    return f"{code};{name};{location};{value};{unit};{status};{wire_time(moment(at))}"


def defined(
    code: str, location: str, *, relation: str = "", low: object = "", high: object = "", cut: object = ""
) -> str:
    kind, unit = code[14:16], NAMES.get(code[16:20], ("", ""))[1]
    limits = [high, high, low, low, cut, "", "", ""]
    fields = [code, "01", "", code[16:20], kind, unit, "10", "0", *limits, "", "", location, "", "", "", relation, ""]
    return ";".join(map(str, fields))


class Stage(Scene):
    """Points by name: (code, location); `show` sends what is given and keeps the rest as it was."""

    def begin(self, points: Mapping[str, tuple[str, str]], **shown: object) -> None:
        self.points, self.shown = dict(points), dict(shown)

    def show(self, at: float, status: int = 0, **changed: object) -> None:
        self.shown |= changed
        records = [row(*self.points[name], value, at, status) for name, value in self.shown.items()]
        self.upload("CDSS", records, at)

    def keep(self, start: float, end: float, every: float = 10, status: int = 0, **changed: object) -> None:
        """The same every ten seconds in [start, end)."""
        for number in range(round((end - start) / every)):
            self.show(start + number * every, status, **changed)

    def of(self, rule: str, until: float) -> list[Event]:
        return [event for event in self.judge(until) if event.rule == rule]
