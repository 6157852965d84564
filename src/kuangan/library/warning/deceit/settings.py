"""Settings of the rules about deceit. Times are minutes, hours or days as the names say; shares are parts of one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kuangan.library.warning.settings import Grade, Rule

Tier = Literal["watch", "check"]


class TamperRule(Rule):
    """`grades` by tier: what analysts watch, and what is recommended for a check. A tier that is absent is not told."""

    grades: dict[Tier, Grade] = Field(min_length=1)


class FallRule(TamperRule):
    """A sensor that fell by itself: by `own_share` of its level and `gap_share` below what its neighbours say, `fall_steps` of
    resolution at least, for `keep_min`; over again when it is less than `back_share` below them for half an hour."""

    own_share: float = Field(gt=0, lt=1)
    gap_share: float = Field(gt=0, lt=1)
    back_share: float = Field(gt=0, lt=1)
    fall_steps: float
    keep_min: float = Field(ge=30)
    calibration_min: float
    spread_factor: float


class BlockedRule(FallRule):
    """`flat_steps`: how far a sealed sensor still moves over `flat_min`, and how often at most, where it used to move `varied_steps`."""

    flat_min: float
    flat_steps: float
    flat_changes: int
    varied_steps: float
    neighbour_steps: float


class MovedRule(FallRule):
    """What a sensor in fresh air shows: no order, no common course, no delay, the level of intakes."""

    coupled: float
    uncoupled: float
    neighbour_steps: float
    order_min: float
    return_share: float
    intake_level: float
    signs_for_check: int = Field(ge=1)


class BlownRule(FallRule):
    """`rough_factor`: how much more it changes from minute to minute than before, against its level."""

    rough_factor: float
    neighbour_rough: float


class ClippedRule(TamperRule):
    """Values held in [limit − `band`, limit) for `minutes`, `inversion` times those in the band below, none at or over the limit."""

    band: float = Field(gt=0)
    minutes: int
    inversion: float
    over_minutes: int
    history_factor: float


class ReplayedRule(TamperRule):
    """`hours` that repeat one of the last `days` days to the digit, looked for every `every_hours`."""

    days: int = Field(ge=1, le=30)
    hours: float = Field(gt=0)
    least_min: int
    every_hours: int = Field(ge=1)
    equal: float
    correlation: float
    distinct: int
    range_steps: float
    neighbour_equal: float


class CalibrationRule(TamperRule):
    minutes: float
    month: int
    neighbour_min: int


class GroupRule(TamperRule):
    """`together` sensors that stand still or read nothing, begun within `within_min` of each other and for `keep_min`."""

    together: int = Field(ge=2)
    within_min: float
    keep_min: float
    flat_steps: float
    varied_steps: float
    back_min: float


class LimitRule(TamperRule):
    """Own limit above the statutory one by more than a rounding."""


class EditedHistoryRule(TamperRule):
    """`many` edited readings of a day; `lowered`: a change of this size and more."""

    many: int
    hidden: int
    lowered: float


class DeletedHistoryRule(TamperRule):
    """`readings` that lack when files come again; `high_share` of the limit that what is missing had reached. Five-minute statistics
    whose highest value is `extreme_share` of the limit above every reading of that time, in `slots` of them."""

    readings: int
    high_share: float
    extreme_share: float
    slots: int = Field(ge=1)


class InspectionRule(TamperRule):
    """An outage of `cut_min` and more that begins at most `lead_min` before inspectors come, or while they are there. More than `usual`
    outages within the time of the rule of flapping links are a bad link. What is over is kept for `kept_days`: a visit may be entered
    late."""

    lead_min: float
    cut_min: float = Field(15, ge=0)
    kept_days: float = Field(8, gt=0)
    sensors: int
    usual: int


class PictureRule(TamperRule):
    """A camera that is told to be frozen for `minutes`; over after `quiet_min` without a message."""

    minutes: float
    quiet_min: float
