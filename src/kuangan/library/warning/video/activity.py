"""Which workings are active, as far as anything says so: persons in their area, output or advance told of them.

Rock and coal do not tell; a working of which nothing was told is unknown, and one of which people were told a while ago is idle only once
a later snapshot of the mine showed nobody there.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import polars as pl

from kuangan.library.warning.batch import FrameMark
from kuangan.library.warning.settings import MINUTE
from kuangan.library.warning.video.memory import Memory, Site
from kuangan.library.warning.video.where import coverage

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

WORKINGS: Final = ("coal_face", "heading")
BELOW: Final = 1
STALE_MIN: Final = 15
"""A snapshot or output that was older when it came says nothing of now (minutes)."""


def areas(state: State, site: Site, rows: pl.DataFrame) -> None:
    """Names of areas that are workings."""
    for code, name in rows.select("area", "name").iter_rows():
        place = coverage(state).place_of(name or "")
        if code and place is not None and place[0] in WORKINGS:
            site.areas[code] = place[1]


def persons(state: State, memory: Memory, mine: int, mark: FrameMark, rows: pl.DataFrame) -> None:
    """A snapshot of persons: workings with enough of them are active. One that came late says nothing."""
    site = memory.site(mine)
    late = mark.header is not None and mark.at - (mark.header - mark.ahead) > STALE_MIN * MINUTE
    if late or not rows.height or not site.areas:
        return
    site.people = mark.at
    rule = coverage(state)
    told = zip(rows["flag"].to_list(), rows["area"].to_list(), strict=True)
    below = Counter(site.areas[area] for flag, area in told if flag == BELOW and area in site.areas)
    for place, number in below.items():
        if number >= rule.active_persons:
            site.active[place] = [mark.at + int(rule.idle_min * MINUTE), number, "positions"]


def output(state: State, memory: Memory, mine: int, mark: FrameMark, rows: pl.DataFrame) -> None:
    """Output or advance of a place: it was active in the shift that ended, and is taken for active until the next report."""
    site, rule = memory.site(mine), coverage(state)
    column = "advance" if mark.kept == "advance" else "output"
    for text, end, amount in rows.select("place", "end", column).iter_rows():
        place = rule.place_of(text or "")
        recent = end is not None and mark.at - end < rule.output_min * MINUTE
        if place is None or place[0] not in WORKINGS or not recent or amount is None or not amount > 0:
            continue
        until = min(end, mark.at) + int(rule.output_min * MINUTE)
        if until > site.active.get(place[1], [0])[0]:
            site.active[place[1]] = [until, None, mark.kept]


def is_active(site: Site, place: str, now: int) -> bool | None:
    """Whether a working is active now; None when nobody knows."""
    told = site.active.get(place)
    if told is None:
        return None
    if now < told[0]:
        return True
    return False if site.people > told[0] else None
