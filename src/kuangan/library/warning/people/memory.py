"""What is remembered of the people of a mine: definitions, the last snapshot judged, where each card was, and what holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import polars as pl

from kuangan.library.warning.events import Record
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.people.snapshot import Snapshot, packed, unpacked

TRACED: Final[Mapping[str, pl.DataType]] = {
    "card": pl.String(),
    "station": pl.String(),
    "station_since": pl.Int64(),
    "distance": pl.Float64(),
    "anchor": pl.Float64(),
    "still_since": pl.Int64(),
    "group": pl.Int64(),
    "passes": pl.Int64(),
    "together_since": pl.Int64(),
}
"""What is kept of each card below: its last sighting, since when and where it has not moved, and the cards it moves with."""


class Area(NamedTuple):
    """An area as the mine defines it; `approved` None where no number was told."""

    type: str
    name: str
    approved: int | None


@dataclass
class Spell:
    """A condition that holds: since when and when it was last seen (event time, ms), the peak of its measure, and its event once told."""

    since: int
    seen: int
    peak: float
    record: Record | None = None

    def table(self) -> list[Any]:
        return [self.since, self.seen, self.peak, None if self.record is None else self.record.as_dict()]

    @classmethod
    def restored(cls, row: list[Any]) -> Spell:
        since, seen, peak, record = row
        return cls(since, seen, peak, None if record is None else Record(**record))


@dataclass
class Crew:
    """The people of one mine. `moment` and `arrived` are those of the newest usable snapshot that was judged; `usable` is when
    one came last, judged or waiting; `exits` the newest time of leaving that was looked at; `counted` what the cameras counted below
    ground at `counted_at`, −1 while they never did."""

    moment: int = NEVER
    arrived: int = NEVER
    usable: int = NEVER
    exits: int = NEVER
    waiting: Snapshot | None = None
    settles: int = NEVER
    areas: dict[str, Area] = field(default_factory=dict)
    stations: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    approved: int | None = None
    defined: dict[str, int] = field(default_factory=dict)
    posts: dict[str, list[str]] = field(default_factory=dict)
    leaders: list[str] = field(default_factory=list)
    leaders_marked: bool = False
    cards: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(TRACED)))
    spells: dict[str, dict[str, Spell]] = field(default_factory=dict)
    counted: int = -1
    counted_at: int = NEVER
    silent: int = 0
    silence: Record | None = None
    packed: str = field(default_factory=lambda: packed(pl.DataFrame(schema=dict(TRACED))))

    def trace(self, cards: pl.DataFrame) -> None:
        """Take up where each card below is now (columns of TRACED)."""
        self.cards = cards
        self.packed = ""

    def table(self) -> dict[str, Any]:
        """JSON-able."""
        if not self.packed:
            self.packed = packed(self.cards)
        return {
            "own": [self.moment, self.arrived, self.usable, self.exits, self.settles, self.approved, self.silent],
            "waiting": None if self.waiting is None else self.waiting.table(),
            "areas": {code: list(area) for code, area in self.areas.items()},
            "stations": {code: list(place) for code, place in self.stations.items()},
            "defined": self.defined,
            "posts": self.posts,
            "leaders": self.leaders,
            "leaders_marked": self.leaders_marked,
            "counted": [self.counted, self.counted_at],
            "cards": self.packed,
            "spells": {
                rule: {key: spell.table() for key, spell in spells.items()} for rule, spells in self.spells.items()
            },
            "silence": None if self.silence is None else self.silence.as_dict(),
        }

    @classmethod
    def restored(cls, table: Mapping[str, Any]) -> Crew:
        moment, arrived, usable, exits, settles, approved, silent = table["own"]
        counted, counted_at = table.get("counted", (-1, NEVER))
        return cls(
            moment=moment,
            arrived=arrived,
            usable=usable,
            exits=exits,
            waiting=None if table["waiting"] is None else Snapshot.restored(table["waiting"]),
            settles=settles,
            areas={code: Area(*row) for code, row in table["areas"].items()},
            stations={code: (x, y, z) for code, (x, y, z) in table["stations"].items()},
            approved=approved,
            defined=dict(table["defined"]),
            posts={post: list(cards) for post, cards in table["posts"].items()},
            leaders=list(table["leaders"]),
            leaders_marked=bool(table["leaders_marked"]),
            cards=unpacked(table["cards"], TRACED),
            spells={
                rule: {key: Spell.restored(row) for key, row in spells.items()}
                for rule, spells in table["spells"].items()
            },
            counted=counted,
            counted_at=counted_at,
            silent=silent,
            silence=None if table["silence"] is None else Record(**table["silence"]),
            packed=table["cards"],
        )
