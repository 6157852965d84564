"""Files of separators: a header and records with an end mark, and the older ones of a record a line without a header."""

from __future__ import annotations

from kuangan.library.telemetry.content import BLANK, EXCERPT, Content, Quarantine, decode_text
from kuangan.library.telemetry.fields import wire_time
from kuangan.library.telemetry.forms import FileType, Grammar


def read_text(payload: bytes, mine: str, kind: FileType, marks: set[str]) -> Content:
    """Header and records between separators, closed by the end mark."""
    segments = read_segments(payload, kind.grammar, marks)
    text = segments[0]
    forms = _forms(text, kind)
    fields = [each.strip() for each in forms[0].split(text, len(forms[0].header))]
    if len(fields) < 3 and forms[0].names_mine:
        wide = kind.grammar.full_width_field and kind.grammar.full_width_field in text
        raise Quarantine("header", "full_width_separator" if wide else "header_field_count", text)
    if forms[0].names_mine and fields[0].upper() != mine:
        raise Quarantine("mine", "header_mine_differs", text)
    time = wire_time(fields[-1 if forms[0].names_mine else 0])
    if time is None:
        raise Quarantine("header_time", "header_time", text)
    same = [form for form in forms if len(form.header) == len(fields)]
    if not same:
        marks.add("header_width")
    header = dict(zip(same[0].header, fields, strict=True)) if same else {}
    return Content(forms, segments[1:], mine, fields[1] if forms[0].names_mine else "", time, header)


def read_lines(payload: bytes, mine: str, kind: FileType, marks: set[str]) -> Content:
    """One record a line. What follows the last line break is a record that was cut off."""
    text = decode_text(payload, kind.grammar, marks)
    if not text.strip(BLANK):
        raise Quarantine("file", "truncated", "")
    lines = text.split("\n")
    cut = bool(lines[-1].strip(BLANK))
    records = [line.strip(BLANK) for line in lines if line.strip(BLANK)]
    return Content(kind.forms, records, mine, time=_time_of(records, kind, cut), cut=cut)


def read_segments(payload: bytes, grammar: Grammar, marks: set[str]) -> list[str]:
    """Header and records of a payload, stripped; adds to `marks` what had to be tolerated."""
    text = decode_text(payload, grammar, marks)
    body, end, rest = text.partition(grammar.end)
    if not end:
        raise Quarantine("file", "truncated", text[-EXCERPT:])
    for literal in (*grammar.stray, '"'):
        rest = rest.replace(literal, "")
    if _strip(rest, grammar, marks):
        raise Quarantine("file", "text_after_end", rest)
    opened = body.lstrip(BLANK)
    if opened.startswith('"'):
        marks.add("wrapped")
        body = opened[1:]
    segments = [_strip(segment, grammar, marks) for segment in body.split(grammar.record)]
    if len(segments) > 1 and not segments[-1]:
        segments.pop()
    return segments


def _strip(segment: str, grammar: Grammar, marks: set[str]) -> str:
    """Strips white space and stray literals around a segment."""
    text = segment.strip(BLANK)
    stray = False
    while True:
        shorter = text
        for literal in grammar.stray:
            shorter = shorter.removeprefix(literal).removesuffix(literal)
        shorter = shorter.strip(BLANK)
        if shorter == text:
            break
        text, stray = shorter, True
    if stray:
        marks.add("wrapped")
    if not grammar.breaks and ("\r" in segment or "\n" in segment):
        marks.add("crlf")
    return text


def _forms(header: str, kind: FileType) -> tuple[FileType, ...]:
    """The forms that begin as this header does: with the mine, or with a time."""
    timed = tuple(form for form in kind.others if not form.names_mine)
    if timed and wire_time(header.partition(kind.grammar.field)[0].strip()) is not None:
        return timed
    return tuple(form for form in kind.forms if form.names_mine)


def _time_of(records: list[str], kind: FileType, cut: bool) -> int | None:
    """The newest time of a file that has no header: that of the column which the family names."""
    names = [column.name for column in kind.columns]
    if kind.grammar.time not in names:
        return None
    place = names.index(kind.grammar.time)
    whole = records[:-1] if cut else records
    found = [
        wire_time(fields[place].strip()) for line in whole if len(fields := line.split(kind.grammar.field)) > place
    ]
    return max((time for time in found if time is not None), default=None)
