"""What the values of readings and baselines are called; every code of the data has a word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

SETTINGS: Final[Mapping[str, str]] = {
    "must_not_mine_without_years": "未查清不得采掘的年限（年）",
    "programme_years_min": "普查任务年限下限（年）",
    "programme_years_max": "普查任务年限上限（年）",
    "factors": "比对因素个数",
    "coal_months": "煤矿：月数",
    "coal_times": "煤矿：次数",
    "noncoal_days": "非煤：日数",
    "noncoal_penalties": "非煤：该日数内处罚次数",
    "noncoal_year_penalties": "非煤：一年内处罚次数",
    "geometry": "边坡角、台阶、平盘的处置",
    "monitoring": "监测系统的处置",
    "first": "首先采取的处置",
    "share_percent": "占比（%）",
    "rise_percent": "提高幅度（%）",
    "rise_base_year": "提高的基准年",
    "base_year": "基准年",
    "at_or_above_includes": "“以上”含本数",
    "strict_excludes": "“超过、低于”不含本数",
    "persons": "单班入井人数",
    "depth_m": "设计采深（米）",
    "join": "两个条件的关系",
    "ponds": "座数",
    "post": "岗位",
    "class_hours": "学时",
    "minutes_per_class_hour": "每学时分钟数",
    "loaded": "已载入的清单",
    "waiting": "待导入的清单",
    "authorities": "责任单位",
    "immediate": "现场处理措施",
    "penalty": "行政处罚",
    "organisational": "责任、投入、信用类条目含尾矿库",
    "underground_work": "采掘、入井类条目含尾矿库",
    "high_value_percent": "高值（%）",
    "frequent_days": "频繁：日数",
    "frequent_times": "频繁：次数",
    "mine_days": "高频（同矿）：日数",
    "mine_times": "高频（同矿）：次数",
    "place_days": "高频（同地点）：日数",
    "place_times": "高频（同地点）：次数",
    "long_minutes": "高时长（分钟）",
    "class_source": "分类来源",
    "kinds": "灾害类型",
    "floor": "准入产能（万吨/年）",
    "severe_floor": "灾害严重煤矿准入产能（万吨/年）",
    "precondition": "作为恢复生产前置条件的矿种",
    "reminder": "只作提示的矿种",
    "propose_max": "提示法定上限",
    "reasons_required": "须写明理由",
    "start_hours": "启动核查（小时）",
    "cadence": "画像周期",
    "withdraw_minutes": "撤人宽限（分钟）",
    "warning_days": "警示信息宽限（日）",
    "due": "期限",
    "plan": "市级方案和联络人",
    "notice": "全省总联络员",
    "counts_for_penalty": "自查上报的作为处罚依据",
}
VALUES: Final[Mapping[str, str]] = {
    "stop_rectify": "停产整顿",
    "rectify_by": "限期整改",
    "stop_temporarily": "立即停止生产",
    "any": "符合一项",
    "all": "同时符合",
    "five_section_head": "五科负责人",
    "emergency": "省应急厅",
    "mines": "各矿山企业",
    "withdraw_stop": "撤人、立即停止作业",
    "imported": "导入的名单",
    "outburst": "突出",
    "high_gas": "高瓦斯",
    "rockburst": "冲击地压",
    "hydro_complex": "水文地质类型复杂",
    "hydro_extreme": "水文地质类型极复杂",
    "easy_spontaneous": "容易自燃",
    "coal": "煤矿",
    "underground": "地下非煤矿山",
    "month": "每月",
    "quarter": "每季度",
    "half_year": "每半年",
    "year": "每年",
}


def called(key: str) -> str:
    """A setting in words; one of a document that an installation added keeps its key."""
    return SETTINGS.get(key, key)


SWITCH: Final = {True: "是", False: "否"}
UNSET: Final = "未定"
KINDS: Final[Mapping[str, str]] = {"year": "年份", "number": "数值", "date": "日期"}
CODES: Final = {word: code for code, word in VALUES.items()}


def shown(value: Any) -> str:
    """A value in words."""
    if value is None:
        return UNSET
    if isinstance(value, bool):
        return SWITCH[value]
    if isinstance(value, (list, tuple)):
        return "、".join(shown(one) for one in value)
    if isinstance(value, date):
        return value.isoformat()
    return VALUES.get(value, value) if isinstance(value, str) else f"{value:g}"


def read(text: str, like: Any) -> Any:
    """What somebody typed, of the type of the value that stands. Raises ValueError."""
    text = text.strip()
    if like is None:
        return _number(text) if text and text != UNSET else None
    if isinstance(like, bool):
        if text not in SWITCH.values():
            raise ValueError("填“是”或“否”")
        return text == SWITCH[True]
    if isinstance(like, date):
        return _day(text)
    if isinstance(like, (list, tuple)):
        return [CODES.get(word, word) for word in text.replace("，", "、").split("、") if word]
    if isinstance(like, str):
        return CODES.get(text, text)
    number = _number(text)
    return int(number) if isinstance(like, int) and number == int(number) else number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("填日期，如 2024-03-01") from None


def _number(text: str) -> int | float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError("填数字") from None
    if not -1e12 < number < 1e12:
        raise ValueError("填数字")
    return int(number) if number == int(number) else number
