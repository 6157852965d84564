"""Deeds on the link and on points that fall silent: outages, sub-stations, sensors, clocks, missing points."""

from __future__ import annotations

import numpy as np

from kuangan.library.simulate.labels import Label, may
from kuangan.library.simulate.second import truths
from kuangan.library.simulate.second.scene import BROKEN, MINUTE
from kuangan.library.simulate.second.traffic import FILL_MS, Traffic


def outage(traffic: Traffic, begin: int, minutes: float) -> None:
    """Nothing arrives; a link that fills in sends what it kept when it is back. Labels are read off arrivals."""
    span = traffic.scene.span(begin, begin + int(minutes * MINUTE))
    if traffic.link.filled:
        rows = np.arange(span.start, span.stop)
        traffic.held[rows] = int(traffic.scene.times[span.stop]) + FILL_MS * (rows - span.start)
        traffic.lost[rows] = False
    else:
        traffic.lost[span] = True


def flapping(traffic: Traffic, begin: int, times: int, minutes: float, pause: float) -> list[Label]:
    """The link fails again and again."""
    for n in range(times):
        outage(traffic, begin + int(n * (minutes + pause) * MINUTE), minutes)
    mine = traffic.scene.layout.code
    end = begin + int(times * (minutes + pause) * MINUTE)
    return [
        Label("link.flapping", "flapping", mine, (), begin, end),
        *may(mine, begin, end, "link.network_outage", slack=MINUTE),
    ]


def silent_sensor(traffic: Traffic, point: int, begin: int, minutes: float, broken: bool) -> None:
    """A sensor drops out: marked broken, or absent from the files."""
    scene = traffic.scene
    span = scene.span(begin, begin + int(minutes * MINUTE))
    if broken:
        scene.status[span, point] = BROKEN
    else:
        scene.sent[span, point] = False


def silent_station(traffic: Traffic, station: str, begin: int, minutes: float) -> list[Label]:
    """All points of a sub-station drop out together."""
    scene, end = traffic.scene, begin + int(minutes * MINUTE)
    span = scene.span(begin, end)
    own = [n for n, point in enumerate(scene.layout.points) if point.station == station]
    scene.sent[span, own] = False
    traffic.silent_stations.append((begin, end, station))
    mine = scene.layout.code
    onset, over = (int(traffic.arrivals[k]) for k in (span.start, span.stop))
    codes = tuple(scene.layout.points[n].code for n in own)
    return [
        Label("link.station_offline", "station", mine, (station,), onset, over, slack=MINUTE),
        *may(mine, onset, over, "link.sensor_offline", subjects=codes, slack=2 * MINUTE),
    ]


def wrong_clock(traffic: Traffic, begin: int, minutes: float, ahead_minutes: float) -> list[Label]:
    """The clock of the mine runs ahead; judged on arrival."""
    span = traffic.scene.span(begin, begin + int(minutes * MINUTE))
    traffic.ahead[span] = int(ahead_minutes * MINUTE)
    arrived = traffic.arrivals
    mine = traffic.scene.layout.code
    return [
        Label("link.clock_wrong", "ahead", mine, (), int(arrived[span.start]), int(arrived[span.stop]), slack=MINUTE)
    ]


def without(traffic: Traffic, point: int) -> list[Label]:
    """A point that the law asks for is not there."""
    scene = traffic.scene
    traffic.absent.add(point)
    scene.sent[:, point] = False
    role = scene.layout.points[point].role
    return [Label("point.missing", "undefined", scene.layout.code, (), scene.begin, scene.end, variant=role)]


def read_off(traffic: Traffic, spared: list[tuple[int, int]], stations: list[str]) -> list[Label]:
    """Outages and lost sensors as they came about. Outages within `spared` spans may be told, not must; sensors of `stations` are told with them."""
    scene, found = traffic.scene, []
    mine = scene.layout.code
    silent = truths.outages(traffic)
    for onset, end in silent:
        if not any(low - MINUTE <= onset <= high for low, high in spared):
            found.append(Label("link.network_outage", "outage", mine, (), onset, end, exact=True))
    for number, onset, end in truths.lost_sensors(traffic):
        point = scene.layout.points[number]
        within = any(low - 2 * MINUTE <= onset <= high for low, high in silent)
        if not within and point.station not in stations:
            found.append(
                Label("link.sensor_offline", "silent", mine, (point.code,), onset, end, exact=True, variant=point.kind)
            )
        else:
            found += may(mine, onset, end, "link.sensor_offline", subjects=(point.code,), slack=2 * MINUTE)
    return found
