"""A new event of a rule: about a mine or about a point, with what made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kuangan.library.warning.events import Record
from kuangan.library.warning.rulebook import RuleBook
from kuangan.library.warning.settings import GRADES, Grade

if TYPE_CHECKING:
    from kuangan.library.warning.state import State


def provenance(book: RuleBook, rule: str) -> dict[str, Any]:
    """Where a rule comes from."""
    data = book.rules[rule]
    return {
        "clauses": book.clauses[rule],
        "confidence": data["confidence"],
        "source": data["source"],
        "book_version": book.version,
    }


def base_inputs(state: State, rule: str, mine: int) -> dict[str, Any]:
    return {"mine_name": state.mine_names[mine], **provenance(state.book, rule)}


def about_mine(
    state: State,
    rule: str,
    mine: int,
    ident: str,
    onset: int,
    now: int,
    inputs: Mapping[str, Any],
    grade: Grade = GRADES[0],
) -> Record:
    """A record of the mine with this index; `inputs` join what every event of the rule says."""
    code = state.mines[mine]
    told = {**base_inputs(state, rule, mine), **inputs}
    return Record(ident, rule, state.book.rule_version(rule), code, "mine", code, onset, now, grade, inputs=told)


def about_point(
    state: State, rule: str, index: int, ident: str, onset: int, now: int, inputs: Mapping[str, Any]
) -> Record:
    """A record, blue, of the point with this index; `inputs` join what every event about a point says."""
    point = state.points[index]
    told = base_inputs(state, rule, point.mine) | {
        "location": point.location,
        "type_name": point.type_name,
        "unit": point.unit,
        **inputs,
    }
    version, mine = state.book.rule_version(rule), state.mines[point.mine]
    return Record(ident, rule, version, mine, "point", point.code, onset, now, GRADES[0], inputs=told)
