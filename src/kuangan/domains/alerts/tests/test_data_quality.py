"""What alerts about data quality tell people, and whom an outage of our own belongs to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from kuangan.base.clock import to_ms
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.present import rows
from kuangan.domains.alerts.rules import RULE_CLAUSES, RULE_WORDS
from kuangan.domains.alerts.why import SAID
from kuangan.domains.alerts.words import reasons
from kuangan.library.warning.deceit.rules import MODELS as SUSPICIONS
from kuangan.library.warning.events import Event
from kuangan.library.warning.family_rules import MODELS
from kuangan.library.warning.rulebook import ADDED, RULES, shipped

Make = Callable[..., Event]
Apply = Callable[..., list[Alert]]
AT = 1_763_700_000_000
LARGEST = {"point": "14040490000101MN000101", "time": AT, "before": 1.2, "after": 0.4, "change": 0.8}
LACKING = {
    "row": "Q-02",
    "place": "return_corner",
    "quantity": "methane",
    "why": "undefined",
    "article": "规程498条",
    "confidence": "M",
}
INPUTS: dict[str, dict[str, Any]] = {
    "point.flat": {"value": 0.33, "seconds_unchanged": 15_000, "usual_range": 0.2, "step": 0.01, "usual_run_s": 300, "history_days": 5},
    "data.edited": {"points": ["x"], "count": 11, "files": 3, "first": AT, "last": AT, "largest": LARGEST, "frames": ["原.txt", "后.txt"], "hidden": 2},
    "point.missing": {"missing": [LACKING], "after_hours": 4.0},
    "link.gateway_outage": {"not_judged_s": 3540, "mines": 12, "ladder_row": "10min"},
    "link.flapping": {"outage": "link.network_outage", "openings": 6, "last": AT, "window_min": 120.0},
    "gas.trend": {"value": 0.45, "mean_before": 0.2, "threshold": 0.4, "points": ["a", "b"]},
}  # fmt: skip
TOLD = {
    "point.flat": ["停在 0.33 %CH4 已 4 小时 10 分", "最长 5 分 00 秒无变化"],
    "data.edited": ["11 个历史读数", "1.20 %CH4 改为 0.40 %CH4", "原文件 原.txt，后传文件 后.txt", "2 个原为超限值"],
    "point.missing": ["应设回风隅角甲烷测点：没有定义（规程498条，应设表 Q-02）"],
    "link.gateway_outage": ["中断 59 分", "12 座矿", "不计矿方责任"],
    "link.flapping": ["断网 6 次", "120 分钟内"],
    "gas.trend": ["前一生产日平均 0.20 %CH4，判定值 0.40 %CH4", "共 2 个测点"],
}


def test_every_rule_has_words_and_clauses() -> None:
    told = {*RULES, *ADDED} - {*SUSPICIONS}
    assert set(RULE_WORDS) == set(RULE_CLAUSES) == told
    assert set(SAID) == set(ADDED) - {*SUSPICIONS} == {*INPUTS, *MODELS} - {*SUSPICIONS}


@pytest.mark.django_db
@pytest.mark.parametrize("rule", list(INPUTS))
def test_an_alert_says_why_it_fired(rule: str, apply: Apply, event: Make, moment: datetime) -> None:
    [alert] = apply(event(rule=rule, inputs=INPUTS[rule]))
    said = "。".join(reasons(alert, moment))
    assert [part for part in TOLD[rule] if part not in said] == []
    assert RULE_WORDS[rule] in alert.case.title
    assert rows([alert], moment)[0].kind == RULE_WORDS[rule]


@pytest.mark.django_db
def test_a_trend_is_listed_with_its_peak_and_what_it_had_to_reach(apply: Apply, event: Make, moment: datetime) -> None:
    [alert] = apply(event(rule="gas.trend", inputs=INPUTS["gas.trend"], peak=0.47))
    [line] = rows([alert], moment)
    assert (line.value, line.limit) == ("0.47", "≥ 0.40 %CH4")


@pytest.mark.django_db
def test_an_outage_of_our_own_belongs_to_the_province_and_to_no_mine(
    apply: Apply, event: Make, cast: Any, moment: datetime
) -> None:
    inputs = INPUTS["link.gateway_outage"] | {"location": ""}
    ours = event(rule="link.gateway_outage", mine="", subject_kind="gateway", subject="g1", inputs=inputs, end=to_ms(moment), status="cleared")  # fmt: skip
    [alert] = apply(ours)
    province = cast.organisations["province"]
    assert (alert.case.mine, alert.case.owner, alert.case.region) == (None, province, province.region)
    assert (alert.mine_name, alert.organisations, alert.point) == ("本平台", {"province": province.pk}, "")


@pytest.mark.parametrize("rule", sorted(RULE_CLAUSES))
def test_the_list_names_the_clauses_that_the_rule_book_names(rule: str) -> None:
    assert list(RULE_CLAUSES[rule]) == shipped().clauses[rule]
