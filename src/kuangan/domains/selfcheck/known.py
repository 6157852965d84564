"""What the system knows of a mine and a clause, beside the mine's own answer. The site knows who knows and installs it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kuangan.domains.selfcheck.words import KNOWN_CSS, KNOWN_WORDS, minute


@dataclass(frozen=True, slots=True)
class Known:
    """One finding: `check` is its id, `state` a key of KNOWN_WORDS, `links` are (words, address) of its evidence.

    Nothing that is sealed may be given here: a mine reads it.
    """

    node: str
    check: str
    title: str
    state: str
    words: str
    data_at: datetime | None = None
    links: tuple[tuple[str, str], ...] = ()

    @property
    def state_word(self) -> str:
        return KNOWN_WORDS.get(self.state, KNOWN_WORDS["unknown"])

    @property
    def css(self) -> str:
        return KNOWN_CSS.get(self.state, "")

    def stored(self) -> dict[str, Any]:
        """As a difference keeps it, so that it says later what was known then."""
        return {
            "check": self.check,
            "title": self.title,
            "state": self.state,
            "words": self.words,
            "data_at": minute(self.data_at),
            "links": [list(link) for link in self.links],
        }


Knowing = Callable[[Collection[str], datetime], Mapping[str, Sequence[Known]]]
_installed: list[Knowing] = []


def install(knowing: Knowing) -> None:
    """Say who gives the findings of mines, {mine: findings}, with one query for all of them."""
    _installed[:] = [knowing]


def known_of(mines: Collection[str], at: datetime) -> Mapping[str, Sequence[Known]]:
    return _installed[0](mines, at) if _installed else {}


def by_node(found: Sequence[Known]) -> dict[str, list[Known]]:
    rows: dict[str, list[Known]] = {}
    for one in found:
        rows.setdefault(one.node, []).append(one)
    return rows
