"""Types that documents and tables of the policy floor share."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Confidence = Literal["S", "M", "I", "J"]
"""S read in a source, M from memory, I inferred, J judgement: what is not S is a default of ours and shown so."""
Kind = Literal["duty", "prohibition", "condition", "trigger", "target", "programme", "sanction"]
Subject = Literal[
    "mine", "parent", "county", "city", "department", "bureau", "training_body", "service_body", "vendor", "person"
]
MineKind = Literal["coal", "underground", "open_pit", "tailings"]
"""`coal` is every coal mine; the others are non-coal."""
Cadence = Literal["day", "week", "month", "quarter", "half_year", "year", "check"]
Operator = Literal["<", "<=", "==", ">=", ">"]
Series = Literal["clause", "hard_measure", "target", "organisation", "safeguard", "notice"]

NODE_ID = re.compile(r"(?P<document>[A-Z]+\d+)-(?:(?P<letter>[A-Z])(?P<lettered>\d+)?|(?P<number>\d+))")
SERIES: dict[str, Series] = {
    "": "clause",
    "H": "hard_measure",
    "T": "target",
    "O": "organisation",
    "G": "safeguard",
    "N": "notice",
}
"""Letter of a node's id → what the node is; clauses have none."""


def series_of(key: str) -> Series:
    """What a node is by its place inside its document: `14` a clause, `H7` a hard measure."""
    return SERIES["" if key[0].isdigit() else key[0]]


def _node_id(value: str) -> str:
    match = NODE_ID.fullmatch(value)
    if match is None or (match["letter"] or "") not in SERIES:
        raise ValueError(f"{value!r} is no id of a node, as SX34-14, SX34-H7 or SX36-N")
    return value


def _day(value: str) -> str:
    try:
        datetime.date.fromisoformat(f"2024-{value}")
    except ValueError:
        raise ValueError(f"{value!r} is no day of a year, as 12-10") from None
    return value


NodeId = Annotated[str, AfterValidator(_node_id)]
Day = Annotated[str, AfterValidator(_day)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
RoomName = Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z]+)?$")]
SystemId = Annotated[str, Field(pattern=r"^R\d{2,3}$")]
Words = Annotated[str, Field(min_length=1)]
Settings = dict[str, Any]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
