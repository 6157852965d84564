"""Whatever order readings arrive in within the horizon, what is known in the end is the same."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kuangan.library.warning.events import VOID, Event
from kuangan.library.warning.rulebook import shipped
from kuangan.library.warning.settings import rank
from tests.library.warning.scene import CH4, Scene, code

SLOT = 30
POINTS = (CH4, code(2))
FEW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Sample:
    slot: int
    point: str
    value: float
    status: int
    delay: int


@st.composite
def samples(draw: st.DrawFn, values: tuple[float, ...], delayed: float | None) -> list[Sample]:
    """Samples of two points in slots of half a minute; `delayed`: only this value comes late."""
    made, slot = [], 0
    for _ in range(draw(st.integers(3, 40))):
        slot += draw(st.sampled_from((1, 1, 1, 2, 5, 21)))
        for point in POINTS:
            value = draw(st.sampled_from(values))
            delay = draw(st.sampled_from((0, 0, 1, 3, 10, 60))) if delayed in (None, value) else 0
            status = draw(st.sampled_from((0, 0, 0, 0, 4, 128))) if delayed is None else 0
            made.append(Sample(slot, point, value, status, delay))
    return made


def known(home: Path, life: list[Sample], in_order: bool) -> list[Event]:
    """Over-limits that stand in the end, each point back to normal by then."""
    scene = Scene(home, ticking=False)
    book: dict[str, Any] = json.loads(shipped().model_dump_json())
    book["rules"]["gas.over_limit"]["frequency"]["count"] = 1000
    scene.config("rulebook", book, 0)
    scene.ticking = True
    last = max(one.slot for one in life) + 1
    closed = [*life, *(Sample(last, point, 0.1, 0, 0) for point in POINTS)]
    arrivals = sorted((one.slot + (0 if in_order else one.delay), number, one) for number, one in enumerate(closed))
    for slot, number, one in arrivals:
        scene.send(one.slot * SLOT, {one.point: one.value}, one.status, arrival=slot * SLOT + number / 1000 + 1)
    ended = [e for e in scene.judge(until=(last + 70) * SLOT) if e.rule == "gas.over_limit" and not e.merged_into]
    return sorted((e for e in ended if e.status != VOID), key=lambda e: (e.subject, e.onset))


def told(event: Event) -> dict[str, Any]:
    """All but what tells when it became known and how its colour rose."""
    history = ("grades", "ladder_row")
    fields = ("subject", "mine", "onset", "end", "peak", "peak_at", "status", "rule", "rule_version")
    kept = {name: getattr(event, name) for name in fields}
    return kept | {name: value for name, value in event.inputs.items() if name not in history}


@FEW
@given(samples((0.3, 0.7, 1.0, 1.3, 2.2, 3.1), delayed=None))
def test_the_same_events_stand_in_the_end(life: list[Sample]) -> None:
    with tempfile.TemporaryDirectory() as name:
        one, other = (known(Path(name) / str(order), life, order) for order in (True, False))
    assert [told(e) for e in one] == [told(e) for e in other]
    # A colour once shown is not taken back, even when a late reading shows that the gas was down in between.
    assert all(rank(b.grade) >= rank(a.grade) for a, b in zip(one, other, strict=True))


@FEW
@given(samples((0.3, 1.3), delayed=1.3))
def test_they_have_the_same_colour_where_no_lull_was_hidden(life: list[Sample]) -> None:
    with tempfile.TemporaryDirectory() as name:
        one, other = (known(Path(name) / str(order), life, order) for order in (True, False))
    assert [(told(e), e.grade) for e in one] == [(told(e), e.grade) for e in other]
