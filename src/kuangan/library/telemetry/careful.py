"""The careful path: one frame at a time, every oddity named. The fast path must agree with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kuangan.library.telemetry.codes import ACCEPTED, MARKS, PARTIAL, QUARANTINED
from kuangan.library.telemetry.fields import PARSERS, FieldError, wire_time
from kuangan.library.telemetry.frames import Frame
from kuangan.library.telemetry.grammar import PERSONAL, FileType, Grammar
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
        forms = _header(parsed, segments[0], frame, kind, marks)
    except Quarantine as fault:
        parsed.outcome = Outcome(QUARANTINED, kind.name, mine, reason=fault.reason, marks=ordered(marks))
        excerpt = "" if kind.feeds in PERSONAL else fault.excerpt[:EXCERPT]
        parsed.rejects = [Reject(index, 0, fault.column, fault.reason, excerpt)]
        return parsed
    for record, segment in enumerate(segments[1:], start=1):
        try:
            parsed.rows.append((record, *_values(segment, forms, frame.received_at + parsed.outcome.ahead)))
        except Rejected as fault:
            shown = segment.partition(kind.grammar.field)[0] if kind.feeds in PERSONAL else segment
            parsed.rejects.append(Reject(index, record, fault.column, fault.reason, shown[:EXCERPT]))
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


def ahead_of(header: int, received_at: int) -> int:
    """How far a header clock runs before the arrival, ms; 0 as long as that is within five minutes."""
    return header - received_at if header > received_at + HEADER_AHEAD else 0


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


def _header(parsed: Parsed, text: str, frame: Frame, kind: FileType, marks: set[str]) -> tuple[FileType, ...]:
    """Reads the header; gives the forms of the type that its records may have."""
    forms = _forms(text, kind)
    fields = [each.strip() for each in forms[0].split(text, len(forms[0].header))]
    if len(fields) < 3 and forms[0].names_mine:
        wide = kind.grammar.full_width_field in text
        raise Quarantine("header", "full_width_separator" if wide else "header_field_count", text)
    if forms[0].names_mine and fields[0].upper() != parsed.outcome.mine:
        raise Quarantine("mine", "header_mine_differs", text)
    time = wire_time(fields[-1 if forms[0].names_mine else 0])
    if time is None:
        raise Quarantine("header_time", "header_time", text)
    same = [form for form in forms if len(form.header) == len(fields)]
    if same:
        parsed.header = dict(zip(same[0].header, fields, strict=True))
    else:
        marks.add("header_width")
    parsed.outcome.ahead = ahead_of(time, frame.received_at)
    if parsed.outcome.ahead:
        marks.add("header_in_future")
    parsed.outcome.mine_name = fields[1] if forms[0].names_mine else ""
    parsed.outcome.header_time = time
    return forms


def _forms(header: str, kind: FileType) -> tuple[FileType, ...]:
    """The forms that begin as this header does: with the mine, or with a time."""
    timed = tuple(form for form in kind.others if not form.names_mine)
    if timed and wire_time(header.partition(kind.grammar.field)[0].strip()) is not None:
        return timed
    return tuple(form for form in kind.forms if form.names_mine)


def _values(text: str, forms: Sequence[FileType], received_at: int) -> list[object]:
    """The values of a record by the form that has as many fields, in the places of the columns of all forms."""
    for form in forms:
        raw = form.split(text, len(form.columns))
        if form.least <= len(raw) <= len(form.columns):
            return _placed(form, raw, received_at)
    wide = forms[0].grammar.full_width_field in text
    raise Rejected("record", "full_width_separator" if wide else "field_count")


def _placed(form: FileType, fields: list[str], received_at: int) -> list[object]:
    fields += [""] * (len(form.columns) - len(fields))
    values: list[object] = [None] * len(form.fields)
    for column, place, raw in zip(form.columns, form.places, fields, strict=True):
        try:
            values[place] = PARSERS[column.kind](raw.strip(), form.grammar, received_at)
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
        if outcome.ahead:
            parsed.rows = [(*row[:time], int(str(row[time])) - outcome.ahead, *row[time + 1 :]) for row in parsed.rows]
    if outcome.superseded:
        marks.add("superseded")
    if outcome.rejected:
        outcome.status = PARTIAL
    if outcome.rejected > BAD_SHARE * (outcome.good + outcome.rejected):
        marks.add("over_20_percent_bad")
    outcome.marks = ordered(marks)
