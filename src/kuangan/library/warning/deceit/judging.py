"""All rules of a window in order, and when what they found is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kuangan.library.warning.deceit import calibrating, clipped, fallen, group, replayed
from kuangan.library.warning.deceit.falls import Falls
from kuangan.library.warning.deceit.verdict import Sign, Verdict
from kuangan.library.warning.deceit.window import Window

Rules = Mapping[str, Any]


def judge(
    window: Window,
    falls: Falls,
    earlier: replayed.Earlier | None,
    known: dict[str, list[calibrating.Session]],
    rules: Rules,
) -> list[Verdict]:
    """What the window shows. A sensor covered in a group is told once; `earlier` is None where replays are not looked for."""
    told = group.judge(window, rules[group.GROUP])
    covered = {verdict.subject for verdict in told}
    repeated = [] if earlier is None else replayed.judge(window, earlier, rules[replayed.REPLAYED])
    covered |= {verdict.subject for verdict in repeated}
    told += repeated
    told += [v for v in fallen.judge(window, falls, rules) if v.subject not in covered]
    told += clipped.judge(window, falls, rules[clipped.CLIPPED])
    return told + calibrating.judge(window, known, rules[calibrating.ABUSE])


def over(
    window: Window,
    falls: Falls,
    earlier: replayed.Earlier | None,
    rule: str,
    subject: str,
    memory: Mapping[str, Any],
    rules: Rules,
) -> tuple[int | None, Sign | None]:
    """When (ms) what a rule found is over, None while it lasts; and a sign that its end gave."""
    if rule == group.GROUP:
        found = group.over(window, rules[rule], memory)
        return found if found is not None else (None, None)
    if rule == fallen.BLOCKED and "still" in memory:
        return group.still_over(window, rules[group.GROUP], subject), None
    if rule in (fallen.BLOCKED, fallen.MOVED, fallen.BLOWN):
        return fallen.over(window, falls, rules[rule], subject, memory), None
    if rule == clipped.CLIPPED:
        return clipped.over(window, rules[rule], subject, memory), None
    if rule == replayed.REPLAYED and earlier is not None:
        return replayed.over(window, earlier, rules[rule], subject, int(memory["days"])), None
    return None, None
