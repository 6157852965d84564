"""Conditions that hold over snapshots, and the events they become.

A condition begins with the first snapshot that shows it (or with the time the rule names) and is told once a rung of the ladder
counts. It ends with the first snapshot that certainly does not show it; one that cannot say so neither opens nor closes anything.
After a gap without snapshots longer than a snapshot answers, a condition not yet told begins anew: what was not seen is unknown.
All on event time; the arrival clock says only when it was told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.opening import base_inputs
from kuangan.library.warning.people.memory import Crew, Spell
from kuangan.library.warning.people.settings import MODELS, PeopleRule, Rung
from kuangan.library.warning.people.snapshot import Snapshot
from kuangan.library.warning.settings import GRADES, MINUTE, Grade, rank
from kuangan.library.warning.silence import give_grade

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

CARDS_NAMED = 50
"""How many cards an event names; it tells how many there are."""


class Found(NamedTuple):
    """A condition that a snapshot shows. `measure` is what the ladder looks at, `value` the number that is told; `since` is when it
    began where the data say so. `over` marks what happened once and has ended."""

    subject_kind: str
    subject: str
    measure: float
    value: float
    inputs: Mapping[str, Any]
    since: int | None = None
    over: bool = False


class Judged(NamedTuple):
    """What a snapshot says of a rule: what it shows, and whether what it does not show is over (`closes`); of one `subject`, or
    without it of all."""

    rule: str
    found: Sequence[Found]
    closes: bool
    subject: str | None = None


def named(cards: Sequence[str]) -> dict[str, Any]:
    """Cards as an event tells them."""
    return {"cards": sorted(cards)[:CARDS_NAMED], "cards_total": len(cards)}


def grade_of(ladder: Sequence[Rung], measure: float, lasted: int) -> tuple[Grade, str] | None:
    """The gravest rung that counts, with its name."""
    counting = [rung for rung in ladder if measure > rung.over and lasted >= rung.minutes * MINUTE]
    if not counting:
        return None
    gravest = max(counting, key=lambda rung: rank(rung.grade))
    return gravest.grade, gravest.id


def forget_unseen(state: State, crew: Crew, moment: int) -> None:
    """Let go of what was not told and not seen for longer than a snapshot answers."""
    for rule, spells in list(crew.spells.items()):
        longest = _rule(state, rule).good_for_min * MINUTE
        for subject, spell in list(spells.items()):
            if spell.record is None and moment - spell.seen > longest:
                del spells[subject]


def settle(state: State, mine: int, crew: Crew, judged: Judged, snapshot: Snapshot, now: int) -> list[Event]:
    """Take what a snapshot says of a rule into the spells of a mine."""
    spells = crew.spells.setdefault(judged.rule, {})
    events: list[Event] = []
    for found in judged.found:
        events += _shown(state, mine, judged.rule, spells, found, snapshot, now)
    if judged.closes:
        shown = {found.subject for found in judged.found if not found.over}
        for subject in [each for each in spells if each not in shown and judged.subject in (None, each)]:
            events += _ended(spells.pop(subject), snapshot.moment, now)
    if not spells:
        del crew.spells[judged.rule]
    return events


def _rule(state: State, rule: str) -> PeopleRule:
    found = state.book.settings(rule, MODELS[rule])
    assert isinstance(found, PeopleRule)
    return found


def _shown(
    state: State, mine: int, rule: str, spells: dict[str, Spell], found: Found, snapshot: Snapshot, now: int
) -> list[Event]:
    moment, spell = snapshot.moment, spells.get(found.subject)
    if spell is None:
        spell = spells[found.subject] = Spell(moment if found.since is None else found.since, moment, found.value)
    spell.seen = moment
    risen, spell.peak = found.value > spell.peak, max(found.value, spell.peak)
    reached = grade_of(_rule(state, rule).ladder, found.measure, moment - spell.since)
    if reached is None and spell.record is None:
        return []
    fresh = spell.record is None
    record = spell.record = spell.record or _opened(state, mine, rule, found, spell.since, snapshot, now)
    if fresh or risen:
        record.peak, record.peak_at = spell.peak, moment
        record.inputs |= {**found.inputs, "value": found.value, "snapshot": moment}
    graded = reached is not None and give_grade(record, reached[0], now, reached[1])
    if found.over:
        record.end, record.status = moment, CLEARED
        del spells[found.subject]
    return [record.snapshot(now)] if fresh or risen or graded else []


def _opened(state: State, mine: int, rule: str, found: Found, since: int, snapshot: Snapshot, now: int) -> Record:
    ident = event_id(snapshot.gateway, snapshot.seq, f"{rule.rpartition('.')[2]}.{found.subject}")
    version, code, inputs = state.book.rule_version(rule), state.mines[mine], base_inputs(state, rule, mine)
    kind, subject = found.subject_kind, found.subject
    return Record(ident, rule, version, code, kind, subject, since, now, GRADES[0], inputs=inputs)


def _ended(spell: Spell, moment: int, now: int) -> list[Event]:
    record = spell.record
    if record is None:
        return []
    record.end, record.status = moment, CLEARED
    return [record.snapshot(now)]
