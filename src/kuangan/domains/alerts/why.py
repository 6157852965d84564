"""Why a data-quality alert fired, rule by rule, in short sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from kuangan.base.clock import from_ms
from kuangan.domains.alerts import why_danger, why_people, why_video
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.rules import RULE_WORDS, number_words
from kuangan.domains.alerts.spans import full_moment, span

Inputs = Mapping[str, Any]


def _flat(alert: Alert, inputs: Inputs) -> list[str]:
    unit = alert.unit
    return [
        f"数值停在 {number_words(inputs['value'], unit)} 已 {span(inputs['seconds_unchanged'])}，起点为最后一次变化",
        f"该测点平时每日变化 {number_words(inputs['usual_range'], unit)}（分辨率 {inputs['step']:g}），"
        f"最长 {span(inputs['usual_run_s'])}无变化（近 {inputs['history_days']} 日）",
    ]


def _edited(alert: Alert, inputs: Inputs) -> list[str]:
    largest, (before, after) = inputs["largest"], inputs["frames"]
    said = [
        f"当日对 {len(inputs['points'])} 个测点的 {inputs['count']} 个历史读数再次上传了不同数值（{inputs['files']} 个文件）",
        f"涉及 {full_moment(from_ms(inputs['first']))} 至 {full_moment(from_ms(inputs['last']))}，以先到的数值为准",
        f"最大改动：测点 {largest['point']}，{full_moment(from_ms(largest['time']))}，"
        f"{number_words(largest['before'], alert.unit)} 改为 {number_words(largest['after'], alert.unit)}",
        f"原文件 {before or '（未查到）'}，后传文件 {after}",
    ]
    return said + ([f"其中 {inputs['hidden']} 个原为超限值"] if inputs["hidden"] else [])


PLACE_WORDS: Final = {
    "coal_face": "工作面",
    "return_corner": "回风隅角",
    "face_return": "回风巷",
    "face_intake": "进风巷",
    "heading_face": "掘进工作面",
    "heading_return": "掘进回风流",
    "district_return": "采区回风巷",
    "main_return": "总回风巷",
    "coal_bunker": "煤仓",
    "surface_pump_room": "抽采泵房",
}
QUANTITY_WORDS: Final = {"methane": "甲烷", "carbon_monoxide": "一氧化碳"}
LACK_WORDS: Final = {"undefined": "没有定义", "never_sent": "已定义，从未上传", "silent": "已定义，长时间无有效数据"}


def _missing(alert: Alert, inputs: Inputs) -> list[str]:
    return [
        f"应设{PLACE_WORDS.get(row['place'], row['place'])}{QUANTITY_WORDS.get(row['quantity'], row['quantity'])}测点："
        f"{LACK_WORDS[row['why']]}（{row['article']}，应设表 {row['row']}）"
        for row in inputs["missing"]
    ] + [f"自该地点首次定义起超过 {inputs['after_hours']:g} 小时"]


def _own_outage(alert: Alert, inputs: Inputs) -> list[str]:
    return [
        f"本平台网关 {alert.subject} 中断 {span(inputs['not_judged_s'])}，"
        f"{full_moment(alert.onset)} 至 {full_moment(alert.end)}",
        f"期间未判断 {inputs['mines']} 座矿的断网、断线，不计矿方责任；恢复后重新计时",
    ]


def _trend(alert: Alert, inputs: Inputs) -> list[str]:
    unit = alert.unit
    said = [
        f"{inputs['type_name'] or '气体'}达到 {number_words(inputs['value'], unit)}，"
        f"前一生产日平均 {number_words(inputs['mean_before'], unit)}，判定值 {number_words(inputs['threshold'], unit)}",
        "高出前一生产日平均值一倍，或增加 0.2 %CH4（10 ppm CO），连续多个样本；同一地点每班一条",
        f"峰值 {number_words(alert.peak, unit)}，未查明原因前由矿方处理",
    ]
    return said + ([f"同一地点共 {len(inputs['points'])} 个测点"] if len(inputs["points"]) > 1 else [])


def _flapping(alert: Alert, inputs: Inputs) -> list[str]:
    what = RULE_WORDS.get(inputs["outage"], "中断")
    return [
        f"{what} {inputs['openings']} 次，最近一次动作 {full_moment(from_ms(inputs['last']))}，后续各次并入本条",
        f"{inputs['window_min']:g} 分钟内多次中断又恢复，静默期内无中断后解除",
    ]


SAID: Final[Mapping[str, Callable[[Alert, Inputs], list[str]]]] = {
    "data.edited": _edited,
    "link.flapping": _flapping,
    "link.gateway_outage": _own_outage,
    "gas.trend": _trend,
    "point.flat": _flat,
    "point.missing": _missing,
    **why_people.SAID,
    **why_danger.SAID,
    **why_video.SAID,
}
