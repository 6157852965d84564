"""Why an alert about video fired, rule by rule, in short sentences. Pictures are not kept; what a message said of itself is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from kuangan.base.clock import from_ms
from kuangan.base.registry.words import VIEW_WORDS
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.spans import full_moment, span

Inputs = Mapping[str, Any]
FAMILY: Final = "video."
CASE_WORDS: Final = {
    "0001": "遮挡",
    "0002": "挪动",
    "0003": "过暗",
    "0004": "过曝",
    "0005": "模糊",
    "0006": "画面静止",
    "0007": "信号丢失",
    "0008": "抖动",
    "0009": "分辨率异常",
}
PASSAGE_WORDS: Final = {"04": "违规进入", "05": "违规离开", "06": "从入井口出井", "07": "从出井口入井"}
SIGN_WORDS: Final = {
    "offline": "摄像机离线",
    "blocked": "遮挡",
    "moved": "挪动",
    "frozen": "画面静止",
    "lost": "信号丢失",
    "persons": "有人进出",
}
WHY_WORDS: Final = {
    "no_camera": "没有摄像机",
    "never_sent": "登记的摄像机从未上报状态",
    "offline": "摄像机全部离线",
    "hidden": "摄像机在线，但画面被遮挡、挪动、静止或丢失",
}
ACTIVITY_WORDS: Final = {"positions": "人员定位", "production": "产量上报", "advance": "进尺上报"}
ENDED_WORDS: Final = {"idle": "人员已撤离该地点", "register": "登记内容已变更"}


def of_video(rule: str) -> bool:
    return rule.startswith(FAMILY)


def place_words(inputs: Inputs) -> str:
    """Where it is: the text of the place, else what kind of place must be seen there."""
    return str(inputs.get("location") or VIEW_WORDS.get(str(inputs.get("place_kind")), ""))


def _camera(alert: Alert) -> str:
    return f"摄像机 {alert.subject}（{place_words(alert.inputs) or '地点未登记'}）"


def _offline(alert: Alert, inputs: Inputs) -> list[str]:
    how = "矿方上报离线" if inputs["told"] else "其他摄像机照常上报而本机缺报"
    duty = "该地点要求视频覆盖" if inputs["required"] else "该地点没有规定必须覆盖"
    return [f"{_camera(alert)} {how}", f"最后状态时间 {full_moment(from_ms(inputs['last_state']))}", duty]


def _silent(alert: Alert, inputs: Inputs) -> list[str]:
    how = "全部摄像机离线" if inputs["cause"] == "all_offline" else "没有收到任何摄像机状态"
    said = [
        f"{inputs['silent_minutes']} 分钟{how}，共 {inputs['cameras']} 路，最后一次到达 {full_moment(from_ms(inputs['last_arrival']))}",
        "各摄像机不再单独告警；矿方数据链路本身未中断",
    ]
    return said + (["该矿处于停产状态，电子封条因此失去监视，按停产矿分级"] if inputs["stopped"] else [])


def _picture(alert: Alert, inputs: Inputs) -> list[str]:
    cases = "、".join(CASE_WORDS.get(case, case) for case in inputs["cases"])
    said = [
        f"{_camera(alert)} 矿方识别为{cases}，消息 {inputs['messages']} 条，持续 {span(inputs['lasted_s'])}",
        f"最后一条 {full_moment(from_ms(inputs['last']))}；摄像机在线且不再重复后解除",
    ]
    if inputs["episodes"] > 1:
        said.append(f"同一摄像机同类异常近期第 {inputs['episodes']} 次")
    frozen = alert.rule == "video.frozen"
    return said + (["静止画面可能是画面被替换，请与井下实时情况核对"] if frozen else [])


def _sealed(alert: Alert, inputs: Inputs) -> list[str]:
    signs = "、".join(SIGN_WORDS.get(sign, sign) for sign in inputs["signs"])
    said = [f"停产矿电子封条点位：{_camera(alert)}", f"出现：{signs}"]
    if inputs["heads"]:
        said.append(f"识别进出 {inputs['heads']} 人次，请与批准的看护人员名单核对")
    return said


def _passage(alert: Alert, inputs: Inputs) -> list[str]:
    kinds = "，".join(f"{PASSAGE_WORDS.get(kind, kind)} {heads} 人次" for kind, heads in inputs["kinds"].items())
    return [f"{_camera(alert)} {kinds}", "矿方视频识别结果，须核实身份与去向"]


def _coverage(alert: Alert, inputs: Inputs) -> list[str]:
    kind = VIEW_WORDS.get(str(inputs["place_kind"]), "")
    where = place_words(inputs) or alert.subject
    said = [f"{where}{f'（{kind}）' if kind and kind not in where else ''}：{WHY_WORDS[inputs['why']]}"]
    if inputs.get("persons"):
        said.append(f"该地点有 {inputs['persons']} 人作业（{ACTIVITY_WORDS[inputs['activity']]}）：无视频不作业")
    elif inputs.get("activity"):
        said.append(f"该地点正在作业（{ACTIVITY_WORDS[inputs['activity']]}）：无视频不作业")
    if inputs["row"]:
        said.append(f"应覆盖地点依据：{inputs['row_source']}，覆盖表 {inputs['row']}")
    else:
        said.append("登记台账要求该地点视频覆盖")
    ended = inputs.get("ended")
    return said + ([f"解除原因：{ENDED_WORDS[ended]}"] if ended else [])


SAID: Final[Mapping[str, Callable[[Alert, Inputs], list[str]]]] = {
    "video.no_coverage": _coverage,
    "video.offline": _offline,
    "video.system_silent": _silent,
    **dict.fromkeys([f"video.{name}" for name in ("blocked", "moved", "dark", "frozen", "lost", "poor")], _picture),
    "video.sealed_shaft": _sealed,
    "video.irregular_passage": _passage,
}
