"""What alerts of dangers tell, rule by rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from kuangan.domains.alerts import why_danger
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.present import rows
from kuangan.domains.alerts.rules import RULE_WORDS
from kuangan.domains.alerts.words import reasons
from kuangan.library.warning.events import Event
from kuangan.library.warning.family_rules import MODELS

Make = Callable[..., Event]
Apply = Callable[..., list[Alert]]
AT = 1_763_700_000_000
FAN = {
    "point": "p",
    "role": "local_fan",
    "type_name": "",
    "location": "1103掘进工作面1号",
    "unit": "",
    "value": 0.0,
    "at": AT,
    "since": AT,
}
GAS = FAN | {"role": "methane", "type_name": "激光甲烷", "location": "T1", "unit": "%CH4", "value": 1.62}
LEVEL = {
    "type_name": "风速",
    "unit": "m/s",
    "low": True,
    "value": 0.2,
    "limit": 0.25,
    "limit_source": "system_default",
    "limit_row": "W-03",
    "article": "规程136条",
    "hold_s": 120.0,
    "seconds": 180,
    "levels": [["yellow", 0.25]],
}
WATER = {
    "value": 561.2,
    "mean": 560.0,
    "step": 0.4,
    "factor": 2.0,
    "days": 30,
    "days_known": 9,
    "limit": 560.8,
    "low": False,
    "unit": "m",
}
ROW = {
    "row": "G-F1",
    "scope": "place",
    "days": 30.0,
    "least": 3,
    "count": 4,
    "peak": 2.0,
    "minutes": 30.0,
    "grade": "orange",
    "confidence": "I",
}
ONE = {"onset": AT, "peak": 2.31, "minutes": 12.0, "location": "T1", "point": "p", "events": ["e"]}
SAID: dict[str, tuple[dict[str, Any], str]] = {
    "danger.gas_repeated": ({"rows": [ROW], "counted": [ONE], "unit": "%CH4"}, "30 日内、峰值不低于 2.00 %CH4、超限不少于 30 分钟 共 4 次（3 次起，分级行 G-F1）"),
    "danger.fan_stopped": ({"kind": "local_fan", "fans": 2, "events": ["e"], "seconds": 90, "related": [FAN, GAS]}, "2 台局部通风机全部停止"),
    "danger.doors_open": ({"doors": 2, "seconds": 60, "related": []}, "一组 2 道风门同时敞开"),
    "danger.feed_live": ({"limit": 1.5, "unit": "%CH4", "limit_source": "own", "seconds": 30, "related": [GAS]}, "甲烷达到断电值 1.50 %CH4（测点定义）后负荷侧仍有电"),
    "danger.fire": ({"signs": ["smoke", "carbon_monoxide"], "seconds": 40, "related": []}, "2 种火灾征兆：烟雾、一氧化碳"),
    "danger.air_speed": (LEVEL, "风速 0.20 m/s，低于 0.25 m/s（限值行 W-03，规程136条）"),
    "danger.oxygen_low": (LEVEL, "分级限值：黄 0.25"),
    "danger.gas_level": (LEVEL | {"low": False}, "达到 0.25 m/s"),
    "danger.drainage": (LEVEL | {"limit_source": "own"}, "测点自设限值"),
    "danger.on_battery": ({"power": 0, "seconds": 700}, "备用电池供电"),
    "danger.power_lost": ({"stations": 5, "without": 4, "seconds": 70, "children": []}, "5 个分站中 4 个同时失去交流电"),
    "danger.water_level": (WATER, "水位 561.2 m，比前 30 日均值 560 m 高"),
    "danger.inflow": (WATER | {"span": "hour", "days": 7, "unit": "m³/h"}, "小时均值 561.2 m³/h，前 7 日均值 560 m³/h"),
    "danger.pump": ({"pumps": 2, "value": 0.4, "seconds": 600, "related": []}, "2 台水泵全部停止，水仓水位上升 0.40 m"),
    "danger.pressure": (LEVEL | {"low": False}, "持续 120 秒起判定"),
    "danger.roof_separation": (LEVEL | {"low": False}, "限值行 W-03"),
    "danger.ground_sound": ({"count": 5, "window_min": 60.0}, "60 分钟内地音事件 5 次"),
    "danger.slope": (LEVEL, "已持续 3 分"),
    "danger.reported": ({"level": "2", "text": "已撤人", "value": 11.0, "limit": 10.0, "unit": "mm"}, "矿方上报预警，级别 2"),
    "danger.tailings": ({"item": "tailings:GTX", "points": 3, "count": 2, "related": []}, "干滩长度 3 个测点中 2 个异常，按四色合成规则升级"),
}  # fmt: skip


def test_every_danger_is_told() -> None:
    dangers = {rule for rule in MODELS if rule.startswith("danger.")}
    assert set(why_danger.SAID) == set(SAID) == dangers


@pytest.mark.django_db
@pytest.mark.parametrize("rule", list(SAID))
def test_an_alert_says_why_it_fired(rule: str, apply: Apply, event: Make, moment: datetime) -> None:
    inputs, words = SAID[rule]
    [alert] = apply(event(rule=rule, inputs=inputs, peak=0.2))
    assert words in "；".join(reasons(alert, moment))
    assert rows([alert], moment)[0].kind == RULE_WORDS[rule]


def test_a_related_switch_tells_its_state_and_a_value_its_unit() -> None:
    first, second = why_danger.related({"related": [FAN, GAS]})
    assert first.startswith("1103掘进工作面1号 局部通风机：停（自 ")
    assert second.startswith("T1 激光甲烷：1.62 %CH4（自 ")


def test_a_related_point_that_was_never_heard_has_no_data() -> None:
    row = {"point": "p", "role": "methane", "type_name": "激光甲烷", "location": "T1", "unit": "%CH4"}
    (said,) = why_danger.related({"related": [row | {"value": None, "at": None, "since": None}]})
    assert said == "T1 激光甲烷：没有数据"
