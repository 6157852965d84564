"""Files whose fields have names: JSON documents, sheets of comma-separated values, XML of attributes.

Hostile content is bounded: documents have a depth, a number of records and no entities. Numbers stay the text they came as.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any, Final
from xml.parsers import expat

from kuangan.library.telemetry.content import BLANK, EXCERPT, Content, Quarantine, Record, decode_text, whose
from kuangan.library.telemetry.fields import wire_time
from kuangan.library.telemetry.forms import FileType

DEEPEST: Final = 8
MOST_RECORDS: Final = 100_000
_JSON: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def read_json(payload: bytes, mine: str, kind: FileType, marks: set[str]) -> Content:
    """A list of objects, alone or as one entry of an object that is the header."""
    grammar = kind.grammar
    text = decode_text(payload, grammar, marks).strip(BLANK)
    document = _parsed(text)
    header: dict[str, str] = {}
    items: Any = document
    if grammar.records:
        if not isinstance(document, dict):
            raise Quarantine("header", "bad_structure", text[:EXCERPT])
        items = document.get(grammar.records)
        header = {key: _text(value) for key, value in document.items() if not isinstance(value, (list, dict))}
    if not isinstance(items, list) or len(items) > MOST_RECORDS:
        raise Quarantine("record", "bad_structure", text[:EXCERPT])
    records: list[Record] = [flat(item) if isinstance(item, dict) else None for item in items]
    return _headed(header, records, mine, kind, text)


def read_sheet(payload: bytes, mine: str, kind: FileType, marks: set[str]) -> Content:
    """Comma-separated values with a line of names first; the same names as in JSON. A file ends with a line break."""
    text = decode_text(payload, kind.grammar, marks)
    if not text.strip(BLANK):
        raise Quarantine("file", "truncated", "")
    try:
        rows = [row for row in csv.reader(StringIO(text, newline=""), strict=False) if row]
    except csv.Error as fault:
        raise Quarantine("file", "bad_structure", text[:EXCERPT]) from fault
    names = [name.strip() for name in rows[0]] if rows else []
    wanted = {column.source or column.name for column in kind.columns}
    if not wanted & set(names) or len(rows) > MOST_RECORDS:
        raise Quarantine("header", "header_field_count", text[:EXCERPT])
    records: list[Record] = [_row(names, row) for row in rows[1:]]
    return Content(kind.forms, records, mine, cut=len(rows) > 1 and not text.endswith("\n"))


def read_xml(payload: bytes, mine: str, kind: FileType, marks: set[str]) -> Content:
    """A root with one `head` and `data` elements whose attributes are the fields."""
    head: dict[str, str] = {}
    records: list[Record] = []
    roots: list[tuple[str, str]] = []
    depth = 0

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST or len(records) > MOST_RECORDS:
            raise Quarantine("file", "bad_structure", name)
        if depth == 1:
            roots.append((name, attributes.get("code", "")))
        elif name == "head":
            head.update(attributes)
        elif name == "data":
            records.append(attributes)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1

    try:
        _expat(opened, closed).Parse(_as_utf8(payload, kind, marks), True)
    except expat.ExpatError as fault:
        cut = fault.code in _CUT
        raise Quarantine("file", "truncated" if cut else "bad_structure", str(fault)[:EXCERPT]) from fault
    if roots[0] != ("root", kind.grammar.root):
        raise Quarantine("header", "bad_structure", " ".join(roots[0])[:EXCERPT])
    return _headed(head, records, mine, kind, " ".join(head.values()))


def flat(item: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """The texts of an object by name, those of objects within it by `outer.inner`; lists stay JSON."""
    found: dict[str, str] = {}
    for key, value in item.items():
        if isinstance(value, dict):
            found.update(flat(value, f"{before}{key}."))
        else:
            found[f"{before}{key}"] = _text(value)
    return found


def _headed(header: Mapping[str, str], records: list[Record], mine: str, kind: FileType, shown: str) -> Content:
    """The content under a header that is given by name."""
    grammar = kind.grammar
    source = next((column.source or column.name for column in kind.columns if column.kind == "mine"), "")
    said = header.get(grammar.mine, "").strip()
    if not mine and not said:
        said = next(
            (each[source].strip() for each in records if each and not isinstance(each, str) and each.get(source)), ""
        )
    time = wire_time(header.get(grammar.time, "").strip()) if grammar.time else None
    if grammar.time and time is None:
        raise Quarantine("header_time", "header_time", shown[:EXCERPT])
    owner = whose(said, mine, shown[:EXCERPT])
    return Content(kind.forms, records, owner, header.get(grammar.mine_name, ""), time, header)


def _parsed(text: str) -> Any:
    if not text:
        raise Quarantine("file", "truncated", "")
    try:
        document, stop = _JSON.raw_decode(text)
    except json.JSONDecodeError as fault:
        cut = fault.pos >= len(text) - 1 or fault.msg.startswith("Unterminated")
        raise Quarantine("file", "truncated" if cut else "bad_structure", text[-EXCERPT:]) from fault
    except (RecursionError, ValueError) as fault:
        raise Quarantine("file", "bad_structure", text[:EXCERPT]) from fault
    if text[stop:].strip(BLANK):
        raise Quarantine("file", "text_after_end", text[stop:][:EXCERPT])
    if _depth(document) > DEEPEST:
        raise Quarantine("file", "bad_structure", text[:EXCERPT])
    return document


def _depth(value: Any) -> int:
    """How deep lists and objects stand in each other, counted no further than one beyond what is taken."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        inner = [
            each
            for one in level
            if isinstance(one, (dict, list))
            for each in (one.values() if isinstance(one, dict) else one)
            if isinstance(each, (dict, list))
        ]
        depth += any(isinstance(one, (dict, list)) for one in level)
        level = inner
    return depth


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _row(names: list[str], row: list[str]) -> Mapping[str, str] | None:
    return dict(zip(names, row, strict=True)) if len(row) == len(names) else None


_CUT: Final = {
    expat.errors.codes[words] for words in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
}


def _as_utf8(payload: bytes, kind: FileType, marks: set[str]) -> bytes:
    """The document as UTF-8 bytes, whatever its own declaration says."""
    return decode_text(payload, kind.grammar, marks).encode("utf-8")


def _expat(opened: Callable[[str, dict[str, str]], None], closed: Callable[[str], None]) -> Any:
    """A parser without document types: what could expand, or fetch, is refused where it begins."""
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed

    def refused(*given: object) -> None:
        raise Quarantine("file", "bad_structure", "DOCTYPE")

    parser.StartDoctypeDeclHandler = refused
    parser.EntityDeclHandler = refused
    return parser
