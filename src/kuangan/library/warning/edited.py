"""History that a mine changed after the fact: another value for a point and time that it had sent before.

The first value stands for judging; the second is kept beside it (a revision). Files with such readings wait until the mine's next
file in time shows which clock it uses: readings that collide because its clock was set back are no edited history. One event per
mine and Beijing day of arrival. Formal condition for a file that arrived at A with newest edited reading t: no interruption of the
mine's files in time around A longer than `parallel_min`, and A − t > lag of the mine's newest file in time (0 where its clock is
ahead) + `clock_slack_s`.

Deleted history (a back-fill that lacks readings sent before) is not seen by this rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from kuangan.library.warning.batch import FrameMark, LateRow
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.opening import about_mine
from kuangan.library.warning.overlimit import steps
from kuangan.library.warning.rulebook import EDITED
from kuangan.library.warning.silence import give_grade
from kuangan.library.warning.state import State

DAY = 86_400_000
BEIJING = 8 * 3_600_000
LISTED = 50
HEADER, SEEN, LAG, AWAY_FROM, AWAY_TO = range(5)
Namer = Callable[[str, int, str, int], tuple[str, str]]


class Edit(NamedTuple):
    """A late reading, the value that stood before it (None: bad), and when that had arrived."""

    row: LateRow
    before: float | None
    arrived: int


def header_seen(state: State, mine: int, mark: FrameMark) -> None:
    """Note the newest header of a mine's real-time files, how late its file came, and the last interruption between two such files."""
    header = mark.header
    if not mark.feeds or header is None or mark.ahead:
        return
    known = state.heads.get(mine)
    if known is None:
        state.heads[mine] = [header, mark.at, mark.at - header, NEVER, NEVER]
    elif header > known[HEADER]:
        if mark.at - known[SEEN] > state.book.parallel_ms:
            known[AWAY_FROM], known[AWAY_TO] = known[SEEN], mark.at
        known[HEADER], known[SEEN], known[LAG] = header, mark.at, mark.at - header


def note(state: State, edits: Iterable[Edit], named: Namer) -> None:
    """Put edited readings, file by file, with those that wait for the mine's clock. `named(mine, arrival, gateway, seq)` gives
    the names of the earlier frame and of this one."""
    files: dict[tuple[int, str, int], list[Edit]] = {}
    for edit in edits:
        files.setdefault((state.points[edit.row.point].mine, edit.row.gateway, edit.row.seq), []).append(edit)
    for (mine, gateway, seq), found in files.items():
        largest = max(found, key=lambda e: (_change(e), -e.row.time, -e.row.point))
        times = [e.row.time for e in found]
        codes = sorted({state.points[e.row.point].code for e in found})
        state.edits_waiting.append(
            {
                "mine": mine,
                "gateway": gateway,
                "seq": seq,
                "record": found[0].row.record,
                "arrival": found[0].row.arrival,
                "count": len(found),
                "points": codes,
                "first": min(times),
                "last": max(times),
                "hidden": sum(_hides(state, e) for e in found),
                "largest": {
                    "point": state.points[largest.row.point].code,
                    "time": largest.row.time,
                    "before": largest.before,
                    "after": None if np.isnan(largest.row.value) else largest.row.value,
                    "change": _change(largest),
                },
                "frames": list(named(state.mines[mine], largest.arrived, gateway, seq)),
            }
        )


def _change(edit: Edit) -> float:
    if edit.before is None or np.isnan(edit.row.value):
        return 0.0
    return round(abs(edit.row.value - edit.before), 6)


def _hides(state: State, edit: Edit) -> bool:
    """True when a value at or over the limit was sent again as one below it, or as a bad one."""
    limit = state.points[edit.row.point].limit
    if limit is None or edit.before is None or np.isnan(limit.value):
        return False
    height = steps(limit.value, limit.step)
    after = edit.row.value
    return steps(edit.before, limit.step) >= height and (np.isnan(after) or steps(after, limit.step) < height)


def judge(state: State, now: int) -> list[Event]:
    """Tell the files whose mine has shown its clock since, and end the events of past days."""
    rule = state.book.edited
    events: list[Event] = []
    waiting = []
    for file in state.edits_waiting:
        mine, arrival = file["mine"], file["arrival"]
        head = state.heads.get(mine)
        if head is None or head[SEEN] <= arrival:
            waiting.append(file)
            continue
        jumped = head[AWAY_FROM] < arrival <= head[AWAY_TO]
        if not jumped and arrival - file["last"] > max(head[LAG], 0) + rule.clock_slack_s * 1000:
            events += _told(state, file, now)
    state.edits_waiting = waiting
    for mine, record in list(state.edits.items()):
        if record.inputs["day"] != _day(now) and record.status != CLEARED:
            events.append(_over(state, mine, record, now))
    return events


def _day(at: int) -> int:
    return (at + BEIJING) // DAY


def _over(state: State, mine: int, record: Record, now: int) -> Event:
    del state.edits[mine]
    record.status, record.end = CLEARED, record.inputs["last"]
    return record.snapshot(now)


def _told(state: State, file: dict[str, Any], now: int) -> list[Event]:
    mine, day, events = file["mine"], _day(file["arrival"]), []
    record = state.edits.get(mine)
    if record is not None and record.inputs["day"] != day:
        events.append(_over(state, mine, record, now))
        record = None
    if record is None:
        record = state.edits[mine] = _opened(state, file, day, now)
    inputs, largest = record.inputs, file["largest"]
    inputs["count"] += file["count"]
    inputs["files"] += 1
    inputs["hidden"] += file["hidden"]
    inputs["points"] = sorted({*inputs["points"], *file["points"]})[:LISTED]
    record.onset = inputs["first"] = min(inputs["first"], file["first"])
    inputs["last"] = max(inputs["last"], file["last"])
    if record.peak is None or largest["change"] > record.peak:
        record.peak, record.peak_at = largest["change"], largest["time"]
        inputs |= {"largest": largest, "frames": file["frames"]}
        inputs["unit"] = state.points[state.point_index[largest["point"]]].unit
    for grade, note_ in _grades(state, inputs):
        give_grade(record, grade, now, note_)
    return [*events, record.snapshot(now)]


def _grades(state: State, inputs: dict[str, Any]) -> Sequence[tuple[Any, str]]:
    rule = state.book.edited
    reached = [(grade, f"{count}") for grade, count in rule.readings.items() if inputs["count"] >= count]
    return [*reached, *([(rule.hidden, "over_limit_hidden")] if inputs["hidden"] else [])]


def _opened(state: State, file: dict[str, Any], day: int, now: int) -> Record:
    return about_mine(
        state,
        EDITED,
        file["mine"],
        event_id(file["gateway"], file["seq"], f"{state.mines[file['mine']]}.edited"),
        file["first"],
        now,
        {
            "day": day,
            "count": 0,
            "files": 0,
            "hidden": 0,
            "points": [],
            "first": file["first"],
            "last": file["last"],
        },
    )
