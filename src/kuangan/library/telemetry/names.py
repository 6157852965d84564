"""Names of wire files: `<mine>_<TYPE>_<yyyyMMddHHmmss><rest>.<txt|json|csv>`, the older `<mine><TYPE>_….txt`, the provincial
`<TYPE>_<mine>_<time>.xml`, and `video_<path>.json` for what came without the code of a mine in its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8))
UNNAMED: Final = "UNNAMED"
MINE_CODE_LENGTH: Final = 21
"""The longest code of a mine on the wire: 12 digits today, 9, 11, 15 and 20 characters in older and other schemes."""
MINE_CODE: Final = re.compile(rf"[0-9A-Z]{{9,{MINE_CODE_LENGTH}}}")
JOINED: Final = "joined"
XML: Final = "xml"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_NAME: Final = re.compile(
    rf"(?P<mine>{MINE_CODE.pattern}?)"
    r"(?P<gap>_?)(?<![A-Z])(?P<type>[A-Za-z]{2,20})_"
    r"(?:(?P<time>\d{14}|\d{4}-\d\d-\d\d[ _]\d\d[:_-]?\d\d[:_-]?\d\d)(?P<rest>\w*)|(?P<other>\w*))"
    r"\.(?P<extension>txt|json|csv|xml)",
    re.IGNORECASE,
)
_USUAL: Final = re.compile(rf"([0-9]{{9,{MINE_CODE_LENGTH}}})_([A-Z]{{2,20}})_([0-9]{{14}})\w*\.txt")
"""What nearly all names look like; `_NAME` finds the same parts in them, several times slower."""
_PROVINCIAL: Final = re.compile(
    rf"(?P<type>[A-Z]{{2,8}})_(?P<mine>{MINE_CODE.pattern})_(?P<time>\d{{14}})\w*\.xml", re.IGNORECASE
)
_VIDEO: Final = re.compile(r"video_(?P<type>[A-Za-z]{2,20})(?:_(?P<time>\d{14}))?\w*\.json", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class WireName:
    """What a file name says: mine code, type and its time (Unix ms; None when it has none or an impossible one).

    `style` tells names apart whose type may mean another file: JOINED without a mark between mine and type, XML. `mine` is empty
    where the content alone tells it.
    """

    mine: str
    type: str
    time: int | None
    style: str = ""
    extension: str = "txt"


@lru_cache(maxsize=16_384)
def parse_name(name: str) -> WireName | None:
    """The parts of a wire name (folders before it are ignored), None when it is no wire name."""
    if (match := _USUAL.fullmatch(name)) is not None:
        return WireName(match[1], match[2], _compact_time(match[3]))
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    if (match := _NAME.fullmatch(last)) is not None:
        extension = match["extension"].lower()
        style = XML if extension == XML else "" if match["gap"] else JOINED
        return WireName(match["mine"].upper(), match["type"], _compact_time(match["time"]), style, extension)
    if (match := _PROVINCIAL.fullmatch(last)) is not None:
        return WireName(match["mine"].upper(), match["type"], _compact_time(match["time"]), XML, XML)
    if (match := _VIDEO.fullmatch(last)) is not None:
        return WireName("", match["type"], _compact_time(match["time"]), "", "json")
    return None


def type_of(name: str) -> str:
    """The TYPE in the name, `UNNAMED` when it is no wire name."""
    parsed = parse_name(name)
    return UNNAMED if parsed is None else parsed.type


@lru_cache(maxsize=4096)
def _compact_time(text: str | None) -> int | None:
    if text is None:
        return None
    digits = _DIGITS.sub("", text)
    month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(4, 14, 2))
    try:
        at = datetime(int(digits[:4]), month, day, hour, minute, second, tzinfo=BEIJING)
    except ValueError:
        return None
    return (at - _EPOCH) // timedelta(milliseconds=1)
