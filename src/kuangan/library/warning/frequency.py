"""How often a mine was over its methane limit: several occurrences within days raise the grade.

Events of one mine that run at the same time, or within the merge gap of each other, are one occurrence (one loss of power or air
shows at many points). The count follows from the remembered events alone, not from the order in which they became known.
"""

from __future__ import annotations

from kuangan.library.warning.events import VOID, Record
from kuangan.library.warning.never import FOREVER
from kuangan.library.warning.settings import MINUTE
from kuangan.library.warning.state import State

DAY = 86_400_000
ROW = "M-O3"


def review(state: State, mine: int, since: int, at: int) -> list[Record]:
    """Count anew for the mine's methane events with onset ≥ `since` (event clock); gives those whose count changed.

    Formal condition: count(e) = number of occurrences with onset(e) − window ≤ begin ≤ onset(e), `e` included.
    """
    rule = state.book.over_limit.frequency
    gap, window = int(state.book.over_limit.merge_gap_min * MINUTE), rule.window_days * DAY
    changed: list[Record] = []
    begins: list[int] = []
    reach = -FOREVER
    for record in episodes(state, mine):
        if record.onset > reach:
            begins.append(record.onset)
        reach = max(reach, FOREVER if record.end is None else record.end + gap)
        if record.onset < since:
            continue
        count = sum(record.onset - begin <= window for begin in begins)
        if record.inputs.get("occurrences") == count:
            continue
        record.inputs["occurrences"] = count
        if count >= rule.count:
            record.raise_to(rule.grade, at, ROW)
        changed.append(record)
    return changed


def episodes(state: State, mine: int) -> list[Record]:
    """The remembered methane events of a mine that stand, in order of onset."""
    found = [
        record
        for index in state.signed.get((mine, "methane"), ())
        for record in state.past.get(index, ())
        if record.status != VOID and record.merged_into is None
    ]
    return sorted(found, key=lambda r: (r.onset, r.subject))
