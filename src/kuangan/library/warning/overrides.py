"""Departures from the rule book for one mine or one of its points, as rows of the book.

A row names what it overrides by rule and setting. A limit can only be lowered: judged is the lower of the limit that `limits.choose`
found and the row's, so that no row can make judgement laxer than the statutory table. Of several rows the one of the point goes
before the one of the mine. The rows have no dates: whoever publishes the book leaves out what has ended.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from pydantic import Field

from kuangan.library.warning.settings import Quantity, Rule, Strict

if TYPE_CHECKING:
    from kuangan.library.warning.limits import Limit

LIMIT: Final = "limit"
SOURCE: Final = "override"
OVERRIDABLE: Final[Mapping[str, tuple[str, ...]]] = {"gas.over_limit": (LIMIT, "merge_gap_min", "hold_min")}
"""What a row may override: rule → settings."""
AnyRule = TypeVar("AnyRule", bound=Rule)


class Override(Strict):
    """`limit` in the unit of the quantity, the other settings in minutes; `point` empty: all points of the mine."""

    id: str
    rule: Literal["gas.over_limit"]
    setting: Literal["limit", "merge_gap_min", "hold_min"]
    quantity: Quantity | Literal[""] = ""
    mine: str
    point: str = ""
    value: float = Field(ge=0, allow_inf_nan=False)


Rows = Sequence[Override]


def of_point(rows: Rows, setting: str, mine: str, point: str, quantity: str) -> Override | None:
    """The row in force for a setting of a point, None when the book itself applies."""
    found = [row for row in rows if row.setting == setting and row.mine == mine and row.point in ("", point)]
    found = [row for row in found if row.quantity in ("", quantity)]
    return max(found, key=lambda row: bool(row.point), default=None)


def lowered(rows: Rows, limit: Limit, mine: str, point: str) -> Limit:
    """The limit with what the rows make of it; never a higher one, and none where there is nothing to judge."""
    row = of_point(rows, LIMIT, mine, point, limit.quantity) if rows else None
    if row is None or math.isnan(limit.value) or row.value >= limit.value or row.value <= 0:
        return limit
    return replace(limit, value=row.value, source=SOURCE, notes=(*limit.notes, f"override {row.id}"))


def adjusted(rows: Rows, rule: str, settings: AnyRule, mine: str, point: str, quantity: str) -> AnyRule:
    """The settings of a rule for a point."""
    if not rows:
        return settings
    names = [name for name in OVERRIDABLE.get(rule, ()) if name != LIMIT]
    changed = {
        name: row.value for name in names if (row := of_point(rows, name, mine, point, quantity)) and row.rule == rule
    }
    return settings.model_copy(update=changed) if changed else settings
