"""What is planted in trials of gas and links: one function a family, hours from the beginning of the stretch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kuangan.library.simulate.labels import Label
from kuangan.library.simulate.second import breaks, guile, histories
from kuangan.library.simulate.second.making import HOUR, Making
from kuangan.library.simulate.second.scene import MINUTE
from kuangan.library.simulate.second.traffic import Traffic

Recipe = Callable[[Making], None]


def surges(make: Making) -> None:
    """Gas and fumes over their limits: from the goaf, from a heading, after a blast; short, long and twice within minutes."""
    scene, draw = make.scene, make.rng.uniform
    for hour, working, minutes in ((2.0, 0, 14), (3.5, 1, 18), (5.0, 0, 35), (7.0, 0, 8), (7.35, 0, 8)):
        begin = make.at(hour)
        scene.add_release(working, begin, begin + minutes * MINUTE, draw(1.3, 2.2))
    make.sensed()
    for hour, peak in ((6.0, draw(45, 90)), (8.6, draw(26, 35))):
        low = make.at(hour)
        span = scene.span(low, low + 25 * MINUTE)
        age = (scene.times[span] - low) / (25 * MINUTE)
        scene.values[span, make.point("head_co", 1)] += (peak * 16 * age**2 * (1 - age) ** 2).round()
    scene.finish()
    make.sent()


def links(make: Making) -> None:
    """Silence of every layer, a wrong clock, and a link that fails again and again."""
    make.sensed()
    station = make.layout.points[make.point("head_t1", 1)].station
    make.dark_stations.append(station)
    flap = make.at(11.0)
    make.spared.append((flap, flap + 3 * HOUR))
    gas, other = make.point("face_t2", 0), make.point("face_heat", 0)

    def silences(traffic: Traffic) -> list[Label]:
        breaks.outage(traffic, make.at(1.5), 9)
        breaks.outage(traffic, make.at(3.0), 38)
        breaks.silent_sensor(traffic, gas, make.at(5.0), 14, broken=False)
        breaks.silent_sensor(traffic, make.point("district"), make.at(5.6), 40, broken=True)
        breaks.silent_sensor(traffic, other, make.at(6.5), 75, broken=False)
        return []

    make.sent(
        silences,
        lambda traffic: breaks.silent_station(traffic, station, make.at(8.0), 35),
        lambda traffic: breaks.wrong_clock(traffic, make.at(9.2), 45, 22),
        lambda traffic: breaks.flapping(traffic, flap, 8, 6.5, 14),
    )


def drifts(make: Making) -> None:
    """A point that stands still, gas above the day before, edited history, a point that is missing."""
    scene = make.scene
    make.labels += guile.risen(scene, 0, ("face_t0", "face_t2"), make.at(57.0), 5.0, 0.34)
    still = make.point("face_t1", 0)
    make.sensed(lambda s: guile.frozen(s, still, make.at(97.0), 10.0))
    absent = make.point("head_t2", 1) if make.rng.random() < 0.5 else make.point("head_t1", 1)
    make.sent(
        lambda traffic: breaks.without(traffic, absent),
        lambda traffic: histories.edited(traffic, make.point("face_t2", 0), make.at(76.0), 1.5, 4.0, hiding=False),
    )


def calm(make: Making) -> None:
    """Nothing but a mine at work: cutting, weather, vehicles, blasts, calibrations."""
    make.sensed()
    make.sent()


def blocked(make: Making) -> None:
    abused = make.point("head_t2", 1)
    make.sensed(
        lambda s: guile.blocked(s, make.point("face_t2", 0), make.at(45.0), 6.0),
        lambda s: guile.calibrated_away(s, abused, make.at(55.0), 4, 80, 3.5),
    )
    make.sent()


def moved(make: Making) -> None:
    make.sensed(lambda s: guile.moved(s, make.point("face_t2", 0), make.at(46.0), 8.0))
    make.sent(lambda traffic: histories.above_law(traffic, make.point("head_t2", 1), make.at(58.0), 1.5))


def blown(make: Making) -> None:
    make.scene.add_release(1, make.at(59.0), make.at(59.4), 1.6)
    make.sensed(lambda s: guile.blown(s, make.point("face_t0", 0), make.at(45.0), 6.0))
    make.sent(lambda traffic: histories.deleted(traffic, make.point("head_t1", 1), make.at(58.8), 1.0, 3.0))


def clipped(make: Making) -> None:
    for n in range(6):
        begin = make.at(45.0 + 1.2 * n)
        make.scene.add_release(0, begin, begin + 22 * MINUTE, make.rng.uniform(0.9, 1.6))
    make.sensed(
        lambda s: guile.clipped(s, make.at(44.5), 9.0),
        lambda s: guile.replayed(s, make.point("face_t1", 0), make.at(61.0), 6.0, 24),
    )
    make.sent()


def group(make: Making) -> None:
    points = [make.point("face_t0", 0), make.point("face_t1", 0), make.point("face_t2", 0), make.point("district")]
    make.scene.add_release(0, make.at(58.0), make.at(58.6), 1.6)
    make.sensed(lambda s: guile.group(s, points, make.at(44.0), 5.0))
    make.sent(lambda traffic: histories.edited(traffic, make.point("face_t2", 0), make.at(57.9), 1.2, 2.0, hiding=True))


def headings(make: Making) -> None:
    """The same frauds where gas is thinner."""
    make.sensed(
        lambda s: guile.blocked(s, make.point("head_t2", 1), make.at(44.0), 7.0),
        lambda s: guile.blown(s, make.point("head_t2", 1), make.at(56.0), 5.0),
        lambda s: guile.moved(s, make.point("face_t0", 0), make.at(63.0), 7.0),
    )
    make.sent()


GUILE: Mapping[str, Recipe] = {
    "blocked": blocked,
    "moved": moved,
    "blown": blown,
    "clipped": clipped,
    "group": group,
    "headings": headings,
}
