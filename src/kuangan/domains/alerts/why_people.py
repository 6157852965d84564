"""Why an alert about people below ground fired, and what of it is shown to whom. Numbers and cards come with it, names never."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser

from kuangan.base.clock import BEIJING, from_ms
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.people import inside
from kuangan.domains.alerts.rules import number_words
from kuangan.domains.alerts.spans import full_moment

Inputs = Mapping[str, Any]
FAMILY: Final = "people."
NAMES: Final = "underground.names"
POST_WORDS: Final = {"gas_inspector": "瓦斯检查工", "blaster": "爆破工"}
STATE_WORDS: Final = {"stopped": "停产", "suspended": "停建停工", "closing": "待关闭", "closed": "已关闭"}
UNITS: Final = {
    "people.overtime": "小时",
    "people.no_movement": "小时",
    "people.speed": "米/秒",
    "people.cards_together": "张卡",
    "people.mass_exit": "张卡",
    "people.system_silent": "",
    "people.help": "",
}
"""What the peak of a rule is counted in, persons where it is not told."""


def of_people(rule: str) -> bool:
    return rule.startswith(FAMILY)


def value_words(alert: Alert) -> str:
    """The worst that was seen: 31 人, 11.20 小时, 12 张卡."""
    unit = UNITS.get(alert.rule, "人")
    if alert.peak is None:
        return "—"
    return f"{alert.peak:g} {unit}" if unit in ("人", "张卡") else number_words(alert.peak, unit)


def limit_words(alert: Alert) -> str:
    """What it is measured by."""
    words = LIMIT_WORDS.get(alert.rule)
    return "—" if words is None or alert.limit is None else words.format(f"{alert.limit:g}")


LIMIT_WORDS: Final = {
    "people.mine_over": "核定 {} 人",
    "people.area_over": "核定 {} 人",
    "people.restricted_area": "核定 {} 人",
    "people.overtime": "时限 {} 小时",
    "people.stopped_mine": "名单 {} 人",
}


@dataclass(frozen=True, slots=True)
class Concerned:
    """The persons of an alert: how many, the page of that moment, and for whom may know them the cards and the page with names."""

    persons: int
    address: str = ""
    cards: tuple[str, ...] = ()
    more: int = 0
    names: str = ""


def concerned(alert: Alert, user: User | AnonymousUser) -> Concerned | None:
    """What the page shows of the persons of an alert; None where it is about none."""
    cards, moment = alert.inputs.get("cards"), alert.inputs.get("snapshot")
    if not of_people(alert.rule) or not isinstance(moment, int):
        return None
    persons = alert.inputs.get("cards_total", alert.inputs.get("persons", 0))
    page = inside(alert.case.mine_id or "", from_ms(moment))
    query = {"at": f"{from_ms(moment).astimezone(BEIJING):%Y-%m-%dT%H:%M:%S}", "later": "1"}
    if alert.subject_kind == "area":
        query["area"] = alert.subject
    address = f"{page.address}?{urlencode(query)}" if page and may(user, "underground.view") else ""
    if not may(user, NAMES):
        return Concerned(persons, address)
    known = tuple(map(str, cards)) if isinstance(cards, list) else ()
    names = f"{address}&names=1" if address else ""
    return Concerned(persons, address, known, max(persons - len(known), 0) if known else 0, names)


def _seen(inputs: Inputs) -> str:
    return f"{full_moment(from_ms(inputs['snapshot']))} 快照"


def _over(alert: Alert, inputs: Inputs) -> list[str]:
    where = "全矿井下" if alert.rule == "people.mine_over" else f"{inputs['location']}"
    return [
        f"{where} {inputs['persons']} 人，核定 {inputs['limit']} 人（矿方上传），超 {inputs['persons'] - inputs['limit']} 人",
        _seen(inputs),
    ]


def _restricted(alert: Alert, inputs: Inputs) -> list[str]:
    what = "越过电子围栏" if inputs["kind"] == "fence" else "进入限制区域"
    return [f"{inputs['persons']} 人{what}：{inputs['location']}（核定 {inputs['limit']} 人）", _seen(inputs)]


def _stopped(alert: Alert, inputs: Inputs) -> list[str]:
    state = STATE_WORDS.get(inputs["state"], "停产")
    first = f"{state}矿井下有 {inputs['persons']} 人，"
    said = [first + (f"看护名单同时最多 {inputs['limit']} 人" if inputs["listed"] else "没有生效的看护人员名单")]
    said += [f"名单以外的卡 {inputs['unlisted']} 张"] if inputs["unlisted"] else []
    said += [f"{inputs['outside']} 人长时间不在名单区域"] if inputs["outside"] else []
    return [*said, _seen(inputs)]


def _overtime(alert: Alert, inputs: Inputs) -> list[str]:
    return [
        f"{inputs['persons']} 人井下停留超过时限，最长 {inputs['value']:g} 小时（时限 {inputs['limit']:g} 小时）",
        f"{_seen(inputs)}，起点为最长者超过时限的时刻",
    ]


def _leader(alert: Alert, inputs: Inputs) -> list[str]:
    return [
        f"井下 {inputs['persons']} 人，没有带班矿领导的定位卡；交接班前后的空档已扣除",
        f"人员名册标明矿领导 {inputs['leaders_known']} 人，{_seen(inputs)}",
    ]


def _post(alert: Alert, inputs: Inputs) -> list[str]:
    post, areas = POST_WORDS.get(inputs["post"], inputs["post"]), "、".join(inputs["areas"])
    return [
        f"{areas}有 {inputs['persons']} 人作业，井下没有{post}的定位卡",
        f"应有岗位依据：{inputs['post_source']}；人员名册中该岗位 {inputs['holders_known']} 人，{_seen(inputs)}",
    ]


def _still(alert: Alert, inputs: Inputs) -> list[str]:
    return [
        f"{inputs['persons']} 张卡位置长时间不变，最长 {inputs['value']:g} 小时，同期 {inputs['moved_share'] * 100:.0f}% 的卡在移动",
        f"可能为遗失、挂卡，也可能有人受困，请先核实人员安全；{_seen(inputs)}",
    ]


def _speed(alert: Alert, inputs: Inputs) -> list[str]:
    return [
        f"相距 {inputs['metres']:g} 米的两个基站 {inputs['seconds']} 秒内先后读到同一张卡，速度不低于 {inputs['value']:g} 米/秒",
        f"共 {inputs['persons']} 张卡；已扣除读卡范围与延迟，按基站坐标直线距离计，{_seen(inputs)}",
    ]


def _together(alert: Alert, inputs: Inputs) -> list[str]:
    return [
        f"{inputs['persons']} 张卡连续 {inputs['stations']} 个基站同时到达、位置一致",
        f"疑似一人携带多卡，须现场核实；{_seen(inputs)}",
    ]


def _exit(alert: Alert, inputs: Inputs) -> list[str]:
    first = full_moment(from_ms(inputs["first"]))
    return [
        f"{inputs['persons']} 张卡在 {first} 起数秒内升井",
        "请与罐笼、人车乘人记录和井口视频核对；疑似一人携带多卡",
    ]


def _mismatch(alert: Alert, inputs: Inputs) -> list[str]:
    what = "矿方申报入井" if alert.rule == "people.entry_mismatch" else "视频计数"
    return [
        f"{what} {inputs['counted']} 人，定位卡 {inputs['persons']} 张，相差 {abs(inputs['counted'] - inputs['persons'])}，"
        f"容差 {inputs['tolerance']:g}",
        f"与监测数据不一致，请核对检身记录和井口公示；{_seen(inputs)}",
    ]


def _silent(alert: Alert, inputs: Inputs) -> list[str]:
    return [
        f"{inputs['silent_minutes']} 分钟没有可用的人员位置快照，最后一份 {full_moment(from_ms(inputs['last_arrival']))} 到达",
        "期间井下人数未知，其他人员规则不开不销；矿方数据链路本身未中断",
    ]


def _help(alert: Alert, inputs: Inputs) -> list[str]:
    where = f"，位置 {inputs['location']}" if inputs["location"] else "，位置未上传"
    said = [f"定位卡于 {full_moment(from_ms(inputs['snapshot']))} 呼救{where}"]
    return [
        *said,
        *([f"矿方备注：{inputs['text']}"] if inputs["text"] else []),
        "呼救不作判定：一律先核实人员位置和安全",
    ]


SAID: Final[Mapping[str, Callable[[Alert, Inputs], list[str]]]] = {
    "people.mine_over": _over,
    "people.area_over": _over,
    "people.overtime": _overtime,
    "people.restricted_area": _restricted,
    "people.no_leader": _leader,
    "people.special_post_missing": _post,
    "people.no_movement": _still,
    "people.speed": _speed,
    "people.cards_together": _together,
    "people.mass_exit": _exit,
    "people.stopped_mine": _stopped,
    "people.entry_mismatch": _mismatch,
    "people.count_mismatch": _mismatch,
    "people.system_silent": _silent,
    "people.help": _help,
}
