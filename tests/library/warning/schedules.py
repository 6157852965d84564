"""Random lives of a few synthetic points: what is measured, and when it reaches us."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from kuangan.library.warning.events import Event
from kuangan.library.warning.runners.pipeline import Numbered
from tests.library.warning.scene import CH4, CO, FAN, MINE, OTHER, Scene, code, definition

RHYTHM = 20
STATION = f"{MINE}00001"
POINTS = (CH4, code(2), CO, FAN)
FOREIGN = code(1, OTHER)
VALUES = {CH4: (0.3, 0.7, 0.99, 1.0, 1.2, 2.1, 3.2, -9999), CO: (3, 24, 60, 120), FAN: (0, 1)}
STATUSES = (0, 0, 0, 0, 1, 4, 128)


@dataclass(frozen=True)
class Sent:
    """One file: values of the points present at slot `slot`, arriving `delay` slots later (0: in time), perhaps twice."""

    slot: int
    values: tuple[float | None, ...]
    status: int
    delay: int
    again: bool
    mine: str = MINE


@st.composite
def files(draw: st.DrawFn, slot: int) -> Sent:
    values = tuple(draw(st.none() | st.sampled_from(VALUES.get(p, VALUES[CH4]))) for p in POINTS)
    return Sent(
        slot,
        values,
        draw(st.sampled_from(STATUSES)),
        draw(st.sampled_from((0, 0, 0, 0, 1, 2, 5, 40))),
        draw(st.integers(0, 9)) == 0,
        draw(st.sampled_from((MINE, MINE, MINE, OTHER))),
    )


@st.composite
def lives(draw: st.DrawFn, most: int = 30) -> list[Sent]:
    """Files at growing slots; gaps of any length up to half an hour."""
    slots, slot = [], 0
    for _ in range(draw(st.integers(1, most))):
        slot += draw(st.sampled_from((1, 1, 1, 1, 2, 4, 16, 31, 90)))
        slots.append(slot)
    return [draw(files(slot)) for slot in slots]


def spool(home: Path, sent: list[Sent], own_outage: tuple[int, int] | None = None) -> list[Numbered]:
    """The frames of a life, in order of arrival, with ticks and definitions; `home` is only the stage's."""
    scene = Scene(home)
    scene.upload("CDDY", [definition(p, 24 if p == CO else 0.8, STATION, kind=p[14:16]) for p in POINTS], 0)
    arrivals = [(one.slot + delay, number, one) for number, one in enumerate(sent) for delay in _delays(one)]
    for slot, number, one in sorted(arrivals, key=lambda x: x[:2]):
        arrival = slot * RHYTHM + number / 1000
        if own_outage is not None and slot >= own_outage[0]:
            scene.outage(until=max(own_outage[0] * RHYTHM, own_outage[1] * RHYTHM - 60))
            own_outage = None
        values = {p: v for p, v in zip(POINTS, one.values, strict=True) if v is not None}
        if one.mine == OTHER:
            values = {FOREIGN: next(iter(values.values()), 0.1)}
        scene.send(one.slot * RHYTHM, values, status=one.status, arrival=arrival, mine=one.mine)
    scene.tick(arrival + 700)
    return scene.frames


def _delays(one: Sent) -> list[int]:
    return [one.delay, one.delay + 3] if one.again else [one.delay]


def told(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda e: e.id)
