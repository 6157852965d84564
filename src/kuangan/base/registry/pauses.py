"""Writing in small bites: short transactions with a rest between them, so that whoever waits for the database gets his turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, sleep
from typing import Final

AIM: Final = 0.03
"""Seconds that a transaction should take: SQLite's waiters look every 25 ms until they have waited 0.13 s, then every 0.1 s."""
LEAST: Final = 10
MOST: Final = 60


@dataclass(slots=True)
class Pace:
    """How many rows a transaction takes and how long the rest after it is; the size follows what the last one took.

    `aim` seconds is what a transaction should take, with at least `least` and at most `most` rows.
    """

    size: int = 20
    aim: float = AIM
    least: int = LEAST
    most: int = MOST
    clock: Callable[[], float] = perf_counter
    rest: Callable[[float], None] = sleep

    def timed(self, step: Callable[[int], int]) -> int:
        """One step with the present size, then a rest as long as a waiter sleeps at most between two looks."""
        began = self.clock()
        done = step(self.size)
        took = self.clock() - began
        if done:
            grown = round(self.size * min(2.0, max(0.5, self.aim / max(took, 1e-3))))
            self.size = min(self.most, max(self.least, grown))
            self.rest(0.03 if took < 2 * self.aim else 0.11)
        return done
