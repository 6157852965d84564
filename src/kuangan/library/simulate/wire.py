"""Text of MT/T 1201.1 files. Real-time text is made for a whole window at once: one string column, cut into files by offset."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from types import MappingProxyType

import numpy as np
import polars as pl

from kuangan.library.simulate.catalogue import layout
from kuangan.library.simulate.mine import Point, SimulatedMine
from kuangan.library.simulate.noise import Ints
from kuangan.library.simulate.physics import BEIJING_S
from kuangan.library.simulate.readings import BAD, SENSOR_FAULT, Window

END = "||"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 20_000
_STATUSES = (0, 1, 2, 3, 4, SENSOR_FAULT)


def wire_time(second: int) -> str:
    """Beijing time as it stands in a file."""
    return (_EPOCH + timedelta(seconds=second + BEIJING_S)).strftime("%Y-%m-%d %H:%M:%S")


def file_name(mine: str, kind: str, second: int) -> str:
    return f"{mine}_{kind}_{(_EPOCH + timedelta(seconds=second + BEIJING_S)).strftime('%Y%m%d%H%M%S')}.txt"


@cache
def _numbers() -> pl.Series:
    """Text of every scaled value: three runs of 0…_LARGEST with 0, 1 and 2 decimals, then the bad number."""
    texts = [f"{i / 10**decimals:.{decimals}f}" for decimals in range(3) for i in range(_LARGEST + 1)]
    return pl.Series([*texts, "-9999"])


@lru_cache(maxsize=4096)
def _fixed(mine: SimulatedMine) -> tuple[pl.Series, pl.Series]:
    """Text before the value per point, and after it per point × status."""
    before = [f"{point.code};{point.sensor.name};{point.location};" for point in mine.points]
    after = [f";{point.sensor.unit};{status};" for point in mine.points for status in _STATUSES]
    return pl.Series(before), pl.Series(after)


def records_text(mine: SimulatedMine, window: Window) -> tuple[memoryview, Ints]:
    """Every record sent in a window, by time then point, each ended by `~`, as one text; and the offset of each record."""
    step, row = np.nonzero(window.present.T)
    stamps = pl.Series([wire_time(second) + "~" for second in window.times.tolist()], dtype=pl.String)
    column = _records(mine, window, row, step, stamps).to_arrow()
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int64)[column.offset : column.offset + len(column) + 1]
    return memoryview(column.buffers()[2] or b""), offsets


def realtime(mine: SimulatedMine, window: Window) -> list[tuple[int, bytes]]:
    """(second, CDSS file) of every time of a window at which at least one point was sent."""
    if not window.present.any():
        return []
    text, offsets = records_text(mine, window)
    cuts = offsets[np.concatenate([[0], np.cumsum(window.present.sum(axis=0))])].tolist()
    files: list[tuple[int, bytes]] = []
    for i, second in enumerate(window.times.tolist()):
        if cuts[i] < cuts[i + 1]:
            header = f"{mine.code};{mine.name};{wire_time(second)}~".encode()
            files.append((second, b"".join((header, text[cuts[i] : cuts[i + 1]], END.encode()))))
    return files


def _records(mine: SimulatedMine, window: Window, row: Ints, step: Ints, stamps: pl.Series) -> pl.Series:
    scaled = window.scaled.T[step, row].astype(np.int64)
    number = np.clip(scaled, 0, _LARGEST) + mine.decimals[row] * (_LARGEST + 1)
    number[scaled == BAD] = 3 * (_LARGEST + 1)
    status = np.searchsorted(np.array(_STATUSES), window.status.T[step, row])
    before, after = _fixed(mine)
    parts = (
        before.gather(row),
        _numbers().gather(number),
        after.gather(row * len(_STATUSES) + status),
        stamps.gather(step),
    )
    return pl.select(pl.concat_str(*parts)).to_series()


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _definition(point: Point, stamp: str, alarm: float | None = None) -> str:
    spec, sensor = point.spec, point.sensor
    if alarm is not None:
        spec = spec.model_copy(update={"alarm": alarm, "cut": max(alarm, spec.cut or 0), "restore": alarm})
    analogue = sensor.on_text is None
    release = spec.restore if spec.restore is not None else spec.alarm
    fields = [
        *(point.code, point.system, point.station, point.type, point.value_type, sensor.unit),
        *((f"{sensor.high:g}", f"{sensor.low:g}") if analogue else ("", "")),
        *(_limit(spec.alarm), _limit(release), _limit(spec.low), _limit(spec.low)),
        *(_limit(spec.cut), _limit(spec.restore if spec.cut is not None else None), "", ""),
        *(sensor.on_text or "", sensor.off_text or "", point.location, "", "", "", "", stamp),
    ]
    return ";".join(fields)


def point_definitions(
    mine: SimulatedMine,
    second: int,
    without: frozenset[str] = frozenset(),
    raised: Mapping[str, float] = MappingProxyType({}),
) -> bytes:
    """The CDDY file: header of seven, 24 fields a point; some points may be left out, or have their alarm limit `raised`."""
    stamp, system = wire_time(second), layout().system
    header = (mine.code, mine.name, system.model, system.name, system.maker, system.certificate_until, stamp)
    return "~".join(
        [
            ";".join(header),
            *(_definition(p, stamp, raised.get(p.code)) for p in mine.points if p.code not in without),
            END,
        ]
    ).encode()


def station_definitions(mine: SimulatedMine, second: int) -> bytes:
    """The FZDY file: code, location and invented coordinates of every sub-station."""
    records = [f"{mine.code};{mine.name};{wire_time(second)}"]
    for code, location in mine.stations:
        key = mine.key("place", code)
        x, y, z = 37_500_000 + key % 10_000, 3_950_000 + (key >> 16) % 10_000, 600 + (key >> 32) % 400
        records.append(f"{code};{location};{x:.2f};{y:.2f};{z:.1f}")
    return "~".join([*records, END]).encode()


def alarm_file(mine: SimulatedMine, second: int, records: Sequence[str]) -> bytes:
    """A YCBJ file of ready records."""
    return "~".join([f"{mine.code};{mine.name};{wire_time(second)}", *records, END]).encode()


def alarm_record(point: Point, window: Window, row: int, first: int, now: int, ended: bool) -> str:
    """One YCBJ record of a running (or just ended) over-limit: extremes and mean since its start, as known at `now`."""
    seen = [i for i in range(first, now if ended else now + 1) if window.present[row, i]]
    values = window.values[row, seen]
    high, low = int(np.nanargmax(values)), int(np.nanargmin(values))
    stamps = [wire_time(int(window.times[i])) for i in (first, seen[high], seen[low], now)]
    text = [f"{value:.{point.sensor.decimals}f}" for value in (values[high], values[low], float(np.nanmean(values)))]
    fields = [
        *(point.code, point.sensor.name, point.location, point.sensor.unit, layout().ycbj["over_limit"]),
        *(stamps[0], stamps[3] if ended else "", text[0], stamps[1], text[1], stamps[2], text[2]),
        *("", "", "", "", stamps[3]),
    ]
    return ";".join(fields)
