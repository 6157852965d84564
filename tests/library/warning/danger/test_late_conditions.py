"""Conditions of several points when some of what they showed comes late: what is known in the end is the same."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kuangan.library.warning.danger.settings import AIR_SPEED, DOORS_OPEN, FAN_STOPPED
from kuangan.library.warning.events import VOID, Event
from kuangan.library.warning.settings import rank
from tests.library.warning.danger.stage import POINTS, Stage, defined, row
from tests.library.warning.scene import moment

AIR = {"air": POINTS["air"]}
DOORS = {name: POINTS[name] for name in ("one", "two")}
SLOT = 20
VALUES: dict[str, tuple[float, ...]] = {
    "fan": (0, 1),
    "spare": (0, 1),
    "gas": (0.3, 1.2, 1.6),
    "feed": (0, 1),
    "air": (0.8, 0.2, 0.1),
    "one": (0, 1),
    "two": (0, 1),
    "smoke": (0, 1),
    "co": (4, 30),
}
CALM = {"fan": 1, "spare": 1, "gas": 0.3, "feed": 0, "air": 0.8, "one": 0, "two": 0, "smoke": 0, "co": 4}
FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def late(stage: Stage, name: str, value: float, start: int, end: int, arrival: float) -> None:
    """What a point showed every ten seconds in [start, end), in one file that comes at `arrival`."""
    stage.upload("CDSS", [row(*stage.points[name], value, at) for at in range(start, end, 10)], arrival)


def times(event: Event) -> tuple[float, float | None]:
    return (event.onset - moment(0)) / 1000, event.end and (event.end - moment(0)) / 1000


def test_a_condition_that_came_late_is_a_late_event_whose_clock_starts_at_arrival(stage: Stage) -> None:
    stage.begin(AIR, air=0.8)
    stage.keep(0, 300)
    stage.keep(600, 900)
    late(stage, "air", 0.1, 300, 600, 900)
    (event,) = stage.of(AIR_SPEED, 920)
    assert (times(event), event.status, event.peak) == ((300, 600), "cleared", 0.1)
    assert (event.late, event.rev, event.raised_at) == (True, 1, moment(900))


def test_one_too_short_to_be_told_stays_untold(stage: Stage) -> None:
    stage.begin(AIR, air=0.8)
    stage.keep(0, 300)
    stage.keep(600, 900)
    late(stage, "air", 0.1, 300, 330, 901)
    late(stage, "air", 0.8, 330, 600, 902)
    assert stage.of(AIR_SPEED, 920) == []


def test_a_sound_reading_in_between_leaves_nothing_of_an_event(stage: Stage) -> None:
    stage.begin(AIR, air=0.8)
    stage.keep(0, 60)
    stage.show(60, air=0.2)
    stage.show(190)
    stage.keep(200, 300, air=0.8)
    (told,) = stage.of(AIR_SPEED, 300)
    assert times(told) == (60, 200)
    late(stage, "air", 0.8, 120, 130, 310)
    (event,) = stage.of(AIR_SPEED, 330)
    assert (event.id, event.status, event.late, event.rev > told.rev) == (told.id, VOID, True, True)


def test_the_onset_of_a_running_one_moves_back_under_its_id(stage: Stage) -> None:
    stage.begin(DOORS, one=0, two=0)
    stage.keep(0, 100)
    stage.keep(400, 500, one=1, two=1)
    (before,) = stage.of(DOORS_OPEN, 500)
    assert times(before) == (400, None)
    for name in DOORS:
        late(stage, name, 1, 200, 400, 510)
    (event,) = stage.of(DOORS_OPEN, 530)
    assert (event.id, times(event), event.status, event.grade) == (before.id, (200, None), "open", "yellow")
    stage.show(540, one=0)
    (event,) = stage.of(DOORS_OPEN, 560)
    assert (event.id, times(event), event.status) == (before.id, (200, 540), "cleared")


def test_an_event_that_falls_in_two_keeps_its_id_for_the_first_part(stage: Stage) -> None:
    stage.begin(DOORS, one=0, two=0)
    stage.keep(0, 100)
    stage.keep(100, 300, one=1, two=1)
    stage.keep(600, 800)
    (before,) = stage.of(DOORS_OPEN, 800)
    late(stage, "one", 0, 300, 600, 810)
    first, second = stage.of(DOORS_OPEN, 830)
    assert (first.id, times(first), first.status) == (before.id, (100, 300), "cleared")
    assert (times(second), second.status, second.late) == ((600, None), "open", True)


def test_two_events_that_late_readings_join_merge_under_the_older_id(stage: Stage) -> None:
    points = {name: POINTS[name] for name in ("fan", "spare")}
    stage.begin(points, fan=1, spare=0)
    stage.keep(0, 100)
    stage.keep(100, 300, fan=0)
    stage.show(300, fan=1)
    stage.keep(600, 800, fan=0)
    older, younger = stage.of(FAN_STOPPED, 800)
    stage.show(800, fan=1)
    late(stage, "fan", 0, 300, 600, 820)
    kept, merged = sorted(stage.of(FAN_STOPPED, 840), key=lambda e: e.raised_at)
    assert [times(e) for e in (older, younger)] == [(100, 300), (600, None)]
    # The reading of second 300 stands: the fan ran for one reading, which is what the two are told apart by.
    assert (kept.id, times(kept)) == (older.id, (100, 300))
    assert (merged.id, times(merged)) == (younger.id, (310, 800))


def test_what_waits_for_its_readings_survives_a_restart(stage: Stage) -> None:
    family = stage.pipeline.state.families
    stage.begin(DOORS, one=0, two=0)
    stage.keep(0, 100)
    stage.keep(400, 500, one=1, two=1)
    stage.of(DOORS_OPEN, 500)
    doors = stage.pipeline.state.families[DOORS_OPEN]
    late(stage, "one", 1, 200, 400, 510)
    stage.judge(530)
    other = type(doors)()
    other.restore(doors.table())
    assert other.table() == doors.table()
    assert family is stage.pipeline.state.families


@dataclass(frozen=True)
class Shown:
    slot: int
    name: str
    value: float
    status: int
    delay: int


@st.composite
def lives(draw: st.DrawFn) -> list[Shown]:
    """What nine points show in slots of twenty seconds, some of it delayed."""
    made: list[Shown] = []
    shown: dict[str, float] = dict(CALM)
    for slot in range(1, draw(st.integers(10, 40))):
        for name in draw(st.lists(st.sampled_from(list(POINTS)), max_size=3)):
            shown[name] = draw(st.sampled_from(VALUES[name]))
        delay = draw(st.sampled_from((0, 0, 0, 2, 7, 30)))
        status = draw(st.sampled_from((0, 0, 0, 0, 0, 4, 32)))
        names = draw(st.sampled_from((list(POINTS), ["one", "air", "gas"], ["fan", "feed"]))) if delay else list(POINTS)
        made += [Shown(slot, name, shown[name], status, delay if name in names else 0) for name in POINTS]
    return made


def known(home: Path, life: list[Shown], in_order: bool) -> list[Event]:
    """The conditions that stand in the end; everything is calm by then."""
    stage = Stage(home)
    stage.upload("CDDY", [defined(*POINTS["gas"], relation=f"K-{POINTS['feed'][0]}-馈电")], 0)
    last = max(one.slot for one in life) + 1
    closed = [*life, *(Shown(last, name, CALM[name], 0, 0) for name in POINTS)]
    arrivals = sorted((one.slot + (0 if in_order else one.delay), number, one) for number, one in enumerate(closed))
    for slot, number, one in arrivals:
        record = row(*POINTS[one.name], one.value, one.slot * SLOT, one.status)
        stage.upload("CDSS", [record], slot * SLOT + number / 1000 + 1)
    ended = [
        e for e in stage.judge((last + 40) * SLOT) if e.rule.startswith("danger.") and e.rule != "danger.gas_repeated"
    ]
    stands = [e for e in ended if e.status != VOID and not e.merged_into]
    return sorted(stands, key=lambda e: (e.rule, e.subject, e.onset))


def told(event: Event) -> dict[str, Any]:
    """What an event says of the world: all but how it became known."""
    fields = ("rule", "subject", "mine", "onset", "end", "peak", "peak_at", "status", "rule_version")
    return {name: getattr(event, name) for name in fields}


@FEW
@given(lives())
def test_the_same_conditions_stand_in_the_end_whatever_came_late(life: list[Shown]) -> None:
    with tempfile.TemporaryDirectory() as name:
        one, other = (known(Path(name) / str(order), life, order) for order in (True, False))
    assert [told(e) for e in one] == [told(e) for e in other]
    # A colour once shown is not taken back.
    assert all(rank(b.grade) >= rank(a.grade) for a, b in zip(one, other, strict=True))
