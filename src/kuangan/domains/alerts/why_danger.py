"""Why an alert of a danger fired, rule by rule, in short sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from kuangan.base.case.words import GRADE_WORDS
from kuangan.base.clock import from_ms
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.rules import number_words
from kuangan.domains.alerts.spans import full_moment, span

Inputs = Mapping[str, Any]
ROLE_WORDS: Final = {
    "local_fan": "局部通风机",
    "main_fan": "主通风机",
    "methane": "甲烷",
    "door": "风门",
    "feed": "馈电",
    "smoke": "烟雾",
    "carbon_monoxide": "一氧化碳",
    "temperature": "温度",
    "pump": "水泵",
    "sump": "水仓水位",
    "pond": "监测点",
}
STATES: Final = {
    "local_fan": ("停", "开"),
    "main_fan": ("停", "开"),
    "door": ("关闭", "打开"),
    "feed": ("无电", "有电"),
    "smoke": ("无烟", "有烟"),
    "pump": ("停", "开"),
}
SUPPLY: Final = {0: "备用电池供电", 2: "供电故障"}
ITEM_WORDS: Final = {
    "tailings:GTX": "干滩长度",
    "tailings:KSW": "库水位",
    "tailings:QRX": "浸润线埋深",
    "tailings:JYL": "降雨量",
    "tailings:BWY": "表面位移",
}


def related(inputs: Inputs) -> list[str]:
    """The points that belong to the event, each with what it showed and when."""
    return [_point(row) for row in inputs.get("related", ())]


def _point(row: Mapping[str, Any]) -> str:
    role, value = str(row["role"]), row["value"]
    words = STATES.get(role)
    shown = number_words(value, row["unit"]) if words is None or value is None else words[int(value >= 0.5)]
    name = row["type_name"] or ROLE_WORDS.get(role, role)
    if row["at"] is None or row["since"] is None:
        return f"{row['location'] or row['point']} {name}：没有数据"
    since = full_moment(from_ms(row["since"]))
    at = full_moment(from_ms(row["at"]))
    return f"{row['location'] or row['point']} {name}：{shown}（自 {since}，最近数据 {at}）"


def _lasting(inputs: Inputs) -> str:
    return f"已持续 {span(inputs['seconds'])}"


def _fans(alert: Alert, inputs: Inputs) -> list[str]:
    kind = ROLE_WORDS[inputs["kind"]]
    count = f"{inputs['fans']} 台{kind}全部停止（主备互备，均停才判定）" if inputs["fans"] > 1 else f"{kind}停止"
    gas = ["同一地点甲烷达到限值，停风与超限为同一起因，超限告警另列编号"] if inputs["events"] else []
    return [f"{count}，{_lasting(inputs)}", *gas, *related(inputs)]


def _doors(alert: Alert, inputs: Inputs) -> list[str]:
    return [f"一组 {inputs['doors']} 道风门同时敞开，{_lasting(inputs)}", *related(inputs)]


def _feed(alert: Alert, inputs: Inputs) -> list[str]:
    source = "测点定义" if inputs["limit_source"] == "own" else "系统默认"
    limit = number_words(inputs["limit"], inputs["unit"])
    return [f"甲烷达到断电值 {limit}（{source}）后负荷侧仍有电，{_lasting(inputs)}", *related(inputs)]


def _fire(alert: Alert, inputs: Inputs) -> list[str]:
    kinds = "、".join(ROLE_WORDS[kind] for kind in inputs["signs"])
    return [f"同一地点 {len(inputs['signs'])} 种火灾征兆：{kinds}，{_lasting(inputs)}", *related(inputs)]


def _level(alert: Alert, inputs: Inputs) -> list[str]:
    unit = inputs["unit"]
    side = "低于" if inputs["low"] else "达到"
    source = "测点自设限值" if inputs["limit_source"] == "own" else f"限值行 {inputs['limit_row']}"
    article = f"，{inputs['article']}" if inputs["article"] else ""
    name = inputs["type_name"] or "数值"
    said = [
        f"{name} {number_words(inputs['value'], unit)}，{side} {number_words(inputs['limit'], unit)}（{source}{article}）"
    ]
    worst = "最低" if inputs["low"] else "最高"
    said.append(f"{_lasting(inputs)}，{worst} {number_words(alert.peak, unit)}；持续 {inputs['hold_s']:g} 秒起判定")
    steps = "，".join(f"{GRADE_WORDS[grade]} {number_words(value)}" for grade, value in inputs["levels"])
    return [*said, f"分级限值：{steps}"]


def _ponds(alert: Alert, inputs: Inputs) -> list[str]:
    if "item" not in inputs:
        return _level(alert, inputs)
    item = ITEM_WORDS.get(inputs["item"], inputs["item"])
    return [f"{item} {inputs['points']} 个测点中 {inputs['count']} 个异常，按四色合成规则升级", *related(inputs)]


def _battery(alert: Alert, inputs: Inputs) -> list[str]:
    kind = "定位基站" if inputs.get("base") else "分站"
    return [f"{kind} {alert.location or alert.subject} {SUPPLY.get(inputs['power'], '失去交流电')}，{_lasting(inputs)}"]


def _power(alert: Alert, inputs: Inputs) -> list[str]:
    return [f"{inputs['stations']} 个分站中 {inputs['without']} 个同时失去交流电，{_lasting(inputs)}"]


def _water(alert: Alert, inputs: Inputs) -> list[str]:
    unit = alert.unit
    if alert.rule == "danger.inflow":
        span_word = "小时均值" if inputs["span"] == "hour" else "日均值"
        first = f"{span_word} {number_words(inputs['value'], unit)}，前 {inputs['days']} 日均值 {number_words(inputs['mean'], unit)}"
        return [first, f"判定值 {number_words(inputs['limit'], unit)}（有数据 {inputs['days_known']} 日）"]
    side = "低" if inputs["low"] else "高"
    return [
        f"水位 {number_words(inputs['value'], unit)}，比前 {inputs['days']} 日均值 {number_words(inputs['mean'], unit)} {side}",
        f"相邻最大变化 {number_words(inputs['step'], unit)} 的 {inputs['factor']:g} 倍以上（有数据 {inputs['days_known']} 日）",
    ]


def _pump(alert: Alert, inputs: Inputs) -> list[str]:
    rise = number_words(inputs["value"], "m")
    return [f"{inputs['pumps']} 台水泵全部停止，水仓水位上升 {rise}，{_lasting(inputs)}", *related(inputs)]


def _repeated(alert: Alert, inputs: Inputs) -> list[str]:
    said = []
    for row in inputs["rows"]:
        high = f"、峰值不低于 {number_words(row['peak'], alert.unit)}" if row["peak"] else ""
        long = f"、超限不少于 {row['minutes']:g} 分钟" if row["minutes"] else ""
        said.append(
            f"{row['days']:g} 日内{high}{long} 共 {row['count']} 次（{row['least']} 次起，分级行 {row['row']}）"
        )
    for one in inputs["counted"]:
        peak = number_words(one["peak"], alert.unit)
        said.append(f"{full_moment(from_ms(one['onset']))} {one['location']} 峰值 {peak}，超限 {one['minutes']:g} 分钟")
    return said


def _sound(alert: Alert, inputs: Inputs) -> list[str]:
    return [f"{inputs['window_min']:g} 分钟内地音事件 {inputs['count']} 次，最大能量 {number_words(alert.peak)}"]


def _reported(alert: Alert, inputs: Inputs) -> list[str]:
    said = [f"矿方上报预警，级别 {inputs['level'] or '未填'}，按矿方级别反映，本平台未另行判定"]
    if inputs["text"]:
        said.append(f"矿方说明：{inputs['text']}")
    if inputs["value"] is not None:
        limit = f"，矿方阈值 {number_words(inputs['limit'], inputs['unit'])}" if inputs["limit"] is not None else ""
        said.append(f"上报数值 {number_words(inputs['value'], inputs['unit'])}{limit}")
    return said


SAID: Final[Mapping[str, Callable[[Alert, Inputs], list[str]]]] = {
    "danger.gas_repeated": _repeated,
    "danger.fan_stopped": _fans,
    "danger.doors_open": _doors,
    "danger.feed_live": _feed,
    "danger.fire": _fire,
    "danger.air_speed": _level,
    "danger.oxygen_low": _level,
    "danger.gas_level": _level,
    "danger.drainage": _level,
    "danger.on_battery": _battery,
    "danger.power_lost": _power,
    "danger.water_level": _water,
    "danger.inflow": _water,
    "danger.pump": _pump,
    "danger.pressure": _level,
    "danger.roof_separation": _level,
    "danger.ground_sound": _sound,
    "danger.slope": _level,
    "danger.reported": _reported,
    "danger.tailings": _ponds,
}
