"""Frauds on what was sent already, and limits declared above the law."""

from __future__ import annotations

import numpy as np

from kuangan.library.simulate.labels import Label, may
from kuangan.library.simulate.second.scene import HOUR, MINUTE
from kuangan.library.simulate.second.traffic import Traffic

SLACK_MS = 10 * MINUTE


def edited(traffic: Traffic, point: int, begin: int, hours: float, after_hours: float, *, hiding: bool) -> list[Label]:
    """Samples are sent again with other values: `hiding` brings those at the limit below it, otherwise a share of all changes."""
    scene = traffic.scene
    end, at = begin + int(hours * HOUR), begin + int((hours + after_hours) * HOUR)
    span = scene.span(begin, end)
    values = scene.values.copy()
    own, limit = scene.values[span, point], scene.layout.points[point].limit
    values[span, point] = np.round(np.where(own >= limit, 0.6 + 0.1 * own / limit, own) if hiding else own * 0.7, 2)
    changed = span.start + np.flatnonzero(values[span, point] != own)
    traffic.resend(values, changed.tolist(), at)
    mine, code = scene.layout.code, scene.layout.points[point].code
    first, last = int(traffic.clocks[changed[0]]), at + HOUR
    labels = [
        Label("data.edited", "edited", mine, (), first, last, variant="hiding" if hiding else "lowered", slack=SLACK_MS)
    ]
    hidden = Label("tamper.edited_history", "edited", mine, (), first, last, must=hiding, slack=SLACK_MS)
    return [*labels, hidden, *may(mine, first, last, "gas.over_limit", subjects=(code,), slack=SLACK_MS)]


def deleted(traffic: Traffic, point: int, begin: int, hours: float, after_hours: float) -> list[Label]:
    """Files of a span are sent again without one point."""
    scene = traffic.scene
    end, at = begin + int(hours * HOUR), begin + int((hours + after_hours) * HOUR)
    span = scene.span(begin, end)
    traffic.resend(scene.values, range(span.start, span.stop), at, without=point)
    mine = scene.layout.code
    first = int(traffic.clocks[span.start])
    return [
        Label("tamper.deleted_history", "deleted", mine, (), first, at + HOUR, slack=SLACK_MS),
        *may(mine, first, at + HOUR, "data.edited", "tamper.edited_history", slack=SLACK_MS),
    ]


def above_law(traffic: Traffic, point: int, begin: int, limit: float) -> list[Label]:
    """An alarm limit above what the law allows at this place is declared."""
    traffic.alarms.append((begin, {point: limit}))
    mine, code = traffic.scene.layout.code, traffic.scene.layout.points[point].code
    return [Label("tamper.limit_above_law", "limit", mine, (code,), begin, traffic.scene.end, slack=MINUTE)]
