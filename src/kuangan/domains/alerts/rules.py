"""Pure decisions and tables of the alert's life: colours, levels, clocks, words. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan
from typing import Final

from kuangan.base.case import words
from kuangan.base.case.rule_words import RULE_WORDS as ALL_RULE_WORDS

SEALED: Final = "tamper."
GRADES: Final = ("blue", "yellow", "orange", "red")
GRADE_WORDS: Final = {**words.GRADE_WORDS, "none": "无"}
GRADE_ICONS: Final = {"red": "flame", "orange": "alert-triangle", "yellow": "alert-circle", "blue": "info-circle"}

LEVELS: Final = ("mine", "parent", "direct", "city", "province")
LEVEL_WORDS: Final = {
    "mine": "矿调度",
    "parent": "上级企业调度",
    "direct": "直接监管部门",
    "city": "市级值班",
    "province": "省级值班",
}
STEPS: Final = ("acknowledge", "withdraw_start", "first_report", "onsite_verify", "written_feedback", "close")
STEP_WORDS: Final = {
    "acknowledge": "确认",
    "withdraw_start": "开始撤人",
    "first_report": "初报",
    "onsite_verify": "现场核实",
    "written_feedback": "书面反馈",
    "close": "复核销警",
}
DEFAULT_MARK: Final = "系统默认，非官方分级"

RULE_WORDS: Final = {rule: word for rule, word in ALL_RULE_WORDS.items() if not rule.startswith(SEALED)}
"""Rules that raise alerts; suspicions of tampering have a room of their own."""

RULE_CLAUSES: Final = {
    "gas.over_limit": ("SX34-42", "SX34-17", "SX36-18"),
    "link.network_outage": ("SX34-21", "SX36-25"),
    "link.station_offline": ("SX34-21", "SX36-25"),
    "link.sensor_offline": ("SX34-21", "SX36-25"),
    "link.clock_wrong": ("SX34-21",),
    "point.flat": ("SX34-21", "SX34-42"),
    "data.edited": ("SX34-21", "SX34-42"),
    "point.missing": ("SX34-21", "SX34-42"),
    "link.gateway_outage": ("SX34-21",),
    "gas.trend": ("SX34-42", "SX34-17"),
    "link.flapping": ("SX34-21",),
    "people.mine_over": ("SX34-27", "SX34-68"),
    "people.area_over": ("SX34-27", "SX34-68"),
    "people.overtime": ("SX34-68",),
    "people.restricted_area": ("SX34-68",),
    "people.no_leader": ("SX34-68",),
    "people.special_post_missing": ("SX34-53", "SX34-68"),
    "people.no_movement": ("SX34-68", "SX34-69"),
    "people.speed": ("SX34-68", "SX34-69"),
    "people.cards_together": ("SX34-68", "SX34-69"),
    "people.mass_exit": ("SX34-68", "SX34-69"),
    "people.stopped_mine": ("SX34-27", "SX34-30"),
    "people.entry_mismatch": ("SX34-69",),
    "people.count_mismatch": ("SX34-69",),
    "people.help": ("SX34-68", "SX36-18"),
    "people.system_silent": ("SX34-32", "SX34-68", "SX36-18"),
    "danger.gas_repeated": ("SX34-40", "SX34-17", "SX34-42"),
    "danger.fan_stopped": ("SX34-42", "SX36-18"),
    "danger.doors_open": ("SX34-42", "SX36-18"),
    "danger.feed_live": ("SX34-42", "SX34-37", "SX36-18"),
    "danger.fire": ("SX34-42", "SX36-16", "SX36-18"),
    "danger.air_speed": ("SX34-42", "SX36-18"),
    "danger.oxygen_low": ("SX34-42", "SX36-18"),
    "danger.gas_level": ("SX34-42", "SX36-18"),
    "danger.drainage": ("SX34-38", "SX34-40", "SX36-16"),
    "danger.on_battery": ("SX34-42", "SX36-18"),
    "danger.power_lost": ("SX34-42", "SX36-18"),
    "danger.water_level": ("SX34-43", "SX36-16", "SX36-18"),
    "danger.inflow": ("SX34-43", "SX36-16", "SX36-18"),
    "danger.pump": ("SX34-43", "SX36-18"),
    "danger.pressure": ("SX36-16", "SX36-18"),
    "danger.roof_separation": ("SX36-16", "SX36-18"),
    "danger.ground_sound": ("SX36-16", "SX36-18"),
    "danger.reported": ("SX34-42", "SX34-45", "SX36-18"),
    "danger.slope": ("SX34-45", "SX36-18"),
    "danger.tailings": ("SX36-17", "SX36-18"),
    "video.no_coverage": ("SX34-15", "SX36-7"),
    "video.offline": ("SX34-15",),
    "video.system_silent": ("SX34-15", "SX36-25"),
    "video.blocked": ("SX34-15",),
    "video.moved": ("SX34-15",),
    "video.dark": ("SX34-15",),
    "video.frozen": ("SX34-15",),
    "video.lost": ("SX34-15",),
    "video.poor": ("SX34-15",),
    "video.sealed_shaft": ("SX34-34", "SX34-28", "SX36-25"),
    "video.irregular_passage": ("SX34-68",),
}
LIMIT_SOURCE_WORDS: Final = {
    "statutory_register": "规程限值，按登记的地点类别",
    "statutory_location": "规程限值，按安装位置文字识别",
    "own": "测点定义的报警限值",
    "system_default": "系统默认限值，非官方分级",
    "override": "经批准的加严限值",
}
# Cause codes of a verified alert; the first seven explain it, `tampered` and `true_overlimit` are what it warned of.
CAUSES: Final = {
    "calibration": "标校",
    "sensor_glitch": "传感器故障冒大数",
    "planned_stop": "计划停风排放",
    "blasting_fume": "爆破炮烟CO",
    "diesel_exhaust": "柴油车尾气CO",
    "welding": "氧焊",
    "true_overlimit": "真实超限",
    "tampered": "人为造假",
    "unknown": "未知",
}
WITHDRAWN: Final = {"yes": "已撤人", "no": "未撤人", "not_needed": "无需撤人"}


def grade_rank(grade: str) -> int:
    """0 for blue … 3 for red; −1 for anything that is no colour."""
    return GRADES.index(grade) if grade in GRADES else -1


def level_rank(level: str) -> int:
    """0 for the mine … 4 for the province."""
    return LEVELS.index(level)


@dataclass(frozen=True, slots=True)
class Clock:
    """One obligation of the routing table: `level` owes `step` within `minutes` of the colour being reached."""

    level: str
    step: str
    minutes: int
    basis: str
    source: str

    @property
    def code(self) -> str:
        """The deadline's code: `ack_<level>` for acknowledgements (several levels owe them), else the step."""
        return ack_code(self.level) if self.step == "acknowledge" else self.step

    @property
    def is_default(self) -> bool:
        return self.source == "default"


# An alert told of later than this after it was raised, because of a replay or a standstill of ours, was not to be
# answered in time: its clocks begin when it is told of. One that is over by then, or older than a day, rings no phone
# and climbs to nobody; its owners are reminded, and it is worked to its close like any other.
TOLD_LATE_AFTER: Final = timedelta(minutes=10)
PAST_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Telling:
    """When the clocks of a colour begin, whether that is later than it was reached, and whether it is past by then."""

    start: datetime
    late: bool = False
    past: bool = False


def telling(reached: datetime, over: bool, told_at: datetime) -> Telling:
    """How an alert is told of at `told_at` whose colour was `reached` on the arrival clock and which may be `over`."""
    delay = told_at - reached
    if delay <= TOLD_LATE_AFTER:
        return Telling(reached)
    return Telling(told_at, late=True, past=over or delay > PAST_AFTER)


def ack_code(level: str) -> str:
    return f"ack_{level}"


def level_of_code(code: str) -> str | None:
    """The level of an acknowledgement clock, None for the other clocks."""
    return code.removeprefix("ack_") if code.startswith("ack_") else None


def code_words(code: str) -> str:
    """What a clock asks for, in words: 矿调度确认, 初报 …"""
    level = level_of_code(code)
    return f"{LEVEL_WORDS[level]}确认" if level else STEP_WORDS.get(code, code)


def told_levels(clocks: Iterable[Clock]) -> tuple[str, ...]:
    """Levels that are told when a colour is reached: those that owe an acknowledgement, lowest first."""
    owing = {clock.level for clock in clocks if clock.step == "acknowledge"}
    return tuple(level for level in LEVELS if level in owing)


def next_level(level: str, present: Iterable[str], ceiling: str) -> str | None:
    """The level a breach of `level` climbs to: the next one above that has an organisation, not above `ceiling`."""
    there = set(present)
    above = (name for name in LEVELS[level_rank(level) + 1 : level_rank(ceiling) + 1] if name in there)
    return next(above, None)


def missing_acknowledgements(grade: str, required: Iterable[str], given: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Levels that still owe an acknowledgement of this colour; `given` are (level, grade) pairs.

    An acknowledgement of a lower colour does not count for a higher one; one of a higher colour does.
    """
    done = {level for level, of in given if grade_rank(of) >= grade_rank(grade)}
    return tuple(level for level in LEVELS if level in set(required) and level not in done)


def required(told: Iterable[str], organisations: Mapping[str, int]) -> tuple[str, ...]:
    """Levels that must acknowledge a colour and have somebody to do it."""
    stands = acting(organisations)
    return tuple(level for level in told if level in stands)


ALL_LEVELS_FIRST: Final = frozenset({"red"})
"""Colours of which an alert is closed only when each level of the routing table has acknowledged them."""


def closing_waits_for(grade: str, missing: Iterable[str]) -> str:
    """What must happen before an alert of this colour is closed, in words; empty when nothing is missing."""
    levels = "、".join(LEVEL_WORDS[level] for level in missing)
    if grade not in ALL_LEVELS_FIRST or not levels:
        return ""
    return f"{GRADE_WORDS[grade]}色告警须各级均已确认后方可销警，尚缺：{levels}"


# Which levels may take which step of the flow (the role is checked by base.people, the level by us).
ACTORS: Final[Mapping[str, tuple[str, ...]]] = {
    "first_report": ("mine", "parent"),
    "verify": ("mine", "parent"),
    "report": ("mine",),
    "return": ("direct",),
    "review": ("direct",),
    "close": ("direct",),
    "confirm_void": ("direct",),
    "reopen": ("direct", "city", "province"),
}
# A drill ends at any moment, by whoever may hold drills, without the steps of a real alert.
END_DRILL: Final = "end_drill"
# Clocks a step of the flow stops.
MEETS: Final[Mapping[str, tuple[str, ...]]] = {
    "first_report": ("first_report",),
    "verify": ("first_report", "onsite_verify"),
    "report": ("first_report", "onsite_verify", "written_feedback"),
    "close": ("close",),
}
# Clocks that begin anew with a step.
ASKED_AGAIN: Final[Mapping[str, tuple[str, ...]]] = {
    "return": ("written_feedback",),
    "reopen": ("onsite_verify", "written_feedback", "close"),
}


def is_default_grade(inputs: Mapping[str, object]) -> bool:
    """Whether the colour rests on our own ladder: only a ladder read in a source (confidence S) is not ours."""
    return inputs.get("confidence") != "S"


def tier_of(peak: float | None, limit: float | None, tiers: Sequence[float]) -> str:
    """一级 / 二级 / 三级: [limit, first), [first, second), from the second on; empty where there are no tiers or no breach."""
    if peak is None or limit is None or len(tiers) != 2 or peak < limit:
        return ""
    return ("一级", "二级", "三级")[sum(peak >= threshold for threshold in tiers)]


# Who acts for a level that has no organisation; a level not named here is then simply left out.
SUBSTITUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "mine": ("parent", "direct", "city", "province"),
    "direct": ("city", "province"),
}


def acting(organisations: Mapping[str, int]) -> dict[str, int]:
    """{level: organisation} with substitutes filled in: a provisional mine is answered for by its supervisor."""
    found = dict(organisations)
    for level, others in SUBSTITUTES.items():
        if level not in found:
            substitute = next((organisations[other] for other in others if other in organisations), None)
            if substitute is not None:
                found[level] = substitute
    return found


def levels_of(organisations: Mapping[str, int], organisation: int | None) -> tuple[str, ...]:
    """The levels an organisation acts on for an alert, lowest first."""
    stands = acting(organisations)
    return tuple(level for level in LEVELS if organisation is not None and stands.get(level) == organisation)


def number_words(value: float | None, unit: str = "") -> str:
    """A value as people read it: at most two decimals, the unit behind a thin space, — for nothing."""
    if value is None or isnan(value):
        return "—"
    text = f"{value:.2f}" if "%" in unit or abs(value) < 10 else f"{value:.1f}".rstrip("0").rstrip(".")
    return f"{text} {unit}".strip()
