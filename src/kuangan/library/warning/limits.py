"""Which limit applies to a point, and why.

The statutory row comes from the register's place class, else from the pattern table over the location text. Judged is the lower of
row and own limit; without a row the own limit; without either the default of the rule book (methane 1.0 %), marked as ours.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from kuangan.library.telemetry.grammar import sensor_types
from kuangan.library.warning.rulebook import RuleBook
from kuangan.library.warning.settings import Quantity

FINEST_STEP = 1e-6
_TYPE_IN_CODE = re.compile(r"(MN|KG|LJ|DT)(\d{4})")
ANALOGUE = "MN"
LIVE_FAMILIES = frozenset({"noncoal"})
"""Families besides coal's own whose live files come every few seconds."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`value` NaN: the point has no upper limit and is not judged. Units are those of the point."""

    value: float
    source: str  # statutory_register | statutory_location | own | system_default | none
    row: str
    article: str
    confidence: str
    statutory: float
    place: str
    quantity: Quantity
    step: float
    notes: tuple[str, ...]


def type_in_code(code: str) -> tuple[str, str]:
    """(value type, sensor type code) found in a point code, ("", "") when it has none."""
    found = _TYPE_IN_CODE.search(code)
    return (found[1], found[2]) if found else ("", "")


def is_foreign(sensor_type: str) -> bool:
    """Whether a sensor type belongs to another family than MT/T 1201.1, such as "water:0502"."""
    return ":" in sensor_type


def usual_mode(sensor_type: str) -> str:
    """How points of a type are sent where the register does not say it: those of other families at rhythms of their own, whose
    silence is no outage of a sensor."""
    known = sensor_types().get(sensor_type) if is_foreign(sensor_type) else None
    return (
        "on_change" if is_foreign(sensor_type) and (known is None or known.family not in LIVE_FAMILIES) else "periodic"
    )


def type_by_name(book: RuleBook, type_name: str) -> str:
    return next((code for pattern, code in book.type_patterns if pattern.search(type_name)), "")


def _of_another_family(sensor_type: str, place: str) -> Limit:
    """No rule of coal mines is about a point of another family: it is kept and shown, and has its type's own step."""
    known = sensor_types().get(sensor_type)
    step = known.step if known and known.step else FINEST_STEP
    return Limit(math.nan, "none", "", "", "S", math.nan, place, "other", step, ())


def choose(
    book: RuleBook,
    *,
    sensor_type: str,
    value_type: str,
    location: str,
    own: float,
    register_place: str | None,
    gas_grade: str | None,
) -> Limit:
    """The limit in force for one point. `own` is the upper alarm limit of its definition, NaN when there is none."""
    if is_foreign(sensor_type):
        return _of_another_family(sensor_type, register_place or book.place_of(location))
    kind = book.quantities.get(sensor_type)
    quantity: Quantity = kind.quantity if kind else "other"
    step = kind.step if kind else FINEST_STEP
    place = register_place or book.place_of(location)
    if value_type not in ("", ANALOGUE):
        return Limit(math.nan, "none", "", "", "S", math.nan, place, quantity, step, ())
    row = next(
        (
            r
            for r in book.statutory
            if r.quantity == quantity
            and r.place in (place, "any")
            and (r.gas_grades is None or gas_grade in r.gas_grades)
        ),
        None,
    )
    source = "statutory_register" if register_place and row and row.place != "any" else "statutory_location"
    has_own = not math.isnan(own) and own > 0
    if row is None:
        if has_own:
            return Limit(own, "own", "", "", "S", math.nan, place, quantity, step, ())
        default = book.default_limit.get(quantity, math.nan)
        label = "none" if math.isnan(default) else "system_default"
        return Limit(default, label, "", "", "I", math.nan, place, quantity, step, ())
    if has_own and own < row.alarm:
        return Limit(own, "own", row.row, row.article, row.confidence, row.alarm, place, quantity, step, ())
    notes = ("own_limit_above_statutory",) if has_own and own > row.alarm else ()
    return Limit(row.alarm, source, row.row, row.article, row.confidence, row.alarm, place, quantity, step, notes)
