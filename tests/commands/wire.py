"""Wire files made by hand; every name and figure is invented. Times are Beijing time on 10 March 2026."""

from __future__ import annotations

from pathlib import Path

MINE = "140404990001"
OTHER = "140404990002"
OLD_PREFIX = "140477990003"
MINE_NAME = "合成一号煤矿"
END = "||"


def wire_time(clock: str) -> str:
    return f"2026-03-10 {clock}"


def named(kind: str, clock: str, mine: str = MINE) -> str:
    return f"{mine}_{kind}_20260310{clock.replace(':', '')}.txt"


def point(number: int, mine: str = MINE) -> str:
    return f"{mine}01MN0043{number:06d}"


def header(clock: str, mine: str = MINE, name: str = MINE_NAME) -> str:
    return f"{mine};{name};{wire_time(clock)}"


def reading(number: int, clock: str, value: str = "0.32", mine: str = MINE) -> str:
    return f"{point(number, mine)};激光甲烷;合成110{number}采煤工作面T1;{value};%CH4;0;{wire_time(clock)}"


def readings(clock: str, *records: str, mine: str = MINE) -> bytes:
    return "~".join([header(clock, mine), *records, END]).encode()


def stations(clock: str) -> bytes:
    return "~".join([header(clock), f"{MINE}00001;合成运输巷分站;37512345.12;3951234.56;820.5", END]).encode()


def points(clock: str, *numbers: int) -> bytes:
    first = f"{MINE};{MINE_NAME};KJ00X;煤矿安全监控系统;合成厂家;2028-12-31;{wire_time(clock)}"
    records = [
        f"{point(n)};01;{MINE}00001;0043;MN;%CH4;10;0;1.0;1.0;;;1.5;1.0;;;;;合成110{n}采煤工作面T1;;;;;{wire_time(clock)}"
        for n in numbers
    ]
    return "~".join([first, *records, END]).encode()


def alarms(clock: str, number: int) -> bytes:
    begun = f"{wire_time(clock)};;1.06;{wire_time(clock)};1.00;{wire_time(clock)};1.03;;;;;{wire_time(clock)}"
    record = f"{point(number)};激光甲烷;合成110{number}采煤工作面T1;%CH4;001;{begun}"
    return "~".join([header(clock), record, END]).encode()


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files below a folder; keys may hold sub-folders. Returns the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
