"""Every detector that is to be proved, by family: those the rule book has, and those it is to have."""

from __future__ import annotations

from typing import Literal

from kuangan.library.warning.rulebook import RuleBook

Family = Literal["limit", "silence", "trend", "tamper", "people", "danger", "video"]

DETECTORS: dict[str, Family] = {
    "gas.over_limit": "limit",
    "link.network_outage": "silence",
    "link.station_offline": "silence",
    "link.sensor_offline": "silence",
    "link.clock_wrong": "silence",
    "link.flapping": "silence",
    "link.gateway_outage": "silence",
    "point.missing": "silence",
    "point.flat": "tamper",
    "gas.trend": "trend",
    "data.edited": "tamper",
    "tamper.blocked": "tamper",
    "tamper.group_event": "tamper",
    "tamper.moved": "tamper",
    "tamper.blown": "tamper",
    "tamper.clipped": "tamper",
    "tamper.replayed": "tamper",
    "tamper.calibration_abuse": "tamper",
    "tamper.limit_above_law": "tamper",
    "tamper.edited_history": "tamper",
    "tamper.deleted_history": "tamper",
    "tamper.cut_before_inspection": "tamper",
    "people.area_over": "people",
    "people.mine_over": "people",
    "people.overtime": "people",
    "people.restricted_area": "people",
    "people.no_leader": "people",
    "people.special_post_missing": "people",
    "people.no_movement": "people",
    "people.help": "people",
    "people.speed": "people",
    "people.cards_together": "people",
    "people.mass_exit": "people",
    "people.stopped_mine": "people",
    "people.entry_mismatch": "people",
    "people.count_mismatch": "people",
    "people.system_silent": "people",
    "danger.gas_repeated": "danger",
    "danger.fan_stopped": "danger",
    "danger.doors_open": "danger",
    "danger.air_speed": "danger",
    "danger.fire": "danger",
    "danger.oxygen_low": "danger",
    "danger.gas_level": "danger",
    "danger.feed_live": "danger",
    "danger.on_battery": "danger",
    "danger.power_lost": "danger",
    "danger.water_level": "danger",
    "danger.inflow": "danger",
    "danger.pressure": "danger",
    "danger.roof_separation": "danger",
    "danger.slope": "danger",
    "danger.tailings": "danger",
    "danger.drainage": "danger",
    "danger.pump": "danger",
    "danger.ground_sound": "danger",
    "danger.reported": "danger",
    "tamper.static_picture": "video",
    "video.no_coverage": "video",
    "video.offline": "video",
    "video.system_silent": "video",
    "video.blocked": "video",
    "video.moved": "video",
    "video.dark": "video",
    "video.frozen": "video",
    "video.lost": "video",
    "video.poor": "video",
    "video.sealed_shaft": "video",
    "video.irregular_passage": "video",
}
NOT_PLANTED: dict[str, str] = {}
"""Detectors for which nothing can be planted, and why."""


def built(rule: str, book: RuleBook) -> bool:
    """True when the rule book has the rule."""
    return rule in book.rules


def family_of(rule: str) -> str:
    """The family of a rule, also of one that is not in the table."""
    return DETECTORS.get(rule) or {"link": "silence", "gas": "trend"}.get(
        rule.partition(".")[0], rule.partition(".")[0]
    )
