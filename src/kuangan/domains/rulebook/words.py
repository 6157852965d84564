"""The words of the rule book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from kuangan.base.case.rule_words import RULE_WORDS
from kuangan.base.case.words import GRADE_WORDS
from kuangan.base.registry.models import MineKind
from kuangan.base.registry.words import PLACE_WORDS, VIEW_WORDS
from kuangan.library.telemetry.grammar import sensor_types

DEFAULT_MARK: Final = "系统默认，非官方分级"
RULES: Final[Mapping[str, str]] = RULE_WORDS
WORKINGS: Final[Mapping[str, str]] = {
    "coal_face": "采煤工作面",
    "heading": "掘进工作面",
    "main_return": "总回风巷",
    "district_return": "采区回风巷",
    "coal_bunker": "煤仓",
    "surface_pump_room": "地面泵房",
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
    "hours": "分级时限（小时）",
    "factor": "不少于自身以往最长不变时长的倍数",
    "history_days": "先学习的天数",
    "day_samples": "一天至少有值（分钟）",
    "varies_steps": "日常变幅至少（分辨率步数）",
    "gap_min": "间断超过此值重新计时（分钟）",
    "types": "适用传感器类型",
    "readings": "同一矿一天改数条数分级",
    "hidden": "超限值被改低或改成坏值",
    "parallel_min": "补传期间实时文件间隔不超过（分钟）",
    "clock_slack_s": "时钟容差（秒）",
    "quantities": "判定",
    "ratio": "前一生产日均值倍数",
    "rise": "或增加",
    "floor": "不低于",
    "steps": "分辨率步数",
    "samples": "连续样本",
    "shift_hours": "班次（小时）",
    "idle_share": "日均值低于前一生产日此比例视为停产",
    "idle_days": "最多连续停产（天）",
    "crest_margin": "高出平日峰值（峰值与均值之差的倍数，-1为不考虑）",
    "crest_growth": "一天最多按平日峰值的几倍学习",
    "openings": "中断次数",
    "quiet_min": "无中断后解除（分钟）",
    "after_hours": "地点出现后等待（小时）",
    "silent_hours": "有定义而无有效值（小时）",
    "check_min": "检查间隔（分钟）",
    "workings": "作业地点名称样式",
    "required": "应设测点",
    "ladder": "分级",
    "good_for_min": "快照有效（分钟）",
    "kinds": "限制区域类型样式",
    "systems": "劳动制度时限",
    "most_hours": "超过此值按卡未读出处理（小时）",
    "persons": "少于此人数不判定",
    "shifts": "交接班时刻（点）",
    "change_min": "交接班容差（分钟）",
    "posts": "应有岗位",
    "distance_m": "距离容差（米）",
    "others": "其他人数至少",
    "others_share": "其他人移动比例不低于",
    "others_min": "其他人移动按此时间内计（分钟）",
    "reach_m": "读卡范围（米）",
    "slack_s": "读卡延迟容差（秒）",
    "stations": "连续基站数",
    "within_s": "时间容差（秒）",
    "outside_min": "在他人区域超过（分钟）",
    "tolerance": "人数容差",
    "tolerance_share": "人数容差比例",
    "stands_min": "视频计数有效（分钟）",
    "grades": "分级",
    "watch": "关注",
    "check": "建议核查",
    "own_share": "半小时内自身下降比例",
    "gap_share": "低于相邻测点推算值的比例",
    "back_share": "低于推算值不足此比例视为恢复",
    "fall_steps": "下降至少（分辨率步数）",
    "keep_min": "持续（分钟）",
    "calibration_min": "标校前后不判（分钟）",
    "spread_factor": "与相邻测点比值日常波动的倍数",
    "flat_min": "平直（分钟）",
    "flat_steps": "平直期间变幅不超过（分辨率步数）",
    "flat_changes": "平直期间变化不超过（次）",
    "varied_steps": "此前变幅至少（分辨率步数）",
    "neighbour_steps": "相邻测点变幅至少（分辨率步数）",
    "coupled": "此前相关系数高于",
    "uncoupled": "此后相关系数低于",
    "order_min": "次序颠倒（分钟）",
    "return_share": "回风与工作面之比越出（倒数同）",
    "intake_level": "进风水平",
    "signs_for_check": "建议核查所需特征数",
    "rough_factor": "逐分钟波动增大倍数",
    "neighbour_rough": "相邻测点波动增大不超过（倍）",
    "band": "限值下方区间",
    "inversion": "与其下区间分钟数之比",
    "over_minutes": "相邻测点推算超限（分钟）",
    "history_factor": "与前半日占比之比",
    "days": "回看天数",
    "least_min": "至少（分钟）",
    "every_hours": "每隔（小时）判一次",
    "equal": "逐点相等率",
    "correlation": "相关系数",
    "distinct": "不同数值至少（个）",
    "range_steps": "变幅至少（分辨率步数）",
    "neighbour_equal": "相邻测点相等率不超过",
    "month": "三十天内超过（次）",
    "neighbour_min": "标校期间相邻测点达限（分钟）",
    "within_min": "先后相差不超过（分钟）",
    "back_min": "恢复先后相差不超过（分钟）",
    "many": "一天改数条数",
    "lowered": "改低幅度",
    "high_share": "缺少读数达到限值的比例",
    "extreme_share": "五分钟统计最大值高出读数（限值的比例）",
    "slots": "不符时段数",
    "lead_min": "检查前（分钟）",
    "cut_min": "中断至少（分钟）",
    "kept_days": "中断留存备查（天）",
    "sensors": "断线测点数",
    "usual": "日常中断次数不超过",
    "fresh_min": "状态有效（分钟）",
    "repeat_hours": "重复次数的统计时段（小时）",
    "unknown_min": "无在线状态时解除（分钟）",
    "persons_min": "无人进出后解除（分钟）",
    "merge_min": "间隔不超过此值并为一条（分钟）",
    "active_persons": "视为作业的人数",
    "idle_min": "无人后视为停止作业（分钟）",
    "output_min": "有产量上报视为作业（分钟）",
    "place_names": "地点名称样式",
    "places": "应覆盖地点",
    "must_see": "必须覆盖",
    "working": "作业地点",
    "standing": "固定地点",
    "operating": "生产矿",
    "stopped": "停产矿",
}
RUNG: Final = frozenset({"id", "grade", "over", "minutes", "sign", "times"})
"""What a rung of a ladder may say."""
POSTS: Final[Mapping[str, str]] = {"gas_inspector": "瓦斯检查工", "blaster": "爆破工"}
KINDS: Final[Mapping[str, str]] = {"fence": "电子围栏", "restricted": "限制区域"}
DANGER: Final[Mapping[str, str]] = {
    "local": "局部通风机类型",
    "main": "主通风机类型",
    "local_minutes": "局部通风机停止（分钟）",
    "main_minutes": "主通风机停止（分钟）",
    "with_gas": "同一地点甲烷达限值时不低于",
    "with_cut": "同一地点甲烷达断电值时不低于",
    "place": "同一地点的识别：去掉地点文字末尾的",
    "tails": "词",
    "marks": "字",
    "ordinal": "编号样式",
    "seconds": "分级时限（秒）",
    "cut": "断电值（未定义时）",
    "default_cut": "其他地点断电值（未定义时）",
    "smoke": "烟雾类型",
    "carbon_monoxide": "一氧化碳类型",
    "temperature": "温度类型",
    "temperature_limit": "温度限值（℃，未定义时）",
    "chamber_limit": "机电硐室温度限值（℃，未定义时）",
    "chamber": "机电硐室样式",
    "signs": "异常种类数分级",
    "hold_s": "持续（秒）",
    "rows": "分级行",
    "share": "占已知分站比例不低于",
    "without": "同时失去交流电的分站不少于",
    "days": "对比天数",
    "least_days": "至少有数据的天数",
    "least_step": "相邻变化最小取值（米）",
    "factors": "相邻最大变化的倍数",
    "least": "低于此值不判定（立方米每小时）",
    "day_factors": "日均与均值之比",
    "hour_shares": "小时均值高出比例",
    "where": "地点样式",
    "sumps": "水仓水位类型",
    "rises": "停泵后上升（米）",
    "classes": "地音类别",
    "energy": "能量不低于",
    "counts": "次数不少于",
    "categories": "事件类别",
    "families": "来源",
    "levels": "矿方级别",
    "aggregate": "同一项目多点合成",
    "low": "低于",
    "high": "不低于",
    "own_low": "测点自设下限",
    "own_high": "测点自设上限",
    "own_levels": "测点自设三级预警值（黄、橙、红）",
    "both_ways": "正负两向",
    "system": "系统",
    "unless": "不含",
    "peak": "峰值不低于",
}
"""Settings of the rules of danger."""
SCOPES: Final[Mapping[str, str]] = {"place": "同一地点", "mine": "全矿"}
FAMILY_WORDS: Final[Mapping[str, str]] = {
    "noncoal": "非煤",
    "water": "水害",
    "pressure": "矿压",
    "tailings": "尾矿库",
    "slope": "边坡",
    "equipment": "设备",
    "own": "",
}
SOURCES: Final[Mapping[str, str]] = {"water": "水害防治", "pressure": "矿压监测", "slope_alarm": "边坡报警"}
NAMED: Final = frozenset(
    {"low", "high", "own_low", "own_high", "own_levels", "days", "count", "peak", "minutes", "system", "unless"}
)
"""What a row of a list tells with its name before it."""
ITEMS: Final[Mapping[str, Mapping[str, str]]] = {
    "kind": {**WORKINGS, **KINDS, **VIEW_WORDS},
    "working": WORKINGS,
    "place": {**VIEW_WORDS, **PLACE_WORDS},
    "when": {"working": "作业时", "standing": "始终"},
    "mine_kinds": dict(MineKind.choices),
    "seal": {"True": "电子封条点位", "False": ""},
    "sign": {
        "offline": "离线",
        "blocked": "遮挡",
        "moved": "挪动",
        "frozen": "画面静止",
        "lost": "信号丢失",
        "persons": "有人进出",
    },
    "quantity": QUANTITIES,
    "gas_grades": GAS_GRADES,
    "places": PLACE_WORDS,
    "scope": SCOPES,
    "grade": GRADE_WORDS,
    "own_low": GRADE_WORDS,
    "own_high": GRADE_WORDS,
    "own_levels": {"low": "低于", "high": "不低于"},
    "post": POSTS,
    "confidence": CONFIDENCE,
}
"""What stands in the rows of a list, in words."""


def said(value: object) -> list[str]:
    """A setting of a rule in words, a list of rows as one line each."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        rows = [row for row in value if isinstance(row, Mapping)]
        return [_item(row) for row in rows] or ["；".join(map(_plain, value))]
    return [_plain(value)]


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return "，".join(f"{_key(str(name))} {_plain(inner)}" for name, inner in value.items())
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "、".join(map(_plain, value))
    return GRADE_WORDS.get(str(value)) or SOURCES.get(str(value)) or _type(str(value))


def _type(code: str) -> str:
    """A sensor type by its name; those of MT/T 1201.1 with their number, as anything else that is no sensor type stays as it is."""
    known = sensor_types().get(code)
    if known is None or not known.name:
        return code
    return f"{FAMILY_WORDS[known.family]}{known.name}" if ":" in code else f"{code} {known.name}"


def _item(row: Mapping[str, object]) -> str:
    """A row of a list: its values in words, without their names; how sure it is at the end. A rung of a ladder as a sentence."""
    if {"id", "grade"} <= row.keys() <= RUNG:
        return _rung(row)
    told = []
    for name, value in row.items():
        words = ITEMS.get(name, {})
        if isinstance(value, bool):
            told += [words.get(str(value)) or SETTINGS.get(name) or DANGER[name]] if value else []
            continue
        parts = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        text = "、".join(words.get(str(part)) or _plain(part) for part in parts)
        told.append(f"{_key(name)} {text}" if name in NAMED else text)
    return " ".join(told)


def _rung(row: Mapping[str, object]) -> str:
    """A row of a ladder as a sentence."""
    parts = [ITEMS["sign"].get(str(row.get("sign")), "")] if "sign" in row else []
    parts += [f"高于 {row['over']:g}"] if row.get("over") else []
    parts += [f"持续 {row['minutes']:g} 分钟"] if row.get("minutes") else []
    times = row.get("times", 1)
    parts += [f"第 {times} 次"] if isinstance(times, int) and times > 1 else []
    return f"{GRADE_WORDS[str(row['grade'])]}：{'，'.join(parts) or '即时'}（{row['id']}）"


def _key(name: str) -> str:
    return (
        GRADE_WORDS.get(name)
        or QUANTITIES.get(name)
        or SETTINGS.get(name)
        or DANGER.get(name)
        or PLACE_WORDS.get(name, name)
    )
