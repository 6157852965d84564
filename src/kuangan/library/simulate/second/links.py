"""What becomes of files between mine and regulator: loss in bursts, clocks that differ, sending on change, filling in later."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]


class Link(NamedTuple):
    """`lost`: share of files lost in the long run, in bursts of `burst` files; `skew_s` of the mine's clock; `on_change`: a value that stays is not sent again
    for `KEEP_ALIVE` samples; `filled`: what an outage held back is sent when it ends."""

    name: str
    lost: float = 0.0
    burst: float = 2.0
    skew_s: int = 0
    on_change: bool = False
    filled: bool = False


KEEP_ALIVE = 10
LINKS = {
    link.name: link
    for link in (
        Link("plain"),
        Link("bursts", lost=0.2, burst=2.0),
        Link("skewed", lost=0.02, skew_s=-170),
        Link("changes", on_change=True),
        Link("filled", lost=0.05, burst=1.5, skew_s=40, filled=True),
    )
}


def gilbert_elliott(rng: np.random.Generator, count: int, lost: float, burst: float) -> Bools:
    """Which of `count` files are lost by a channel of two states, good and bad; in the bad one 9 of 10 are lost."""
    if lost <= 0:
        return np.zeros(count, np.bool_)
    leave = 1 / burst
    bad_share = min(lost / 0.9, 0.95)
    enter = leave * bad_share / (1 - bad_share)
    draws, losses = rng.random(count), rng.random(count) < 0.9
    bad, found = False, np.zeros(count, np.bool_)
    for k in range(count):
        bad = draws[k] >= leave if bad else draws[k] < enter
        found[k] = bad and losses[k]
    return found


def latency(rng: np.random.Generator, count: int) -> npt.NDArray[np.int64]:
    """Milliseconds on the way."""
    return np.asarray(300 + rng.gamma(2.0, 500.0, count)).astype(np.int64)


def on_change(values: npt.NDArray[np.float64], status: npt.NDArray[np.int64]) -> Bools:
    """What a sender of changes sends: first, changed, or kept alive, (samples, points); each point has its own turn to be kept alive."""
    count, points = values.shape
    sent = np.ones((count, points), np.bool_)
    sent[1:] = (np.diff(values, axis=0) != 0) | (np.diff(status, axis=0) != 0)
    sent |= (np.arange(count)[:, None] + np.arange(points)) % KEEP_ALIVE == 0
    return sent
