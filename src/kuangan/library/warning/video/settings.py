"""Settings of the rules on video (`data/video.yaml`).

`minutes` give a grade each, as everywhere. A rung of a picture's ladder counts when the anomaly has lasted `minutes` on event time and
was raised `times` times within `repeat_hours`; the gravest that counts gives the grade, and nothing is told before one does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import Field

from kuangan.library.warning.settings import Confidence, Grade, Pattern, Rule, Strict

NO_COVERAGE: Final = "video.no_coverage"
OFFLINE: Final = "video.offline"
SYSTEM_SILENT: Final = "video.system_silent"
BLOCKED: Final = "video.blocked"
MOVED: Final = "video.moved"
DARK: Final = "video.dark"
FROZEN: Final = "video.frozen"
LOST: Final = "video.lost"
POOR: Final = "video.poor"
SEALED_SHAFT: Final = "video.sealed_shaft"
IRREGULAR_PASSAGE: Final = "video.irregular_passage"

CASES: Final[Mapping[str, str]] = {
    "0001": BLOCKED,
    "0002": MOVED,
    "0003": DARK,
    "0004": POOR,
    "0005": POOR,
    "0006": FROZEN,
    "0007": LOST,
    "0008": POOR,
    "0009": POOR,
}
"""analysisCase of a videoAnomaly → rule (MT/T 1201.6); POOR: over-exposed, blurred, shaky, wrong resolution."""
UNSEEN: Final = frozenset({BLOCKED, MOVED, FROZEN, LOST})
"""Anomalies through which a place is not seen although its camera is on line."""
PASSAGES: Final = ("04", "05", "06", "07")
"""analysisType of a countingRecog: irregular in, irregular out, out by the entry gate, in by the exit gate."""
Minutes = Annotated[dict[Grade, float], Field(min_length=1)]
Sign = Literal["offline", "blocked", "moved", "frozen", "lost", "persons"]


class OfflineRule(Rule):
    """Minutes off line, or left out while the mine's other cameras are told of; `must_see` are cameras of places that must be seen."""

    minutes: dict[Literal["must_see", "other"], Minutes]


class SilentRule(Rule):
    """Minutes without a state of any camera, or with all of at least `together` off line; `fresh_min`: an older state tells nothing."""

    minutes: dict[Literal["operating", "stopped"], Minutes]
    together: int = Field(ge=2)
    fresh_min: float = Field(gt=0)


class Rung(Strict):
    id: str
    grade: Grade
    minutes: float = Field(0.0, ge=0)
    times: int = Field(1, ge=1)


class PictureRule(Rule):
    """Not repeated for `quiet_min` after its camera said it was on line, an anomaly is over; without such a word after `unknown_min`."""

    ladder: list[Rung] = Field(min_length=1)
    repeat_hours: float = Field(gt=0)
    quiet_min: float = Field(gt=0)
    unknown_min: float = Field(gt=0)


class SealRung(Strict):
    """What a sign at a sealed shaft counts for after `minutes`; of `persons` more than `over`."""

    id: str
    sign: Sign
    grade: Grade
    minutes: float = Field(0.0, ge=0)
    over: float = 0.0


class SealedRule(Rule):
    """Persons seen there count for `persons_min`."""

    ladder: list[SealRung] = Field(min_length=1)
    persons_min: float = Field(gt=0)


class PassageRung(Strict):
    id: str
    grade: Grade
    over: float = 0.0


class PassageRule(Rule):
    """Measured: heads of one camera's messages that follow each other within `merge_min`."""

    ladder: list[PassageRung] = Field(min_length=1)
    merge_min: float = Field(gt=0)


class PlaceKind(Strict):
    """A kind of place and how its name is read off a text; what the pattern matches is the name of the place."""

    kind: str
    pattern: Pattern


class MustSee(Strict):
    """What must be seen: each active place of a kind (`working`), or one such place of every mine of the kinds named (`standing`)."""

    row: str
    place: str
    when: Literal["working", "standing"]
    mine_kinds: list[str]
    seal: bool = False
    source: str
    confidence: Confidence


class CoverageRule(Rule):
    """Minutes without a live camera. A place is active while `active_persons` or more were seen in it within `idle_min`, or output of it was told
    within `output_min`; after that what is not known to be idle is unknown."""

    minutes: dict[Literal["working", "standing"], Minutes]
    active_persons: int = Field(ge=1)
    idle_min: float = Field(gt=0)
    output_min: float = Field(gt=0)
    place_names: list[PlaceKind] = Field(min_length=1)
    places: list[MustSee] = Field(min_length=1)

    def place_of(self, text: str) -> tuple[str, str] | None:
        """Kind and name of the place that a text names, None when it names none of these kinds."""
        known = self._seen
        if text not in known:
            found = ((kind, pattern.search(text)) for kind, pattern in self._patterns)
            known[text] = next(((kind, match[0]) for kind, match in found if match), None)
        return known[text]

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(each.kind, re.compile(each.pattern)) for each in self.place_names]

    @cached_property
    def _seen(self) -> dict[str, tuple[str, str] | None]:
        return {}


MODELS: Final[Mapping[str, type[Rule]]] = {
    NO_COVERAGE: CoverageRule,
    OFFLINE: OfflineRule,
    SYSTEM_SILENT: SilentRule,
    BLOCKED: PictureRule,
    MOVED: PictureRule,
    DARK: PictureRule,
    FROZEN: PictureRule,
    LOST: PictureRule,
    POOR: PictureRule,
    SEALED_SHAFT: SealedRule,
    IRREGULAR_PASSAGE: PassageRule,
}
"""Rule id → model of its settings."""
