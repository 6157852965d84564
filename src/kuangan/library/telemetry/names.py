"""Names of wire files: `<mine>_<TYPE>_<yyyyMMddHHmmss><rest>.<txt|json>` and the older `<mine><TYPE>_….txt`."""

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
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_NAME: Final = re.compile(
    rf"(?P<mine>{MINE_CODE.pattern}?)"
    r"_?(?<![A-Z])(?P<type>[A-Za-z]{2,20})_(?:(?P<time>\d{14})(?P<rest>\w*)|(?P<other>\w*))"
    r"\.(?:txt|json|xml)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class WireName:
    """What a file name says: mine code, type and its time (Unix ms; None when it has none or an impossible one)."""

    mine: str
    type: str
    time: int | None


@lru_cache(maxsize=16_384)
def parse_name(name: str) -> WireName | None:
    """The parts of a wire name (folders before it are ignored), None when it is no wire name."""
    match = _NAME.fullmatch(name.replace("\\", "/").rsplit("/", 1)[-1])
    if match is None:
        return None
    return WireName(match["mine"].upper(), match["type"], _compact_time(match["time"]))


def type_of(name: str) -> str:
    """The TYPE in the name, `UNNAMED` when it is no wire name."""
    parsed = parse_name(name)
    return UNNAMED if parsed is None else parsed.type


@lru_cache(maxsize=4096)
def _compact_time(text: str | None) -> int | None:
    if text is None:
        return None
    month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(4, 14, 2))
    try:
        at = datetime(int(text[:4]), month, day, hour, minute, second, tzinfo=BEIJING)
    except ValueError:
        return None
    return (at - _EPOCH) // timedelta(milliseconds=1)
