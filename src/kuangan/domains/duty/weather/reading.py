"""What a weather warning says, whichever form it came in. No database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from kuangan.base.clock import BEIJING

COLOURS: Final = ("blue", "yellow", "orange", "red")
"""China's four levels, the weakest first."""
LARGEST: Final = 1 << 20
"""Bytes of one file; a real warning has a few thousand."""
MOST_RECORDS: Final = 200
MOST_AREAS: Final = 300
MOST_POINTS: Final = 5_000
LONGEST_TEXT: Final = 4_000
LONGEST_STRETCH: Final = timedelta(days=30)

Kind = Literal["alert", "update", "cancel"]
Status = Literal["actual", "exercise"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record was refused: which one (from 1; 0: the file), which field, in words."""

    record: int
    field: str
    reason: str


class Refused(Exception):
    """A record or file that cannot be taken; `faults` names field and reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("；".join(f"{fault.field}：{fault.reason}" for fault in faults))
        self.faults = tuple(faults)


def refuse(field: str, reason: str, record: int = 0) -> Refused:
    return Refused([Fault(record, field, reason)])


@dataclass(frozen=True, slots=True)
class Circle:
    """Degrees and kilometres."""

    lon: float
    lat: float
    km: float


@dataclass(frozen=True, slots=True)
class Area:
    """`codes` are digits as sent (GB/T 2260, 6 or 12 of them); a polygon is (lon, lat) pairs."""

    name: str
    codes: tuple[str, ...] = ()
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    circles: tuple[Circle, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One colour over its areas; a message may have several."""

    colour: str
    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message."""

    sender: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Message:
    """One warning message. `event` is its words; `expires` None: not said. `notes` say what was guessed or left out; `issuer` is
    who gave it out, in words."""

    sender: str
    identifier: str
    sent: datetime
    kind: Kind
    status: Status
    event: str
    headline: str
    parts: tuple[Part, ...]
    onset: datetime | None = None
    expires: datetime | None = None
    references: tuple[Reference, ...] = ()
    description: str = ""
    instruction: str = ""
    severity: str = ""
    urgency: str = ""
    certainty: str = ""
    notes: tuple[str, ...] = ()
    issuer: str = ""

    @property
    def colour(self) -> str:
        """The strongest colour; empty for a cancellation that names none."""
        return max((part.colour for part in self.parts), key=COLOURS.index, default="")

    def content(self) -> dict[str, Any]:
        """Everything it says, for keeping and comparing; times as ISO 8601."""
        said = asdict(self)
        if not self.issuer:
            del said["issuer"]
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}


def checked(message: Message) -> Message:
    """The message, if it can be acted upon. Raises Refused with every fault."""
    faults = [Fault(0, field, reason) for field, reason in _faults(message)]
    if faults:
        raise Refused(faults)
    return message


def _faults(message: Message) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for field, value in (("sender", message.sender), ("identifier", message.identifier)):
        if not value.strip() or len(value) > 200 or any(c in value for c in ", <&\n\t"):
            found.append((field, "必填，不超过 200 字，不含空格、逗号、< 和 &"))
    if message.kind == "update" and not message.references:
        found.append(("references", "更新须写明所更新的预警"))
    if message.kind == "cancel":
        return found if message.references else [*found, ("references", "解除须写明所解除的预警")]
    if not message.event.strip():
        found.append(("event", "必填：预警种类，如暴雨"))
    if not message.parts:
        found.append(("info", "没有颜色和范围"))
    if any(not part.areas for part in message.parts):
        found.append(("area", "没有预警范围"))
    begin = message.onset or message.sent
    if message.expires is not None and message.expires <= begin:
        found.append(("expires", "失效时间须晚于开始时间"))
    if message.expires is not None and message.expires - begin > LONGEST_STRETCH:
        found.append(("expires", "预警不能超过 30 天"))
    return found


def moment(text: str, field: str) -> datetime:
    """A time as ISO 8601; without a zone it is Beijing time. Raises Refused."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise refuse(field, f"不是 ISO 8601 时间：{text[:40]}") from None
    if not 2000 <= found.year < 2100:
        raise refuse(field, f"年份不合理：{text[:40]}")
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def number(text: object, field: str, low: float, high: float) -> float:
    """A finite number between two bounds. Raises Refused."""
    try:
        found = float(str(text))
    except ValueError:
        raise refuse(field, f"不是数字：{str(text)[:40]}") from None
    if not low <= found <= high:
        raise refuse(field, f"超出范围 {low:g} 至 {high:g}：{str(text)[:40]}")
    return found


def code(text: str, field: str) -> str:
    """A region code of 6, 9 or 12 digits. Raises Refused."""
    found = text.strip()
    if not (found.isascii() and found.isdecimal() and len(found) in (6, 9, 12)):
        raise refuse(field, f"区划码应为 6、9 或 12 位数字：{found[:40]}")
    return found


def ring(points: Sequence[tuple[float, float]], field: str) -> tuple[tuple[float, float], ...]:
    """A polygon's points, closed. Raises Refused for fewer than three corners or too many."""
    corners = list(points)
    if len(corners) > MOST_POINTS:
        raise refuse(field, f"多边形的点超过 {MOST_POINTS} 个")
    if corners and corners[0] != corners[-1]:
        corners.append(corners[0])
    if len(corners) < 4:
        raise refuse(field, "多边形至少三个顶点")
    return tuple(corners)
