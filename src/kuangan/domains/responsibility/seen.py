"""On which days a card was seen below ground at a mine. Positions are another room's: the site installs who knows them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import TypeAlias

Cards: TypeAlias = Collection[tuple[str, str]]
Days: TypeAlias = Mapping[tuple[str, str], frozenset[date] | None]
Seen: TypeAlias = Callable[[Cards, date, date], Days]
"""((mine, card), …), first day, day after the last → days seen of each; None or absent: unknown, which is not "never"."""


def unknown(cards: Cards, first: date, until: date) -> Days:
    """Nobody knows: what holds until a source is installed."""
    return {}


_seen: list[Seen] = [unknown]


def install(seen: Seen) -> None:
    """Say who knows positions."""
    _seen[0] = seen


def days_seen(cards: Cards, first: date, until: date) -> Days:
    """What is known of a page of cards."""
    return _seen[0](cards, first, until) if cards else {}
