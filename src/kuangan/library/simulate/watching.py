"""Labelled deeds before cameras: a picture that stands still, and heads that are not those of the positioning system."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kuangan.library.simulate import elsewhere
from kuangan.library.simulate.crew import below, snapshot_times
from kuangan.library.simulate.faults import Fault
from kuangan.library.simulate.labels import HOUR_MS, Label, Plant, may
from kuangan.library.simulate.mine import SimulatedMine

Span = tuple[int, int]
SLACK_MS = HOUR_MS
EVERY_S = 300
MORE = 14


def _label(rule: str, mine: SimulatedMine, start: int, end: int, *subjects: str) -> Label:
    return Label(rule, rule.partition(".")[2], mine.code, (mine.code, *subjects), start, end, slack=SLACK_MS)


def _spans(span: Span, rng: np.random.Generator) -> list[Span]:
    """Twice four hours on the last day."""
    last = span[1] - 24 * HOUR_MS
    starts = [last + hour * HOUR_MS + int(rng.integers(0, 60)) * 60_000 for hour in (2, 13)]
    return [(start, start + 4 * HOUR_MS) for start in starts]


def _inside(second: int, spans: list[Span]) -> bool:
    return any(start <= second * 1000 < end for start, end in spans)


def _static_picture(mine: SimulatedMine, span: Span, rng: np.random.Generator) -> list[Plant]:
    """A camera goes on saying that it is there; its analysis says every ten minutes that the picture does not change."""
    spans, sent = _spans(span, rng), []
    for second in range(span[0] // 1000, span[1] // 1000, EVERY_S):
        sent.append(elsewhere.camera_online(mine.code, second))
        if _inside(second, spans) and second % (2 * EVERY_S) == 0:
            sent.append(elsewhere.frozen_picture(mine.code, second))
    camera = sent[0].payload.decode().split('"cameraCode": "')[1].split('"')[0]
    labels = [_label(rule, mine, *each, camera) for rule in ("tamper.static_picture", "video.frozen") for each in spans]
    return [Plant((), tuple(labels), tuple(sent))]


def _count_mismatch(mine: SimulatedMine, span: Span, rng: np.random.Generator) -> list[Plant]:
    """A camera counts more below ground than there are cards."""
    spans = _spans(span, rng)
    sent = [
        elsewhere.counted(mine.code, second, len(below(mine, second)) + (MORE if _inside(second, spans) else 0))
        for second in snapshot_times(mine, *span)
    ]
    return [Plant((), tuple(_label("people.count_mismatch", mine, *each) for each in spans), tuple(sent))]


def _entry_mismatch(mine: SimulatedMine, span: Span, rng: np.random.Generator) -> list[Plant]:
    """Snapshots declare more people below than they name cards, and the gate counts them in; they leave again by the end of the span."""
    spans, sent, inside, outside, before = _spans(span, rng), [], 0, 0, None
    for second in snapshot_times(mine, *span):
        now = {p.person.card for p in below(mine, second)}
        more = MORE if _inside(second, spans) else 0
        if before is not None:
            inside, outside = inside + len(now - before), outside + len(before - now)
        before = now
        sent.append(elsewhere.passed(mine.code, second, inside + more, outside))
    whole = Fault("declared", mine.code, *span, profile=((0.0, 0.0),))
    faults = [Fault("declared", mine.code, *each, profile=((0.0, float(MORE)),)) for each in spans]
    labels = [_label("people.entry_mismatch", mine, *each) for each in spans]
    beside = [label for each in spans for label in may(mine.code, *each, "people.count_mismatch", slack=SLACK_MS)]
    return [Plant((whole, *faults), (*labels, *beside), tuple(sent))]


_DEEDS: dict[str, Callable[[SimulatedMine, Span, np.random.Generator], list[Plant]]] = {
    "static_picture": _static_picture,
    "count_mismatch": _count_mismatch,
    "entry_mismatch": _entry_mismatch,
}
DEEDS = tuple(_DEEDS)


def plants(kind: str, mine: SimulatedMine, span: Span, rng: np.random.Generator) -> list[Plant]:
    """What cameras send over the whole span, with two deeds on its last day. Raises KeyError for an unknown kind."""
    return _DEEDS[kind](mine, span, rng)
