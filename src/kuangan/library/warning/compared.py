"""What two rule books make of the same past: alerts that both raise, that one of them raises, that differ in colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kuangan.library.warning.events import VOID, Event
from kuangan.library.warning.settings import rank


@dataclass(frozen=True, slots=True)
class Pair:
    """The same alert under two rule books; None where one of them raises none."""

    before: Event | None
    after: Event | None

    @property
    def kind(self) -> str:
        if self.before is None or self.after is None:
            return "new" if self.before is None else "lost"
        difference = rank(self.after.grade) - rank(self.before.grade)
        return "same" if not difference else "raised" if difference > 0 else "lowered"

    @property
    def either(self) -> Event:
        event = self.before or self.after
        assert event is not None
        return event


def compare(before: Iterable[Event], after: Iterable[Event], start: int, end: int) -> list[Pair]:
    """Alerts of the two, those of one rule and subject whose spans meet being one; told in [start, end) by at least one of them."""
    left, right = _by_subject(before), _by_subject(after)
    pairs: list[Pair] = []
    for key in sorted(left.keys() | right.keys()):
        pairs += _matched(left.get(key, []), right.get(key, []))
    return [pair for pair in pairs if any(e and start <= e.raised_at < end for e in (pair.before, pair.after))]


def _by_subject(events: Iterable[Event]) -> dict[tuple[str, str, str], list[Event]]:
    found: dict[tuple[str, str, str], list[Event]] = {}
    for event in sorted(events, key=lambda e: (e.onset, e.id)):
        if event.status != VOID and event.merged_into is None:
            found.setdefault((event.mine, event.rule, event.subject), []).append(event)
    return found


def _matched(before: list[Event], after: list[Event]) -> list[Pair]:
    """One to one in the order of time; what meets nothing stands alone."""
    pairs, free = [], list(after)
    for event in before:
        other = next((e for e in free if _meet(event, e)), None)
        if other is not None:
            free.remove(other)
        pairs.append(Pair(event, other))
    return pairs + [Pair(None, event) for event in free]


def _meet(one: Event, other: Event) -> bool:
    return (one.end is None or other.onset <= one.end) and (other.end is None or one.onset <= other.end)
