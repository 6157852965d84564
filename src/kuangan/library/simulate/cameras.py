"""Labelled faults of cameras and of the seals of stopped mines, as the video interface posts them (MT/T 1201.6)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from kuangan.library.simulate.catalogue import families
from kuangan.library.simulate.labels import HOUR_MS, Label, Plant, may
from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.wire import file_name, wire_time
from kuangan.library.simulate.writer import Upload

EVERY_S = 300
MINUTE_MS = 60_000
SLACK_MS = 20 * MINUTE_MS
ENTERING = "04"
CASES = {
    "video.blocked": "0001",
    "video.moved": "0002",
    "video.dark": "0003",
    "video.poor": "0005",
    "video.frozen": "0006",
    "video.lost": "0007",
}
Span = tuple[int, int]
Planted = tuple[list[Plant], dict[str, Any]]


def places() -> list[str]:
    """Where the cameras of a mine look: mouths and rooms that must be seen, then others."""
    words = families()["cameras"]
    return [*words["mouths"], *words["others"]]


def _code(mine: SimulatedMine, number: int) -> str:
    return f"{mine.code}0101{number + 1:04d}"


def _register(mine: SimulatedMine, **state: Any) -> dict[str, Any]:
    entry = {"name": mine.name, "kind": "underground_coal", "gas_grade": mine.gas_grade, **state}
    cameras = {_code(mine, n): {"place": place} for n, place in enumerate(places())}
    return {"mines": {mine.code: entry}, "cameras": {mine.code: cameras}}


def _posted(mine: SimulatedMine, kind: str, second: int, rows: list[dict[str, Any]]) -> Upload:
    rows = [{**row, "mineCode": mine.code, "dataTime": wire_time(second)} for row in rows]
    name = file_name(mine.code, kind, second).replace(".txt", ".json")
    return Upload(mine.code, name, json.dumps(rows, ensure_ascii=False).encode(), second * 1000 + 400)


def _label(rule: str, mine: SimulatedMine, span: Span, *subjects: str) -> Label:
    return Label(rule, rule.partition(".")[2], mine.code, subjects, *span, slack=SLACK_MS)


def _states(mine: SimulatedMine, span: Span, off: dict[int, list[Span]], untold: list[Span]) -> list[Upload]:
    """The five-minute words of all cameras; `off` by number: when one is told to be off line; `untold`: when none is told of."""
    sent = []
    for second in range(span[0] // 1000 + 7, span[1] // 1000, EVERY_S):
        if not _within(second, untold):
            rows = [
                {"cameraCode": _code(mine, n), "cameraStatus": int(not _within(second, off.get(n, [])))}
                for n in range(len(places()))
            ]
            sent.append(_posted(mine, "cameraStatus", second, rows))
    return sent


def _within(second: int, spans: list[Span]) -> bool:
    return any(start <= second * 1000 < end for start, end in spans)


def _repeated(mine: SimulatedMine, number: int, case: str, span: Span) -> list[Upload]:
    """An anomaly that is posted every five minutes while it lasts."""
    row = {"cameraCode": _code(mine, number), "analysisType": "03", "analysisCase": case, "localFiles": ""}
    return [_posted(mine, "videoAnomaly", at, [row]) for at in range(span[0] // 1000 + 60, span[1] // 1000, EVERY_S)]


def _passing(mine: SimulatedMine, number: int, second: int, heads: int) -> Upload:
    row = {
        "cameraCode": _code(mine, number),
        "analysisType": ENTERING,
        "analysisCase": f"{heads:04d}",
        "localFiles": "",
    }
    return _posted(mine, "countingRecog", second, [row])


def _span(begin: int, hour: float, hours: float, rng: np.random.Generator) -> Span:
    start = begin + round(hour * HOUR_MS) + int(rng.integers(0, 40)) * MINUTE_MS
    return start, start + round(hours * HOUR_MS)


def _pictures(mine: SimulatedMine, span: Span, rng: np.random.Generator) -> Planted:
    """Each of six cameras shows nothing for a while, in its own way; at a seventh people pass where they may not."""
    sent, labels = _states(mine, span, {}, []), []
    first = len(families()["cameras"]["mouths"])
    for n, (rule, case) in enumerate(CASES.items()):
        during = _span(span[0], 1 + 3 * n, 2.5, rng)
        sent += _repeated(mine, first + n, case, during)
        labels.append(_label(rule, mine, during, _code(mine, first + n)))
        if rule == "video.frozen":
            labels += may(mine.code, *during, "tamper.static_picture", slack=SLACK_MS)
    passage = _span(span[0], 20, 0.5, rng)
    seventh = first + len(CASES)
    sent += [_passing(mine, seventh, passage[0] // 1000 + 300 * n, 3) for n in range(4)]
    labels.append(_label("video.irregular_passage", mine, passage, _code(mine, seventh)))
    return [Plant((), tuple(labels), tuple(sent))], _register(mine)


def _outages(mine: SimulatedMine, span: Span, rng: np.random.Generator) -> Planted:
    """A camera off line, then the only one of a mouth, then no word of any camera."""
    other = len(families()["cameras"]["mouths"])
    alone, mouth = _span(span[0], 2, 3, rng), _span(span[0], 8, 3, rng)
    untold = _span(span[0], 15, 1.5, rng)
    sent = _states(mine, span, {other: [alone], 1: [mouth]}, [untold])
    labels = [
        _label("video.offline", mine, alone, _code(mine, other)),
        _label("video.no_coverage", mine, mouth),
        *may(mine.code, *mouth, "video.offline", slack=SLACK_MS),
        _label("video.system_silent", mine, untold, mine.code),
    ]
    return [Plant((), tuple(labels), tuple(sent))], _register(mine)


def _seal(mine: SimulatedMine, span: Span, rng: np.random.Generator) -> Planted:
    """A stopped mine: people go in at one mouth, the cameras of two others are switched off and covered."""
    persons, off, covered = (_span(span[0], hour, 1.2, rng) for hour in (3, 9, 15))
    sent = _states(mine, span, {0: [off]}, [])
    sent += [_passing(mine, 1, persons[0] // 1000 + 600 * n, 2) for n in range(5)]
    sent += _repeated(mine, 2, CASES["video.blocked"], covered)
    labels = [
        _label("video.sealed_shaft", mine, each, _code(mine, n)) for n, each in ((1, persons), (0, off), (2, covered))
    ]
    labels += may(mine.code, *persons, "video.irregular_passage", slack=SLACK_MS)
    return [Plant((), tuple(labels), tuple(sent))], _register(mine, state="stopped")


_DEEDS: dict[str, Callable[[SimulatedMine, Span, np.random.Generator], Planted]] = {
    "pictures": _pictures,
    "outages": _outages,
    "seal": _seal,
}
DEEDS = tuple(_DEEDS)


def plants(kind: str, mine: SimulatedMine, span: Span, rng: np.random.Generator) -> Planted:
    """What all cameras of a mine send over a span with deeds of a kind in it, and what the register says. Raises KeyError for an unknown kind."""
    return _DEEDS[kind](mine, span, rng)
