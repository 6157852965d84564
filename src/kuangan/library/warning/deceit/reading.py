"""Series from a CSV file: a column `time` and one of values or several, with a status where there is one.

`time` is milliseconds or seconds since 1970, or a date and time (Beijing time where it names no zone). A cell that is empty or −9999 is
no value; so is one whose `status` marks a fault or a pause. Whatever else cannot be read is refused with file, line and reason.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit.series import grid
from kuangan.library.warning.masks import CALIBRATION, FAULTS, PAUSED
from kuangan.library.warning.settings import MINUTE

BEIJING = timezone(timedelta(hours=8))
MILLISECONDS_FROM = 100_000_000_000
LATEST = 253_402_271_999_999
"""The last moment of the year 9999 in Beijing (ms)."""
BAD = -9999.0
LONGEST_DAYS = 400


class Unreadable(ValueError):
    """A file that cannot be read: `file:line: reason`."""


class Series(NamedTuple):
    """Columns on a grid of minutes that begins at `start` (ms); shape of each (minutes,), NaN where nothing usable was read."""

    start: int
    columns: dict[str, Array]
    rows: int


def read_series(path: Path) -> Series:
    """The series of a file. Raises `Unreadable`."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Unreadable(f"{path}: no UTF-8 text") from fault
    except OSError as fault:
        raise Unreadable(f"{path}: {fault.strerror}") from fault
    lines = csv.reader(text.splitlines())
    rows = _rows(path, lines)
    head = [name.strip() for name in next(rows, [])]
    names = _names(path, head)
    times: list[int] = []
    values: list[list[float]] = []
    for row in rows:
        if row:
            _take(path, lines.line_num, head, row, times, values)
    if not times:
        raise Unreadable(f"{path}:2: no rows")
    return _gridded(path, names, np.array(times, np.int64), np.array(values))


def _rows(path: Path, lines: Any) -> Iterator[list[str]]:
    """The rows of a reader of CSV, refused where they are none."""
    try:
        yield from lines
    except csv.Error as fault:
        raise Unreadable(f"{path}:{lines.line_num}: {fault}") from fault


def _names(path: Path, head: list[str]) -> list[str]:
    if "time" not in head:
        raise Unreadable(f"{path}:1: no column time; found {', '.join(head) or 'nothing'}")
    names = [name for name in head if name not in ("time", "status")]
    if not names:
        raise Unreadable(f"{path}:1: no column of values beside time")
    if len(set(head)) != len(head) or "" in head:
        raise Unreadable(f"{path}:1: columns need names of their own")
    return names


def _take(path: Path, line: int, head: list[str], row: list[str], times: list[int], values: list[list[float]]) -> None:
    if len(row) != len(head):
        raise Unreadable(f"{path}:{line}: {len(row)} fields where the head names {len(head)}")
    cells = dict(zip(head, row, strict=True))
    times.append(_time(path, line, cells["time"].strip()))
    usable = _usable(path, line, cells.get("status", "").strip())
    told = [_value(path, line, name, cells[name].strip()) for name in head if name not in ("time", "status")]
    values.append(told if usable else [float("nan")] * len(told))


def _time(path: Path, line: int, text: str) -> int:
    try:
        number = float(text)
    except ValueError:
        return _moment(path, line, text)
    if not 0 <= number <= LATEST:
        raise Unreadable(f"{path}:{line}: no time: {text!r}")
    return int(number) if number >= MILLISECONDS_FROM else round(number * 1000)


def _moment(path: Path, line: int, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise Unreadable(f"{path}:{line}: no time: {text!r}") from fault
    return round((moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)).timestamp() * 1000)


def _value(path: Path, line: int, name: str, text: str) -> float:
    try:
        value = float(text) if text else float("nan")
    except ValueError as fault:
        raise Unreadable(f"{path}:{line}: no number in column {name}: {text!r}") from fault
    return float("nan") if value == BAD or np.isinf(value) else value


def _usable(path: Path, line: int, text: str) -> bool:
    try:
        status = int(text or "0")
    except ValueError as fault:
        raise Unreadable(f"{path}:{line}: no status: {text!r}") from fault
    return not status & (FAULTS | PAUSED | CALIBRATION)


def _gridded(path: Path, names: list[str], time: Array, value: Array) -> Series:
    order = np.argsort(time, kind="stable")
    time, value = time[order], value[order]
    start, end = int(time[0]) // MINUTE * MINUTE, (int(time[-1]) // MINUTE + 1) * MINUTE
    if end - start > LONGEST_DAYS * 1440 * MINUTE:
        raise Unreadable(f"{path}: the rows span more than {LONGEST_DAYS} days")
    columns = {name: grid(time, value[:, at], start, end, MINUTE) for at, name in enumerate(names)}
    return Series(start, columns, len(time))


def told(at: int) -> str:
    """A moment (ms) in Beijing time."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(BEIJING).isoformat()
