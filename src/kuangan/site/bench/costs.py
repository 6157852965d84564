"""What every rule takes of judging: seconds inside it, by timers around its functions, as shares of the whole.

A run of its own, since timers cost too. Timers rather than judging with and without a rule: a rule costs too little for the
difference of two runs on a shared machine, and what a rule finds changes what the others do. The pass that screens all readings
serves every rule and is told as `screen`; what is left over belongs to none. Windows that the rules of deceit read from the archive
come later than these spools last.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from kuangan.library.warning import (
    edited,
    exceptional,
    families,
    flapping,
    flat,
    mine_clock,
    missing,
    own_outage,
    rulebook,
    silence,
    step,
    trend,
    unheard,
)
from kuangan.library.warning.batch import Lookup
from kuangan.library.warning.danger.settings import DOORS_OPEN
from kuangan.library.warning.family import Family
from kuangan.library.warning.state import State
from kuangan.site.bench.speed import prepared
from kuangan.site.bench.stages import Task

HOOKS: Final = ("frame", "minds", "leaving", "entered", "sample", "tick", "configured")
PARTS: Final[tuple[tuple[str, Any, tuple[str, ...]], ...]] = (
    ("screen", step, ("_flagged",)),
    (rulebook.OVER_LIMIT, exceptional, ("one",)),
    (rulebook.NETWORK_OUTAGE, silence, ("arrived", "judge_links")),
    (rulebook.SENSOR_OFFLINE, silence, ("judge_points", "recovered")),
    (rulebook.FLAT, flat, ("changes", "changes_by_point", "follow", "judge")),
    (rulebook.TREND, trend, ("learn", "judge")),
    (rulebook.EDITED, edited, ("header_seen", "judge")),
    (rulebook.CLOCK_WRONG, mine_clock, ("noted",)),
    (rulebook.MISSING, missing, ("defined", "judge")),
    (rulebook.FLAPPING, flapping, ("judge",)),
    (rulebook.GATEWAY_OUTAGE, own_outage, ("resumed",)),
    (DOORS_OPEN, unheard, ("unheard", "follow")),
)
"""Rules that are functions of the fold, by where they are looked up."""


def measure(task: Task) -> dict[str, Any]:
    """`cost_per_rule`: shares of the seconds of judging by rule or family."""
    batches = prepared(task.home)
    taken: dict[str, float] = defaultdict(float)
    for rule, module, names in PARTS:
        for name in names:
            setattr(module, name, _timed(getattr(module, name), rule, taken))
    for family in families.FAMILIES:
        taken[family.name] += 0.0
        for hook in HOOKS:
            if getattr(family, hook) is not getattr(Family, hook):
                setattr(family, hook, _timed(getattr(family, hook), family.name, taken))
    state, lookup = State(), Lookup()
    step.step(state, batches[0], lookup)
    taken.update(dict.fromkeys(taken, 0.0))
    began = time.perf_counter()
    for batch in batches[1:]:
        step.step(state, batch, lookup)
    whole = time.perf_counter() - began
    return {"cost_per_rule": {rule: seconds / whole for rule, seconds in sorted(taken.items())}}


def _timed(work: Callable[..., Any], rule: str, taken: dict[str, float]) -> Callable[..., Any]:
    """The same, adding what it takes; a rule that calls itself is counted once."""
    taken[rule] += 0.0
    inside = False

    @wraps(work)
    def timed(*args: Any, **named: Any) -> Any:
        nonlocal inside
        if inside:
            return work(*args, **named)
        inside, began = True, time.perf_counter()
        try:
            return work(*args, **named)
        finally:
            taken[rule] += time.perf_counter() - began
            inside = False

    return timed
