"""The patterns of official texts, compiled. They are data (`data/grammar.yaml`): the library speaks no Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from kuangan.library.policy.typed import Strict, Words
from kuangan.library.shipped import read_yaml

FILE = Path(__file__).parent / "data" / "grammar.yaml"
Level = Literal["section", "group", "item"]
LEVELS: tuple[Level, ...] = ("section", "group", "item")


def _usable(value: str) -> str:
    try:
        re.compile(value)
    except re.error as fault:
        raise ValueError(f"no regular expression: {fault}") from fault
    return value


Pattern = Annotated[str, AfterValidator(_usable)]


class Numerals(Strict):
    digits: Annotated[str, Field(min_length=9, max_length=9)]
    ten: Annotated[str, Field(min_length=1, max_length=1)]


class Grammar(Strict):
    """The file as it stands; `Reader` is what works with it."""

    version: int
    page_lines: tuple[Pattern, ...]
    page_marks: Pattern
    fold: dict[str, str]
    fold_between_words: dict[str, str]
    numerals: Numerals
    markers: dict[Level, Pattern]
    ends: Words
    stops: Words
    sentence_end: Words
    longest_heading: int
    number: Pattern
    signature: Pattern
    closing: tuple[Pattern, ...]
    responsible: Pattern
    responsible_opens: Pattern
    names_apart: Pattern
    roles: dict[Literal["targets", "organisation", "safeguards"], tuple[Words, ...]]
    clauses_apart: Pattern


@dataclass(frozen=True)
class Clean:
    """Text without spaces and page numbers. `starts` are places where a line of the file began; `pages` how many numbers went."""

    text: str
    starts: frozenset[int]
    pages: int


@cache
def grammar() -> Grammar:
    """The shipped grammar."""
    return Grammar.model_validate(read_yaml(FILE.read_text(encoding="utf-8")))


def numeral(word: str, of: Numerals) -> int:
    """The number of a Chinese numeral below a hundred, or of decimal digits."""
    if word.isdecimal():
        return int(word)
    tens, ten, ones = word.rpartition(of.ten)
    found = of.digits.find(ones) + 1 if ones else 0
    return found + (10 * (of.digits.find(tens) + 1 if tens else 1) if ten else 0)


def cleaned(text: str, of: Grammar) -> Clean:
    """One spelling, no spaces, no page numbers; where lines began is remembered."""
    text = re.sub(r"\r\n?|\f|\v", "\n", text)
    pages = 0
    for pattern in of.page_lines:
        text, gone = re.subn(pattern, "", text, flags=re.MULTILINE)
        pages += gone
    packed, starts = _packed(text)
    packed = _folded(packed, of)
    marks = list(re.finditer(of.page_marks, packed))
    kept, moved = _without(packed, starts, [mark.span() for mark in marks])
    return Clean(kept, frozenset(moved), pages + len(marks))


def _folded(text: str, of: Grammar) -> str:
    """One spelling; every letter keeps its place."""
    text = text.translate({ord(letter): other for letter, other in of.fold.items()})
    between = "".join(map(re.escape, of.fold_between_words))
    return re.sub(rf"(?<!\d)[{between}]|[{between}](?!\d)", lambda found: of.fold_between_words[found[0]], text)


INVISIBLE = "\u200b\u200c\u200d\ufeff\u00ad"


def _packed(text: str) -> tuple[str, set[int]]:
    parts: list[str] = []
    starts: set[int] = set()
    size = 0
    for line in text.translate(dict.fromkeys(map(ord, INVISIBLE))).splitlines():
        words = line.split()
        if not words:
            continue
        starts.add(size)
        parts += words
        size += sum(map(len, words))
    return "".join(parts), starts


def _without(text: str, starts: set[int], spans: list[tuple[int, int]]) -> tuple[str, set[int]]:
    """The text without some spans, and where its lines begin then."""
    parts, begin = [], 0
    for left, right in spans:
        parts.append(text[begin:left])
        begin = right
    parts.append(text[begin:])

    def shifted(place: int) -> int:
        return place - sum(min(right, place) - left for left, right in spans if left < place)

    return "".join(parts), {shifted(place) for place in starts}
