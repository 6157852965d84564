"""True wire files of methane points, made by hand, in Beijing time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from tests.browser.register import NAMES

Moment = datetime
Reading = tuple[int, float, datetime]
"""Number of the point, value, time."""


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def wire_time(at: datetime) -> str:
    return (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


def code(mine: str, number: int) -> str:
    return f"{mine}01MN0001{number:06d}"


def place(number: int) -> str:
    return f"示例110{number}采煤工作面T1"


def record(mine: str, number: int, value: float | str, at: datetime) -> str:
    shown = f"{value:.2f}" if isinstance(value, float) else value
    return f"{code(mine, number)};环境瓦斯;{place(number)};{shown};%CH4;0;{wire_time(at)}"


def realtime(mine: str, readings: Iterable[Reading], at: datetime) -> tuple[str, bytes]:
    """Name and text of a CDSS file."""
    return of_records(mine, [record(mine, *reading) for reading in readings], at)


def of_records(mine: str, records: Sequence[str], at: datetime, called: str = "") -> tuple[str, bytes]:
    """Name and text of a CDSS file with these records; `called` is the mine's name when it is none of ours."""
    name = f"{mine}_CDSS_{(at + timedelta(hours=8)).strftime('%Y%m%d%H%M%S')}.txt"
    return name, "~".join([f"{mine};{called or NAMES[mine]};{wire_time(at)}", *records, "||"]).encode()


def quiet(mine: str, numbers: Sequence[int], at: datetime, minutes: int = 30) -> tuple[str, bytes]:
    """Half an hour of low values at points of a mine, in one file."""
    readings = [
        (number, 0.30 + 0.02 * ((step + number) % 5), at - timedelta(seconds=30 * step))
        for step in range(minutes * 2, 0, -1)
        for number in numbers
    ]
    return realtime(mine, readings, at)
