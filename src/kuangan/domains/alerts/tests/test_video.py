"""What alerts about video tell people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.present import rows
from kuangan.domains.alerts.rules import RULE_WORDS
from kuangan.domains.alerts.words import reasons
from kuangan.library.warning.events import Event
from kuangan.library.warning.video.settings import MODELS

Make = Callable[..., Event]
Apply = Callable[..., list[Alert]]
AT = 1_763_700_000_000
CAMERA = "14040490000101010001"
LOOKS = {"camera": CAMERA, "location": "主井井口", "place_kind": "main_shaft"}
PICTURE = {**LOOKS, "cases": ["0001"], "messages": 13, "last": AT, "episodes": 2, "lasted_s": 720}
INPUTS: dict[str, dict[str, Any]] = {
    "video.no_coverage": {
        "location": "",
        "place_kind": "dispatch_room",
        "why": "no_camera",
        "row": "V-07",
        "row_source": "矿安综〔2021〕55号",
        "children": [],
        "cameras": [],
    },
    "video.offline": {**LOOKS, "told": False, "last_state": AT, "required": True},
    "video.system_silent": {
        "location": "",
        "cause": "no_states",
        "silent_minutes": 60,
        "cameras": 3,
        "children": ["a", "b", "c"],
        "last_arrival": AT,
        "stopped": True,
    },
    "video.sealed_shaft": {**LOOKS, "signs": ["blocked", "persons"], "heads": 4},
    "video.irregular_passage": {**LOOKS, "kinds": {"04": 2, "06": 3}, "heads": 5},
    **{f"video.{name}": PICTURE for name in ("blocked", "moved", "dark", "frozen", "lost", "poor")},
}
TOLD = {
    "video.no_coverage": ["调度室：没有摄像机", "矿安综〔2021〕55号，覆盖表 V-07"],
    "video.offline": [f"摄像机 {CAMERA}（主井井口）", "其他摄像机照常上报而本机缺报", "要求视频覆盖"],
    "video.system_silent": ["60 分钟没有收到任何摄像机状态，共 3 路", "按停产矿分级"],
    "video.sealed_shaft": ["出现：遮挡、有人进出", "进出 4 人次", "看护人员名单"],
    "video.irregular_passage": ["违规进入 2 人次，从入井口出井 3 人次"],
    "video.blocked": ["遮挡，消息 13 条，持续 12 分", "近期第 2 次"],
    "video.frozen": ["可能是画面被替换"],
}


@pytest.mark.django_db
@pytest.mark.parametrize("rule", list(MODELS))
def test_an_alert_about_video_says_why_it_fired(rule: str, apply: Apply, event: Make, moment: datetime) -> None:
    inputs, kind = INPUTS[rule], "place" if rule == "video.no_coverage" else "camera"
    [alert] = apply(event(rule=rule, inputs=inputs, subject=CAMERA, subject_kind=kind))
    said = "。".join(reasons(alert, moment))
    assert [part for part in TOLD.get(rule, []) if part not in said] == []
    assert RULE_WORDS[rule] in alert.case.title
    assert rows([alert], moment)[0].kind == RULE_WORDS[rule]


@pytest.mark.django_db
def test_a_place_without_a_name_is_listed_by_its_kind_in_words(apply: Apply, event: Make, moment: datetime) -> None:
    [alert] = apply(event(rule="video.no_coverage", inputs=INPUTS["video.no_coverage"], subject="dispatch_room"))
    assert rows([alert], moment)[0].place == "调度室"


@pytest.mark.django_db
def test_where_people_work_unseen_their_number_is_told(apply: Apply, event: Make, moment: datetime) -> None:
    inputs = INPUTS["video.no_coverage"] | {
        "location": "1102综采工作面",
        "place_kind": "coal_face",
        "why": "hidden",
        "persons": 8,
        "activity": "positions",
        "ended": "idle",
        "row": "",
    }
    [alert] = apply(event(rule="video.no_coverage", inputs=inputs, subject="1102综采工作面"))
    said = "。".join(reasons(alert, moment))
    assert "有 8 人作业（人员定位）：无视频不作业" in said and "人员已撤离" in said
