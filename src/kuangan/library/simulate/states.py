"""What the systems of a mine say of themselves every five minutes: states of sub-stations (FZSS) and base stations (JZSS), and
statistics of the analogue points (TJSJ).

Five minutes are those of the clock. All three come with the first sample after they are over; TJSJ tells of the five minutes
before. The reference gives this rhythm for TJSJ alone; for states it is ours. Times are Unix s.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from kuangan.library.simulate.crew import areas
from kuangan.library.simulate.faults import Fault
from kuangan.library.simulate.mine import Point, SimulatedMine
from kuangan.library.simulate.noise import Ints, uniform
from kuangan.library.simulate.readings import BAD, Window, station_dropouts
from kuangan.library.simulate.wire import END, wire_time

SLOT_S = 300
NORMAL, NO_CONTACT = 0, 1
BATTERY, MAINS, UNKNOWN = 0, 1, 9
MAINS_HOURS = 2000
MAINS_LEAST_S, MAINS_MOST_S = 600, 2_400


def beginnings(seconds: Sequence[int], rhythm: int) -> list[int]:
    """Of samples that follow each other by `rhythm` those that are the first of their five minutes."""
    return [second for second in seconds if second // SLOT_S != (second - rhythm) // SLOT_S]


def slot_before(second: int) -> tuple[int, int]:
    """The last whole five minutes before a second."""
    end = second // SLOT_S * SLOT_S
    return end - SLOT_S, end


@lru_cache(maxsize=4096)
def _mains_keys(mine: SimulatedMine, codes: tuple[str, ...]) -> Ints:
    return np.array([[mine.key("mains", code)] for code in codes], dtype=np.int64)


def on_battery(mine: SimulatedMine, codes: Sequence[str], second: int) -> set[str]:
    """Stations without mains: 10–40 min, once in some 2,000 hours, with no effect on what they send."""
    keys = _mains_keys(mine, tuple(codes))
    hour = np.array([[second // 3600 - 1, second // 3600]], dtype=np.int64)
    happens = uniform(keys, hour * 4) < 1 / MAINS_HOURS
    begin = hour * 3600 + np.floor(uniform(keys, hour * 4 + 1) * 3600)
    length = MAINS_LEAST_S + (MAINS_MOST_S - MAINS_LEAST_S) * uniform(keys, hour * 4 + 2)
    out = (happens & (begin <= second) & (second < begin + length)).any(axis=1)
    return {codes[number] for number in np.flatnonzero(out).tolist()}


def _out(active: Iterable[Fault], kind: str, second: int) -> set[str]:
    return {f.subject for f in active if f.kind == kind and f.start <= second * 1000 < f.end}


def _state_file(
    mine: SimulatedMine, second: int, codes: Sequence[str], out: set[str], drained: frozenset[str] = frozenset()
) -> bytes:
    stamp, battery = wire_time(second), on_battery(mine, codes, second) | drained

    def state(code: str) -> tuple[int, int]:
        if code in out:
            return NO_CONTACT, UNKNOWN
        return NORMAL, BATTERY if code in battery else MAINS

    records = [f"{code};{run};{power};{stamp}" for code in codes for run, power in (state(code),)]
    return "~".join([f"{mine.code};{mine.name};{stamp}", *records, END]).encode()


def station_states(mine: SimulatedMine, second: int, active: Iterable[Fault] = ()) -> bytes:
    """The FZSS file: every sub-station in contact or not, on mains or battery; of one out of contact the power is not known."""
    codes = [code for code, _ in mine.stations]
    dropped = station_dropouts(mine, np.array([second], dtype=np.int64))[:, 0]
    lost = {codes[number] for number in np.flatnonzero(dropped).tolist()}
    drained = frozenset(_out(active, "station_battery", second))
    return _state_file(mine, second, codes, _out(active, "station_outage", second) | lost, drained)


def base_station_states(mine: SimulatedMine, second: int, active: Iterable[Fault] = ()) -> bytes:
    """The JZSS file: the same of every base station of the positioning system."""
    codes = [code for area in areas(mine) for code, _ in area.stations]
    return _state_file(mine, second, codes, _out(active, "base_station_outage", second))


def statistics(mine: SimulatedMine, second: int, window: Window) -> bytes | None:
    """The TJSJ file sent with the sample of `second`: extremes and mean of each analogue point over the five minutes before.

    They are those of the readings of `window` that were sent with a number, calibration included; a point without one is left
    out. Means have two decimals, or those of the point where it has more. None when nothing was sent.
    """
    start, end = slot_before(second)
    part = window.span(start, end)
    if not len(part.times):
        return None
    there = part.present & (part.scaled != BAD)
    most = np.where(there, part.scaled, np.iinfo(np.int32).min).argmax(axis=1)
    least = np.where(there, part.scaled, np.iinfo(np.int32).max).argmin(axis=1)
    count = there.sum(axis=1)
    mean = np.where(there, part.scaled, 0).sum(axis=1, dtype=np.int64) / np.maximum(count, 1)
    stamps = [wire_time(at) for at in part.times.tolist()]
    span = (wire_time(start), wire_time(end), wire_time(second))
    records = []
    for row, point in enumerate(mine.points):
        if count[row] and point.value_type == "MN":
            high, low = int(most[row]), int(least[row])
            scaled = (int(part.scaled[row, high]), float(mean[row]), int(part.scaled[row, low]))
            records.append(_statistic(point, span, (stamps[high], stamps[low]), scaled))
    return "~".join([f"{mine.code};{mine.name};{span[2]}", *records, END]).encode() if records else None


def _statistic(point: Point, span: tuple[str, str, str], when: tuple[str, str], scaled: tuple[int, float, int]) -> str:
    """One record; `when` are the first times of highest and lowest, `scaled` are highest, mean and lowest."""
    decimals, unit = point.sensor.decimals, 10.0**point.sensor.decimals
    fields = (
        point.code,
        point.sensor.name,
        point.location,
        point.sensor.unit,
        *span[:2],
        f"{scaled[0] / unit:.{decimals}f}",
        when[0],
        f"{scaled[2] / unit:.{decimals}f}",
        when[1],
        f"{scaled[1] / unit:.{max(decimals, 2)}f}",
        span[2],
    )
    return ";".join(fields)
