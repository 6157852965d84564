"""Electronic seals: cameras at the mouths of stopped mines. What elsewhere is three small alerts is one grave event here.

A sign begins when it is first known (off line, covered, moved, …, persons passing) and ends when its picture is well again or nobody
passed for a while; the event of a camera ends with its last sign, or when the mine is stopped no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuangan.library.warning.batch import TickMark
from kuangan.library.warning.events import Event
from kuangan.library.warning.settings import MINUTE, rank
from kuangan.library.warning.silence import give_grade
from kuangan.library.warning.video.memory import Memory, Seal
from kuangan.library.warning.video.records import Cause, about_camera, over
from kuangan.library.warning.video.settings import SEALED_SHAFT, SealedRule, SealRung

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

PERSONS = "persons"


def rule_of(state: State) -> SealedRule:
    return state.book.settings(SEALED_SHAFT, SealedRule)


def seen(state: State, memory: Memory, at: int, sign: str, since: int, now: int, cause: Cause) -> list[Event]:
    """A sign shows at a sealed camera since a moment."""
    memory.seals.setdefault(at, Seal()).signs.setdefault(sign, since)
    return _told(state, memory, at, now, cause)


def lifted(state: State, memory: Memory, at: int, sign: str, now: int, cause: Cause) -> list[Event]:
    """A sign is over."""
    seal = memory.seals.get(at)
    if seal is None or seal.signs.pop(sign, None) is None:
        return []
    return _told(state, memory, at, now, cause)


def passed(state: State, memory: Memory, at: int, heads: int, moment: int, now: int, cause: Cause) -> list[Event]:
    """Persons were seen at a sealed camera."""
    seal = memory.seals.setdefault(at, Seal())
    seal.heads, seal.heard = seal.heads + heads, now
    return seen(state, memory, at, PERSONS, moment, now, cause)


def counted(
    state: State, memory: Memory, at: int, where: str, count: int, moment: int, now: int, cause: Cause
) -> list[Event]:
    """A running counter at a sealed camera: who came since its last value passed; the first value tells nothing, nor does one that is
    older than the last."""
    seal = memory.seals.setdefault(at, Seal())
    before = seal.counters.get(where)
    if before is not None and moment < seal.read.get(where, moment):
        return []
    seal.counters[where], seal.read[where] = count, moment
    if before is None or count <= before:
        return []
    return passed(state, memory, at, count - before, moment, now, cause)


def judge(state: State, memory: Memory, now: int, tick: TickMark) -> list[Event]:
    """Signs that went on or are over."""
    events: list[Event] = []
    quiet = int(rule_of(state).persons_min * MINUTE)
    for at, seal in list(memory.seals.items()):
        if not memory.c["sealed"][at]:
            seal.signs.clear()
            seal.counters.clear()
            seal.read.clear()
        elif PERSONS in seal.signs and now - seal.heard >= quiet:
            del seal.signs[PERSONS]
        if not seal.signs:
            seal.heads = 0
        events += _told(state, memory, at, now, tick)
        if not seal.signs and not seal.counters:
            del memory.seals[at]
    return events


def _counts(rung: SealRung, seal: Seal, now: int) -> bool:
    since = seal.signs.get(rung.sign)
    if since is None or now - since < rung.minutes * MINUTE:
        return False
    return rung.sign != PERSONS or seal.heads > rung.over


def _told(state: State, memory: Memory, at: int, now: int, cause: Cause) -> list[Event]:
    seal = memory.seals[at]
    record = seal.record
    if not seal.signs:
        seal.record = None
        return [] if record is None else [over(record, now, now)]
    counting = [rung for rung in rule_of(state).ladder if _counts(rung, seal, now)]
    if record is None and not counting:
        return []
    if record is None:
        onset = min(seal.signs.values())
        record = seal.record = about_camera(
            state, memory, SEALED_SHAFT, at, onset, now, cause, {"signs": [], "heads": 0}
        )
    told = (record.inputs["signs"], record.inputs["heads"])
    record.inputs["signs"] = sorted({*record.inputs["signs"], *seal.signs})
    record.inputs["heads"] = max(record.inputs["heads"], seal.heads)
    graded = False
    if counting:
        gravest = max(counting, key=lambda rung: rank(rung.grade))
        graded = give_grade(record, gravest.grade, now, gravest.id)
    return [record.snapshot(now)] if graded or told != (record.inputs["signs"], record.inputs["heads"]) else []
