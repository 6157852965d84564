"""What a rule says after looking: which signs spoke, which were silent, which could not be judged, and what follows.

One sign alone is never more than a reason to watch. A sign is unknown when one of its conditions is not met (no neighbours, work not
known, ventilation of another kind); unknown counts for nothing on either side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from kuangan.library.warning.deceit.settings import Tier

Spoken = Literal["spoke", "silent", "unknown"]


@dataclass(frozen=True, slots=True)
class Sign:
    """`why`: code of the condition that is not met. `numbers`: what was measured, rounded, in the unit of the point or as named."""

    name: str
    state: Spoken
    why: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        said: dict[str, Any] = {"sign": self.name, "state": self.state}
        if self.why:
            said["why"] = self.why
        return said | ({"numbers": dict(self.numbers)} if self.numbers else {})


def sign(name: str, spoke: bool, **numbers: float) -> Sign:
    """A sign that could be judged."""
    return Sign(name, "spoke" if spoke else "silent", "", {key: rounded(value) for key, value in numbers.items()})


def unknown(name: str, why: str) -> Sign:
    return Sign(name, "unknown", why)


def rounded(value: float) -> float:
    return round(float(value), 4) if np.isfinite(value) else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A suspicion about a subject: `onset` ms, `points` concerned (the suspected ones first), `signs` in the order of the rule.

    `memory`: what is needed to tell when it is over, JSON-able.
    """

    rule: str
    tier: Tier
    subject_kind: str
    subject: str
    onset: int
    signs: Sequence[Sign]
    points: Sequence[str] = ()
    neighbours: Sequence[str] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, Any] = field(default_factory=dict)
    end: int | None = None


def spoke(signs: Sequence[Sign], *names: str) -> int:
    """How many of the signs spoke, of those named when some are."""
    return sum(each.state == "spoke" and (not names or each.name in names) for each in signs)
