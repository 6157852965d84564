"""Declared mappings: our fields and codes in the words of a platform, as data. A file in the home replaces a shipped one."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kuangan.base.clock import BEIJING
from kuangan.domains.datalink.exchange.models import Mode
from kuangan.library.shipped import read_yaml

SHIPPED = Path(__file__).with_name("platforms")
OFFICIAL_NUMBER = "official_number"
"""The fact that the exchange itself adds to those of the source."""
STATE_TABLE = "state"
WITHDRAWN = "withdrawn"
LOWEST_PAGE, HIGHEST_PAGE = 1, 1_000


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Strict):
    """One field of theirs: from which fact of ours, of which type, through which code table."""

    theirs: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")
    ours: str
    type: Literal["text", "number", "time"]
    table: str = ""
    required: bool = False
    words: str


class Told(Strict):
    """A state that they may report; `step` is the matching step of ours, `form` {our field: their field}."""

    words: str
    step: str = ""
    form: dict[str, Literal["note", "cause", "people_out"]] = {}


class Mapping(Strict):
    """The whole declaration of one platform."""

    platform: str = Field(pattern=r"^[a-z][a-z0-9_]{1,23}$")
    name: str
    short: str
    version: int
    source: Literal["default", "official"]
    mark: str = ""
    basis: str
    in_force_from: date
    default_mode: Mode = Mode.ASSIST
    kinds: tuple[str, ...]
    grades: tuple[str, ...]
    late_after_minutes: int = Field(gt=0)
    page_limit: int = Field(ge=LOWEST_PAGE, le=HIGHEST_PAGE)
    acts_as: tuple[str, ...]
    fields: tuple[Column, ...]
    tables: dict[str, dict[str, str]]
    incoming: dict[str, Told]

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if missing := {c.table for c in self.fields if c.table} - set(self.tables):
            raise ValueError(f"no code table {', '.join(sorted(missing))}")
        names = [c.theirs for c in self.fields]
        if len(set(names)) < len(names):
            raise ValueError("a field of theirs stands twice")
        if WITHDRAWN not in self.tables.get(STATE_TABLE, {}):
            raise ValueError("the table of states has no code for what is withdrawn")
        if foreign := set(self.incoming) - set(self.tables[STATE_TABLE].values()):
            raise ValueError(f"they report states that we have no word for: {', '.join(sorted(foreign))}")
        if self.source == "default" and not self.mark:
            raise ValueError("a default of ours must say so in its mark")
        return self

    def ours(self, table: str, code: str) -> str | None:
        """Our word for a code of theirs; None when the table has none."""
        return next((mine for mine, theirs in self.tables[table].items() if theirs == code), None)

    def state_words(self, code: str) -> str:
        """A state code of theirs in words, — for none."""
        return self.incoming[code].words if code in self.incoming else code or "—"


class Untranslatable(Exception):
    """A value of ours for which the mapping has no code."""


def translate(mapping: Mapping, facts: dict[str, Any]) -> dict[str, Any]:
    """Our facts in their words. Raises Untranslatable with the field and the value."""
    return {column.theirs: _value(mapping, column, facts.get(column.ours)) for column in mapping.fields}


def _value(mapping: Mapping, column: Column, value: Any) -> Any:
    if column.table:
        table = mapping.tables[column.table]
        said = "" if value is None else str(value)
        if said not in table:
            raise Untranslatable(f"{column.theirs}：代码表 {column.table} 没有“{said}”")
        return table[said]
    if value is None or value == "":
        if column.required:
            raise Untranslatable(f"{column.theirs}：必填，但没有值")
        return None if column.type != "text" else ""
    return wire_time(value) if column.type == "time" else value


def wire_time(at: datetime) -> str:
    """A moment as it is written: ISO 8601 with milliseconds, Beijing time."""
    return at.astimezone(BEIJING).isoformat(timespec="milliseconds")


def mappings(home: Path) -> dict[str, Mapping]:
    """Every declared platform by its code; what lies in `<home>/config/exchange` goes before what is shipped.

    A file that is no mapping leaves its platform out: to go on with the shipped one would send wrong codes.
    """
    return {code: read for code, read in _all(home).items() if isinstance(read, Mapping)}


def damaged(home: Path) -> dict[str, str]:
    """{platform: what is wrong with its file} of those that are left out."""
    return {code: read for code, read in _all(home).items() if isinstance(read, str)}


def _all(home: Path) -> dict[str, Mapping | str]:
    found = {}
    for folder in (SHIPPED, home / "config" / "exchange"):
        for path in sorted(folder.glob("*.yaml")):
            state = path.stat()
            found[path.stem] = _read(path, state.st_mtime_ns, state.st_size)
    return found


@lru_cache(maxsize=64)
def _read(path: Path, changed: int, size: int) -> Mapping | str:
    """The mapping in a file that is called as its platform; else why it is none."""
    try:
        mapping = Mapping.model_validate(read_yaml(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as fault:
        return " ".join(str(fault).split())[:300]
    return mapping if mapping.platform == path.stem else f"{path.name} declares {mapping.platform}"
