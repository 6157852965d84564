"""The careful path: one frame at a time, every oddity named. The fast path must agree with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from kuangan.library.telemetry.codes import ACCEPTED, MARKS, PARTIAL, QUARANTINED
from kuangan.library.telemetry.fields import PARSERS, FieldError, wire_time
from kuangan.library.telemetry.frames import Frame
from kuangan.library.telemetry.grammar import FileType, Grammar
from kuangan.library.telemetry.results import Outcome, Reject

HEADER_AHEAD: Final = 5 * 60_000
BAD_SHARE: Final = 0.2
EXCERPT: Final = 120
_BLANK: Final = " \t\r\n"


class Quarantine(Exception):
    """The whole frame cannot be used."""

    def __init__(self, column: str, reason: str, excerpt: str = "") -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason
        self.excerpt = excerpt


class Rejected(Exception):
    """One record cannot be used."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


@dataclass(slots=True)
class Parsed:
    """One frame: its outcome, rejected records, header fields, and good rows as (record, values…)."""

    outcome: Outcome
    rejects: list[Reject] = field(default_factory=list)
    header: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[object, ...]] = field(default_factory=list)


def parse(frame: Frame, index: int, mine: str, kind: FileType) -> Parsed:
    """Parses one frame of a known type; `mine` is the code in its name."""
    parsed = Parsed(Outcome(ACCEPTED, kind.name, mine))
    marks: set[str] = set()
    try:
        segments = read_segments(frame.payload, kind.grammar, marks)
        _header(parsed, segments[0], frame, kind, marks)
    except Quarantine as fault:
        parsed.outcome = Outcome(QUARANTINED, kind.name, mine, reason=fault.reason, marks=ordered(marks))
        parsed.rejects = [Reject(index, 0, fault.column, fault.reason, fault.excerpt[:EXCERPT])]
        return parsed
    for record, segment in enumerate(segments[1:], start=1):
        try:
            parsed.rows.append((record, *_values(segment, kind, frame.received_at)))
        except Rejected as fault:
            parsed.rejects.append(Reject(index, record, fault.column, fault.reason, segment[:EXCERPT]))
    _count(parsed, kind, marks)
    return parsed


def read_segments(payload: bytes, grammar: Grammar, marks: set[str]) -> list[str]:
    """Header and records of a payload, stripped; adds to `marks` what had to be tolerated."""
    text = _decode(payload, grammar, marks)
    body, end, rest = text.partition(grammar.end)
    if not end:
        raise Quarantine("file", "truncated", text[-EXCERPT:])
    for literal in (*grammar.stray, '"'):
        rest = rest.replace(literal, "")
    if _strip(rest, grammar, marks):
        raise Quarantine("file", "text_after_end", rest)
    opened = body.lstrip(_BLANK)
    if opened.startswith('"'):
        marks.add("wrapped")
        body = opened[1:]
    segments = [_strip(segment, grammar, marks) for segment in body.split(grammar.record)]
    if len(segments) > 1 and not segments[-1]:
        segments.pop()
    return segments


def ordered(marks: set[str]) -> tuple[str, ...]:
    """Marks in the order of the code table."""
    return tuple(mark for mark in MARKS if mark in marks)


def _decode(payload: bytes, grammar: Grammar, marks: set[str]) -> str:
    for encoding in grammar.encodings:
        try:
            text = payload.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != grammar.encodings[0]:
            marks.add("gbk")
        if text.startswith("\ufeff"):
            marks.add("bom")
            text = text[1:]
        return text
    raise Quarantine("file", "undecodable", payload[:EXCERPT].decode("ascii", "replace"))


def _strip(segment: str, grammar: Grammar, marks: set[str]) -> str:
    """Strips white space and stray literals around a segment."""
    text = segment.strip(_BLANK)
    stray = False
    while True:
        shorter = text
        for literal in grammar.stray:
            shorter = shorter.removeprefix(literal).removesuffix(literal)
        shorter = shorter.strip(_BLANK)
        if shorter == text:
            break
        text, stray = shorter, True
    if stray:
        marks.add("wrapped")
    if "\r" in segment or "\n" in segment:
        marks.add("crlf")
    return text


def _header(parsed: Parsed, text: str, frame: Frame, kind: FileType, marks: set[str]) -> None:
    fields = [each.strip() for each in text.split(kind.grammar.field)]
    if len(fields) < 3:
        wide = kind.grammar.full_width_field in text
        raise Quarantine("header", "full_width_separator" if wide else "header_field_count", text)
    if fields[0].upper() != parsed.outcome.mine:
        raise Quarantine("mine", "header_mine_differs", text)
    time = wire_time(fields[-1])
    if time is None:
        raise Quarantine("header_time", "header_time", text)
    if len(fields) == len(kind.header):
        parsed.header = dict(zip(kind.header, fields, strict=True))
    else:
        marks.add("header_width")
    if time > frame.received_at + HEADER_AHEAD:
        marks.add("header_in_future")
    parsed.outcome.mine_name = fields[1]
    parsed.outcome.header_time = time


def _values(text: str, kind: FileType, received_at: int) -> list[object]:
    fields = text.split(kind.grammar.field)
    if not kind.least <= len(fields) <= len(kind.columns):
        wide = kind.grammar.full_width_field in text
        raise Rejected("record", "full_width_separator" if wide else "field_count")
    fields += [""] * (len(kind.columns) - len(fields))
    values: list[object] = []
    for column, raw in zip(kind.columns, fields, strict=True):
        try:
            values.append(PARSERS[column.kind](raw.strip(), kind.grammar, received_at))
        except FieldError as fault:
            raise Rejected(column.name, fault.reason) from fault
    return values


def _count(parsed: Parsed, kind: FileType, marks: set[str]) -> None:
    outcome = parsed.outcome
    outcome.good = len(parsed.rows)
    outcome.rejected = len(parsed.rejects)
    if kind.feeds == "readings":
        code, time = kind.index("code") + 1, kind.index("time") + 1
        last = {(row[code], row[time]): row for row in parsed.rows}
        outcome.superseded = len(parsed.rows) - len(last)
        parsed.rows = sorted(last.values(), key=lambda row: int(str(row[0])))
    if outcome.superseded:
        marks.add("superseded")
    if outcome.rejected:
        outcome.status = PARTIAL
    if outcome.rejected > BAD_SHARE * (outcome.good + outcome.rejected):
        marks.add("over_20_percent_bad")
    outcome.marks = ordered(marks)
