"""What alerts about people below ground tell, and who sees whose cards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from kuangan.base.clock import to_ms
from kuangan.domains.alerts import why_people
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.present import rows
from kuangan.domains.alerts.rules import RULE_WORDS
from kuangan.domains.alerts.words import reasons
from kuangan.library.warning.events import Event
from kuangan.library.warning.people.settings import MODELS

Make = Callable[..., Event]
Apply = Callable[..., list[Alert]]
Clients = Callable[[Any], Client]
AT = 1_763_700_000_000
CARD = "14040490000100007"
SEEN = {"snapshot": AT, "cards": [CARD], "cards_total": 1, "source": "推定", "confidence": "I"}
INPUTS: dict[str, dict[str, Any]] = {
    "people.mine_over": {"persons": 130, "limit": 100},
    "people.area_over": {"persons": 31, "limit": 26, "location": "1102综采工作面"},
    "people.overtime": {"persons": 3, "value": 11.2, "limit": 10, "longest": CARD},
    "people.restricted_area": {"persons": 1, "limit": 0, "kind": "fence", "location": "皮带机头"},
    "people.no_leader": {"persons": 42, "leaders_known": 5},
    "people.special_post_missing": {"post": "gas_inspector", "areas": ["甲工作面", "乙工作面"], "location": "甲工作面", "persons": 9, "holders_known": 4, "post_source": "专职瓦斯检查工"},
    "people.no_movement": {"persons": 1, "value": 4.5, "moved_share": 0.83},
    "people.speed": {"persons": 1, "value": 20.0, "metres": 5400.0, "seconds": 220},
    "people.cards_together": {"persons": 4, "stations": 5},
    "people.mass_exit": {"persons": 12, "first": AT, "last": AT},
    "people.help": {"persons": 1, "location": "1102回风巷", "text": "被困"},
    "people.stopped_mine": {"persons": 9, "limit": 4, "listed": True, "state": "stopped", "unlisted": 2, "outside": 1},
    "people.entry_mismatch": {"persons": 60, "counted": 66, "tolerance": 2},
    "people.count_mismatch": {"persons": 60, "counted": 71, "tolerance": 2},
    "people.system_silent": {"silent_minutes": 30, "last_arrival": AT, "last_snapshot": AT},
}  # fmt: skip
TOLD = {
    "people.mine_over": "全矿井下 130 人，核定 100 人（矿方上传），超 30 人",
    "people.area_over": "1102综采工作面 31 人，核定 26 人",
    "people.overtime": "最长 11.2 小时（时限 10 小时）",
    "people.restricted_area": "1 人越过电子围栏：皮带机头",
    "people.no_leader": "井下 42 人，没有带班矿领导的定位卡",
    "people.special_post_missing": "甲工作面、乙工作面有 9 人作业，井下没有瓦斯检查工的定位卡",
    "people.no_movement": "最长 4.5 小时，同期 83% 的卡在移动",
    "people.speed": "相距 5400 米的两个基站 220 秒内先后读到同一张卡，速度不低于 20 米/秒",
    "people.cards_together": "4 张卡连续 5 个基站同时到达",
    "people.mass_exit": "12 张卡在 2025-11-21 12:40:00 起数秒内升井",
    "people.help": "定位卡于 2025-11-21 12:40:00 呼救，位置 1102回风巷",
    "people.stopped_mine": "停产矿井下有 9 人，看护名单同时最多 4 人；名单以外的卡 2 张；1 人长时间不在名单区域",
    "people.entry_mismatch": "矿方申报入井 66 人，定位卡 60 张，相差 6，容差 2",
    "people.count_mismatch": "视频计数 71 人，定位卡 60 张，相差 11，容差 2",
    "people.system_silent": "30 分钟没有可用的人员位置快照",
}


def people_event(event: Make, rule: str, **changes: Any) -> Event:
    told: dict[str, Any] = {
        "rule": rule,
        "subject_kind": "mine",
        "subject": "140404900001",
        "inputs": SEEN | INPUTS[rule],
    }
    return event(**(told | changes))


def test_every_rule_of_the_family_is_told() -> None:
    assert set(why_people.SAID) == set(INPUTS) == set(TOLD) == set(MODELS)


@pytest.mark.django_db
@pytest.mark.parametrize("rule", list(MODELS))
def test_an_alert_says_why_it_fired_and_names_nobody(rule: str, apply: Apply, event: Make, moment: datetime) -> None:
    [alert] = apply(people_event(event, rule))
    said = "；".join(reasons(alert, moment))
    assert TOLD[rule] in said
    assert CARD not in said
    [line] = rows([alert], moment)
    assert line.kind == RULE_WORDS[rule]
    assert RULE_WORDS[rule] in alert.case.title


@pytest.mark.django_db
def test_the_line_of_the_desk_has_persons_and_the_approved_number(apply: Apply, event: Make, moment: datetime) -> None:
    [alert] = apply(people_event(event, "people.area_over", peak=31))
    [line] = rows([alert], moment)
    assert (line.value, line.limit, line.place) == ("31 人", "核定 26 人", "1102综采工作面")
    told = SEEN | INPUTS["people.overtime"] | {"location": ""}
    [alert] = apply(people_event(event, "people.overtime", peak=11.2, id="g1.9.overtime", inputs=told))
    [line] = rows([alert], moment)
    assert (line.value, line.limit, line.place) == ("11.2 小时", "时限 10 小时", "全矿")


@pytest.mark.django_db
def test_cards_and_the_way_to_names_are_for_those_who_may_know_them(
    apply: Apply, event: Make, cast: Any, client_of: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    area = "1404049000010004"
    [alert] = apply(people_event(event, "people.area_over", subject_kind="area", subject=area))
    address = f"/alerts/{alert.case.number}/"
    page = client_of(cast.county_officer).get(address)
    text, held = page.content.decode(), page.context["concerned"]
    assert "at=2025-11-21T12%3A40%3A00" in held.address and f"area={area}" in held.address
    assert CARD in text and f"{held.address}&names=1".replace("&", "&amp;") in text
    monkeypatch.setattr(why_people, "NAMES", "sender.manage")
    text = client_of(cast.county_officer).get(address).content.decode()
    assert CARD not in text and "names=1" not in text
    assert "涉及人员" in text and "1 人" in text


@pytest.mark.django_db
def test_the_moment_of_the_link_is_that_of_the_snapshot(apply: Apply, event: Make, cast: Any, moment: datetime) -> None:
    [alert] = apply(
        people_event(event, "people.overtime", inputs=SEEN | INPUTS["people.overtime"] | {"snapshot": to_ms(moment)})
    )
    held = why_people.concerned(alert, cast.county_officer)
    assert held is not None and held.persons == 1 and "area=" not in held.address


@pytest.mark.django_db
def test_without_the_page_of_the_moment_there_is_no_way_to_names(
    apply: Apply, event: Make, cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = {"snapshot": 1_763_700_000_000, "cards": ["1"], "cards_total": 1, "persons": 1, "limit": 0}
    [alert] = apply(event(rule="people.mine_over", subject_kind="mine", inputs=inputs))
    monkeypatch.setattr(why_people, "may", lambda user, what: what == why_people.NAMES)
    held = why_people.concerned(alert, cast.county_officer)
    assert held is not None and (held.address, held.names) == ("", "")
