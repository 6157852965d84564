"""The first generator of trials: the simulated province under every condition, with deeds of every kind.

signals/<character>/<condition>        thirty-two hours at ten seconds: over-limits, stopped fans, calibrations, outages
days/<character>                       six days: rising gas, sensors that stand still, places that lack a point, a flapping link
tamper/<deed>/<character>/<condition>  seven days, deeds on the last three
quiet/<character>/<condition>          seven days in which nothing is planted
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from kuangan.library.simulate import cameras, dangers, elsewhere, peopling, watching
from kuangan.library.simulate.composing import BEGIN, DAY_MS, compose, mine_of, words
from kuangan.library.simulate.conditions import CONDITIONS
from kuangan.library.simulate.faults import (
    Fault,
    calibrate,
    fan_stop,
    file_fault,
    flap,
    freeze,
    leave_out,
    outage,
    ramp,
    shaped,
    spike,
)
from kuangan.library.simulate.labels import HOUR_MS, Label, Plant, Trial
from kuangan.library.simulate.mine import Point, SimulatedMine
from kuangan.library.simulate.noise import key_of
from kuangan.library.simulate.plants import MINUTE_MS, risen
from kuangan.library.simulate.script import calm
from kuangan.library.simulate.tampering import DEEDS, deeds

SERIALS = 49_000
QUIET = "quiet"
TWO = ("first", "second")
FAST, DANGER, SLOW = 10, 20, 60
ELSEWHERE_DAYS = 9
SIGNAL_HOURS, DAYS_DAYS, TAMPER_DAYS = 32, 6, 7
WITH_EVERYTHING = ("low_gas", "high_gas")
TAMPERED = ("low_gas", "high_gas", "outburst")
SLOW_CONDITIONS = ("plain", "missing50")


class Province:
    """Trials of the simulated province; see `labels.Generator`."""

    name = "province"

    def keys(self, small: bool = False) -> Sequence[str]:
        listed = _all_keys()
        if not small:
            return listed
        kinds: dict[str, str] = {}
        for key in listed:
            family, second, *_ = key.split("/")
            kinds.setdefault(family if family in _BY_MINE else f"{family}/{second}", key)
        return list(kinds.values())

    def trial(self, seed: int, stream: str, key: str) -> Trial:
        if key not in _all_keys():
            raise KeyError(key)
        number = key_of("trial", key) % SERIALS
        family, *rest = key.split("/")
        return _FAMILIES[family](key, seed, stream, number, *rest)


def _all_keys() -> list[str]:
    characters = list(words()["characters"])
    return [
        *(
            f"signals/{character}/{condition}"
            for character in characters
            for condition in _signal_conditions(character)
        ),
        *(f"days/{character}" for character in characters),
        *(f"tamper/{deed}/{character}/{c}" for deed in DEEDS for character, c in _tamper_mines()),
        *(f"quiet/{character}/{condition}" for character in characters for condition in SLOW_CONDITIONS),
        *(f"people/{deed}/{each}" for deed in (*peopling.DEEDS, QUIET) for each in TWO),
        *(f"danger/{kind}/{each}" for kind in dangers.DEEDS for each in TWO),
        *(f"elsewhere/{name}/{each}" for name in elsewhere.channels() for each in TWO),
        *(f"video/{deed}/{each}" for deed in watching.DEEDS for each in TWO),
        *(f"cameras/{deed}/{each}" for deed in cameras.DEEDS for each in TWO),
        *(f"ours/outage/{each}" for each in TWO),
    ]


def _signal_conditions(character: str) -> list[str]:
    """Every condition in two kinds of mines, the whole and the heaviest loss in the others."""
    return list(CONDITIONS) if character in WITH_EVERYTHING else ["plain", "missing80"]


def _tamper_mines() -> list[tuple[str, str]]:
    """Every deed in mines of each gas grade, and under loss in one."""
    return [*((c, "plain") for c in TAMPERED), *(("high_gas", c) for c in SLOW_CONDITIONS[1:])]


def _chance(mine: SimulatedMine, *parts: str | int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key_of(mine.seed, mine.code, *parts)))


def _signals(key: str, seed: int, stream: str, number: int, character: str, condition: str) -> Trial:
    mine = mine_of(seed, stream, number, character)
    span = (BEGIN, BEGIN + SIGNAL_HOURS * HOUR_MS)
    chosen = CONDITIONS[condition]
    faults = _value_faults(mine) + ([] if chosen.held_hours else _outages(mine))
    return compose(key, mine, character, chosen, span, FAST, [Plant(tuple(faults), ())])


def _at(mine: SimulatedMine, hour: float, rng: np.random.Generator) -> int:
    """A moment within half an hour after that hour of the trial."""
    return BEGIN + round(hour * HOUR_MS) + int(rng.integers(0, 25 * 60)) * 1000


def _value_faults(mine: SimulatedMine) -> list[Fault]:
    """Over-limits of several shapes and places, a fan that stops, and calibrations that must raise nothing."""
    rng = _chance(mine, "values")

    def place(role: str) -> Point:
        return mine.find(role)

    high = 1.1 + 0.9 * float(rng.random())
    return [
        ramp(mine, place("corner"), _at(mine, 1.5, rng), peak=high, rise_s=300, hold_s=480),
        spike(mine, place("heading"), _at(mine, 4, rng), peak=1.05 + float(rng.random()), seconds=40),
        calibrate(mine, place("face_return"), _at(mine, 6.5, rng)),
        fan_stop(mine, _at(mine, 9, rng), peak=1.6 + float(rng.random()), minutes=24),
        shaped(mine, place("co"), _at(mine, 12, rng), ((0, 20), (120, 34), (900, 36), (1100, 5))),
        ramp(mine, place("main_return"), _at(mine, 14.5, rng), peak=0.9, rise_s=200, hold_s=300),
        calibrate(mine, place("corner"), _at(mine, 17, rng)),
        ramp(mine, place("district_return"), _at(mine, 19.5, rng), peak=1.3, rise_s=240, hold_s=2400),
        ramp(mine, place("face"), _at(mine, 23, rng), peak=3.3, rise_s=600, hold_s=300, fall_s=600),
        spike(mine, place("heading_return"), _at(mine, 27, rng), peak=1.2, seconds=90),
    ]


def _outages(mine: SimulatedMine) -> list[Fault]:
    rng = _chance(mine, "silence")
    station = next(point.station for point in mine.points if point.spec.role == "district_return")
    return [
        outage(mine, _at(mine, 3, rng), minutes=7 + 5 * float(rng.random())),
        outage(mine, _at(mine, 7.5, rng), minutes=35, subject=mine.find("heading_return").code),
        outage(mine, _at(mine, 11, rng), minutes=14, subject=station),
        outage(mine, _at(mine, 13.5, rng), minutes=9, subject=mine.find("main_return").code),
        outage(mine, _at(mine, 16, rng), minutes=42),
        file_fault(mine, "clock_ahead", _at(mine, 21.5, rng), seconds=240),
        file_fault(mine, "duplicate_upload", _at(mine, 22, rng), seconds=300),
        *flap(mine, BEGIN + 28 * HOUR_MS + 20 * MINUTE_MS, times=5, every_min=25, minutes=9),
    ]


def _days(key: str, seed: int, stream: str, number: int, character: str) -> Trial:
    mine = mine_of(seed, stream, number, character)
    rng = _chance(mine, "days")
    last = BEGIN + (DAYS_DAYS - 1) * DAY_MS
    still = calm(mine, ("corner", "face", "face_return"), last - DAY_MS, last + DAY_MS)
    rising = [mine.find("heading"), mine.find("district_return")]
    plants = [
        Plant((freeze(mine, still, last - DAY_MS + int(rng.integers(2, 5)) * HOUR_MS, hours=13),), ()),
        *(risen(mine, p, last + (2 + 9 * n) * HOUR_MS, 0.72, 5) for n, p in enumerate(rising)),
        Plant((leave_out(mine, mine.find("heading_return", -1), BEGIN, hours=(DAYS_DAYS + 1) * 24),), ()),
    ]
    return compose(key, mine, character, CONDITIONS["plain"], (BEGIN, last + DAY_MS), SLOW, plants)


def _tamper(key: str, seed: int, stream: str, number: int, deed: str, character: str, condition: str) -> Trial:
    mine = mine_of(seed, stream, number, character)
    plants, register = deeds(deed, mine, BEGIN + (TAMPER_DAYS - 3) * DAY_MS, _chance(mine, deed))
    span = (BEGIN, BEGIN + TAMPER_DAYS * DAY_MS)
    return compose(key, mine, character, CONDITIONS[condition], span, SLOW, plants, register)


def _quiet(key: str, seed: int, stream: str, number: int, character: str, condition: str) -> Trial:
    mine = mine_of(seed, stream, number, character)
    return compose(key, mine, character, CONDITIONS[condition], (BEGIN, BEGIN + TAMPER_DAYS * DAY_MS), SLOW, [])


def _people(key: str, seed: int, stream: str, number: int, deed: str, _each: str) -> Trial:
    mine = mine_of(seed, stream, number, "high_gas", **peopling.traits(deed))
    rng = _chance(mine, deed)
    planted = [] if deed == QUIET else peopling.plants(deed, mine, BEGIN + DAY_MS, rng)
    state = {"state": mine.activity, "caretakers": {"most": peopling.CARETAKERS}} if mine.activity == "stopped" else {}
    register = {"mines": {mine.code: {"name": mine.name, "kind": "underground_coal", **state}}}
    span = (BEGIN, BEGIN + 3 * DAY_MS)
    return compose(key, mine, "crew", CONDITIONS["plain"], span, SLOW, planted, register)


def _danger(key: str, seed: int, stream: str, number: int, kind: str, _each: str) -> Trial:
    mine = mine_of(seed, stream, number, "high_gas", **dangers.traits(kind))
    planted = dangers.plants(kind, mine, BEGIN + DAY_MS, _chance(mine, kind))
    return compose(key, mine, "high_gas", CONDITIONS["plain"], (BEGIN, BEGIN + 2 * DAY_MS), DANGER, planted)


def _elsewhere(key: str, seed: int, stream: str, number: int, name: str, _each: str) -> Trial:
    mine = mine_of(seed, stream, number, "low_gas")
    return elsewhere.trial(key, "plain", mine.code, mine.name, mine.key("noise", name), BEGIN, ELSEWHERE_DAYS, name)


def _cameras(key: str, seed: int, stream: str, number: int, deed: str, _each: str) -> Trial:
    mine = mine_of(seed, stream, number, "high_gas", points=30)
    planted, register = cameras.plants(deed, mine, (BEGIN, BEGIN + DAY_MS), _chance(mine, deed))
    return compose(key, mine, "cameras", CONDITIONS["plain"], (BEGIN, BEGIN + DAY_MS), SLOW, planted, register)


def _ours(key: str, seed: int, stream: str, number: int, _deed: str, _each: str) -> Trial:
    """Our own gateway is gone, shortly and for longer; nothing of it may be laid to the mine."""
    mine = mine_of(seed, stream, number, "high_gas")
    rng = _chance(mine, "ours")
    trial = compose(key, mine, "high_gas", CONDITIONS["plain"], (BEGIN, BEGIN + DAY_MS), SLOW, [])
    begins = [_at(mine, hour, rng) for hour in (4, 15)]
    down = [(at, at + minutes * MINUTE_MS) for at, minutes in zip(begins, (3, 25), strict=True)]
    told = [Label("link.gateway_outage", "ours", "", (), *each, slack=MINUTE_MS) for each in down]
    return replace(trial, labels=[*trial.labels, *told], down=down)


def _video(key: str, seed: int, stream: str, number: int, deed: str, _each: str) -> Trial:
    mine = mine_of(seed, stream, number, "high_gas", **peopling.traits(deed))
    planted = watching.plants(deed, mine, (BEGIN, BEGIN + 2 * DAY_MS), _chance(mine, deed))
    return compose(key, mine, "crew", CONDITIONS["plain"], (BEGIN, BEGIN + 2 * DAY_MS), SLOW, planted)


_BY_MINE = ("signals", "days", "quiet")
_FAMILIES: dict[str, Callable[..., Trial]] = {
    "signals": _signals,
    "days": _days,
    "tamper": _tamper,
    "quiet": _quiet,
    "people": _people,
    "danger": _danger,
    "elsewhere": _elsewhere,
    "video": _video,
    "cameras": _cameras,
    "ours": _ours,
}
