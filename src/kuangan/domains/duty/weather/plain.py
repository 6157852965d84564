"""Our own JSON for weather warnings → `reading.Message`: one object, or a list of them. Documented for operators; pure."""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kuangan.domains.duty.weather.cap import WORDS
from kuangan.domains.duty.weather.reading import (
    COLOURS,
    LARGEST,
    LONGEST_TEXT,
    MOST_AREAS,
    MOST_RECORDS,
    Area,
    Circle,
    Fault,
    Message,
    Part,
    Reference,
    Refused,
    checked,
    code,
    moment,
    number,
    refuse,
    ring,
)

FORMAT: Final = "kuangan.weather/1"
STRICT: Final = ConfigDict(extra="forbid", frozen=True, strict=True)
SAID: Final = {
    "missing": "必填",
    "extra_forbidden": "没有这个字段",
    "string_type": "应为文字",
    "literal_error": "不在允许的取值内",
    "string_too_long": "过长",
    "string_too_short": "必填",
}


class RoundIn(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    lon: float
    lat: float
    km: float


class AreaIn(BaseModel):
    """`polygons` hold [longitude, latitude] pairs."""

    model_config = STRICT
    name: str = Field(default="", max_length=200)
    codes: list[str] = Field(default=[], max_length=400)
    polygons: list[list[list[float]]] = Field(default=[], max_length=50)
    circles: list[RoundIn] = Field(default=[], max_length=50)


class MessageIn(BaseModel):
    """One warning. Times are ISO 8601; without a zone they are Beijing time."""

    model_config = STRICT
    format: Literal["kuangan.weather/1"]
    sender: str = Field(min_length=1, max_length=200)
    id: str = Field(min_length=1, max_length=200)
    sent: str
    type: Literal["alert", "update", "cancel"]
    status: Literal["actual", "exercise"] = "actual"
    references: list[str] = Field(default=[], max_length=50)
    event: str = Field(default="", max_length=60)
    colour: str = ""
    onset: str = ""
    expires: str = ""
    headline: str = Field(default="", max_length=200)
    issuer: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=LONGEST_TEXT)
    instruction: str = Field(default="", max_length=LONGEST_TEXT)
    areas: list[AreaIn] = Field(default=[], max_length=MOST_AREAS)


def records_of(payload: bytes) -> list[Any]:
    """The records of a JSON file, not looked at yet. Raises Refused."""
    if len(payload) > LARGEST:
        raise refuse("file", f"文件超过 {LARGEST >> 20} MB")
    try:
        found = json.loads(payload.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise refuse("json", "不是 UTF-8 编码") from None
    except json.JSONDecodeError as fault:
        raise refuse("json", f"不是合格的 JSON：第 {fault.lineno} 行第 {fault.colno} 列") from None
    except RecursionError:
        raise refuse("json", "层次过深") from None
    records = found if isinstance(found, list) else [found]
    if not records or len(records) > MOST_RECORDS:
        raise refuse("json", f"一份文件应有 1 至 {MOST_RECORDS} 条预警")
    return records


def read_record(record: object) -> Message:
    """One record. Raises Refused with every field that is wrong."""
    try:
        said = MessageIn.model_validate(record)
    except ValidationError as wrong:
        raise Refused([_fault(error) for error in wrong.errors()]) from None
    colour = said.colour.removesuffix("色").lower()
    colour = WORDS.get(colour, colour)
    if said.type != "cancel" and colour not in COLOURS:
        raise refuse("colour", f"应为蓝、黄、橙、红：{said.colour[:20] or '未写'}")
    areas = tuple(_area(area) for area in said.areas)
    return checked(
        Message(
            sender=said.sender,
            identifier=said.id,
            sent=moment(said.sent, "sent"),
            kind=said.type,
            status=said.status,
            event=said.event,
            headline=said.headline or said.event,
            parts=(Part(colour, areas),) if colour else (),
            onset=moment(said.onset, "onset") if said.onset else None,
            expires=moment(said.expires, "expires") if said.expires else None,
            references=tuple(_reference(text, said.sender) for text in said.references),
            description=said.description,
            instruction=said.instruction,
            issuer=said.issuer.strip(),
        )
    )


def _fault(error: Any) -> Fault:
    place = ".".join(str(step) for step in error["loc"]) or "record"
    return Fault(0, place, SAID.get(str(error["type"]), "格式不对"))


def _area(area: AreaIn) -> Area:
    return Area(
        name=area.name,
        codes=tuple(code(text, "areas.codes") for text in area.codes),
        polygons=tuple(ring([_pair(pair) for pair in polygon], "areas.polygons") for polygon in area.polygons),
        circles=tuple(_circle(circle) for circle in area.circles),
    )


def _circle(circle: RoundIn) -> Circle:
    lon, lat = _pair([circle.lon, circle.lat])
    return Circle(lon, lat, number(circle.km, "areas.circles", 0, 1_000))


def _pair(pair: list[float]) -> tuple[float, float]:
    if len(pair) != 2:
        raise refuse("areas.polygons", "每个顶点应为 [经度, 纬度]")
    return number(pair[0], "areas", -180, 180), number(pair[1], "areas", -90, 90)


def _reference(text: str, sender: str) -> Reference:
    """`sender,id`, or an id of the same sender."""
    before, comma, after = text.partition(",")
    return Reference(before, after.partition(",")[0]) if comma else Reference(sender, text)
