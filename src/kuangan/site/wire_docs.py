"""The published form of what may be uploaded: a page of all types, a JSON Schema of our own files, an example of each of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

OWN = "own"
SOME_DAY_MS = 1_773_101_720_000
EXAMPLE_MINE = "140581990001"


def formats_page() -> str:
    """Every family with its types: what each holds, feeds and has in a record; and its sensor types."""
    from kuangan.domains.datalink import wording
    from kuangan.library.telemetry.grammar import file_types, sensor_types
    from kuangan.site.docs import code, page, table

    parts = [
        "A column that may be empty is in brackets. Sensor types of other families than coal's own are qualified, so that no two can be mixed up."
    ]
    for family, word in wording.words()["families"].items():
        kinds = [kind for kind in file_types().values() if kind.family == family]
        rows = [
            (
                code(kind.name),
                wording.type_word(kind.name),
                " ".join(map(code, (kind.feeds, *kind.also))),
                " · ".join(
                    _column(each.source if kind.grammar.syntax in ("json", "xml") else "", each)
                    for each in kind.columns
                ),
            )
            for kind in kinds
        ]
        parts += [f"## {word}", table(("type", "内容", "feeds", "record"), rows)]
        types = [
            (code(name), known.name, code(known.quantity), known.unit, f"{known.step:g}" if known.step else "")
            for name, known in sensor_types().items()
            if known.family == family
        ]
        if types:
            parts.append(table(("sensor type", "名称", "quantity", "unit", "step"), types))
    return page("Files and sensor types", *parts)


def _column(source: str, column: Any) -> str:
    needed = column.kind in NEEDED
    name = source or column.name
    return name if needed else f"({name})"


NEEDED = frozenset({"code", "words", "value", "time", "mask", "digit"})
_TEXTS = frozenset({"code", "text", "words"})
_TIMES = frozenset({"time", "open_time"})


def own_schema() -> str:
    """JSON Schema (2020-12) of our own JSON files, one definition a type; a CSV file has the same names in its first line."""
    from kuangan.domains.datalink import wording
    from kuangan.library.telemetry.grammar import file_types

    kinds = [kind for kind in file_types().values() if kind.family == OWN]
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": wording.family_word(OWN),
        "anyOf": [{"$ref": f"#/$defs/{kind.name}"} for kind in kinds],
        "$defs": {kind.name: _document(kind) for kind in kinds} | {"time": TIME},
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", "description": "北京时间"}


def _document(kind: Any) -> dict[str, Any]:
    from kuangan.domains.datalink import wording

    grammar = kind.grammar
    record = {
        "type": "object",
        "properties": {column.name: _property(column) for column in kind.columns},
        "required": [column.name for column in kind.columns if column.kind in NEEDED],
    }
    return {
        "title": wording.type_word(kind.name),
        "type": "object",
        "properties": {
            grammar.mine: {"type": "string", "description": "矿山编码，与文件名一致"},
            grammar.mine_name: {"type": "string", "description": "矿山名称"},
            grammar.time: {"$ref": "#/$defs/time"},
            grammar.records: {"type": "array", "maxItems": 100_000, "items": record},
        },
        "required": [grammar.time, grammar.records],
    }


def _property(column: Any) -> dict[str, Any]:
    from kuangan.domains.datalink import wording

    word = {"description": wording.column_word(column.name)}
    if column.kind in _TIMES:
        return {"$ref": "#/$defs/time"} | word
    if column.kind in _TEXTS:
        return {"type": "string"} | ({"minLength": 1} if column.kind in NEEDED else {}) | word
    return {"type": ["number", "string"]} | word


def example(name: str, extension: str) -> Callable[[], str]:
    """Writes the example file of a type of our own."""

    def write() -> str:
        from kuangan.domains.datalink.examples import example_file

        found = example_file(name, extension, EXAMPLE_MINE, SOME_DAY_MS)
        assert found is not None
        return found[1].decode("utf-8").replace("\r\n", "\n")

    return write


OWN_TYPES = ("ELECTRICITY", "PRODUCTION", "VENTILATION", "EXPLOSIVES", "ADVANCE", "HANDGAS", "HELP", "SURVEY")
FILES: dict[str, Callable[[], str]] = {
    "own.schema.json": own_schema,
    **{
        f"examples/{EXAMPLE_MINE}_{name}_20260310081520.{extension}": example(name, extension)
        for name in OWN_TYPES
        for extension in ("json", "csv")
    },
}
