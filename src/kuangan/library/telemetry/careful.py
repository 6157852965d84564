"""The careful path: one frame at a time, every oddity named. The fast path must agree with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from kuangan.library.telemetry.codes import ACCEPTED, MARKS, PARTIAL, QUARANTINED
from kuangan.library.telemetry.content import EXCERPT, Content, Quarantine, Record, Rejected
from kuangan.library.telemetry.fields import CODE_LENGTH, NUMERIC, PARSERS, READING_AHEAD, FieldError, usable_code
from kuangan.library.telemetry.forms import JSON, LINES, SHEET, TEXT, XML, Column, FileType, Grammar
from kuangan.library.telemetry.frames import Frame
from kuangan.library.telemetry.grammar import PERSONAL
from kuangan.library.telemetry.keyed import read_json, read_sheet, read_xml
from kuangan.library.telemetry.names import parse_name
from kuangan.library.telemetry.results import Outcome, Reject
from kuangan.library.telemetry.separated import read_lines, read_segments, read_text

HEADER_AHEAD: Final = 5 * 60_000
BAD_SHARE: Final = 0.2
READERS: Final[Mapping[str, Callable[[bytes, str, FileType, set[str]], Content]]] = {
    TEXT: read_text,
    LINES: read_lines,
    JSON: read_json,
    SHEET: read_sheet,
    XML: read_xml,
}
Place = tuple[int, Column, Callable[[str, Grammar, int], object] | None]
"""Of a column of a form: its place among the columns of all, and what reads it; None where more than its text is looked at."""
__all__ = ["Parsed", "Quarantine", "ahead_of", "ordered", "parse", "read_segments"]


@dataclass(slots=True)
class Parsed:
    """One frame: its outcome, rejected records, header fields, and good rows as (record, values…)."""

    outcome: Outcome
    rejects: list[Reject] = field(default_factory=list)
    header: Mapping[str, str] = field(default_factory=dict)
    rows: list[tuple[object, ...]] = field(default_factory=list)


def parse(frame: Frame, index: int, mine: str, kind: FileType) -> Parsed:
    """Parses one frame of a known type; `mine` is the code in its name."""
    parsed = Parsed(Outcome(ACCEPTED, kind.name, mine))
    marks: set[str] = set()
    try:
        content = READERS[_syntax(frame, kind)](frame.payload, mine, kind, marks)
    except Quarantine as fault:
        parsed.outcome = Outcome(QUARANTINED, kind.name, mine, reason=fault.reason, marks=ordered(marks))
        excerpt = "" if kind.feeds in PERSONAL else fault.excerpt[:EXCERPT]
        parsed.rejects = [Reject(index, 0, fault.column, fault.reason, excerpt)]
        return parsed
    _take_header(parsed, content, frame, marks)
    rows = Rows(kind, content, frame.received_at + parsed.outcome.ahead, marks)
    last = len(content.records)
    for record, raw in enumerate(content.records, start=1):
        try:
            if content.cut and record == last:
                raise Rejected("record", "truncated")
            parsed.rows.append((record, *rows.values(raw)))
        except Rejected as fault:
            parsed.rejects.append(Reject(index, record, fault.column, fault.reason, _shown(raw, kind)[:EXCERPT]))
    _count(parsed, kind, marks)
    return parsed


def ahead_of(header: int, received_at: int) -> int:
    """How far a header clock runs before the arrival, ms; 0 as long as that is within five minutes."""
    return header - received_at if header > received_at + HEADER_AHEAD else 0


def ordered(marks: set[str]) -> tuple[str, ...]:
    """Marks in the order of the code table."""
    return tuple(mark for mark in MARKS if mark in marks)


def _syntax(frame: Frame, kind: FileType) -> str:
    """How a file is written: a type that is sent as JSON may come as a sheet too, which its name tells."""
    name = parse_name(frame.name)
    sheet = kind.grammar.syntax == SHEET
    return JSON if sheet and (name is None or name.extension != "csv") else kind.grammar.syntax


def _take_header(parsed: Parsed, content: Content, frame: Frame, marks: set[str]) -> None:
    outcome = parsed.outcome
    parsed.header = content.header
    outcome.mine, outcome.mine_name, outcome.header_time = content.mine, content.mine_name, content.time
    if content.time is not None:
        outcome.ahead = ahead_of(content.time, frame.received_at)
    if outcome.ahead:
        marks.add("header_in_future")


class Rows:
    """From raw records of one file to values in the places of the columns of all forms."""

    def __init__(self, kind: FileType, content: Content, received_at: int, marks: set[str]) -> None:
        self.kind = kind
        self.content = content
        self.received_at = received_at
        self.marks = marks

    def values(self, record: Record) -> list[object]:
        """The values of a record by the form that has as many fields. Raises Rejected."""
        if record is None:
            raise Rejected("record", "bad_structure")
        if not isinstance(record, str):
            form, places = self._forms[0]
            return self._placed(places, [record.get(each.source or each.name, "") for each in form.columns])
        for form, places in self._forms:
            raw = form.split(record, len(form.columns))
            if form.least <= len(raw) <= len(form.columns):
                return self._placed(places, raw)
        wide = self.kind.grammar.full_width_field
        raise Rejected("record", "full_width_separator" if wide and wide in record else "field_count")

    def _placed(self, places: Sequence[Place], fields: list[str]) -> list[object]:
        fields = fields + [""] * (len(places) - len(fields))
        values: list[object] = [None] * len(self.kind.fields)
        grammar, received_at = self.kind.grammar, self.received_at
        for (place, column, parser), raw in zip(places, fields, strict=True):
            try:
                if parser is None:
                    values[place] = self._value(column, raw.strip())
                else:
                    values[place] = parser(raw.strip(), grammar, received_at)
            except FieldError as fault:
                raise Rejected(column.name, fault.reason) from fault
        for place, given in self._given:
            values[place] = given
        for place, derived, sources in self._derived:
            text = derived.of([str(values[source] or "") for source in sources])
            if derived.name == "code" and not usable_code(text):
                raise Rejected("code", "bad_code")
            values[place] = text
        if self._newest is not None and int(str(values[self._newest])) > received_at + READING_AHEAD:
            raise Rejected("time", "time_in_future")
        if self._longest and len(str(values[_at(self.kind, "code")])) > CODE_LENGTH - self._longest:
            raise Rejected("code", "bad_code")
        return values

    def _value(self, column: Column, raw: str) -> object:
        grammar = self.kind.grammar
        if column.kind == "word":
            return grammar.words[column.source].get(raw, raw)
        if column.kind == "mine":
            if raw and raw.upper() != self.content.mine:
                raise FieldError("mine_differs")
            return raw
        if column.kind in NUMERIC:
            for literal in grammar.stray:
                if literal in raw:
                    raw = raw.replace(literal, "").strip()
                    self.marks.add("wrapped")
        return PARSERS[column.kind](raw, grammar, self.received_at)

    @cached_property
    def _forms(self) -> list[tuple[FileType, list[Place]]]:
        """The forms, each with where its columns go and what reads them."""
        return [(form, list(map(self._place, form.places, form.columns))) for form in self.content.forms]

    def _place(self, place: int, column: Column) -> Place:
        careful = column.kind in ("word", "mine") or (column.kind in NUMERIC and bool(self.kind.grammar.stray))
        return place, column, None if careful else PARSERS[column.kind]

    @cached_property
    def _newest(self) -> int | None:
        """Where the time of a reading stands."""
        return self.kind.place("time") if self.kind.feeds == "readings" else None

    @cached_property
    def _longest(self) -> int:
        """How much the codes of the points of a record are longer than its own."""
        return max((len(value.code("")) for value in self.kind.values), default=0)

    @cached_property
    def _given(self) -> list[tuple[int, object]]:
        """What no field says: fixed texts, and the time of the file where records have none."""
        kind = self.kind
        given: list[tuple[int, object]] = [(_at(kind, name), text) for name, text in kind.fixed.items()]
        own = {column.name for form in kind.forms for column in form.columns}
        if "time" not in own and kind.place("time") is not None:
            given.append((_at(kind, "time"), self.content.time))
        return given

    @cached_property
    def _derived(self) -> list[tuple[int, Any, list[int]]]:
        kind = self.kind
        return [(_at(kind, one.name), one, [_at(kind, name) for name in one.columns]) for one in kind.derived]


def _at(kind: FileType, column: str) -> int:
    place = kind.place(column)
    assert place is not None, column
    return place


def _shown(record: Record, kind: FileType) -> str:
    """What is shown of a rejected record; of one that names a person its first field alone."""
    if record is None:
        return ""
    if isinstance(record, str):
        return record.partition(kind.grammar.field)[0] if kind.feeds in PERSONAL else record
    return ";".join(record.values())


def _count(parsed: Parsed, kind: FileType, marks: set[str]) -> None:
    outcome = parsed.outcome
    outcome.good = len(parsed.rows)
    outcome.rejected = len(parsed.rejects)
    if kind.feeds == "readings":
        code, time = _at(kind, "code") + 1, _at(kind, "time") + 1
        last = {(row[code], row[time]): row for row in parsed.rows}
        outcome.superseded = (len(parsed.rows) - len(last)) * len(kind.values)
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
