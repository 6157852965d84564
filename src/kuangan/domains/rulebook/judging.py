"""The past of chosen mines, taken out of a home and fed to judges of it: frames where the spool has them, archived readings before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl
from django.db.models import Q

from kuangan.base.clock import BEIJING, to_ms
from kuangan.base.registry.models import MineAlias, Point
from kuangan.base.registry.publication import register_frame
from kuangan.library.telemetry.archive import Archive
from kuangan.library.telemetry.ledger import Ledger
from kuangan.library.telemetry.spool_past import frames_between, held_from
from kuangan.library.warning.runners.past import Past, chunks, subjects_of, ticks_joined

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
LATE: Final = 2 * HOUR
AHEAD: Final = 10 * MINUTE
FRAMES: Final = 2_000
BYTES: Final = 32 << 20
ROWS: Final = 2_000_000
ROWS_A_MINUTE: Final = 12
"""Readings that a point may send in a minute."""
SPOOL, ARCHIVE = "spool", "archive"
Told = Callable[[int], None]
"""Told the arrival clock (ms) after each stretch; raises what ends the judgement."""


@dataclass(frozen=True)
class Stretch:
    """What is judged: mines, and a span of the arrival clock in ms."""

    mines: Sequence[str]
    start: int
    end: int


def midnight(day: date) -> int:
    """The beginning of a Beijing day, ms."""
    return to_ms(datetime(day.year, day.month, day.day, tzinfo=BEIJING))


def held_since(home: Path, end: int) -> int:
    """From when on the spool holds frames, ms; `end` when it holds none before that."""
    oldest = held_from(home)
    return end if oldest is None else min(end, oldest)


def sources(home: Path, first: date, last: date) -> dict[str, str]:
    """{day: where it is judged from}. A day that the spool holds in part is one of the archive until then."""
    since = held_since(home, midnight(last) + 24 * HOUR)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return {day.isoformat(): SPOOL if midnight(day) >= since else ARCHIVE for day in days}


def register_at(at: datetime) -> bytes:
    return register_frame(at)


def definitions(mines: Collection[str], at: datetime, archived: bool) -> list[dict[str, Any]]:
    """What was known of the points of the mines at a moment, as rows of a definition file. Points that nobody defined are told
    only where no file will: in archived days."""
    held = Q(valid_from__lte=at) & (Q(valid_to=None) | Q(valid_to__gt=at))
    points = Point.objects.filter(held, mine__in=mines)
    if not archived:
        points = points.filter(defined=True)
    names = ("code", "mine_id", "station", "sensor_type", "value_type", "unit", "location", "alarm_high")
    return [
        {("mine" if name == "mine_id" else name): value for name, value in zip(names, row, strict=True)}
        for row in points.order_by("mine", "code").values_list(*names)
    ]


def feed(home: Path, judges: Sequence[Past], stretch: Stretch, told: Told) -> None:
    """Everything of the stretch, in the order of arrival, to each of the judges."""
    since = held_since(home, stretch.end)
    if since > stretch.start:
        feed_archive(home, judges, Stretch(stretch.mines, stretch.start, since), told)
    feed_spool(home, judges, Stretch(stretch.mines, max(since, stretch.start), stretch.end), told)


def feed_spool(home: Path, judges: Sequence[Past], stretch: Stretch, told: Told) -> None:
    aliases = dict(MineAlias.objects.filter(mine__in=stretch.mines).values_list("alias", "mine_id"))
    senders = subjects_of(stretch.mines, aliases)
    frames = frames_between(home, stretch.start, stretch.end, senders)
    for some in chunks(ticks_joined(frames), FRAMES, BYTES):
        for judge in judges:
            judge.feed([row for row in some if row[1].seq > judge.positions.get(row[0], -1)])
        told(some[-1][1].received_at)


def feed_archive(home: Path, judges: Sequence[Past], stretch: Stretch, told: Told) -> None:
    """Archived readings by the time at which they arrived. What came more than two hours late is not there again."""
    points = sorted(set(Point.objects.filter(mine__in=stretch.mines).values_list("code", flat=True)))
    archive, heard = Archive(home), minutes_heard(home, stretch)
    for begin, end in windows(stretch, len(points)):
        rows = archive.read(points, begin - LATE, end + AHEAD).filter(
            (pl.col("time") + pl.col("lag")).is_between(begin, end, closed="left")
        )
        for judge in judges:
            judge.feed_rows(rows, end, heard)
        told(end)


def windows(stretch: Stretch, points: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most an hour, shorter where many points would bring more rows than memory should hold."""
    minutes = max(1, min(60, ROWS // max(1, points * ROWS_A_MINUTE)))
    for begin in range(stretch.start, stretch.end, minutes * MINUTE):
        yield begin, min(begin + minutes * MINUTE, stretch.end)


def minutes_heard(home: Path, stretch: Stretch) -> list[int]:
    """The minutes (ms) in which a frame of anybody was received, so that our own standstills are nobody's silence."""
    at = pl.col("received_at")
    rows = Ledger(home).frames().filter(at.is_between(stretch.start, stretch.end, closed="left"))
    minutes = rows.select((at // MINUTE * MINUTE).alias("minute")).unique().sort("minute").collect()
    return [int(minute) for minute in minutes["minute"].to_list()]
