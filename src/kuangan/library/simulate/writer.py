"""Uploads of a mine: definitions at the start and daily, real-time files every `rhythm` seconds, alarm files during over-limits,
every five minutes who is below ground, and of a mine with `states` those of its stations and what its points did meanwhile."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from kuangan.library.simulate.crew import snapshot_times
from kuangan.library.simulate.crew_wire import DEFINITIONS, snapshot
from kuangan.library.simulate.faults import CLOCK_AHEAD_S, EDIT_DELAY_S, FILE_KINDS, VALUE_KINDS, Fault, of_mine
from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.physics import BEIJING_S
from kuangan.library.simulate.readings import Window, measure, sample_times
from kuangan.library.simulate.states import base_station_states, beginnings, slot_before, station_states, statistics
from kuangan.library.simulate.truth import episodes
from kuangan.library.simulate.wire import (
    alarm_file,
    alarm_record,
    file_name,
    point_definitions,
    realtime,
    station_definitions,
    wire_time,
)

ALARM_RHYTHM_S = 30
DUPLICATE_DELAY_MS = 5_000
_DAY_S = 86_400
_MARGIN_MS = 60_000


Through = Callable[[SimulatedMine, Window], Window]


class Upload(NamedTuple):
    """One file and when it leaves the mine (Unix ms)."""

    mine: str
    name: str
    payload: bytes
    send_time: int


def _definitions(
    mine: SimulatedMine, seconds: Sequence[int], rhythm: int, opening: bool, active: Sequence[Fault]
) -> Iterator[Upload]:
    """Definitions at the first sample when `opening`, at the first of each Beijing day, and when a limit is changed."""
    changes = [edge for f in active if f.kind == "limit_raised" for edge in (f.start, f.end)]
    for i, second in enumerate(seconds):
        at = second * 1000
        changed = any(edge <= at < edge + rhythm * 1000 for edge in changes)
        if (i == 0 and opening) or (second + BEIJING_S) % _DAY_S < rhythm or changed:
            raised = {f.subject: f.profile[0][1] for f in active if f.kind == "limit_raised" and f.start <= at < f.end}
            absent = frozenset(f.subject for f in active if f.kind == "missing_point" and f.start <= at < f.end)
            files = {"FZDY": station_definitions(mine, second), "CDDY": point_definitions(mine, second, absent, raised)}
            if mine.crew:
                files |= {kind: payload(mine, second) for kind, payload in DEFINITIONS.items()}
            for kind, payload in files.items():
                yield Upload(mine.code, file_name(mine.code, kind, second), payload, at)


@lru_cache(maxsize=512)
def _alarms(mine: SimulatedMine, fault: Fault, own: tuple[Fault, ...], rhythm: int) -> tuple[tuple[int, str], ...]:
    """(second, YCBJ record) of every message about the over-limits of one fault: at onset, every 30 s, at the end."""
    window = measure(mine, sample_times(mine, fault.start - _MARGIN_MS, fault.end + _MARGIN_MS, rhythm), own)
    row = mine.index[fault.subject]
    point = mine.points[row]
    found: list[tuple[int, str]] = []
    for run in episodes(window, row, point.spec.alarm or 0.0, merge_gap=rhythm) if point.spec.alarm else ():
        last_sent = -ALARM_RHYTHM_S
        for i in range(run.first, run.last + 1):
            second = int(window.times[i])
            if second - last_sent >= ALARM_RHYTHM_S and window.present[row, i]:
                last_sent = second
                found.append((second, alarm_record(point, window, row, run.first, i, False)))
        if run.after > run.last:
            ended = alarm_record(point, window, row, run.first, run.after, True)
            found.append((int(window.times[run.after]), ended))
    return tuple(found)


def _alarm_files(mine: SimulatedMine, start: int, end: int, rhythm: int, faults: Sequence[Fault]) -> Iterator[Upload]:
    own = tuple(fault for fault in faults if fault.mine == mine.code)
    by_second: dict[int, list[str]] = {}
    for fault in own:
        if fault.kind in VALUE_KINDS and fault.start - _MARGIN_MS < end and fault.end + _MARGIN_MS > start:
            for second, record in _alarms(mine, fault, own, rhythm):
                if start <= second * 1000 < end:
                    by_second.setdefault(second, []).append(record)
    for second, records in sorted(by_second.items()):
        name = file_name(mine.code, "YCBJ", second)
        yield Upload(mine.code, name, alarm_file(mine, second, records), second * 1000)


def _other_code(code: str) -> str:
    """A code of the same county that is not this mine's."""
    return f"{code[:6]}{(int(code[6:]) + 1) % 1_000_000:06d}"


def _flawed(upload: Upload, fault: Fault, rhythm: int) -> list[Upload]:
    payload = upload.payload
    match fault.kind:
        case "duplicate_upload":
            return [upload, upload._replace(send_time=upload.send_time + DUPLICATE_DELAY_MS)]
        case "truncated_file":
            return [upload._replace(payload=payload[: len(payload) * 3 // 5])]
        case "wrong_header":
            other = _other_code(upload.mine).encode()
            return [upload._replace(payload=payload.replace(upload.mine.encode(), other, 1))]
        case "gbk_file":
            return [upload._replace(payload=payload.decode().encode("gb18030"))]
        case "clock_ahead":
            second = upload.send_time // 1000
            told, shown = wire_time(second), wire_time(second + CLOCK_AHEAD_S)
            name = file_name(upload.mine, "CDSS", second + CLOCK_AHEAD_S)
            return [upload._replace(name=name, payload=payload.replace(told.encode(), shown.encode()))]
        case _:
            late = upload.send_time // 1000 // rhythm % 2 == 0
            return [upload._replace(send_time=upload.send_time + rhythm * 1500)] if late else [upload]


def edited_payload(payload: bytes, fault: Fault) -> bytes:
    """The text with the subject's value multiplied by the fault's factor."""
    records = payload.decode().split("~")
    for number, record in enumerate(records):
        if record.startswith(fault.subject):
            fields = record.split(";")
            decimals = len(fields[3].partition(".")[2])
            if fields[3] != "-9999":
                fields[3] = f"{float(fields[3]) * fault.profile[0][1]:.{decimals}f}"
            records[number] = ";".join(fields)
    return "~".join(records).encode()


def deleted_payload(payload: bytes, fault: Fault) -> bytes:
    """The text without the records of the subject."""
    return "~".join(r for r in payload.decode().split("~") if not r.startswith(fault.subject)).encode()


_SENT_AGAIN = {"edited_upload": edited_payload, "deleted_upload": deleted_payload}


def _carry(uploads: Iterable[Upload], active: Sequence[Fault], rhythm: int) -> Iterator[Upload]:
    """What becomes of files on the way: flaws first, then being held back until a link is restored."""
    for upload in uploads:
        pieces = [upload]
        for fault in active:
            wanted = "_CDSS_" in upload.name and fault.start <= upload.send_time < fault.end
            if fault.kind in _SENT_AGAIN and wanted:
                later = upload._replace(
                    payload=_SENT_AGAIN[fault.kind](upload.payload, fault),
                    send_time=upload.send_time + EDIT_DELAY_S * 1000,
                )
                pieces = [*pieces, *([later] if later.payload != upload.payload else [])]
            elif fault.kind in FILE_KINDS and wanted:
                pieces = [piece for one in pieces for piece in _flawed(one, fault, rhythm)]
        for piece in pieces:
            held = [f.end for f in active if f.kind == "late_delivery" and f.start <= piece.send_time < f.end]
            yield piece._replace(send_time=max(held)) if held else piece


def _states(mine: SimulatedMine, second: int, window: Window, active: Sequence[Fault]) -> dict[str, bytes]:
    files = {"FZSS": station_states(mine, second, active)}
    if mine.crew:
        files["JZSS"] = base_station_states(mine, second, active)
    told = statistics(mine, second, window)
    return files | ({"TJSJ": told} if told else {})


def _lost(upload: Upload, active: Sequence[Fault]) -> bool:
    lost = {"link_outage"} | ({"people_silent"} if "_RYSS_" in upload.name else set())
    return any(f.kind in lost and f.start <= upload.send_time < f.end for f in active)


def uploads(
    mine: SimulatedMine,
    start: int,
    end: int,
    rhythm: int,
    faults: Sequence[Fault] = (),
    opening: bool = False,
    through: Through | None = None,
) -> list[Upload]:
    """Files with data times in [start, end) (ms), ordered by send time; `opening` puts definitions before the first sample.
    `through` takes readings away before they are written.

    Statistics are of what the mine measured, also where that was before `start`. The union over adjacent windows equals the uploads of the whole (definitions of `opening` apart).
    """
    seconds = sample_times(mine, start, end, rhythm).tolist()
    marked = beginnings(seconds, rhythm) if mine.states else []
    first = min([start, *(slot_before(second)[0] * 1000 for second in marked[:1])])
    window = measure(mine, sample_times(mine, first, end, rhythm), faults)
    if through is not None:
        window = through(mine, window)
    active = of_mine(faults, mine, start, end)
    made = list(_definitions(mine, seconds, rhythm, opening, active))
    for second, payload in realtime(mine, window.span(-(-start // 1000), -(-end // 1000))):
        made.append(Upload(mine.code, file_name(mine.code, "CDSS", second), payload, second * 1000))
    made.extend(_alarm_files(mine, start, end, rhythm, faults))
    for second in snapshot_times(mine, start, end):
        made.append(
            Upload(mine.code, file_name(mine.code, "RYSS", second), snapshot(mine, second, faults), second * 1000)
        )
    for second in marked:
        for kind, payload in _states(mine, second, window, active).items():
            made.append(Upload(mine.code, file_name(mine.code, kind, second), payload, second * 1000))
    sent = [upload for upload in made if not _lost(upload, active)]
    return sorted(_carry(sent, active, rhythm), key=lambda upload: upload.send_time)


def write_tree(folder: Path, files: Iterable[Upload]) -> int:
    """Write files into `<folder>/<mine>/`, each by temporary file and rename; a name sent again gets `_2`. Returns the count."""
    count = 0
    seen: set[str] = set()
    for upload in files:
        home = folder / upload.mine
        if not home.is_dir():
            home.mkdir(parents=True)
        name = upload.name if upload.name not in seen else upload.name.replace(".txt", "_2.txt")
        seen.add(upload.name)
        temporary = home / f".{name}.tmp"
        temporary.write_bytes(upload.payload)
        temporary.rename(home / name)
        count += 1
    return count
