"""Scripts of faults: what happens live in a demonstration, and a plausible past. Times are Unix ms."""

from collections.abc import Sequence

import numpy as np

from kuangan.library.simulate.crew import areas, below
from kuangan.library.simulate.faults import (
    Fault,
    calibrate,
    edit,
    file_fault,
    flap,
    freeze,
    leave_out,
    outage,
    ramp,
    shaped,
    spike,
    trend,
)
from kuangan.library.simulate.mine import Point, SimulatedMine
from kuangan.library.simulate.noise import key_of
from kuangan.library.simulate.readings import routine_calibrations

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
EVENTS_PER_MINE_DAY = 0.3
LIVE_HOURS = 8
LIVE_EVERY_S = 540
SLOW_LEAST_MS = 8 * HOUR_MS
"""A shorter past has no room for what is found only after hours."""
KNOWN_MS = 100 * HOUR_MS
"""How far back a point must be known before it is judged against its own past: three whole days and the one that runs."""
APART_MS = HOUR_MS
_GAS_ROLES = ("corner", "face", "face_return", "heading", "heading_return")
_PAST = (("ramp", 0.5), ("spike", 0.14), ("calibration", 0.1), ("station", 0.09), ("link", 0.08), ("sensor", 0.09))


def demo_script(mines: Sequence[SimulatedMine], start: int) -> list[Fault]:
    """The live script for nine mines or more from `start`.

    Mine 0: its return corner reaches 1.0 % within a minute, 2.0 % after two and a half, 3.0 % within five. Mine 1 loses a
    sub-station, mine 2 its link for six minutes, mine 6 a sensor, mine 3 is calibrated; mines 4–8 go over the limit a little; mine 5 sends late;
    the clock of mine 7 runs twenty minutes ahead for a while, and half an hour later mine 3 sends some of its history again.
    With people, somebody of mine 8 is in the sealed area for twenty minutes, and somebody of mine 5 for forty: yellow, and orange in the end.
    Then one minor event every nine minutes.
    """
    if len(mines) < 9:
        raise ValueError("the demonstration needs nine mines")
    rising = ((0, 0.5), (25, 1.06), (130, 2.06), (250, 3.12), (420, 3.3), (640, 0.2))
    return [
        shaped(mines[0], mines[0].find("corner"), _after(start, 8), rising),
        outage(mines[1], _after(start, 40), minutes=14, subject=_crowded_station(mines[1])),
        outage(mines[2], _after(start, 50), minutes=6),
        outage(mines[6], _after(start, 60), minutes=9, subject=mines[6].find("heading").code),
        calibrate(mines[3], mines[3].find("corner"), _after(start, 20)),
        ramp(mines[4], mines[4].find("heading_return"), _after(start, 70), peak=1.12, rise_s=60, hold_s=90, fall_s=120),
        ramp(mines[6], mines[6].find("face_return"), _after(start, 150), peak=1.2, rise_s=90, hold_s=150, fall_s=180),
        spike(mines[7], mines[7].find("heading"), _after(start, 200), peak=1.06, seconds=30),
        file_fault(mines[5], "late_delivery", _after(start, 240), seconds=200),
        ramp(mines[8], mines[8].find("main_return"), _after(start, 330), peak=0.86, rise_s=90, hold_s=120, fall_s=120),
        file_fault(mines[7], "clock_ahead", _after(start, 450), seconds=180),
        edit(mines[3], mines[3].find("heading"), _after(start, 480), seconds=120),
        *_strayed(mines[8], _after(start, 90), minutes=20),
        *_strayed(mines[5], _after(start, 120), minutes=40),
        *_minor(mines, _after(start, 600), _after(start, LIVE_HOURS * 3600)),
    ]


def _strayed(mine: SimulatedMine, start: int, minutes: int) -> list[Fault]:
    """In the sealed area: whoever came down last among those who stay below all the time."""
    if not mine.crew:
        return []
    end = start + minutes * MINUTE_MS
    lasting = {p.person.card for p in below(mine, end // 1000)}
    there = [p for p in below(mine, start // 1000) if p.person.card in lasting and not p.person.leader]
    if not there:
        return []
    return [
        Fault(
            "restricted_area", mine.code, start, end, max(there, key=lambda p: (p.entered, p.person.card)).person.card
        )
    ]


def _after(start: int, seconds: int) -> int:
    return start + seconds * 1000


def _crowded_station(mine: SimulatedMine) -> str:
    """The sub-station with most points that is not a face's."""
    codes = [point.station for point in mine.points if point.working != 0]
    return max(sorted(set(codes)), key=codes.count)


def _gas_point(mine: SimulatedMine, rng: np.random.Generator) -> Point:
    points = [point for point in mine.points if point.spec.role in _GAS_ROLES]
    return points[int(rng.integers(len(points)))]


def _minor(mines: Sequence[SimulatedMine], start: int, end: int) -> list[Fault]:
    rng = np.random.Generator(np.random.Philox(key_of(mines[0].seed, "live", start)))
    faults: list[Fault] = []
    for begin in range(start, end, LIVE_EVERY_S * 1000):
        mine = mines[int(rng.integers(len(mines)))]
        faults.append(_past_fault(mine, begin + int(rng.integers(200_000)), rng))
    return faults


def _past_fault(mine: SimulatedMine, start: int, rng: np.random.Generator) -> Fault:
    """One ordinary event: mostly a slight over-limit of some minutes, now and then a loss of data."""
    kind = str(rng.choice([name for name, _ in _PAST], p=[share for _, share in _PAST]))
    point = _gas_point(mine, rng)
    match kind:
        case "ramp":
            peak = 1.03 + float(rng.exponential(0.18))
            hold = 60 + float(rng.exponential(240))
            return ramp(mine, point, start, peak=min(peak, 2.8), rise_s=240, hold_s=min(hold, 2400), fall_s=300)
        case "spike":
            return spike(mine, point, start, peak=1.02 + 0.3 * float(rng.random()), seconds=90)
        case "calibration":
            return calibrate(mine, point, start)
        case "station":
            return outage(mine, start, minutes=6 + float(rng.exponential(12)), subject=_crowded_station(mine))
        case "link":
            return outage(mine, start, minutes=6 + float(rng.exponential(10)))
        case _:
            return outage(mine, start, minutes=6 + float(rng.exponential(20)), subject=point.code)


def history_script(mines: Sequence[SimulatedMine], start: int, end: int, seed: int = 1) -> list[Fault]:
    """A plausible past: some two events per mine and week, and one grave one (over 3 %) in the last fifth of the span."""
    faults: list[Fault] = []
    for mine in mines:
        rng = np.random.Generator(np.random.Philox(key_of(seed, mine.code, "past")))
        count = int(rng.poisson(EVENTS_PER_MINE_DAY * (end - start) / DAY_MS))
        for begin in sorted(rng.integers(start, max(end - 5_400_000, start + 1), size=count).tolist()):
            if not faults or faults[-1].mine != mine.code or begin > faults[-1].end + 1_800_000:
                faults.append(_past_fault(mine, begin, rng))
    grave = mines[len(mines) // 2]
    begin = end - (end - start) // 5
    if not any(fault.mine == grave.code and abs(fault.start - begin) < 2 * 3_600_000 for fault in faults):
        faults.append(ramp(grave, grave.find("corner"), begin, peak=3.2, rise_s=600, hold_s=600, fall_s=900))
    return faults


def slow_script(mines: Sequence[SimulatedMine], start: int, end: int) -> list[Fault]:
    """What is found only after hours, planted in the last mines of five or more towards `end`; part of it goes on behind it.

    Last mine: a sensor that stands still, blue ninety minutes before `end`, orange two and a half hours after. Second last: the
    return corner of a face is neither defined nor sent. Third: an over-limit that was sent again as lower values. Fourth: gas that
    rises above the day before. Fifth: a link that is silent again and again. With people, also a base station that is out, which
    raises nothing. Nothing in a span of less than eight hours. The mines of `judged_by_past` need a longer past than the others.
    """
    if len(mines) < 5 or end - start < SLOW_LEAST_MS:
        return []
    flapping, rising, edited, lacking, flat = mines[-5:]
    told = calm(edited, ("heading", "face"), end - 102 * MINUTE_MS, end)
    still = calm(flat, ("corner", "face"), end - 330 * MINUTE_MS, end + 270 * MINUTE_MS)
    above = calm(rising, ("heading_return", "heading", "face_return"), end - 3 * HOUR_MS, end + 3 * HOUR_MS)
    return [
        freeze(flat, still, end - 330 * MINUTE_MS, hours=10),
        leave_out(lacking, lacking.find("corner"), start, hours=(end - start) / HOUR_MS + 10),
        ramp(edited, told, end - 100 * MINUTE_MS, peak=1.3, rise_s=240, hold_s=240, fall_s=240),
        edit(edited, told, end - 102 * MINUTE_MS, seconds=960, factor=0.6),
        trend(rising, above, end - 3 * HOUR_MS, peak=0.75, hours=6),
        *flap(flapping, end - 3 * HOUR_MS, times=5, every_min=25, minutes=9),
        *(
            [outage(lacking, end - 2 * HOUR_MS, minutes=360, subject=areas(lacking)[2].stations[1][0])]
            if lacking.crew
            else []
        ),
    ]


def calm(mine: SimulatedMine, roles: Sequence[str], start: int, end: int) -> Point:
    """The first point of these roles that the mine does not calibrate in the span; the very first when it does all of them."""
    disturbed = {fault.subject for fault in routine_calibrations(mine, start, end)}
    points = [point for role in roles for point in mine.points if point.spec.role == role]
    return next((point for point in points if point.code not in disturbed), points[0])


def judged_by_past(mines: Sequence[SimulatedMine], faults: Sequence[Fault]) -> list[SimulatedMine]:
    """The mines with a fault that is found only against days that came before: they must be known for KNOWN_MS."""
    codes = {fault.mine for fault in faults if fault.kind in ("frozen", "rising_trend")}
    return [mine for mine in mines if mine.code in codes]


def demo_history(mines: Sequence[SimulatedMine], start: int, end: int, seed: int = 1) -> list[Fault]:
    """The plausible past with what is found only after hours; nothing ordinary befalls a mine within an hour of the latter."""
    slow = slow_script(mines, start, end)
    near = {
        mine: (min(f.start for f in slow if f.mine == mine), max(f.end for f in slow if f.mine == mine))
        for mine in {fault.mine for fault in slow}
    }
    ordinary = [
        fault
        for fault in history_script(mines, start, end, seed)
        if fault.mine not in near
        or fault.end + APART_MS < near[fault.mine][0]
        or fault.start > near[fault.mine][1] + APART_MS
    ]
    return [*ordinary, *slow]
