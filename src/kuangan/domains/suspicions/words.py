"""Rules, signs, reasons and numbers in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from kuangan.base.case.rule_words import RULE_WORDS
from kuangan.base.clock import BEIJING, from_ms

RULES: Final[Mapping[str, str]] = {rule: word for rule, word in RULE_WORDS.items() if rule.startswith("tamper.")}
SIGNS: Final[Mapping[str, str]] = {
    "drop": "突降",
    "neighbours": "低于相邻测点推算值",
    "flat": "此后平直",
    "neighbours_move": "相邻测点仍在变化",
    "rougher": "波动增大",
    "neighbours_calm": "相邻测点波动未增大",
    "coupling": "与相邻测点不再同步",
    "intake": "降到进风水平",
    "order": "T0、T1、T2次序颠倒",
    "delay": "T1至T2时延消失",
    "piled_up": "限值下方堆积而不越限",
    "neighbours_over": "相邻测点推算已超限",
    "history": "近限占比骤增",
    "same_peak": "多测点最大值相同",
    "equal": "与以往某日逐点相等",
    "course": "相关系数接近一",
    "varied": "数值有变化",
    "neighbours_differ": "相邻测点当日不同",
    "long": "标校时间过长",
    "often": "标校过于频繁",
    "neighbour_high": "标校期内相邻测点达限",
    "own_above_statutory": "自设限值高于规程限值",
    "together": "多测点同时平直或归零",
    "several_stations": "分属不同分站",
    "part_only": "仅部分测点",
    "drops": "半数以上同时突降",
    "own_levels": "各停在不同数值",
    "back_together": "同时恢复",
    "hidden": "超限值被改低",
    "many": "改数条数多",
    "lowered": "改低幅度大",
    "lacking": "补传缺少原有读数",
    "high_values": "缺少的读数接近或超过限值",
    "few_points": "仅涉及个别测点",
    "statistics": "五分钟统计与上传读数不符",
    "over_in_statistics": "统计中超限而读数不超限",
    "frozen": "画面静止",
    "same_digest": "画面摘要不变",
    "timing": "发生在检查前或检查期间",
    "link_cut": "整条链路中断",
    "unusual": "平时少有中断",
}
WHY: Final[Mapping[str, str]] = {
    "no_neighbours": "没有相邻测点",
    "neighbours_still": "相邻测点没有变化，无从比较",
    "own_past": "此前没有可比的规律",
    "ventilation": "通风方式不适用",
    "no_pair": "没有配对测点",
    "no_course": "变化不足，无从判断先后",
    "no_data": "没有数据",
    "no_digest": "画面摘要未上传",
    "no_other": "没有其他测点可比",
    "stations_unknown": "分站未知",
    "still_on": "尚未恢复",
}
STATES: Final[Mapping[str, tuple[str, str]]] = {
    "spoke": ("成立", "ka-chip-bad"),
    "silent": ("不成立", "ka-chip-ok"),
    "unknown": ("不能判断", ""),
}
NUMBERS: Final[Mapping[str, str]] = {
    "share": "比例",
    "before": "此前",
    "after": "此后",
    "since": "此后",
    "neighbours": "相邻测点数",
    "range": "变幅",
    "usual_range": "日常变幅",
    "minutes": "分钟",
    "changes": "变化次数",
    "factor": "倍数",
    "level": "水平",
    "intake": "进风水平",
    "before_min": "此前（分钟）",
    "since_min": "此后（分钟）",
    "below": "其下区间（分钟）",
    "limit": "限值",
    "points": "测点数",
    "days_before": "几天前",
    "pairs": "比较点数",
    "correlation": "相关系数",
    "distinct": "不同数值",
    "equal": "相等率",
    "times": "次数",
    "own": "自设限值",
    "statutory": "规程限值",
    "within_min": "先后相差（分钟）",
    "stations": "分站数",
    "of": "共有",
    "readings": "条数",
    "slots": "时段数",
    "told": "统计最大值",
    "read": "读数最大值",
    "change": "改动",
    "highest": "最高值",
    "minutes_before": "到矿前（分钟）",
    "sensors": "测点数",
    "outages": "中断次数",
}


def rule_word(rule: str) -> str:
    return RULES.get(rule, rule)


def sign_row(sign: Mapping[str, Any]) -> dict[str, Any]:
    """A sign for the table of a suspicion."""
    word, css = STATES[sign["state"]]
    told = [f"{NUMBERS.get(name, name)} {value:g}" for name, value in sign.get("numbers", {}).items()]
    why = WHY.get(sign.get("why", ""), sign.get("why", ""))
    return {"word": SIGNS.get(sign["sign"], sign["sign"]), "state": word, "css": css, "told": "，".join(told) or why}


def visit_told(inputs: Mapping[str, Any], onset: datetime) -> str:
    """When inspectors arrived, and how long before or after that the outage began; empty where no visit is named."""
    if "inspection" not in inputs:
        return ""
    arrived = from_ms(int(inputs["inspection"]))
    minutes = round((arrived - onset).total_seconds() / 60)
    side = "到矿后" if minutes < 0 else "到矿前"
    return f"{arrived.astimezone(BEIJING):%Y-%m-%d %H:%M} 到矿检查，中断始于{side} {abs(minutes)} 分钟"


def summary(signs: list[dict[str, Any]]) -> str:
    """How many spoke, were silent, could not be judged."""
    counts = {state: sum(each["state"] == state for each in signs) for state in STATES}
    parts = [f"{word}{counts[state]}" for state, (word, _) in STATES.items() if counts[state]]
    return "，".join(parts) or "—"
