"""Wire text of MT/T 1201: safety files and their names. Field orders stand in the reference of wire formats; times are Beijing time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from kuangan.library.simulate.second.layout import SWITCH, Layout, Point
from kuangan.library.simulate.second.words import words
from kuangan.library.simulate.writer import Upload

BEIJING_S = 8 * 3600


@lru_cache(8192)
def clock(ms: int) -> str:
    """`yyyy-MM-dd HH:mm:ss` of Unix ms."""
    moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=ms // 1000 + BEIJING_S)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def upload(
    layout: Layout, kind: str, header_time: int, head: Sequence[str], records: Iterable[str], send: int
) -> Upload:
    """One file: header fields between name and time, records, end mark."""
    stamp = clock(header_time)
    first = ";".join((layout.code, layout.name, *head, stamp))
    body = "~".join((first, *records)) + "~||"
    name = f"{layout.code}_{kind}_{stamp.translate({45: None, 58: None, 32: None})}.txt"
    return Upload(layout.code, name, body.encode(), send)


def sub_stations(layout: Layout, at: int, send: int) -> Upload:
    rows = [f"{code};{words()['station'].format(n=n)};;;" for n, code in enumerate(layout.stations, 1)]
    return upload(layout, "FZDY", at, (), rows, send)


def definitions(
    layout: Layout, at: int, send: int, alarms: dict[int, float] | None = None, without: Iterable[int] = ()
) -> Upload:
    """CDDY; `alarms` sets other alarm limits by number of point, `without` leaves points out."""
    texts = words()
    head = (texts["safety"]["model"], texts["safety"]["name"], texts["maker"], texts["until"])
    gone, changed = set(without), alarms or {}
    rows = [_defined(p, changed.get(n, p.limit), clock(at)) for n, p in enumerate(layout.points) if n not in gone]
    return upload(layout, "CDDY", at, head, rows, send)


def _defined(p: Point, alarm: float, at: str) -> str:
    on, off = words()["on_off"].get(p.type, ("", ""))
    cut = f"{p.cut:g};{p.limit:g}" if p.cut else ";"
    ranges = ";" if p.kind == SWITCH else f"{p.range:g};0"
    upper = f"{alarm:g};{alarm:g}" if alarm else ";"
    return f"{p.code};01;{p.station};{p.type};{p.value_type};{p.unit};{ranges};{upper};;;{cut};;;{on};{off};{p.place};;;;;{at}"


def station_states(layout: Layout, at: int, send: int, lost: Iterable[str] = ()) -> Upload:
    """FZSS: run 1 (no communication) and power unknown for the lost ones."""
    gone = set(lost)
    rows = [f"{code};{1 if code in gone else 0};{9 if code in gone else 1};{clock(at)}" for code in layout.stations]
    return upload(layout, "FZSS", at, (), rows, send)


class RealTime:
    """CDSS files of a mine from arrays: `values` as written, `status`, (samples, points); `clocks` ms as the mine writes them."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        names = words()["types"]
        self.before = [f"{p.code};{names[p.type]};{p.place};" for p in layout.points]
        self.middle = [f";{p.unit};" for p in layout.points]
        self.forms = [f"%.{p.decimals}f" for p in layout.points]

    def file(
        self,
        values: npt.NDArray[np.float64],
        status: npt.NDArray[np.int64],
        which: npt.NDArray[np.int64],
        at: int,
        send: int,
    ) -> Upload:
        """The points `which` of one sample."""
        end = ";" + clock(at)
        before, middle, forms = self.before, self.middle, self.forms
        shown = zip(which.tolist(), values[which].tolist(), status[which].tolist(), strict=True)
        rows = [
            f"{before[n]}{forms[n] % value if bits < 128 else '-9999'}{middle[n]}{bits}{end}"
            for n, value, bits in shown
        ]
        return upload(self.layout, "CDSS", at, (), rows, send)
