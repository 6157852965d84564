"""Two head-counts of one mine that do not agree: what its entries say against its positions, and what its cameras count.

Compared where both exist at about the same time; otherwise nothing is said. Within max(tolerance, share of the larger) they agree:
cards are swapped, visitors come, batteries end.
"""

from __future__ import annotations

import polars as pl

from kuangan.library.warning.people.memory import Crew
from kuangan.library.warning.people.settings import COUNT_MISMATCH, ENTRY_MISMATCH, CameraRule, MismatchRule
from kuangan.library.warning.people.snapshot import Snapshot
from kuangan.library.warning.people.spells import Found, Judged
from kuangan.library.warning.settings import MINUTE

UNDERGROUND = "underground"
"""The category of `camera_counts` that counts everybody below."""


def beyond(one: int, other: int, rule: MismatchRule) -> float:
    """How far two counts differ beyond the tolerance, persons; 0 where they agree."""
    return max(abs(one - other) - max(rule.tolerance, rule.tolerance_share * max(one, other)), 0.0)


def entry_mismatch(snapshot: Snapshot, mine: str, rule: MismatchRule) -> Judged:
    """The number of persons below that the header of a snapshot declares against the cards it names.

    Measure: persons beyond the tolerance; value: the declared number.
    """
    if snapshot.declared < 0 or not snapshot.whole:
        return Judged(ENTRY_MISMATCH, (), False)
    return compared(ENTRY_MISMATCH, mine, snapshot.declared, snapshot.count, rule)


def counted(crew: Crew, rows: pl.DataFrame, at: int) -> None:
    """Take the newest count of everybody below ground from what cameras tell (columns category, count, time) in a file that came at
    `at` (ms): one dated ahead counts as of then. Passages are none."""
    told = zip(*(rows[name].to_list() for name in ("category", "count", "time")), strict=True)
    for kind, count, time in told:
        if kind == UNDERGROUND and count is not None and time is not None and min(time, at) >= crew.counted_at:
            crew.counted, crew.counted_at = count, min(time, at)


def count_mismatch(crew: Crew, snapshot: Snapshot, mine: str, rule: CameraRule) -> Judged:
    """What the cameras counted below ground, while it stands, against the cards of a snapshot.

    A count after the snapshot is for the next. Measure: persons beyond the tolerance; value: the count of the cameras.
    """
    age = snapshot.moment - crew.counted_at
    if crew.counted < 0 or not 0 <= age <= rule.stands_min * MINUTE or not snapshot.whole:
        return Judged(COUNT_MISMATCH, (), False)
    return compared(COUNT_MISMATCH, mine, crew.counted, snapshot.count, rule)


def compared(name: str, mine: str, counted: int, cards: int, rule: MismatchRule) -> Judged:
    """One count against the cards of a snapshot."""
    measure = beyond(counted, cards, rule)
    told = {
        "persons": cards,
        "counted": counted,
        "tolerance": max(rule.tolerance, rule.tolerance_share * max(counted, cards)),
    }
    return Judged(name, [Found("mine", mine, measure, counted, told)] if measure else (), True)
