"""One parser per kind of field: text in, value out, or a stable reason why not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from kuangan.library.telemetry.forms import Grammar
from kuangan.library.telemetry.names import BEIJING

DAY: Final = 86_400_000
READING_AHEAD: Final = 10 * 60_000
"""How far a reading may be dated ahead of its arrival: those of its point that come after one from tomorrow would all be late."""
EARLIEST: Final = 946_656_000_000
MASK_LIMIT: Final = 0xFFFF
NAN: Final = float("nan")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
CODE_LENGTH: Final = 64
"""The longest code of a point or station that is taken."""
OWN_LIMITS: Final = (
    "range_high",
    "range_low",
    "alarm_high",
    "release_high",
    "alarm_low",
    "release_low",
    "cut_high",
    "restore_high",
    "cut_low",
    "restore_low",
)
"""Limits that a point's definition sets itself."""
_CODE: Final = re.compile(rf"[0-9A-Za-z][0-9A-Za-z_.#/\-]{{0,{CODE_LENGTH - 1}}}")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MASK: Final = re.compile(r"\+?\d{1,20}", re.ASCII)
_BITS: Final = re.compile(r"[01]{8,16}", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COUNT: Final = re.compile(r"\d{1,6}", re.ASCII)
_DIGIT: Final = re.compile(r"\d", re.ASCII)
_TRACK: Final = re.compile(r"[^&,]{1,64}&[^&,]{1,32}")
_TIME: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,3})\d*)?", re.ASCII)


class FieldError(ValueError):
    """Carries the stable reason code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@lru_cache(maxsize=65536)
def wire_time(text: str) -> int | None:
    """Unix ms of `yyyy-MM-dd HH:mm:ss[.fff]` in Beijing time, None when it is no time."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=BEIJING)
    except ValueError:
        return None
    return (at - _EPOCH) // timedelta(milliseconds=1) + int((match[7] or "0").ljust(3, "0"))


def usable_code(text: str) -> bool:
    """Whether a text can be a point or station code."""
    return _CODE.fullmatch(text) is not None


def parse_code(text: str, grammar: Grammar, received_at: int) -> str:
    """A point or station code."""
    if not usable_code(text):
        raise FieldError("bad_code" if text else "value_missing")
    return text


def parse_text(text: str, grammar: Grammar, received_at: int) -> str:
    """Any text, empty too."""
    return text


def parse_words(text: str, grammar: Grammar, received_at: int) -> str:
    """A text that must be there."""
    if not text:
        raise FieldError("value_missing")
    return text


def parse_number(text: str, grammar: Grammar, received_at: int) -> float:
    """A number; empty or the family's bad value gives NaN."""
    if not text:
        return NAN
    value = _finite(text)
    return NAN if value == grammar.bad_value else value


def parse_limit_or_zero(text: str, grammar: Grammar, received_at: int) -> float:
    """A limit of senders that write zero for none."""
    value = parse_number(text, grammar, received_at)
    return value if value > 0 else NAN


def parse_limit(text: str, grammar: Grammar, received_at: int) -> float:
    """A limit; empty or negative means that none is set (NaN)."""
    value = parse_number(text, grammar, received_at)
    return NAN if value < 0 else value


def parse_value(text: str, grammar: Grammar, received_at: int) -> float:
    """A measurement; it must be there, the family's bad value gives NaN."""
    if not text:
        raise FieldError("value_missing")
    return parse_number(text, grammar, received_at)


def parse_mask(text: str, grammar: Grammar, received_at: int) -> int:
    """An additive status mask."""
    if not text:
        raise FieldError("value_missing")
    if not _MASK.fullmatch(text) or int(text) > MASK_LIMIT:
        raise FieldError("bad_mask")
    return int(text)


def parse_bits(text: str, grammar: Grammar, received_at: int) -> int:
    """A status mask written bit by bit, eight of them or more; a plain number too."""
    if _BITS.fullmatch(text):
        return int(text, 2)
    return parse_mask(text, grammar, received_at)


def parse_count(text: str, grammar: Grammar, received_at: int) -> int | None:
    """A number of persons; it may be missing."""
    if not text:
        return None
    if not _COUNT.fullmatch(text):
        raise FieldError("bad_number")
    return int(text)


def parse_digit(text: str, grammar: Grammar, received_at: int) -> int:
    """A state of one digit."""
    if not text:
        raise FieldError("value_missing")
    if not _DIGIT.fullmatch(text):
        raise FieldError("bad_mask")
    return int(text)


def parse_open_digit(text: str, grammar: Grammar, received_at: int) -> int | None:
    """A mark of one digit that may be missing."""
    return parse_digit(text, grammar, received_at) if text else None


def parse_time(text: str, grammar: Grammar, received_at: int) -> int:
    """A time of the record, Unix ms, between the year 2000 and a day after the arrival."""
    if not text:
        raise FieldError("value_missing")
    time = wire_time(text)
    if time is None:
        raise FieldError("bad_time")
    if time > received_at + DAY:
        raise FieldError("time_in_future")
    if time < EARLIEST:
        raise FieldError("time_too_old")
    return time


def parse_open_time(text: str, grammar: Grammar, received_at: int) -> int | None:
    """A time that may not be known yet."""
    return None if not text or text in grammar.unset else parse_time(text, grammar, received_at)


def parse_day_or_time(text: str, grammar: Grammar, received_at: int) -> int | None:
    """A time, or a day and then its beginning; it may be missing, and may lie ahead."""
    if not text or text in grammar.unset:
        return None
    time = wire_time(f"{text} 00:00:00" if _DAY.fullmatch(text) else text)
    if time is None:
        raise FieldError("bad_time")
    return time


def parse_track(text: str, grammar: Grammar, received_at: int) -> str:
    """Stations passed and when: `station&time`, joined with commas; a comma may follow the last."""
    if text and not all(_TRACK.fullmatch(each.strip()) for each in text.rstrip(",").split(",")):
        raise FieldError("bad_track")
    return text


NUMERIC: Final = frozenset({"number", "limit", "limit_or_zero", "value", "mask", "bits", "count"})
"""Kinds within which stray literals are passed over."""
PARSERS: Final[dict[str, Callable[[str, Grammar, int], object]]] = {
    "code": parse_code,
    "text": parse_text,
    "words": parse_words,
    "number": parse_number,
    "limit": parse_limit,
    "limit_or_zero": parse_limit_or_zero,
    "value": parse_value,
    "mask": parse_mask,
    "bits": parse_bits,
    "count": parse_count,
    "digit": parse_digit,
    "open_digit": parse_open_digit,
    "time": parse_time,
    "open_time": parse_open_time,
    "day_or_time": parse_day_or_time,
    "track": parse_track,
}


def _finite(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise FieldError("bad_number")
    value = float(text)
    if not math.isfinite(value):
        raise FieldError("bad_number")
    return value
