"""What every way of writing gives: the header of a file and its records, not yet judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kuangan.library.telemetry.forms import FileType, Grammar

EXCERPT: Final = 120
BLANK: Final = " \t\r\n"
Record = str | Mapping[str, str] | None
"""One record: its text, its fields by name, or None for what is no record at all."""


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


@dataclass(frozen=True, slots=True)
class Content:
    """A file taken apart. `forms` are those its records may have; `cut` says that the last record is not whole."""

    forms: tuple[FileType, ...]
    records: Sequence[Record]
    mine: str
    mine_name: str = ""
    time: int | None = None
    header: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


def decode_text(payload: bytes, grammar: Grammar, marks: set[str]) -> str:
    """The text of a payload without a byte order mark; adds to `marks` what had to be tolerated."""
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


def whose(said: str, named: str, shown: str) -> str:
    """The mine of a file by its name, or by its content where the name has none; both must agree."""
    if named and said and said.upper() != named:
        raise Quarantine("mine", "header_mine_differs", shown)
    return named or said.upper()
