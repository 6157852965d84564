"""A mine whose clock runs ahead of ours: its readings are judged on arrival time, and the wrong clock is an event of its own.

Only uploads that carry readings tell; a back-filled file has an old header by right and neither raises nor clears anything.
"""

from __future__ import annotations

from kuangan.library.warning.batch import FrameMark
from kuangan.library.warning.events import CLEARED, Event, event_id
from kuangan.library.warning.opening import about_mine
from kuangan.library.warning.rulebook import CLOCK_WRONG
from kuangan.library.warning.settings import MINUTE, clocks
from kuangan.library.warning.silence import give_grade
from kuangan.library.warning.state import State


def noted(state: State, mine: int, mark: FrameMark) -> list[Event]:
    """Open, raise or clear the event of a mine's clock by the header of one upload."""
    record = state.wrong_clocks.get(mine)
    if not mark.feeds or mark.header is None or not (mark.ahead or record):
        return []
    table = clocks(state.book.clock_wrong.minutes)
    if record is not None and not mark.ahead and mark.at - mark.header <= table[0][0]:
        del state.wrong_clocks[mine]
        record.end, record.status = mark.at, CLEARED
        return [record.snapshot(mark.at)]
    reached = [(minutes, grade) for minutes, grade in table if mark.ahead >= minutes]
    if not reached:
        return []
    ahead = round(mark.ahead / MINUTE, 1)
    if record is None:
        record = state.wrong_clocks[mine] = about_mine(
            state,
            CLOCK_WRONG,
            mine,
            event_id(mark.gateway, mark.seq, state.mines[mine]),
            mark.at,
            mark.at,
            {"header": mark.header, "ahead_minutes": ahead},
        )
    if record.peak is None or ahead > record.peak:
        record.peak, record.peak_at = ahead, mark.at
    minutes, grade = reached[-1]
    return [record.snapshot(mark.at)] if give_grade(record, grade, mark.at, f"{minutes // MINUTE}min") else []
