"""Calls for help from the cards of people below ground, told at once and as the mine reports them.

Formal condition: a record of a call opens an event of its card and its beginning; the event ends with the end that a record of the same
card and beginning tells. Sent again it is no other call. Nothing of it is judged: whoever calls is to be looked for.
No published upload has calls for help; they come in a file of our own (docs/own-files.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import polars as pl

from kuangan.library.warning.batch import FrameMark
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.family import Family
from kuangan.library.warning.opening import base_inputs
from kuangan.library.warning.people.settings import HELP, HelpRule
from kuangan.library.warning.people.spells import named

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

KEPT: Final = 30 * 86_400_000
"""For how long a call that is over is known: it may be sent again (ms)."""


class Calls(Family):
    """Living calls by `<mine>|<card>|<start>`; `over`: by the same, when the end was heard."""

    name: ClassVar[str] = HELP
    takes: ClassVar[frozenset[str]] = frozenset({"help_calls"})

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, Record] = {}
        self.over: dict[str, int] = {}

    def table(self) -> Mapping[str, Any]:
        records = {key: record.as_dict() for key, record in self.records.items()}
        return {"due": self.due, "records": records, "over": self.over}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.records = {key: Record(**value) for key, value in table["records"].items()}
        self.over = dict(table["over"])

    def frame(self, state: State, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
        told = rows.select("record", "card", "place", "start", "end", "remark").iter_rows() if len(rows) else ()
        return [event for row in told for event in self._called(state, mine, mark, *row)]

    def _called(
        self,
        state: State,
        mine: int,
        mark: FrameMark,
        number: int,
        card: str,
        place: str,
        start: int,
        end: int | None,
        text: str,
    ) -> list[Event]:
        start = min(start, mark.at)
        key = f"{state.mines[mine]}|{card}|{start}"
        if key in self.over:
            return []
        record = self.records.get(key)
        if record is not None and end is None:
            return []
        if record is None:
            record = self.records[key] = _opened(state, mine, mark, number, card, start)
            told = {"location": place or "", "text": text or "", "snapshot": start, "persons": 1}
            record.inputs |= told | named([card])
        if end is not None:
            del self.records[key]
            self.over = {each: at for each, at in self.over.items() if mark.at - at < KEPT} | {key: mark.at}
            record.end, record.status = max(end, start), CLEARED
        return [record.snapshot(mark.at)]


def _opened(state: State, mine: int, mark: FrameMark, number: int, card: str, start: int) -> Record:
    rule = state.book.settings(HELP, HelpRule)
    version, code = state.book.rule_version(HELP), state.mines[mine]
    inputs = base_inputs(state, HELP, mine) | {"grades": [[rule.grade, mark.at, "call"]]}
    ident = event_id(mark.gateway, mark.seq, f"{number}.help")
    return Record(ident, HELP, version, code, "card", card, start, mark.at, rule.grade, inputs=inputs)
