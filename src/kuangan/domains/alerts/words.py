"""Spans, moments and reasons in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from kuangan.base.clock import BEIJING, from_ms
from kuangan.domains.alerts import why_danger, why_people
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.reading import kind_words
from kuangan.domains.alerts.rules import GRADE_WORDS, LIMIT_SOURCE_WORDS, number_words, tier_of
from kuangan.domains.alerts.spans import full_moment, span
from kuangan.domains.alerts.why import SAID
from kuangan.domains.alerts.why_video import of_video

NOTE_WORDS: Final = {"own_limit_above_statutory": "测点自设限值高于规程限值，按规程限值判定"}


REPORTED_WORDS: Final = {
    "001": "超限报警",
    "002": "断电报警",
    "003": "馈电异常",
    "004": "传感器断线",
    "005": "分站停电",
    "006": "分站不通",
    "007": "标校",
    "008": "超量程",
    "009": "上限预警",
    "010": "下限预警",
}
"""Alarm types of YCBJ."""


def coarse(seconds: float) -> str:
    """The larger unit of `span` alone, where there is no room for two: 4 分, 1 小时."""
    return " ".join(span(seconds).split()[:2])


def moment(at: datetime | None, now: datetime) -> str:
    """Beijing time, with as much date as is needed: 06:41:20, 昨 22:35, 11-03 08:15, 2025-11-03 08:15."""
    if at is None:
        return "—"
    here, today = at.astimezone(BEIJING), now.astimezone(BEIJING).date()
    if here.date() == today:
        return f"{here:%H:%M:%S}"
    if here.date() == today - timedelta(days=1):
        return f"昨 {here:%H:%M}"
    return f"{here:%m-%d %H:%M}" if here.year == today.year else f"{here:%Y-%m-%d %H:%M}"


def left(due: datetime | None, at: datetime) -> str:
    """Time left, or 超时 with how long."""
    if due is None:
        return "—"
    seconds = (due - at).total_seconds()
    return span(seconds) if seconds >= 0 else f"超时 {span(-seconds)}"


def duration(alert: Alert, at: datetime) -> str:
    """How long the event lasted or has lasted; event time."""
    last = alert.end or max(at, alert.onset)
    return span((last - alert.onset).total_seconds())


def value_words(alert: Alert) -> str:
    """The worst value that was seen, where the rule has one."""
    if why_people.of_people(alert.rule):
        return why_people.value_words(alert)
    gas = alert.rule in ("gas.over_limit", "gas.trend", *why_danger.SAID)
    return number_words(alert.peak, alert.unit if "%" not in alert.unit else "") if gas else "—"


def limit_words(alert: Alert) -> str:
    if alert.rule == "gas.over_limit":
        return f"≥ {number_words(alert.limit, alert.unit)}" if alert.limit is not None else "—"
    if why_people.of_people(alert.rule):
        return why_people.limit_words(alert)
    if alert.rule in why_danger.SAID and alert.limit is not None:
        return f"{'＜' if alert.inputs.get('low') else '≥'} {number_words(alert.limit, alert.unit)}"
    if alert.rule == "gas.trend":
        threshold = alert.inputs.get("threshold")
        return f"≥ {number_words(threshold, alert.unit)}" if isinstance(threshold, float | int) else "—"
    children = alert.inputs.get("children")
    if isinstance(children, list) and children:
        return f"{len(children)} {'路摄像机' if of_video(alert.rule) else '个测点'}"
    return "—"


def tier_words(alert: Alert) -> str:
    """一级/二级/三级 by the thresholds that came with the event (methane only)."""
    tiers = alert.inputs.get("tiers")
    return tier_of(alert.peak, alert.limit, tiers) if isinstance(tiers, list) else ""


def reasons(alert: Alert, at: datetime) -> list[str]:
    """Why it fired and what was left out, each a short sentence."""
    if alert.rule in SAID:
        return [*SAID[alert.rule](alert, alert.inputs), _ladder(alert)]
    return [*(_gas(alert, at) if alert.rule == "gas.over_limit" else _silence(alert, at)), *_left_out(alert)]


def _gas(alert: Alert, at: datetime) -> list[str]:
    inputs: Mapping[str, Any] = alert.inputs
    source = LIMIT_SOURCE_WORDS.get(alert.limit_source, "限值来源未知")
    over = inputs.get("seconds_over")
    lasted = f"累计超限 {span(float(over))}" if isinstance(over, int | float) else f"历时 {duration(alert, at)}"
    tier = tier_words(alert)
    kind = inputs.get("type_name") or kind_words(alert).removesuffix("超限")
    first = f"{kind} ≥ {number_words(alert.limit, alert.unit)}（{source}）"
    row, article = inputs.get("limit_row"), inputs.get("article")
    said = [first + (f"，限值表 {row}" if row else "") + (f"，{article}" if article else ""), lasted]
    if alert.peak is not None:
        said.append(f"峰值 {number_words(alert.peak, alert.unit)}" + (f"，{tier}超限" if tier else ""))
    said.append(_ladder(alert))
    known = inputs.get("occurrences")
    if isinstance(known, int) and known > 1:
        said.append(f"该矿七日内第 {known} 次")
    again = inputs.get("reopened")
    if isinstance(again, list) and again:
        said.append(f"10 分钟内回落后再次超限 {len(again)} 次，计为同一次")
    return said


def _silence(alert: Alert, at: datetime) -> list[str]:
    last = alert.inputs.get("last_good") or alert.inputs.get("last_arrival")
    said = [f"{kind_words(alert)}，历时 {duration(alert, at)}"]
    if isinstance(last, int):
        said.append(f"最后数据 {full_moment(from_ms(last))}")
    ahead = alert.inputs.get("ahead_minutes")
    if isinstance(ahead, int | float):
        said.append(f"矿方文件时间比到达时间超前 {number_words(alert.peak or float(ahead))} 分钟，读数按到达时间判定")
    children = alert.inputs.get("children")
    if isinstance(children, list) and children:
        said.append(f"{len(children)} 个下级对象已折叠为本条")
    said.append(_ladder(alert))
    return said


def _ladder(alert: Alert) -> str:
    row = alert.inputs.get("ladder_row")
    return f"分级行 {row} → {GRADE_WORDS[alert.grade]}色" if row else f"未达更高分级 → {GRADE_WORDS[alert.grade]}色"


def _left_out(alert: Alert) -> list[str]:
    said = []
    calibrating = alert.inputs.get("calibration_samples")
    if isinstance(calibrating, int) and calibrating:
        said.append(f"标校样本 {calibrating} 个不计入超限，已留存")
    notes = alert.inputs.get("notes")
    return said + [note_word(str(note)) for note in (notes if isinstance(notes, list) else [])]


def note_word(note: str) -> str:
    name, _, ident = note.partition(" ")
    return f"按经批准的覆盖项 {ident} 加严判定" if name == "override" else NOTE_WORDS.get(note, note)
