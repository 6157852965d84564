"""Stable codes of telemetry: states of frames, marks, reasons. What a person reads is written by the user interface."""

from __future__ import annotations

from typing import Final

ACCEPTED: Final = "accepted"
PARTIAL: Final = "partial"
DUPLICATE: Final = "duplicate"
UNKNOWN: Final = "unknown"
QUARANTINED: Final = "quarantined"
REFUSED: Final = "refused"
STATUSES: Final = (ACCEPTED, PARTIAL, DUPLICATE, UNKNOWN, QUARANTINED)

MARKS: Final[dict[str, str]] = {
    "gbk": "not UTF-8, read as GB 18030",
    "bom": "a byte order mark was stripped",
    "crlf": "line breaks around segments were stripped",
    "wrapped": "surrounding quotes or a literal %n were stripped",
    "header_width": "the header has another number of fields than its type declares",
    "header_in_future": "the header clock is ahead of the arrival; readings are judged on arrival time",
    "over_20_percent_bad": "more than a fifth of the records were rejected",
    "superseded": "a point and time occur more than once; the last stands",
}

REASONS: Final[dict[str, str]] = {
    "undecodable": "neither UTF-8 nor GB 18030",
    "truncated": "no end mark",
    "text_after_end": "something follows the end mark",
    "header_field_count": "the header has too few fields",
    "header_mine_differs": "the header names another mine than the file name",
    "mine_differs": "the record names another mine than the file",
    "bad_structure": "no document of the kind that the type asks for",
    "header_time": "the header time is no time",
    "full_width_separator": "full-width separators where half-width ones belong",
    "field_count": "wrong number of fields",
    "value_missing": "a required value is empty",
    "bad_code": "no usable code",
    "bad_number": "no number",
    "bad_mask": "no status mask",
    "bad_track": "no list of stations and times",
    "bad_time": "no time",
    "time_in_future": "the time lies more than a day after the arrival, that of a reading more than ten minutes",
    "time_too_old": "the time lies before the year 2000",
    "token": "unknown or disabled sender",
    "foreign_mine": "the sender may not speak for this mine",
    "place_differs": "the folder or topic stands for another mine than the file name",
    "unnamed": "no usable file name",
    "too_large": "larger than the limit",
    "disk": "the disk is nearly full",
    "malformed": "the request cannot be read",
}
