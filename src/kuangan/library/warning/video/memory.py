"""What is remembered of the cameras of the mines: their states as columns, and of each mine what it told of places and pictures."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from kuangan.library.warning.columns import Array, Columns
from kuangan.library.warning.events import Record
from kuangan.library.warning.never import NEVER

CAMERA_COLUMNS: Final[Mapping[str, tuple[str, float | int]]] = {
    "mine": ("i4", -1),
    "status": ("i1", -1),
    "time": ("i8", NEVER),
    "since": ("i8", NEVER),
    "down": ("i8", NEVER),
    "seen": ("i8", NEVER),
    "level": ("i1", 0),
    "duty": ("i1", 0),
    "sealed": ("?", 0),
}
"""`status` -1 never told, 0 off line, 1 on line; `time` of the newest state judged and `since` of the first like it (event time), `down` when
that came if it is off line, `seen` when the newest came (arrival); `level` of silence that was told; `duty` 1 where something must be
seen by register or rule book, -1 where the register asks for nothing; `sealed` a seal of a mine that is stopped now."""
UNKNOWN, OFF, ON = -1, 0, 1
EXEMPT, OTHER, REQUIRED = -1, 0, 1


@dataclass
class Spell:
    """An anomaly of a picture that goes on: `since`, `last` on event time, `heard` on arrival; `times` it was sent, `cases` as sent."""

    since: int
    last: int
    heard: int
    times: int = 1
    cases: list[str] = field(default_factory=list)
    episodes: int = 1
    record: Record | None = None

    def table(self) -> list[Any]:
        told = [self.since, self.last, self.heard, self.times, self.cases, self.episodes]
        return [*told, as_row(self.record)]

    @classmethod
    def restored(cls, row: list[Any]) -> Spell:
        since, last, heard, times, cases, episodes, record = row
        return cls(since, last, heard, times, list(cases), episodes, from_row(record))


@dataclass
class Seal:
    """What is wrong at a sealed mouth: since when by sign, heads seen there, and the counters it sent last by direction, with the time
    they were read at."""

    signs: dict[str, int] = field(default_factory=dict)
    heads: int = 0
    heard: int = NEVER
    counters: dict[str, int] = field(default_factory=dict)
    record: Record | None = None
    read: dict[str, int] = field(default_factory=dict)

    def table(self) -> list[Any]:
        return [self.signs, self.heads, self.heard, self.counters, as_row(self.record), self.read]

    @classmethod
    def restored(cls, row: list[Any]) -> Seal:
        return cls(dict(row[0]), row[1], row[2], dict(row[3]), from_row(row[4]), dict(*row[5:]))


@dataclass
class Passage:
    """Messages of irregular passage at one camera that belong together."""

    last: int
    heard: int
    heads: int
    kinds: dict[str, int]
    record: Record

    def table(self) -> list[Any]:
        return [self.last, self.heard, self.heads, self.kinds, self.record.as_dict()]

    @classmethod
    def restored(cls, row: list[Any]) -> Passage:
        return cls(row[0], row[1], row[2], dict(row[3]), Record(**row[4]))


@dataclass
class Want:
    """A place that must be seen and is not: since when (arrival), its cameras, and its event once told."""

    since: int
    cameras: list[int] = field(default_factory=list)
    record: Record | None = None

    def table(self) -> list[Any]:
        return [self.since, self.cameras, as_row(self.record)]

    @classmethod
    def restored(cls, row: list[Any]) -> Want:
        return cls(row[0], list(row[1]), from_row(row[2]))


@dataclass
class Site:
    """The video of one mine. `heard` is when a usable state came last, `back` when one ended a silence, `people` when persons came (arrival).

    `places` are texts of places by camera as the mine defines them, `areas` names of its areas by code; `active` by name of a working
    [until when it counts as active, persons or None, table that told it].
    """

    heard: int = NEVER
    back: int = NEVER
    people: int = NEVER
    level: int = 0
    silence: Record | None = None
    cameras: list[int] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    areas: dict[str, str] = field(default_factory=dict)
    active: dict[str, list[Any]] = field(default_factory=dict)
    wants: dict[str, Want] = field(default_factory=dict)

    def table(self) -> dict[str, Any]:
        return {
            "own": [self.heard, self.back, self.people, self.level, as_row(self.silence)],
            "places": self.places,
            "areas": self.areas,
            "active": self.active,
            "wants": {place: want.table() for place, want in self.wants.items()},
        }

    @classmethod
    def restored(cls, table: Mapping[str, Any]) -> Site:
        heard, back, people, level, silence = table["own"]
        wants = {place: Want.restored(row) for place, row in table["wants"].items()}
        active = {place: list(row) for place, row in table["active"].items()}
        own = (dict(table["places"]), dict(table["areas"]), active, wants)
        return cls(heard, back, people, level, from_row(silence), [], *own)


class Views(NamedTuple):
    """Cameras of a mine by kind and by name of the place they look at, and those of which nobody said where they look."""

    by_kind: dict[str, list[int]]
    by_name: dict[str, list[int]]
    unnamed: list[int]


class Memory:
    """All cameras by index, and what goes on at them. Anomalies are known by (camera, rule); `past` are spans of those that are over.
    `other_codes` and `views` are worked out of register and definitions again when they are missing."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.index: dict[tuple[int, str], int] = {}
        self.c = Columns(CAMERA_COLUMNS)
        self.sites: dict[int, Site] = {}
        self.offline: dict[int, Record] = {}
        self.spells: dict[tuple[int, str], Spell] = {}
        self.past: dict[tuple[int, str], list[list[int]]] = {}
        self.seals: dict[int, Seal] = {}
        self.passages: dict[int, Passage] = {}
        self.other_codes: dict[int, dict[str, str]] = {}
        self.views: dict[int, Views] = {}

    def site(self, mine: int) -> Site:
        found = self.sites.get(mine)
        if found is None:
            found = self.sites[mine] = Site()
        return found

    def camera(self, mine: int, code: str) -> int:
        """Index of a camera, entered when new."""
        found = self.index.get((mine, code))
        if found is None:
            found = self.index[(mine, code)] = len(self.codes)
            self.codes.append(code)
            self.c.grow(1)
            self.c["mine"][found] = mine
            self.site(mine).cameras.append(found)
        return found

    def table(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "codes": self.codes,
            "columns": {name: _packed(column) for name, column in self.c.arrays().items()},
            "sites": {str(mine): site.table() for mine, site in self.sites.items()},
            "offline": {str(at): record.as_dict() for at, record in self.offline.items()},
            "spells": [[at, rule, spell.table()] for (at, rule), spell in self.spells.items()],
            "past": [[at, rule, spans] for (at, rule), spans in self.past.items()],
            "seals": {str(at): seal.table() for at, seal in self.seals.items()},
            "passages": {str(at): passage.table() for at, passage in self.passages.items()},
        }

    @classmethod
    def restored(cls, table: Mapping[str, Any]) -> Memory:
        made = cls()
        made.codes = list(table["codes"])
        made.c.load({name: _unpacked(table["columns"][name], kind) for name, (kind, _) in CAMERA_COLUMNS.items()})
        made.sites = {int(mine): Site.restored(row) for mine, row in table["sites"].items()}
        for at, (code, mine) in enumerate(zip(made.codes, made.c["mine"].tolist(), strict=True)):
            made.index[(mine, code)] = at
            made.sites[mine].cameras.append(at)
        made.offline = {int(at): Record(**row) for at, row in table["offline"].items()}
        made.spells = {(at, rule): Spell.restored(row) for at, rule, row in table["spells"]}
        made.past = {(at, rule): [list(span) for span in spans] for at, rule, spans in table["past"]}
        made.seals = {int(at): Seal.restored(row) for at, row in table["seals"].items()}
        made.passages = {int(at): Passage.restored(row) for at, row in table["passages"].items()}
        return made


def as_row(record: Record | None) -> dict[str, Any] | None:
    return None if record is None else record.as_dict()


def from_row(row: Mapping[str, Any] | None) -> Record | None:
    return None if row is None else Record(**row)


def _packed(column: Array) -> str:
    return base64.b64encode(zlib.compress(column.tobytes(), 1)).decode()


def _unpacked(text: str, kind: str) -> Array:
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), kind)
