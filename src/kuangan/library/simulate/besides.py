"""What the mines of a measurement send beside real-time readings: definitions, who is below ground, water, pressure, equipment.

Shares of a province: people every five minutes, instruments of other families every ten, equipment every minute; one open pit and one
tailings pond to twenty coal mines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from kuangan.library.simulate.catalogue import families
from kuangan.library.simulate.crew import snapshot_times
from kuangan.library.simulate.crew_wire import DEFINITIONS, snapshot
from kuangan.library.simulate.elsewhere import EVERY_S, channel_of, definitions_of, file_of, values
from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.noise import key_of, normal
from kuangan.library.simulate.wire import END, file_name, point_definitions, station_definitions, wire_time
from kuangan.library.simulate.writer import Upload

EQUIPMENT_S: Final = 60
OTHER_MINES: Final = 20
COAL: Final = "underground_coal"


def besides(mines: Sequence[SimulatedMine], start: int, seconds: int) -> list[Upload]:
    """Every other file of [start, start + seconds) (Unix s), in order of time."""
    end = start + seconds
    files = [
        file
        for number, mine in enumerate(mines)
        for file in (
            *_opening(mine, start),
            *_people(mine, start, end),
            *_instruments(mine.code, mine.name, COAL, start, end),
            *_equipment(mine, start, end),
            *(() if number % OTHER_MINES else _others(number, start, end)),
        )
    ]
    return sorted(files, key=lambda file: file.send_time)


def _opening(mine: SimulatedMine, second: int) -> Iterator[Upload]:
    made = {"FZDY": station_definitions, "CDDY": point_definitions} | (DEFINITIONS if mine.crew else {})
    for kind, payload in made.items():
        yield Upload(mine.code, file_name(mine.code, kind, second), payload(mine, second), second * 1000)


def _people(mine: SimulatedMine, start: int, end: int) -> Iterator[Upload]:
    for second in snapshot_times(mine, start * 1000, end * 1000):
        yield Upload(mine.code, file_name(mine.code, "RYSS", second), snapshot(mine, second), second * 1000)


def _others(number: int, start: int, end: int) -> Iterator[Upload]:
    """The files of an open pit and of a tailings pond."""
    for kind, base in (("open_pit_coal", 50_000), ("tailings_pond", 60_000)):
        code = f"1401059{base + number:05d}"
        yield from _instruments(code, f"M{base + number}", kind, start, end)


def _instruments(mine: str, name: str, kind: str, start: int, end: int) -> Iterator[Upload]:
    times = np.arange(start + key_of(mine, "instruments") % EVERY_S, end, EVERY_S, dtype=np.int64)
    for title, count in families()["counts"].items():
        channel = channel_of(title)
        channel = channel._replace(usual=families()["quiet"].get(title, channel.usual))
        if channel.kind != kind:
            continue
        codes = [f"{mine}{channel.suffix[:9]}{each:03d}{channel.suffix[12:]}" for each in range(count)]
        shown = np.array([values(channel, key_of(code), times, ()) for code in codes])
        if channel.definition:
            yield definitions_of(channel, mine, name, codes, start)
        for step, second in enumerate(times.tolist()):
            yield file_of(channel, mine, name, dict(zip(codes, shown[:, step].tolist(), strict=True)), second)


def _equipment(mine: SimulatedMine, start: int, end: int) -> Iterator[Upload]:
    times = np.arange(start + mine.phase(EQUIPMENT_S), end, EQUIPMENT_S, dtype=np.int64)
    for kind, rows in families()["equipment"].items():
        keys = np.array([[mine.key(kind, row[0], number)] for number, row in enumerate(rows)], dtype=np.int64)
        noise = normal(keys, times)
        for step, second in enumerate(times.tolist()):
            records = [
                f"{mine.code}02MN{type_}{number:06d};{type_};{name};{place};{usual + spread * noise[number, step]:.2f};{unit};0;"
                f"{wire_time(second)}"
                for number, (type_, name, place, unit, usual, spread) in enumerate(rows)
            ]
            code, system = families()["systems"][kind]
            header = f"{mine.code};{mine.name};{code};{system};{wire_time(second)}"
            payload = "~\n".join([header, *records, END]).encode()
            yield Upload(mine.code, file_name(mine.code, kind, second), payload, second * 1000)
