"""What is remembered of the people of a mine: definitions, the last snapshot judged, where each card was, and what holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from kuangan.library.warning.events import Record
from kuangan.library.warning.never import FOREVER, NEVER
from kuangan.library.warning.people.snapshot import Snapshot, packed, unpacked

ALONE: Final = -1


class Traces(NamedTuple):
    """What is kept of each card below, lists of one length: its last sighting, since when and at which distance (m) it has not moved, the
    cards it moves with (`ALONE`: none), over how many stations and since when."""

    card: list[str]
    station: list[str]
    station_since: list[int | None]
    anchor: list[float | None]
    still_since: list[int]
    group: list[int]
    passes: list[int]
    together_since: list[int]

    @classmethod
    def none(cls) -> Traces:
        return cls(*([] for _ in cls._fields))


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
    one came last, judged or waiting; `exits` the newest time of leaving that was looked at; `due` a lower bound of the next tick at which the mine
    must be looked at; `counted` what the cameras counted below
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
    posts: dict[str, frozenset[str]] = field(default_factory=dict)
    leaders: frozenset[str] = frozenset()
    leaders_marked: bool = False
    traces: Traces = field(default_factory=Traces.none)
    spells: dict[str, dict[str, Spell]] = field(default_factory=dict)
    counted: int = -1
    counted_at: int = NEVER
    silent: int = 0
    silence: Record | None = None
    due: int = FOREVER
    packed: str = ""

    def trace(self, traces: Traces) -> None:
        """Take up where each card below is now."""
        self.traces = traces
        self.packed = ""

    def table(self) -> dict[str, Any]:
        """JSON-able."""
        if not self.packed:
            self.packed = packed(self.traces)
        return {
            "own": [
                *(self.moment, self.arrived, self.usable, self.exits, self.settles, self.due),
                *(self.approved, self.silent),
            ],
            "waiting": None if self.waiting is None else self.waiting.table(),
            "areas": {code: list(area) for code, area in self.areas.items()},
            "stations": {code: list(place) for code, place in self.stations.items()},
            "defined": self.defined,
            "posts": {post: sorted(cards) for post, cards in self.posts.items()},
            "leaders": sorted(self.leaders),
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
        moment, arrived, usable, exits, settles, due, approved, silent = table["own"]
        counted, counted_at = table["counted"]
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
            posts={post: frozenset(cards) for post, cards in table["posts"].items()},
            leaders=frozenset(table["leaders"]),
            leaders_marked=bool(table["leaders_marked"]),
            traces=Traces(*unpacked(table["cards"])),
            spells={
                rule: {key: Spell.restored(row) for key, row in spells.items()}
                for rule, spells in table["spells"].items()
            },
            counted=counted,
            counted_at=counted_at,
            silent=silent,
            silence=None if table["silence"] is None else Record(**table["silence"]),
            due=due,
            packed=table["cards"],
        )
