"""Random hours of the cameras of a mine: states, anomalies, heads and crews, in time, late, twice, or left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from kuangan.library.warning.rulebook import shipped
from kuangan.library.warning.runners.pipeline import Numbered
from tests.library.warning.scene import Scene
from tests.library.warning.video.stage import (
    PLACES,
    anomaly,
    camera,
    counter,
    counting,
    crew,
    define,
    register,
    states,
)

PATIENCE = {"repeat_hours": 1, "quiet_min": 3, "unknown_min": 12}
EAGER = {
    "video.offline": {"minutes": {"must_see": {"blue": 4, "yellow": 12}, "other": {"blue": 6}}},
    "video.no_coverage": {
        "minutes": {"working": {"yellow": 3, "orange": 9}, "standing": {"blue": 8}},
        "idle_min": 8,
        "active_persons": 2,
    },
    **{f"video.{name}": PATIENCE for name in ("blocked", "moved", "dark", "frozen", "lost", "poor")},
    "video.sealed_shaft": {"persons_min": 7},
    "video.irregular_passage": {"merge_min": 6},
}
"""Rules that speak within minutes."""


@dataclass(frozen=True)
class Told:
    """What comes `gap` seconds after what came before: cameras `off` of those `among`, an anomaly, heads at a gate, persons at the face;
    `old` is how late."""

    gap: int
    among: tuple[int, ...]
    off: tuple[int, ...]
    anomaly: tuple[int, str] | None
    heads: tuple[int, str, int] | None
    count: int | None
    persons: int | None
    old: int


def tellings() -> st.SearchStrategy[Told]:
    return st.builds(
        Told,
        st.sampled_from((30, 60, 60, 170, 300, 300, 1000)),
        st.sampled_from(((1, 2, 3, 6), (1, 2, 3, 6), (1, 3), (), ())),
        st.sampled_from(((), (), (6,), (2, 6), (1, 2, 3, 6))),
        st.none() | st.tuples(st.integers(1, 3), st.sampled_from(("0001", "0002", "0003", "0004", "0006", "0007"))),
        st.none() | st.tuples(st.integers(1, 4), st.sampled_from(("04", "06", "08")), st.integers(0, 20)),
        st.none() | st.integers(0, 9),
        st.none() | st.sampled_from((0, 5)),
        st.sampled_from((0, 0, 0, 40, 400, 4000)),
    )


def hours(most: int = 16) -> st.SearchStrategy[list[Told]]:
    return st.lists(tellings(), min_size=1, max_size=most)


def spool(home: Path, told: list[Told]) -> list[Numbered]:
    """The frames of a life in order of arrival, with ticks, definitions, and a register that stops the mine half way."""
    scene = Scene(home)
    book = shipped().model_dump(mode="json")
    for rule, settings in EAGER.items():
        book["rules"][rule] |= settings
    scene.config("rulebook", book, 0)
    cameras = {camera(2): {"place": PLACES[2], "seal": True}, camera(4): {"place": PLACES[4], "duty": "always"}}
    register(scene, 1, cameras)
    define(scene, 5)
    at: float = 10
    for number, each in enumerate(told):
        at += each.gap
        if number == len(told) // 2:
            register(scene, at, cameras, state="stopped")
        if each.among:
            states(scene, at + 0.1, each.off, each.among, old=each.old)
        if each.anomaly is not None:
            anomaly(scene, at + 0.2, *each.anomaly, old=each.old)
        if each.heads is not None:
            counting(scene, at + 0.3, *each.heads)
        if each.count is not None:
            counter(scene, at + 0.4, 1, each.count)
        if each.persons is not None:
            crew(scene, at + 0.5, each.persons)
    scene.tick(at + 1500)
    return scene.frames
