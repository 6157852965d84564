"""Irregular passage that cameras at the gates report: in or out where or when nobody may, or by the wrong gate.

Messages of one camera that follow each other closely are one event whose measure is their heads. At a sealed mouth of a stopped mine they are
a sign of the seal instead.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from kuangan.library.warning.batch import FrameMark
from kuangan.library.warning.events import Event
from kuangan.library.warning.settings import MINUTE, rank
from kuangan.library.warning.silence import give_grade
from kuangan.library.warning.video import seals
from kuangan.library.warning.video.memory import Memory, Passage
from kuangan.library.warning.video.records import about_camera, over
from kuangan.library.warning.video.settings import IRREGULAR_PASSAGE, PASSAGES, PassageRule
from kuangan.library.warning.video.where import camera

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

COUNTING = "video_counting"


def rule_of(state: State) -> PassageRule:
    return state.book.settings(IRREGULAR_PASSAGE, PassageRule)


def take(state: State, memory: Memory, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
    """The messages of passage among the events of a file, in order of time."""
    told = rows.filter(
        (pl.col("category") == COUNTING) & pl.col("level").is_in(PASSAGES) & pl.col("code").is_not_null()
    ).sort("start", nulls_last=True, maintain_order=True)
    events: list[Event] = []
    for code, kind, heads, start in told.select("code", "level", "value", "start").iter_rows():
        moment = mark.at if start is None else min(start, mark.at)
        number = 1 if heads is None or math.isnan(heads) else int(heads)
        if number < 1 or mark.at - moment > rule_of(state).merge_min * MINUTE:
            continue
        at = camera(state, memory, mine, code)
        if memory.c["sealed"][at]:
            events += seals.passed(state, memory, at, number, moment, mark.at, mark)
        else:
            events += _noted(state, memory, at, kind, number, moment, mark)
    return events


def _noted(state: State, memory: Memory, at: int, kind: str, heads: int, moment: int, mark: FrameMark) -> list[Event]:
    passage = memory.passages.get(at)
    if passage is not None and moment < passage.last:
        return []
    fresh = passage is None
    if passage is None:
        record = about_camera(state, memory, IRREGULAR_PASSAGE, at, moment, mark.at, mark, {})
        passage = memory.passages[at] = Passage(moment, mark.at, 0, {}, record)
    passage.last, passage.heard, passage.heads = moment, mark.at, passage.heads + heads
    passage.kinds[kind] = passage.kinds.get(kind, 0) + heads
    record = passage.record
    record.peak, record.peak_at = float(passage.heads), moment
    record.inputs |= {
        "heads": passage.heads,
        "kinds": dict(sorted(passage.kinds.items())),
        "value": float(passage.heads),
    }
    counting = [rung for rung in rule_of(state).ladder if passage.heads > rung.over]
    if counting:
        gravest = max(counting, key=lambda rung: rank(rung.grade))
        fresh |= give_grade(record, gravest.grade, mark.at, gravest.id)
    return [record.snapshot(mark.at)] if fresh else []


def counters(state: State, memory: Memory, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
    """Running counters of persons; they matter here at sealed mouths."""
    told = rows.filter(
        pl.col("camera").is_not_null() & pl.col("count").is_not_null() & (pl.col("category") == "passage")
    )
    events: list[Event] = []
    for code, count, time, position, direction in told.select(
        "camera", "count", "time", "position", "direction"
    ).iter_rows():
        at = camera(state, memory, mine, code)
        if memory.c["sealed"][at]:
            where, moment = f"{position or ''}/{direction or ''}", mark.at if time is None else min(time, mark.at)
            events += seals.counted(state, memory, at, where, count, moment, mark.at, mark)
    return events


def judge(state: State, memory: Memory, now: int) -> list[Event]:
    """Passages that nobody followed."""
    events: list[Event] = []
    quiet = int(rule_of(state).merge_min * MINUTE)
    for at, passage in list(memory.passages.items()):
        if now - passage.heard >= quiet:
            del memory.passages[at]
            events.append(over(passage.record, passage.last, now))
    return events
