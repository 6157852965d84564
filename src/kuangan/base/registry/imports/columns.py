"""Heads and words of other people's tables → our columns and codes, as data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from kuangan.library.shipped import read_yaml

PLAIN_FACTS: Final = (
    "capacity",
    "state",
    "gas_grade",
    "water_grade",
    "fire_grade",
    "dust_grade",
    "standard_grade",
    "flood_threat",
    "coordinates",
)
FIELDS: Final = (
    "code",
    "name",
    "kind",
    "county",
    *PLAIN_FACTS,
    "longitude",
    "latitude",
    "datum",
    "parent_company",
    "actual_controller",
    "supervisor",
    "aliases",
    "valid_from",
    "basis",
)
"""Columns of the register in the order in which they are shown and exported."""
_BRACKETED: Final = re.compile(r"[(\[【〔<].*?[)\]】〕>]")
_ORNAMENT: Final = re.compile(r"[\s:：*※、，,.。/\\·\-_]+")
_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Columns:
    """Tables of `columns.yaml`: plain head → field, field → plain word → code, thresholds."""

    fields: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    heads: Mapping[str, str]
    thresholds: Mapping[str, float]


def tidy(text: str) -> str:
    """Half-width characters, single spaces, nothing invisible."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split())


def plain(head: str) -> str:
    """A head or word for comparison: without brackets and what stands in them, spaces, stars and dashes."""
    text = tidy(head)
    return _ORNAMENT.sub("", _BRACKETED.sub("", text)) or _ORNAMENT.sub("", text)


@lru_cache(maxsize=1)
def columns() -> Columns:
    """The packaged tables. Raises ValueError when one head or word is given two meanings."""
    text = resources.files("kuangan.base.registry").joinpath("imports/columns.yaml").read_text("utf-8")
    data = read_yaml(text)
    return Columns(
        fields=_turned(data["heads"]),
        words={name: _turned(table) for name, table in data["words"].items()},
        heads={name: heads[0] for name, heads in data["heads"].items()},
        thresholds=data["thresholds"],
    )


def _turned(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """{code: [word, …]} → {plain word: code}; two spellings of one code may fall together."""
    found: dict[str, str] = {}
    for code, words in table.items():
        for word in words:
            if found.setdefault(plain(word), code) != code:
                raise ValueError(f"{word} means both {found[plain(word)]} and {code}")
    return found


def field_of(head: str) -> str:
    """The field that a head names, "" for none."""
    return columns().fields.get(plain(head), "")
