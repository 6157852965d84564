"""What the curve browser is asked for: a mine of the scope, up to eight of its points, a span, and as known when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime

from kuangan.base.clock import BEIJING, from_ms, now, to_ms
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine, Point
from kuangan.base.registry.scope import visible_mines
from kuangan.library.telemetry.hot import read_hot

MINUTE: Final = 60_000
DAY: Final = 86_400_000
LONGEST: Final = 31 * DAY
USUAL: Final = DAY // 3
MOST_POINTS: Final = 8
SPANS: Final = {"1": "1 小时", "8": "8 小时", "24": "1 天", "168": "7 天", "744": "31 天"}


@dataclass(frozen=True)
class CurveQuery:
    """`start` ≤ time < `end` in ms; `known_at` None: everything known by now."""

    user: User
    mine: Mine
    points: list[Point]
    start: int
    end: int
    known_at: int | None

    @property
    def codes(self) -> list[str]:
        return [point.code for point in self.points]


def asked(request: HttpRequest, mine_code: str) -> CurveQuery:
    """The query of a request. Raises 404 outside the scope; points of other mines are left out."""
    user = require(request, "mine.view")
    mine = get_object_or_404(visible_mines(user, now()), pk=mine_code)
    start, end = span_of(request.GET, newest(Path(settings.HOME), mine.code))
    wanted = list(dict.fromkeys(request.GET.getlist("point")))[:MOST_POINTS]
    found = {point.code: point for point in Point.objects.filter(mine=mine, code__in=wanted, valid_to__isnull=True)}
    points = [found[code] for code in wanted if code in found]
    return CurveQuery(user, mine, points, start, end, moment(request.GET.get("known", "")))


def span_of(given: Mapping[str, str], last: int) -> tuple[int, int]:
    """The span asked for: `from` and `to`, the `hours` before `to` or before the newest reading, or what lies `around` a
    moment; 31 days at most.
    """
    get = given.get
    start, end = moment(get("from", "")), moment(get("to", ""))
    hours, around = get("hours", ""), moment(get("around", ""))
    if around is not None:
        start, end = around - USUAL // 4, around + 3 * USUAL // 4
    length = int(hours) * 60 * MINUTE if hours in SPANS else USUAL
    if end is None:
        end = last if start is None else start + length
    if start is None or hours in SPANS:
        start = end - length
    if end - start < MINUTE:
        end = start + MINUTE
    return (end - LONGEST, end) if end - start > LONGEST else (start, end)


def moment(text: str) -> int | None:
    """Milliseconds, or a date and time in Beijing as a browser's field gives it; None for anything else."""
    text = text.strip()[:32]
    if text.isdecimal() and 11 < len(text) < 15:
        return int(text)
    try:
        given = parse_datetime(text)
    except ValueError:
        return None
    if given is None:
        return None
    return to_ms(given if given.tzinfo else given.replace(tzinfo=BEIJING))


def newest(home: Path, mine: str) -> int:
    """Just behind the newest data of the mine, else now."""
    mines = read_hot(home, "mines")
    rows = [] if mines is None else mines.filter(mines["mine"] == mine)["last_data_time"].to_list()
    last = next((int(row) for row in rows if row is not None and row > 0), None)
    return to_ms(now()) if last is None else last + 1000


def field(at: int) -> str:
    """A moment for a browser's date-time field."""
    shown: datetime = from_ms(at).astimezone(BEIJING)
    return f"{shown:%Y-%m-%dT%H:%M:%S}"
