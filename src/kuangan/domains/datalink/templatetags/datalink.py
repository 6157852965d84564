"""`{{ ms|span }}`: a span of milliseconds in words; `{{ frame|place }}`: where in the spool a frame lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()
UNITS = (("天", 86_400_000), ("小时", 3_600_000), ("分", 60_000), ("秒", 1_000))


@register.filter
def span(ms: int | None) -> str:
    """2 小时 5 分, 12 秒; a dash for None; a minus in front when the data clock runs ahead."""
    if ms is None:
        return "—"
    words: list[str] = []
    rest = abs(ms)
    for unit, size in UNITS:
        if rest >= size and len(words) < 2:
            words.append(f"{rest // size} {unit}")
            rest %= size
    return ("−" if ms <= -1000 else "") + (" ".join(words) or "0 秒")


@register.filter
def place(frame: Mapping[str, Any]) -> str:
    """g1/42: the gateway and the number of the frame there; what a replay brought in says so."""
    gateway = "回放" if frame["gateway"] == "replay" else frame["gateway"]
    return f"{gateway}/{frame['seq']}"
