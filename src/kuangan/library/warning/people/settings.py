"""Settings of the rules on people (`data/people.yaml`).

A rung of a ladder counts when the measure of a rule is above `over` and has been for `minutes` of event time; the gravest that
counts gives the grade, and nothing is told before one does. What is measured stands with each rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Final

from pydantic import Field

from kuangan.library.warning.settings import Confidence, Grade, Pattern, Rule, Strict

MINE_OVER: Final = "people.mine_over"
AREA_OVER: Final = "people.area_over"
OVERTIME: Final = "people.overtime"
RESTRICTED_AREA: Final = "people.restricted_area"
NO_LEADER: Final = "people.no_leader"
SPECIAL_POST_MISSING: Final = "people.special_post_missing"
NO_MOVEMENT: Final = "people.no_movement"
SPEED: Final = "people.speed"
CARDS_TOGETHER: Final = "people.cards_together"
MASS_EXIT: Final = "people.mass_exit"
STOPPED_MINE: Final = "people.stopped_mine"
ENTRY_MISMATCH: Final = "people.entry_mismatch"
COUNT_MISMATCH: Final = "people.count_mismatch"
SYSTEM_SILENT: Final = "people.system_silent"
HELP: Final = "people.help"


@lru_cache(maxsize=1 << 16)
def matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text; the few names and types of all mines are searched once."""
    return re.search(pattern, text) is not None


class Rung(Strict):
    id: str
    grade: Grade
    over: float = 0.0
    minutes: float = Field(0.0, ge=0)


class PeopleRule(Rule):
    """What all share: the ladder, and for how long a snapshot answers (`good_for_min`): behind a longer gap durations start anew."""

    ladder: list[Rung] = Field(min_length=1)
    good_for_min: float = Field(15.0, gt=0)

    @cached_property
    def least(self) -> float:
        """The measure above which some rung may count."""
        return min(rung.over for rung in self.ladder)


class OverRule(PeopleRule):
    """Measured: persons above the approved number in per cent of it."""


class RestrictedKind(Strict):
    """A kind of area where nobody may be beyond the approved number, known by the text of its type."""

    kind: str
    pattern: Pattern


class RestrictedRule(PeopleRule):
    """Measured: persons above the approved number."""

    kinds: list[RestrictedKind] = Field(min_length=1)


class ShiftHours(Strict):
    """Hours below ground under a labour system, known by its text."""

    pattern: Pattern
    hours: float = Field(gt=0)


class OvertimeRule(PeopleRule):
    """Measured: the longest time below ground above the limit, hours. Longer than `most_hours` is a card that was not read out."""

    hours: float = Field(gt=0)
    systems: list[ShiftHours]
    most_hours: float = Field(gt=0)

    def limit(self, system: str) -> float:
        """Hours below ground under a labour system, by its text."""
        return next((row.hours for row in self.systems if matches(row.pattern, system)), self.hours)


class ChangeRule(PeopleRule):
    """An absence that begins within `change_min` of a change of shift (`shifts`, hours of the Beijing day) counts from its end."""

    shifts: list[float] = Field(min_length=1)
    change_min: float = Field(ge=0)


class LeaderRule(ChangeRule):
    """Measured: persons below ground without a leader; fewer than `persons` are not judged."""

    persons: int = Field(ge=1)


class Post(Strict):
    """A post that must be below while an area whose name matches is staffed by `persons` or more; `trade` reads it off trade and post."""

    post: str
    trade: Pattern
    area: Pattern
    persons: int = Field(ge=1)
    source: str
    confidence: Confidence


class PostRule(ChangeRule):
    """Measured: staffed areas without the post."""

    posts: list[Post] = Field(min_length=1)


class NoMovementRule(PeopleRule):
    """Measured: hours a card has shown the same station and distance (within `distance_m`), while `others_share` of at least `others`
    others moved between two snapshots or within `others_min`."""

    distance_m: float = Field(ge=0)
    others: int = Field(ge=1)
    others_share: float = Field(gt=0, le=1)
    others_min: float = Field(60, ge=0)


class SpeedRule(PeopleRule):
    """Measured: the least speed that explains two sightings, m/s. `reach_m` is how far a base station reads, `slack_s` how late."""

    reach_m: float = Field(ge=0)
    slack_s: float = Field(ge=0)


class TogetherRule(PeopleRule):
    """Measured: cards that came to the last `stations` stations within `within_s` and stay within `distance_m` of each other."""

    stations: int = Field(ge=1)
    within_s: float = Field(ge=0)
    distance_m: float = Field(ge=0)


class MassExitRule(PeopleRule):
    """Measured: cards whose times of leaving the mine lie within `within_s`."""

    within_s: float = Field(ge=0)


class StoppedRule(PeopleRule):
    """Measured: persons beyond the approved caretakers: above their number, or not on a list of cards, or for longer than
    `outside_min` in an area that is not theirs."""

    outside_min: float = Field(ge=0)


class MismatchRule(PeopleRule):
    """Measured: difference of two head-counts above max(`tolerance`, `tolerance_share` of the larger)."""

    tolerance: int = Field(ge=0)
    tolerance_share: float = Field(ge=0)


class CameraRule(MismatchRule):
    """`stands_min`: how long a count of the cameras, sent when it changes, is compared with."""

    stands_min: float = Field(gt=0)


class SilentRule(Rule):
    """`minutes` without a usable snapshot give a grade; `good_for_min`: an older one is no usable snapshot when it comes.
    `settle_s`: how long the files of one snapshot are waited for."""

    minutes: dict[Grade, float] = Field(min_length=1)
    good_for_min: float = Field(gt=0)
    settle_s: float = Field(ge=0)


class HelpRule(Rule):
    """`grade`: the colour of every call."""

    grade: Grade


MODELS: Final[Mapping[str, type[Rule]]] = {
    MINE_OVER: OverRule,
    AREA_OVER: OverRule,
    OVERTIME: OvertimeRule,
    RESTRICTED_AREA: RestrictedRule,
    NO_LEADER: LeaderRule,
    SPECIAL_POST_MISSING: PostRule,
    NO_MOVEMENT: NoMovementRule,
    SPEED: SpeedRule,
    CARDS_TOGETHER: TogetherRule,
    MASS_EXIT: MassExitRule,
    STOPPED_MINE: StoppedRule,
    ENTRY_MISMATCH: MismatchRule,
    COUNT_MISMATCH: CameraRule,
    SYSTEM_SILENT: SilentRule,
    HELP: HelpRule,
}
"""Rule id → model of its settings."""
