"""The part of JSON Schema that our schemas use, so that documents can be held against them without another package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
KNOWN = {
    "$schema", "$defs", "$ref", "title", "description", "default", "type", "properties", "required", "items", "const",
    "enum", "anyOf", "additionalProperties", "pattern", "format", "minLength", "maxLength", "minimum", "maxItems",
}  # fmt: skip


def faults(schema: dict[str, Any], value: Any) -> list[str]:
    """Where a value breaks a schema, as `path: what`. KeyError for a keyword that this does not know."""
    return list(_faults(schema, schema, value, "$"))


def _faults(root: dict[str, Any], schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    if unknown := set(schema) - KNOWN:
        raise KeyError(f"{path}: {sorted(unknown)}")
    if "$ref" in schema:
        yield from _faults(root, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, path)
    if "anyOf" in schema and all(list(_faults(root, one, value, path)) for one in schema["anyOf"]):
        yield f"{path}: fits none"
    if "type" in schema and not _typed(schema["type"], value):
        yield f"{path}: not {schema['type']}"
        return
    if ("const" in schema and value != schema["const"]) or ("enum" in schema and value not in schema["enum"]):
        yield f"{path}: {value!r} is not among the values"
    if isinstance(value, str):
        yield from _text(schema, value, path)
    if isinstance(value, int) and value < schema.get("minimum", value):
        yield f"{path}: too small"
    if isinstance(value, list):
        yield from _list(root, schema, value, path)
    if isinstance(value, dict):
        yield from _object(root, schema, value, path)


def _typed(wanted: str | list[str], value: Any) -> bool:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    return any(
        isinstance(value, TYPES[kind]) and not (isinstance(value, bool) and kind in ("integer", "number"))
        for kind in kinds
    )


def _text(schema: dict[str, Any], value: str, path: str) -> Iterator[str]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{path}: length {len(value)}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: pattern"
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
        yield f"{path}: no zone"


def _list(root: dict[str, Any], schema: dict[str, Any], value: list[Any], path: str) -> Iterator[str]:
    if len(value) > schema.get("maxItems", len(value)):
        yield f"{path}: too many"
    for place, item in enumerate(value):
        yield from _faults(root, schema.get("items", {}), item, f"{path}[{place}]")


def _object(root: dict[str, Any], schema: dict[str, Any], value: dict[str, Any], path: str) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (f"{path}.{name}: missing" for name in schema.get("required", ()) if name not in value)
    for name, item in value.items():
        if name in known:
            yield from _faults(root, known[name], item, f"{path}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{path}.{name}: unknown"
