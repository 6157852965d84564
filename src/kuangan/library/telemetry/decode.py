"""Frames to columns. Plain frames go through the fast path together, any odd one through the careful path alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from kuangan.library.telemetry import fast, tables
from kuangan.library.telemetry.careful import Parsed, Quarantine, parse, read_segments
from kuangan.library.telemetry.codes import UNKNOWN
from kuangan.library.telemetry.frames import Frame
from kuangan.library.telemetry.grammar import KEPT, FileType, file_types, type_for
from kuangan.library.telemetry.names import UNNAMED, parse_name
from kuangan.library.telemetry.results import CODE, READINGS, Decoded, Outcome, Reject

PORTION_BYTES: Final = 16 << 20
_WANTED: Final = ("type_name", "location", "unit", "sensor_type")
Texts = tuple[str, str, str, str]

__all__ = ["Decoded", "Outcome", "Reject", "decode"]


def decode(frames: Sequence[Frame]) -> Decoded:
    """Decodes upload frames; outcomes are in the order given. No content makes it raise."""
    return _decode(frames, quick=True)


def decode_carefully(frames: Sequence[Frame]) -> Decoded:
    """The same by the careful path alone: the yardstick of the fast path."""
    return _decode(frames, quick=False)


def _decode(frames: Sequence[Frame], quick: bool) -> Decoded:
    outcomes: dict[int, Outcome] = {}
    plain: dict[str, list[fast.Plain]] = {}
    careful: list[tuple[int, str, FileType]] = []
    known = file_types()
    for index, frame in enumerate(frames):
        name = parse_name(frame.name)
        kind = None if name is None else type_for(name)
        if name is None or kind is None:
            outcomes[index] = Outcome(UNKNOWN, name.type if name else UNNAMED, name.mine if name else frame.mine)
            continue
        found = fast.look(frame, index, name.mine, kind) if quick and kind.name in _quick_types() else None
        if found is None:
            careful.append((index, name.mine, kind))
        else:
            plain.setdefault(kind.name, []).append(found)
    pieces = []
    for type_name, group in plain.items():
        for few in _portions(group):
            table, good = fast.read(few, known[type_name])
            pieces.append(table)
            outcomes.update((each.index, each.outcome) for each in good)
            careful += [(each.index, each.outcome.mine, known[type_name]) for each in few if each.index not in outcomes]
    parsed = [
        (index, parse(frames[index], index, mine, kind), kind) for index, mine, kind in sorted(careful, key=_first)
    ]
    outcomes.update((index, each.outcome) for index, each, _ in parsed)
    return Decoded(
        outcomes=[outcomes[index] for index in range(len(frames))],
        rejects=[reject for _, each, _ in parsed for reject in each.rejects],
        readings=(readings := _readings(pieces, parsed)),
        points=(points := tables.points_of(parsed)),
        stations=tables.definitions_of("stations", parsed),
        reported_alarms=tables.definitions_of("reported_alarms", parsed),
        kept={feeds: tables.definitions_of(feeds, parsed) for feeds in KEPT}
        | {"definitions": _together(tables.kept_definitions(points), tables.definitions_of("definitions", parsed))},
        headers={index: each.header for index, each, _ in parsed if each.header},
        describe=_describer(frames, readings),
    )


@cache
def _quick_types() -> frozenset[str]:
    return frozenset(kind.name for kind in file_types().values() if kind.quick)


def _portions(group: Sequence[fast.Plain]) -> Iterator[list[fast.Plain]]:
    """The frames in portions whose working arrays stay in the processor's cache."""
    few: list[fast.Plain] = []
    size = 0
    for each in group:
        few.append(each)
        size += each.size
        if size >= PORTION_BYTES:
            yield few
            few, size = [], 0
    if few:
        yield few


def _first(entry: tuple[int, str, FileType]) -> int:
    return entry[0]


def _readings(pieces: list[pl.DataFrame], parsed: Sequence[tuple[int, Parsed, FileType]]) -> pl.DataFrame:
    if any(kind.feeds == "readings" and each.rows for _, each, kind in parsed):
        pieces = [*pieces, tables.readings_of(parsed)]
    pieces = [piece for piece in pieces if piece.height]
    if not pieces:
        return pl.DataFrame(schema=READINGS)
    together = pl.concat(pieces, rechunk=True)
    in_order = all(a["frame"][-1] < b["frame"][0] for a, b in pairwise(pieces))
    return together if in_order else together.sort("frame", "record", maintain_order=True)


def _together(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([one, other], how="diagonal") if other.height else one


def _describer(frames: Sequence[Frame], readings: pl.DataFrame) -> Callable[[npt.NDArray[np.integer]], pl.DataFrame]:
    """Texts are read again from the payload, only for the rows asked for: a point is new once, its readings come often."""

    def describe(rows: npt.NDArray[np.integer]) -> pl.DataFrame:
        chosen = readings[rows].select("frame", "record", pl.col("code").cast(pl.String))
        said: dict[int, Callable[[int, str], Texts]] = {}
        texts: list[Texts] = []
        for index, record, code in chosen.iter_rows():
            if index not in said:
                said[index] = _texts(frames[index])
            texts.append(said[index](record, code))
        described = pl.DataFrame(texts, schema=dict.fromkeys(_WANTED, pl.String()), orient="row")
        return pl.concat([chosen.select(pl.col("code").cast(CODE)), described], how="horizontal")

    return describe


def _texts(frame: Frame) -> Callable[[int, str], Texts]:
    """From record and code of a reading of a frame to the texts about its point."""
    name = parse_name(frame.name)
    kind = None if name is None else type_for(name)
    assert name is not None
    assert kind is not None
    if not kind.quick:
        found = tables.texts_of(parse(frame, 0, name.mine, kind), kind)
        return lambda record, code: found[record, code]
    segments = _segments(frame, kind)
    names = [column.name for column in kind.columns]

    def of(record: int, code: str) -> Texts:
        fields = [field.strip() for field in segments[record].split(kind.grammar.field)]
        return tables.described(kind, kind.values[0], dict(zip(names, fields, strict=True)))

    return of


def _segments(frame: Frame, kind: FileType) -> list[str]:
    try:
        return read_segments(frame.payload, kind.grammar, set())
    except Quarantine:
        return []
