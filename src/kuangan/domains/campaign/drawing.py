"""The curve of a target as plain numbers for an SVG: the page needs no script, and it prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kuangan.domains.campaign.targets import Standing
from kuangan.domains.campaign.words import plain

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 220, 56, 16, 18, 30
INSIDE = 28


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    value: str
    on: date
    source: str


@dataclass(frozen=True, slots=True)
class Line:
    y: float
    word: str


@dataclass(frozen=True, slots=True)
class Curve:
    dots: Sequence[Dot]
    lines: Sequence[Line]
    ticks: Sequence[Line]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    middle: int = WIDTH // 2

    @property
    def points(self) -> str:
        return " ".join(f"{dot.x:g},{dot.y:g}" for dot in self.dots)


def curve(one: Standing) -> Curve | None:
    """None where fewer than two values were entered. The asked number stands as a line where it is one of the value itself."""
    known = [value for value in one.series if value.value is not None]
    if len(known) < 2:
        return None
    levels: list[tuple[Decimal, str]] = []
    if one.target.measure == "value" and one.target.wanted is not None:
        levels.append((one.target.wanted, f"要求 {one.wanted}"))
    if one.baseline is not None and one.baseline.value is not None:
        levels.append((one.baseline.value, f"基准 {plain(one.baseline.value)}"))
        if one.target.measure == "reduction" and one.target.wanted is not None:
            wanted = one.baseline.value * (100 - one.target.wanted) / 100
            levels.append((wanted, f"要求 ≤ {plain(wanted.quantize(Decimal('0.001')))}"))
    numbers = [value.value for value in known if value.value is not None] + [level for level, _ in levels]
    low, high = min(numbers), max(numbers)
    room = (high - low) / 10 or Decimal(1)
    low, high = max(Decimal(0), low - room) if low >= 0 else low - room, high + room
    first, last = known[0].on, known[-1].on
    days = max(1, (last - first).days)

    def across(day: date) -> float:
        return round(LEFT + INSIDE + (WIDTH - LEFT - RIGHT - 2 * INSIDE) * (day - first).days / days, 1)

    def up(value: Decimal) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * float((high - value) / (high - low)), 1)

    dots = [
        Dot(across(value.on), up(value.value), plain(value.value), value.on, value.source)
        for value in known
        if value.value is not None
    ]
    ticks = [
        Line(up(low + (high - low) * part / 4), plain((low + (high - low) * part / 4).quantize(Decimal("0.001"))))
        for part in range(5)
    ]
    return Curve(dots, [Line(up(level), word) for level, word in levels], ticks)
