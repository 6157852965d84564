"""Pictures that show nothing: covered, moved, dark, frozen, lost, poor – as the mine's own analysis tells.

While an anomaly lasts its message comes again every 60 s (MT/T 1201.6), so the newest message says that it lasts. It is over once it is
not repeated for a while after its camera said that it is on line; of a camera off line nobody knows. Durations run on event time; a
message that is not newer than the last of its kind changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kuangan.library.warning.batch import FrameMark, TickMark
from kuangan.library.warning.events import Event
from kuangan.library.warning.never import FOREVER
from kuangan.library.warning.settings import MINUTE, rank
from kuangan.library.warning.silence import give_grade
from kuangan.library.warning.video import seals
from kuangan.library.warning.video.memory import ON, UNKNOWN, Memory, Spell
from kuangan.library.warning.video.records import about_camera, over
from kuangan.library.warning.video.settings import CASES, PictureRule
from kuangan.library.warning.video.where import camera

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

ANOMALY = "video_anomaly"
SIGNS = ("blocked", "moved", "frozen", "lost")
"""Anomalies that are signs at a sealed mouth."""


def rule_of(state: State, rule: str) -> PictureRule:
    return state.book.settings(rule, PictureRule)


def take(state: State, memory: Memory, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
    """The anomalies among the events of a file, in order of time."""
    told = rows.filter(
        (pl.col("category") == ANOMALY) & pl.col("level").is_in(list(CASES)) & pl.col("code").is_not_null()
    ).sort("start", nulls_last=True, maintain_order=True)
    events: list[Event] = []
    for code, case, start in told.select("code", "level", "start").iter_rows():
        moment = mark.at if start is None else min(start, mark.at)
        events += _noted(state, memory, camera(state, memory, mine, code), case, moment, mark)
    return events


def _noted(state: State, memory: Memory, at: int, case: str, moment: int, mark: FrameMark) -> list[Event]:
    rule, key = CASES[case], (at, CASES[case])
    settings, spell = rule_of(state, rule), memory.spells.get(key)
    past = memory.past.get(key, [])
    newest = spell.last if spell is not None else past[-1][1] if past else None
    stale = mark.at - moment > settings.unknown_min * MINUTE
    if stale or (newest is not None and (moment < newest or (moment == newest and spell is None))):
        return []
    if spell is None:
        since = moment - int(settings.repeat_hours * 60 * MINUTE)
        recent = [span for span in past if span[0] > since]
        memory.past[key] = recent
        spell = memory.spells[key] = Spell(moment, moment, mark.at, episodes=len(recent) + 1)
    elif moment > spell.last:
        spell.last, spell.heard, spell.times = moment, mark.at, spell.times + 1
    if case not in spell.cases:
        spell.cases = sorted([*spell.cases, case])
    return _told(state, memory, at, rule, spell, mark)


def _told(state: State, memory: Memory, at: int, rule: str, spell: Spell, mark: FrameMark) -> list[Event]:
    sign = rule.rpartition(".")[2]
    if memory.c["sealed"][at] and sign in SIGNS and spell.record is None:
        return seals.seen(state, memory, at, sign, spell.since, mark.at, mark)
    lasted = spell.last - spell.since
    counting = [
        rung for rung in rule_of(state, rule).ladder if lasted >= rung.minutes * MINUTE and spell.episodes >= rung.times
    ]
    if not counting:
        return []
    gravest = max(counting, key=lambda rung: rank(rung.grade))
    fresh = spell.record is None
    if spell.record is None:
        spell.record = about_camera(state, memory, rule, at, spell.since, mark.at, mark, {})
    _say(spell)
    graded = give_grade(spell.record, gravest.grade, mark.at, gravest.id)
    return [spell.record.snapshot(mark.at)] if fresh or graded else []


def _say(spell: Spell) -> None:
    assert spell.record is not None
    spell.record.inputs |= {
        "cases": spell.cases,
        "messages": spell.times,
        "last": spell.last,
        "episodes": spell.episodes,
        "lasted_s": (spell.last - spell.since) // 1000,
    }


def judge(state: State, memory: Memory, now: int, tick: TickMark) -> list[Event]:
    """Anomalies that are over."""
    events: list[Event] = []
    status, heard = memory.c["status"], memory.c["seen"]
    for (at, rule), spell in list(memory.spells.items()):
        settings = rule_of(state, rule)
        wait = FOREVER
        if status[at] == ON and heard[at] > spell.heard:
            wait = int(settings.quiet_min * MINUTE)
        elif status[at] == UNKNOWN:
            wait = int(settings.unknown_min * MINUTE)
        if now - max(spell.heard, state.resumed) < wait:
            continue
        del memory.spells[(at, rule)]
        memory.past.setdefault((at, rule), []).append([spell.since, spell.last])
        if spell.record is not None:
            _say(spell)
            events.append(over(spell.record, spell.last, now))
        events += seals.lifted(state, memory, at, rule.rpartition(".")[2], now, tick)
    return events
