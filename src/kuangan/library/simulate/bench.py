"""Plain generators for measuring: uniform frames, no gaps, no faults."""

import numpy as np

from kuangan.library.simulate.mine import SimulatedMine, build_mine
from kuangan.library.simulate.physics import baseline
from kuangan.library.simulate.readings import Window
from kuangan.library.simulate.wire import END, file_name, records_text, wire_time
from kuangan.library.simulate.writer import Upload

RECORDS_PER_FRAME = 300
FIRST_SECOND = 1_767_196_800


def bench_mines(count: int, points: int, *, seed: int = 1, crew: int = 0) -> list[SimulatedMine]:
    """The mines of the measurement."""
    codes = ((f"1401059{10000 + number:05d}", f"M{number:04d}") for number in range(count))
    return [build_mine(code, name, seed=seed, points=points, crew=crew) for code, name in codes]


def bench_frames(mines: int, points_per_mine: int, seconds: int, rhythm: int, *, seed: int = 1) -> list[Upload]:
    """CDSS files of exactly 300 records each, in order of time, from 2026-01-01 00:00 Beijing time.

    A file may hold several times of a point when a mine has fewer than 300; what does not fill a last file is left out.
    """
    times = np.arange(FIRST_SECOND, FIRST_SECOND + seconds, rhythm, dtype=np.int64)
    files: list[Upload] = []
    for mine in bench_mines(mines, points_per_mine, seed=seed):
        scaled = np.rint(baseline(mine, times) * 10.0 ** mine.decimals[:, None]).astype(np.int32)
        zeros = np.zeros(scaled.shape, dtype=np.int32)
        text, offsets = records_text(mine, Window(times, scaled, zeros, zeros == 0, mine.decimals))
        ends = range(RECORDS_PER_FRAME, len(offsets), RECORDS_PER_FRAME)
        for end in ends:
            second = int(times[(end - 1) // points_per_mine])
            header = f"{mine.code};{mine.name};{wire_time(second)}~".encode()
            body = text[offsets[end - RECORDS_PER_FRAME] : offsets[end]]
            name = file_name(mine.code, "CDSS", second).replace(".txt", f"_{end}.txt")
            files.append(Upload(mine.code, name, b"".join((header, body, END.encode())), second * 1000))
    return sorted(files, key=lambda file: file.send_time)
