"""The words of clauses: every code of the policy data has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DEFAULT_MARK: Final = "系统默认，待核"
STATES: Final[Mapping[str, str]] = {"covered": "已落实", "partly": "部分落实", "waiting": "待建", "nothing": "无"}
STATE_CHIPS: Final[Mapping[str, str]] = {"covered": "ka-chip-ok", "partly": "ka-chip-warn"}
KINDS: Final[Mapping[str, str]] = {
    "duty": "义务",
    "prohibition": "禁止",
    "condition": "条件",
    "trigger": "触发",
    "target": "目标",
    "programme": "任务",
    "sanction": "惩戒",
}
SUBJECTS: Final[Mapping[str, str]] = {
    "mine": "矿山",
    "parent": "上级企业",
    "county": "县级",
    "city": "市级",
    "department": "监管部门",
    "bureau": "监察机构",
    "training_body": "培训机构",
    "service_body": "技术服务机构",
    "vendor": "系统厂商",
    "person": "个人",
}
MINE_KINDS: Final[Mapping[str, str]] = {
    "coal": "煤矿",
    "underground": "地下非煤矿山",
    "open_pit": "露天非煤矿山",
    "tailings": "尾矿库",
}
CADENCES: Final[Mapping[str, str]] = {
    "day": "每日",
    "week": "每周",
    "month": "每月",
    "quarter": "每季度",
    "half_year": "每半年",
    "year": "每年",
    "check": "每次检查",
}
LASTS: Final[Mapping[str, str]] = {"standing": "长期", "campaign": "三年行动期间"}
SERIES: Final[Mapping[str, str]] = {
    "clause": "条款",
    "hard_measure": "硬措施",
    "target": "目标",
    "organisation": "组织领导",
    "safeguard": "保障措施",
    "notice": "印发通知",
}
OPERATORS: Final[Mapping[str, tuple[str, str]]] = {
    "<": ("<", "不含本数"),
    "<=": ("≤", "含本数"),
    "==": ("=", ""),
    ">=": ("≥", "含本数"),
    ">": (">", "不含本数"),
}
"""Operator → (sign, whether the number itself counts)."""
UNITS: Final[Mapping[str, str]] = {
    "count": "",
    "%": "%",
    "grade": "级",
    "a": "年",
    "10^4 t/a": "万吨/年",
    "m": "米",
    "degree": "学历",
    "month": "个月",
    "class_hour": "学时",
    "class": "等",
    "point": "分",
    "deg": "°",
    "h": "小时",
    "s": "秒",
    "year": "年份",
    "size": "规模",
    "km": "公里",
}
SCOPES: Final[Mapping[str, str]] = {
    "place": "地点",
    "area": "区域",
    "mine": "全矿",
    "person": "个人",
    "body": "机构",
    "government": "政府",
    "authority": "部门",
}
ROOMS: Final[Mapping[str, str]] = {
    "alerts": "值守告警",
    "datalink": "数据链路",
    "warning": "预警规则",
    "suspicions": "监测疑点",
    "operations": "报备与停复工",
    "crosscheck": "逐因素比对",
    "hazards": "隐患治理",
    "enforcement": "执法办案",
    "campaign": "三年行动",
    "accidents": "事故调查",
    "workforce": "从业人员",
    "disasters": "灾害治理",
    "licensing": "审批许可",
    "oversight": "督政",
    "responsibility": "责任落实",
    "selfcheck": "自查与全覆盖",
    "credit": "信用惩戒",
    "tipoffs": "举报受理",
}
"""Rooms in which clauses live or which they wait for."""


def listed(words: Mapping[str, str], codes: tuple[str, ...]) -> str:
    return "、".join(words[code] for code in codes)
