"""What a file type is: the writing of its family, its columns, what it feeds and which numbers of it are readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Final

TEXT: Final = "text"
"""Separators and an end mark: MT/T 1201, non-coal and tailings files. The other writings are LINES, JSON, SHEET and XML."""
LINES: Final = "lines"
JSON: Final = "json"
SHEET: Final = "sheet"
XML: Final = "xml"
SYNTAXES: Final = (TEXT, LINES, JSON, SHEET, XML)

QUICK: Final[Mapping[str, str]] = {"code": "code", "value": "value", "status": "mask", "time": "time"}
"""Columns that the fast path reads, with their kinds."""


@dataclass(frozen=True, slots=True)
class SensorType:
    """What a sensor type measures: a stable English quantity, its unit and step of resolution; `name` is what people read.

    `step` is 0 for switches and states.
    """

    quantity: str
    unit: str
    step: float
    family: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a family is written.

    TEXT uses the separators; LINES `field` alone. Of keyed writings `records` names the list (JSON; "" when the document is the
    list itself), `time`, `mine` and `mine_name` the header's entries ("" when it has none).
    """

    field: str = ";"
    record: str = "~"
    end: str = "||"
    full_width_field: str = ""
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    stray: tuple[str, ...] = ()
    unset: frozenset[str] = frozenset()
    bad_value: float = -9999.0
    syntax: str = TEXT
    records: str = ""
    time: str = ""
    mine: str = ""
    mine_name: str = ""
    root: str = ""
    breaks: bool = False
    """Whether a line break behind each record is how the family is written, and no oddity."""
    prefix: str = ""
    """What qualifies the family's sensor types: "water" makes "water:0502" of 0502; "" for coal's own MT/T 1201.1."""
    coal: Mapping[str, str] = made(default_factory=dict)
    """Sensor types of the family that are one of MT/T 1201.1, by their code there."""
    words: Mapping[str, Mapping[str, str]] = made(default_factory=dict)
    """Tables of codes: name of the table → code → what it says."""

    def qualified(self, code: str) -> str:
        """A sensor type of this family, such that no other family has the same; "" for none."""
        if not code or not self.prefix:
            return code
        return self.coal.get(code) or f"{self.prefix}:{code}"


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a record; `kind` is one of KINDS, `source` its name where fields have names, or a table of words."""

    name: str
    kind: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """One reading of a record: the columns its number is taken from (the first that is not empty), and whose it is.

    `suffix` is added to the code of the record's point behind a `#`. `type` is a qualified sensor type; where it is empty the
    record says it, in its column `sensor_type`, or its code does.
    """

    columns: tuple[str, ...] = ("value",)
    suffix: str = ""
    type: str = ""

    def code(self, code: str) -> str:
        """The code of the point that the reading belongs to."""
        return f"{code}#{self.suffix}" if self.suffix else code


@dataclass(frozen=True, slots=True)
class Derived:
    """A column made of others: their texts joined, less the last `drop` characters; a text that begins with the one before it
    is not joined to it again."""

    name: str
    columns: tuple[str, ...]
    drop: int = 0

    def of(self, texts: list[str]) -> str:
        """The text of the column."""
        joined = ""
        for text in texts:
            joined = text if text.startswith(joined) else joined + text
        return joined[: -self.drop] if self.drop else joined


@dataclass(frozen=True, slots=True)
class FileType:
    """One file type: header fields, columns, the fewest fields a record may have, and what it feeds.

    `others` are further forms of the type; `fields` are the columns of all forms, each once, then what is derived and fixed, and
    `places` say where the own columns stand among them. `trailing` allows one separator behind the last field. `also` are feeds
    besides the first. `values` are the readings of a record, and the points of a definition. `live` types hold a mine's link.
    """

    name: str
    feeds: str
    header: tuple[str, ...]
    columns: tuple[Column, ...]
    least: int
    grammar: Grammar
    trailing: bool = False
    others: tuple[FileType, ...] = ()
    fields: tuple[Column, ...] = ()
    places: tuple[int, ...] = ()
    family: str = ""
    also: tuple[str, ...] = ()
    values: tuple[Value, ...] = (Value(),)
    derived: tuple[Derived, ...] = ()
    fixed: Mapping[str, str] = made(default_factory=dict)
    live: bool = False

    @property
    def forms(self) -> tuple[FileType, ...]:
        """This form and the others."""
        return (self, *self.others)

    @property
    def names_mine(self) -> bool:
        """Whether the header begins with the code of the mine."""
        return bool(self.header) and self.header[0] == "mine"

    @property
    def quick(self) -> bool:
        """Whether the fast path can read it: separators, a code, a value, a mask and last a time, beside them texts alone."""
        kinds = {column.name: column.kind for column in self.columns}
        plain = self.grammar.syntax == TEXT and not (self.others or self.derived or self.trailing or self.also)
        alone = len(self.values) == 1 and self.values[0].columns == ("value",) and not self.values[0].suffix
        whole = self.least == len(self.columns) and self.columns[-1].name == "time"
        rest = {kinds[name] for name in kinds if name not in QUICK}
        return (
            plain
            and alone
            and whole
            and self.feeds == "readings"
            and QUICK.items() <= kinds.items()
            and rest <= {"text"}
        )

    def split(self, text: str, width: int) -> list[str]:
        """The fields of a header or record of this form that should have `width`, not yet stripped."""
        fields = text.split(self.grammar.field)
        if self.trailing and len(fields) == width + 1 and not fields[-1].strip():
            fields.pop()
        return fields

    def index(self, column: str) -> int:
        """Place of a column in a record, from 0."""
        return [each.name for each in self.columns].index(column)

    def place(self, column: str) -> int | None:
        """Place of a column among `fields`, None when the type has none of that name."""
        names = [each.name for each in self.fields]
        return names.index(column) if column in names else None
