"""Random days of a personnel system: who is below, which files come in time, twice, in parts, late, or cannot be read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from kuangan.library.warning.rulebook import shipped
from kuangan.library.warning.runners.pipeline import Numbered
from tests.library.warning.people.stage import FACE, LEADER, ROAD, SEALED, Seen, crowd, define, rung, snapshot
from tests.library.warning.scene import MINE, OTHER, Scene, moment, wire_time

EAGER = {
    "people.area_over": {"ladder": [rung("blue"), rung("yellow", 50, 5), rung("orange", 50, 10)]},
    "people.mine_over": {"ladder": [rung("blue"), rung("yellow", 10, 10)]},
    "people.no_leader": {"ladder": [rung("blue", 0, 5), rung("yellow", 0, 15)], "persons": 3, "change_min": 5},
    "people.special_post_missing": {"ladder": [rung("blue", 0, 5)], "change_min": 5},
    "people.no_movement": {"ladder": [rung("blue", 0.1), rung("yellow", 0.25)], "others": 2, "others_share": 0.2},
    "people.cards_together": {"ladder": [rung("blue", 2, 5)], "stations": 2},
    "people.mass_exit": {"ladder": [rung("blue", 1)]},
    "people.entry_mismatch": {"ladder": [rung("blue")]},
    "people.count_mismatch": {"ladder": [rung("blue")]},
    "people.stopped_mine": {"ladder": [rung("yellow"), rung("red", 0, 10)]},
}
"""Rules that speak within minutes, so that a short life raises events of every kind."""


@dataclass(frozen=True)
class Told:
    """One snapshot: persons in the face, whether the sealed area, a leader, the gas inspector, a carrier's cards and leavers are named, a
    record that cannot be read, in how many files, and how many seconds it comes late."""

    gap: int
    face: int
    sealed: bool
    led: bool
    inspected: bool
    carried: bool
    leaving: int
    broken: bool
    parts: int
    delay: int
    mine: str


def tellings() -> st.SearchStrategy[Told]:
    return st.builds(
        Told,
        st.sampled_from((300, 300, 300, 300, 60, 700, 1900)),
        st.integers(0, 7),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.integers(0, 3),
        st.integers(0, 5).map(lambda n: n == 0),
        st.integers(1, 2),
        st.sampled_from((0, 0, 0, 3, 40, 400, 1000)),
        st.sampled_from((MINE, MINE, MINE, OTHER)),
    )


def days(most: int = 14) -> st.SearchStrategy[list[Told]]:
    return st.lists(tellings(), min_size=1, max_size=most)


def people(told: Told, at: int) -> list[Seen | str]:
    carried = [
        Seen(60 + n, area=ROAD, station=f"{ROAD}{at // 600 % 3:06d}", station_at=at // 600 * 600 - 5, distance=3)
        for n in range(3)
    ]
    return [
        *crowd(told.face),
        Seen(50, area=ROAD, station_at=-60, distance=1),
        *([Seen(51, area=SEALED)] if told.sealed else []),
        *([LEADER] if told.led else []),
        *([Seen(901, area=ROAD, entered=-11 * 3600)] if told.inspected else []),
        *(carried if told.carried else []),
        *[Seen(70 + n, flag=2, left=at - 20) for n in range(told.leaving)],
        *(["too;few"] if told.broken else []),
    ]


def spool(home: Path, told: list[Told]) -> list[Numbered]:
    """The frames of a life in order of arrival, with ticks, definitions, and a register that stops the mine half way."""
    scene = Scene(home)
    book = shipped().model_dump(mode="json")
    for rule, settings in EAGER.items():
        book["rules"][rule] |= settings
    scene.config("rulebook", book, 0)
    define(scene, 5, approved=8)
    counted = [{"mineCode": MINE, "cameraCode": f"{MINE}01", "analysisCase": "0031", "dataTime": wire_time(moment(7))}]
    scene.put("upload", f"{MINE}_undergroundCount_20260310080007.json", json.dumps(counted).encode(), 8)
    scene.upload("RYJZ", [f"{FACE}000010;一号;1;2;3;一号", f"{ROAD}000010;二号;9001;2;3;二号"], 6)
    sent, at = [], 0
    for number, each in enumerate(told):
        at += each.gap
        everybody = people(each, at)
        half = len(everybody) // each.parts + 1
        parts = [everybody[i : i + half] for i in range(0, len(everybody), half)]
        sent += [(at + each.delay + n + number / 100, at, part, each.mine) for n, part in enumerate(parts)]
    middle = at / 2
    for arrival, taken, part, mine in sorted(sent, key=lambda one: one[0]):
        if arrival > middle:
            register = {"mines": {MINE: {"name": "合成煤矿", "state": "stopped", "caretakers": {"most": 4}}}}
            scene.config("register", register, arrival - 1)
            middle = float("inf")
        snapshot(scene, taken, part, arrival, mine)
    scene.tick(arrival + 700)
    return scene.frames
