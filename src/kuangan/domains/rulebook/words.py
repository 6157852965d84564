"""The words of the rule book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kuangan.base.case.words import GRADE_WORDS
from kuangan.library.warning.rulebook import (
    CLOCK_WRONG,
    NETWORK_OUTAGE,
    OVER_LIMIT,
    SENSOR_OFFLINE,
    STATION_OFFLINE,
)

DEFAULT_MARK: Final = "系统默认，非官方分级"
RULES: Final[Mapping[str, str]] = {
    OVER_LIMIT: "超限",
    NETWORK_OUTAGE: "断网",
    STATION_OFFLINE: "分站中断",
    SENSOR_OFFLINE: "传感器断线",
    CLOCK_WRONG: "矿端时钟超前",
}
QUANTITIES: Final[Mapping[str, str]] = {"methane": "甲烷", "carbon_monoxide": "一氧化碳", "other": "其他"}
GAS_GRADES: Final[Mapping[str, str]] = {"low": "低瓦斯", "high": "高瓦斯", "outburst": "煤与瓦斯突出"}
CONFIDENCE: Final[Mapping[str, str]] = {"S": "有出处", "M": "凭记忆，待核", "I": "推定"}
SETTINGS: Final[Mapping[str, str]] = {
    "merge_gap_min": "合并间隔（分钟）",
    "hold_min": "样本间隔超过此值不计入超限时长（分钟）",
    "frequency": "多发升级",
    "minutes": "分级时限（分钟）",
    "together": "同时断线测点数",
    "settle_s": "判定等待（秒）",
    "rising_before": "断线前上升",
    "window_days": "天数",
    "count": "次数",
    "grade": "级别",
    "window_min": "分钟内",
    "above": "高于",
}


def said(value: object) -> str:
    """A setting of a rule in words."""
    if isinstance(value, Mapping):
        return "，".join(f"{_key(str(name))} {said(inner)}" for name, inner in value.items())
    if isinstance(value, float):
        return f"{value:g}"
    return GRADE_WORDS.get(str(value), str(value))


def _key(name: str) -> str:
    return GRADE_WORDS.get(name) or QUANTITIES.get(name) or SETTINGS.get(name, name)
