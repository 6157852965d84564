"""CAP 1.2 (OASIS Common Alerting Protocol) → `reading.Message`. China's four colours; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kuangan.domains.duty.weather.reading import (
    COLOURS,
    LONGEST_TEXT,
    MOST_AREAS,
    Area,
    Circle,
    Kind,
    Message,
    Part,
    Reference,
    Status,
    checked,
    code,
    moment,
    number,
    refuse,
    ring,
)
from kuangan.domains.duty.weather.xml import Element, parse

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
KINDS: Final[dict[str, Kind]] = {"Alert": "alert", "Update": "update", "Cancel": "cancel"}
STATUSES: Final[dict[str, Status]] = {"Actual": "actual", "Exercise": "exercise"}
WORDS: Final = {"蓝": "blue", "黄": "yellow", "橙": "orange", "红": "red"}
BY_SEVERITY: Final = {"Minor": "blue", "Moderate": "yellow", "Severe": "orange", "Extreme": "red"}
COLOUR_PARAMETERS: Final = frozenset(
    {"colour", "color", "colorcode", "alertlevel", "level", "预警级别", "预警颜色", "颜色"}
)
SAID: Final = re.compile(r"([蓝黄橙红])色")


def read_cap(payload: bytes) -> Message:
    """The message of a CAP 1.2 document. Raises Refused with field and reason."""
    root = parse(payload)
    if root.name != "alert" or root.space != NAMESPACE:
        raise refuse("alert", f"根元素应为 CAP 1.2 的 alert（命名空间 {NAMESPACE}）")
    kind, status = KINDS.get(root.one("msgType")), STATUSES.get(root.one("status"))
    if kind is None:
        raise refuse("msgType", f"只处理 Alert、Update、Cancel：{root.one('msgType')[:40] or '未写'}")
    if status is None:
        raise refuse("status", f"只处理 Actual 与 Exercise，测试和草稿不处置：{root.one('status')[:40] or '未写'}")
    infos = _chinese(root.all("info"))
    notes: list[str] = []
    parts = tuple(_part(info, notes) for info in infos)
    first = infos[0] if infos else root
    events = {info.one("event") for info in infos}
    if len(events) > 1:
        raise refuse("event", "一条消息含多个预警种类，请分开发布：" + "、".join(sorted(events))[:80])
    onsets = [moment(text, "onset") for info in infos if (text := info.one("onset") or info.one("effective"))]
    ends = [moment(text, "expires") for info in infos if (text := info.one("expires"))]
    return checked(
        Message(
            sender=root.one("sender"),
            identifier=root.one("identifier"),
            sent=moment(root.one("sent"), "sent"),
            kind=kind,
            status=status,
            event=first.one("event")[:60],
            headline=(first.one("headline") or first.one("event"))[:200],
            parts=parts,
            onset=min(onsets, default=None),
            expires=max(ends, default=None),
            references=_references(root.one("references")),
            description=first.one("description")[:LONGEST_TEXT],
            instruction=first.one("instruction")[:LONGEST_TEXT],
            severity=first.one("severity")[:20],
            urgency=first.one("urgency")[:20],
            certainty=first.one("certainty")[:20],
            notes=tuple(notes),
            issuer=first.one("senderName")[:200],
        )
    )


def _chinese(infos: Sequence[Element]) -> list[Element]:
    """The blocks in Chinese; where none says so, all of them."""
    own = [info for info in infos if info.one("language").lower().startswith("zh")]
    return own or list(infos)


def _part(info: Element, notes: list[str]) -> Part:
    areas = info.all("area")
    if len(areas) > MOST_AREAS:
        raise refuse("area", f"范围超过 {MOST_AREAS} 个")
    return Part(_colour(info, notes), tuple(_area(area, notes) for area in areas))


def _colour(info: Element, notes: list[str]) -> str:
    """By parameter, by the words of the headline, by severity; of two that differ the stronger, with a note."""
    found = {said for said in (_by_parameter(info), _by_words(info), BY_SEVERITY.get(info.one("severity"))) if said}
    if not found:
        raise refuse("severity", f"无法判定颜色：{info.one('severity')[:40] or '未写'}")
    if len(found) > 1:
        notes.append("颜色与严重程度不一致，按较强者处理")
    return max(found, key=COLOURS.index)


def _by_parameter(info: Element) -> str | None:
    for entry in info.all("parameter"):
        if entry.one("valueName").replace("_", "").lower() in COLOUR_PARAMETERS:
            value = entry.one("value")
            known = {**WORDS, **{colour: colour for colour in COLOURS}}
            return known.get(value.lower()) or known.get(value.removesuffix("色").removesuffix("色预警")[:1])
    return None


def _by_words(info: Element) -> str | None:
    said = SAID.search(info.one("headline")) or SAID.search(info.one("event"))
    return WORDS[said[1]] if said else None


def _area(area: Element, notes: list[str]) -> Area:
    codes = []
    for entry in area.all("geocode"):
        for text in re.split(r"[,，\s]+", entry.one("value")):
            if text.isascii() and text.isdecimal():
                codes.append(code(text, "geocode"))
            elif text:
                notes.append(f"未识别的区划码 {text[:40]}")
    return Area(
        name=area.one("areaDesc")[:200],
        codes=tuple(dict.fromkeys(codes)),
        polygons=tuple(_polygon(entry.text) for entry in area.all("polygon")),
        circles=tuple(_circle(entry.text) for entry in area.all("circle")),
    )


def _polygon(text: str) -> tuple[tuple[float, float], ...]:
    """CAP writes latitude first."""
    return ring([_pair(pair, "polygon") for pair in text.split()], "polygon")


def _circle(text: str) -> Circle:
    place, _, radius = text.strip().partition(" ")
    lon, lat = _pair(place, "circle")
    return Circle(lon, lat, number(radius, "circle", 0, 1_000))


def _pair(text: str, field: str) -> tuple[float, float]:
    lat, _, lon = text.partition(",")
    return number(lon, field, -180, 180), number(lat, field, -90, 90)


def _references(text: str) -> tuple[Reference, ...]:
    found = []
    for entry in text.split():
        fields = entry.split(",")
        if len(fields) != 3 or not all(fields):
            raise refuse("references", f"应为“发送者,编号,时间”：{entry[:60]}")
        found.append(Reference(fields[0], fields[1]))
    return tuple(dict.fromkeys(found))
