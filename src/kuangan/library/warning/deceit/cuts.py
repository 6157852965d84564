"""Links and sensors that were cut around an inspection.

An inspection is entered once the inspectors are there, at times only when they are back: by then the outage may be over. What was
out for long enough is therefore kept for some days, and told of when a visit is known that it belongs to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from typing import Any, Final

from kuangan.library.warning.deceit.settings import InspectionRule, Tier
from kuangan.library.warning.deceit.verdict import Verdict, sign
from kuangan.library.warning.deceit.window import DAY
from kuangan.library.warning.events import Record
from kuangan.library.warning.register import Inspection
from kuangan.library.warning.settings import MINUTE
from kuangan.library.warning.state import State

INSPECTION: Final = "tamper.cut_before_inspection"


@dataclass(slots=True)
class Cut:
    """An outage of a mine: its event, when it began and was last seen (ms), how many sensors (0: the link), how many outages the mine
    had lately and whether they are usual there, whether it is one sensor by itself, and whether it was told with a visit."""

    event: str
    onset: int
    last: int
    sensors: int
    outages: int
    usual: bool
    alone: bool = False
    told: bool = False


Cuts = dict[str, dict[str, Cut]]
"""By mine and event."""


def note(state: State, cuts: Cuts, now: int, rule: InspectionRule) -> None:
    """Keep what is out at `now` for `cut_min` or more; forget what was over `kept_days` ago."""
    for mine, record, sensors, alone in _out(state):
        if now - record.onset >= rule.cut_min * MINUTE:
            code = state.mines[mine]
            outages = len(state.outages.get(code, []))
            usual = outages > rule.usual or code in state.flapping
            kept = cuts.setdefault(code, {})
            told = record.id in kept and kept[record.id].told
            kept[record.id] = Cut(record.id, record.onset, now, sensors, outages, usual, alone, told)
    for code in list(cuts):
        cuts[code] = {event: cut for event, cut in cuts[code].items() if cut.last > now - rule.kept_days * DAY}
        if not cuts[code]:
            del cuts[code]


def _out(state: State) -> Iterator[tuple[int, Record, int, bool]]:
    """(mine, outage, sensors, whether it is one sensor by itself) of links, sub-stations and sensors."""
    for mine, record in state.links.items():
        yield mine, record, 0, False
    for record in state.station_records.values():
        yield state.mine_index[record.mine], record, len(record.inputs["children"]), False
    for index, record in state.offline.items():
        yield state.points[index].mine, record, 1, True


def judge(
    state: State, cuts: Cuts, now: int, rule: InspectionRule, living: Collection[str]
) -> Iterator[tuple[int, Verdict]]:
    """Outages that began at most `lead_min` before inspectors came, or while they were there.

    Those that go on are named every minute. What is over is told once for a visit, its longest outage, and not while a suspicion of the
    mine lives (`living`: their codes).
    """
    spoken = set(living)
    around = [(visit, _around(cuts, visit, rule)) for visit in state.register.inspections]
    met = [(visit, known, found) for visit, known in around if (found := _counted(known, rule))]
    for visit, known, found in met:
        on = [cut for cut in found if cut.last == now]
        for cut in on:
            yield state.mine_index[visit.mine], _verdict(visit, cut, None)
        if on:
            spoken.add(visit.mine)
            _tell(known)
    for visit, known, found in met:
        if visit.mine not in spoken and not any(cut.told for cut in known):
            longest = max(found, key=lambda cut: (cut.last - cut.onset, -cut.onset, cut.event))
            yield state.mine_index[visit.mine], _verdict(visit, longest, longest.last)
            spoken.add(visit.mine)
            _tell(known)


def _around(cuts: Cuts, visit: Inspection, rule: InspectionRule) -> list[Cut]:
    lead = int(rule.lead_min * MINUTE)
    return [cut for cut in cuts.get(visit.mine, {}).values() if visit.start - lead <= cut.onset <= visit.end]


def _counted(known: list[Cut], rule: InspectionRule) -> list[Cut]:
    """The outages that say something; single sensors are one outage where there are enough of them, whatever was out before."""
    alone = [cut for cut in known if cut.alone]
    found = [cut for cut in known if not cut.alone]
    if len(alone) >= rule.sensors:
        first, last = min(alone, key=lambda cut: (cut.onset, cut.event)), max(cut.last for cut in alone)
        found.append(replace(first, last=last, sensors=len(alone)))
    return found


def _tell(found: list[Cut]) -> None:
    for cut in found:
        cut.told = True


def _verdict(visit: Inspection, cut: Cut, end: int | None) -> Verdict:
    signs = [
        sign("timing", True, minutes_before=(visit.start - cut.onset) / MINUTE),
        sign("link_cut", cut.sensors == 0, sensors=cut.sensors),
        sign("unusual", not cut.usual, outages=cut.outages),
    ]
    numbers = {"event": cut.event, "inspection": visit.start}
    tier: Tier = "watch" if cut.usual else "check"
    return Verdict(INSPECTION, tier, "mine", visit.mine, cut.onset, signs, numbers=numbers, end=end)


def table(cuts: Cuts) -> dict[str, list[list[Any]]]:
    """JSON-able rows by mine, for the checkpoint."""
    return {code: [list(astuple(cut)) for cut in kept.values()] for code, kept in cuts.items()}


def restored(rows: Mapping[str, list[list[Any]]]) -> Cuts:
    """What `table` gave."""
    return {code: {row[0]: Cut(*row) for row in kept} for code, kept in rows.items()}
