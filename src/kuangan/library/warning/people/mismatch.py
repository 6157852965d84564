"""Two head-counts of one mine that do not agree: what its entries say against its positions, and what its cameras count.

Compared where both exist at about the same time; otherwise nothing is said. Within max(tolerance, share of the larger) they agree:
cards are swapped, visitors come, batteries end.
"""

from __future__ import annotations

from kuangan.library.warning.people.settings import ENTRY_MISMATCH, MismatchRule
from kuangan.library.warning.people.snapshot import Snapshot
from kuangan.library.warning.people.spells import Found, Judged


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


def compared(name: str, mine: str, counted: int, cards: int, rule: MismatchRule) -> Judged:
    """One count against the cards of a snapshot."""
    measure = beyond(counted, cards, rule)
    told = {
        "persons": cards,
        "counted": counted,
        "tolerance": max(rule.tolerance, rule.tolerance_share * max(counted, cards)),
    }
    return Judged(name, [Found("mine", mine, measure, counted, told)] if measure else (), True)
