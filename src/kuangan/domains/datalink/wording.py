"""The Chinese words of families, file types, columns and kinds of events. A test sees that none is missing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from kuangan.base.clock import BEIJING, from_ms
from kuangan.library.shipped import read_yaml
from kuangan.library.telemetry.grammar import file_types

TIME_KINDS = frozenset({"time", "open_time", "day_or_time"})
UNNAMED_COLUMNS = ("rest_", "spare_")


@cache
def words() -> Mapping[str, Any]:
    """The table `words.yaml`."""
    loaded: Mapping[str, Any] = read_yaml(resources.files(__package__).joinpath("words.yaml").read_text("utf-8"))
    return loaded


@cache
def times() -> frozenset[str]:
    """Names of columns that hold a time in ms."""
    return frozenset(
        column.name for kind in file_types().values() for column in kind.fields if column.kind in TIME_KINDS
    )


def column_word(name: str) -> str:
    """The word of a column; the name itself for one that has none."""
    if name.startswith(UNNAMED_COLUMNS):
        return str(words()["unknown"])
    return str(words()["columns"].get(name, name))


def family_word(name: str) -> str:
    return str(words()["families"].get(name, name))


def type_word(name: str) -> str:
    """What a file type holds; "" for one that is not declared."""
    return str(words()["types"].get(name, ""))


def category_word(name: str) -> str:
    """The word of a kind of events; numbers that mines chose themselves stay what they are."""
    return str(words()["categories"].get(name, name))


def level_word(category: str, level: str | None) -> str:
    """What the level of an event is called."""
    return str(words()["levels"].get(category, {}).get(level or "", level or ""))


def shown(name: str, value: Any) -> str:
    """A value as text: times in Beijing time, missing numbers said, what has no column word by word."""
    if value is None or value == "":
        return "—"
    if name in times() and isinstance(value, int):
        return f"{from_ms(value).astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return "无数值" if math.isnan(value) else f"{value:g}"
    return rest_words(value) if name == "extra" else str(value)


def rest_words(text: str) -> str:
    """What stands in `extra`: 孔深 498；孔径 130."""
    rest = json.loads(text) if text else {}
    return "；".join(f"{column_word(name)} {shown(name, value)}" for name, value in rest.items())
