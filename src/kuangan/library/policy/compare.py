"""Two editions of a text, place by place: what came, what went, what reads differently and where.

Places are paired by equal text first, then by number, then by likeness, so that renumbering hides nothing and invents nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from kuangan.library.policy.parse import Entry, Tree

SAME_NUMBER = 0.5
ANY_NUMBER = 0.6
"""How alike two texts must be to be taken for one place: with the same number, and with another."""
CONTEXT = 10
APART = 2
WORDS = re.compile(r"\d+(?:\.\d+)?%?|[A-Za-z]+|.", re.DOTALL)


@dataclass(frozen=True)
class Passage:
    """A piece that differs: `old` became `new`, between the same words `before` and `after`."""

    before: str
    old: str
    new: str
    after: str


@dataclass(frozen=True)
class Changed:
    """A place in both editions that reads differently, names other units, or stands under another place."""

    old: Entry
    new: Entry
    passages: tuple[Passage, ...]
    units: bool
    under: bool


@dataclass(frozen=True)
class Difference:
    """Everything in which two editions differ; `renumbered` are places that only bear another number."""

    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[Changed, ...]
    renumbered: tuple[tuple[Entry, Entry], ...]

    @property
    def same(self) -> bool:
        return not (self.added or self.removed or self.changed or self.renumbered)


def compare(old: Tree, new: Tree) -> Difference:
    """What differs from `old` to `new`. Spaces, breaks and widths of punctuation do not count."""
    pairs = [
        pair
        for place in dict.fromkeys(entry.place for entry in (*old.entries, *new.entries))
        for pair in _pairs(old.of(place), new.of(place))
    ]
    keys = {before.key: after.key for before, after in pairs}
    removed = [entry for entry in old.entries if entry.key not in keys]
    met = set(keys.values())
    added = [entry for entry in new.entries if entry.key not in met]
    order = {entry.key: at for at, entry in enumerate(old.entries)}
    pairs.sort(key=lambda pair: order[pair[0].key])
    changed = [change for before, after in pairs if (change := _changed(before, after, keys))]
    renumbered = [(before, after) for before, after in pairs if before.key != after.key]
    return Difference(tuple(added), tuple(removed), tuple(changed), tuple(renumbered))


def passages(old: str, new: str) -> tuple[Passage, ...]:
    """The pieces in which two texts differ, numbers whole, with a few words on both sides."""
    left, right = WORDS.findall(old), WORDS.findall(new)
    spans: list[list[int]] = []
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if spans and a - spans[-1][1] <= APART:
            spans[-1][1], spans[-1][3] = b, d
        else:
            spans.append([a, b, c, d])
    return tuple(
        Passage(
            before="".join(left[:a])[-CONTEXT:],
            old="".join(left[a:b]),
            new="".join(right[c:d]),
            after="".join(left[b:])[:CONTEXT],
        )
        for a, b, c, d in spans
    )


def _changed(old: Entry, new: Entry, keys: dict[str, str]) -> Changed | None:
    units, under = old.names != new.names, keys.get(old.under or "") != new.under
    different = old.text != new.text
    if not (different or units or under):
        return None
    return Changed(old, new, passages(old.text, new.text) if different else (), units, under)


def _pairs(old: Sequence[Entry], new: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Places of one kind that are the same in both editions."""
    left, right = list(old), list(new)
    rounds: tuple[Callable[[Entry, Entry], float], ...] = (
        lambda a, b: (a.text == b.text and a.key == b.key) * 1.0,
        lambda a, b: (a.text == b.text) * 1.0,
        lambda a, b: _alike(a, b, SAME_NUMBER) if a.key == b.key else 0.0,
        lambda a, b: _alike(a, b, ANY_NUMBER),
    )
    for likeness in rounds:
        for _, a, b in sorted(_scored(left, right, likeness), key=lambda row: -row[0]):
            if a in left and b in right:
                left.remove(a)
                right.remove(b)
                yield a, b


def _scored(
    left: Sequence[Entry], right: Sequence[Entry], likeness: Callable[[Entry, Entry], float]
) -> list[tuple[float, Entry, Entry]]:
    return [(score, a, b) for a in left for b in right if (score := likeness(a, b)) > 0]


def _alike(old: Entry, new: Entry, least: float) -> float:
    """How alike two texts are, 0 when less than `least`."""
    matcher = SequenceMatcher(None, old.text, new.text, autojunk=False)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    score = matcher.ratio()
    return score if score >= least else 0.0
