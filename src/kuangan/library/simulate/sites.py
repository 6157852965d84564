"""What mines of the demonstration send beside gas and people: instruments of other families, and cameras.

A site is a mine of a kind with the instruments of that kind (`data/families.yaml`, `sites`). Like everything here it is a pure
function of (seed, code, time): any window can be made alone. What goes wrong is fixed to one moment, `origin`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from kuangan.library.simulate.catalogue import families
from kuangan.library.simulate.elsewhere import Channel, defined, record_of, values
from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.noise import key_of
from kuangan.library.simulate.register import register
from kuangan.library.simulate.wire import END, file_name, wire_time
from kuangan.library.simulate.writer import Upload

EVERY_S = 600
CAMERAS_EVERY_S = 300
DAY_S = 86_400
BEIJING_S = 8 * 3600
HOUR_MS = 3_600_000


class Instrument(NamedTuple):
    """One measured number at a place; `wrong` are spans (ms) in which it goes to the wrong level of its channel."""

    channel: Channel
    code: str
    key: int
    wrong: tuple[tuple[int, int], ...]


class Camera(NamedTuple):
    """One camera; from `since` (ms) on it is `offline`, or its picture is `frozen`; `wrong` is empty for a sound one."""

    code: str
    type: str
    place: str
    wrong: str
    since: int


class Site(NamedTuple):
    """A mine with its instruments and cameras."""

    code: str
    name: str
    instruments: tuple[Instrument, ...]
    cameras: tuple[Camera, ...] = ()


def sites(seed: int, fleet: Sequence[SimulatedMine], origin: int) -> list[Site]:
    """Instruments and cameras for the first of a fleet, cameras for the next two, an open pit and a tailings pond of the register.

    `origin` (ms): what is wrong began some hours before it. Sound instruments stand beside those that go wrong.
    """
    first, others = fleet[0], fleet[1:3]
    workings = {role: first.find(role).place for role in ("face", "heading")}
    found = [
        _site(seed, first.code, first.name, "underground_coal", origin, workings, _cameras(first, origin, sound=True))
    ]
    found += [Site(m.code, m.name, (), _cameras(m, origin, sound=n > 0)) for n, m in enumerate(others)]
    near = pl.col("county_code").str.starts_with(first.code[:4])
    for kind in ("open_pit_coal", "tailings_pond"):
        listed = register(seed).filter(pl.col("kind") == kind, pl.col("state") == "producing")
        row = listed.sort(near, "code", descending=[True, False]).row(0, named=True)
        found.append(_site(seed, row["code"], row["name"], kind, origin))
    return found


def _site(
    seed: int,
    code: str,
    name: str,
    kind: str,
    origin: int,
    workings: Mapping[str, str] = MappingProxyType({}),
    cameras: tuple[Camera, ...] = (),
) -> Site:
    rows = families()["sites"][kind]
    return Site(code, name, tuple(_instrument(seed, code, row, origin, workings) for row in rows), cameras)


def _instrument(seed: int, mine: str, row: dict[str, Any], origin: int, workings: Mapping[str, str]) -> Instrument:
    own = {key: value for key, value in row.items() if key not in ("channel", "ago")}
    own["place"] = row["place"].format(**workings)
    channel = Channel(**{**families()["channels"][row["channel"]], **own})
    start = origin - round(row["ago"] * HOUR_MS) if "ago" in row else 0
    wrong = ((start, start + round(channel.hours * HOUR_MS)),) if "ago" in row else ()
    code = f"{mine}{channel.suffix}"
    return Instrument(channel, code, key_of(seed, code), wrong)


def _cameras(mine: SimulatedMine, origin: int, sound: bool) -> tuple[Camera, ...]:
    """Cameras where every mine has them, and at its workings; where not all is sound the last working has none."""
    workings = list(dict.fromkeys(point.place for point in mine.points if point.working >= 0))
    rows = [
        *families()["site_cameras"],
        *(
            {"suffix": f"010202{number:02d}", "type": "07", "place": place}
            for number, place in enumerate(workings if sound else workings[:-1], start=1)
        ),
    ]
    return tuple(
        Camera(
            f"{mine.code}{row['suffix']}",
            row["type"],
            row["place"],
            "" if sound else row.get("wrong", ""),
            origin - round(row.get("ago", 0) * HOUR_MS),
        )
        for row in rows
    )


def site_uploads(site: Site, start: int, end: int, every: int = EVERY_S, opening: bool = False) -> list[Upload]:
    """Files with data times in [start, end) (ms) in order of sending: readings every `every` seconds, definitions daily and when
    `opening`, states of cameras every five minutes."""
    made = list(_readings(site, start, end, every, opening))
    made += _of_cameras(site, start, end, opening)
    return sorted(made, key=lambda upload: (upload.send_time, upload.name))


def _seconds(start: int, end: int, every: int) -> list[int]:
    return list(range(-(-start // (every * 1000)) * every, -(-end // 1000), every))


def _readings(site: Site, start: int, end: int, every: int, opening: bool) -> Iterator[Upload]:
    seconds = _seconds(start, end, every)
    if not seconds:
        return
    times = np.array(seconds, dtype=np.int64)
    shown = {one.code: values(one.channel, one.key, times, one.wrong).tolist() for one in site.instruments}
    kinds: dict[str, list[Instrument]] = {}
    for one in site.instruments:
        kinds.setdefault(one.channel.live, []).append(one)
    for place, second in enumerate(seconds):
        for kind, instruments in kinds.items():
            if (place == 0 and opening) or (second + BEIJING_S) % DAY_S < every:
                yield from _definitions(site, instruments, second)
            told = [(one, shown[one.code][place]) for one in instruments]
            if kind == "gnssrealtime":
                rows = [_slope(one, value, second, every) for one, value in told]
                yield _posted(site.code, kind, second, {"open_pit_no": site.code, "data": rows})
            else:
                yield _text(
                    site, kind, second, [record_of(one.channel, one.code, value, second) for one, value in told]
                )


def _definitions(site: Site, instruments: Sequence[Instrument], second: int) -> Iterator[Upload]:
    slopes = [_slope_defined(site, one, second) for one in instruments if one.channel.live == "gnssrealtime"]
    if slopes:
        yield _posted(site.code, "gnssbaseinfo", second, {"data": slopes})
    kinds: dict[str, list[str]] = {}
    for one in instruments:
        if one.channel.definition:
            kinds.setdefault(one.channel.definition, []).append(defined(one.channel, one.code, second))
    for kind, records in kinds.items():
        yield _text(site, kind, second, records)


def _text(site: Site, kind: str, second: int, records: Sequence[str]) -> Upload:
    payload = "~".join([f"{site.code};{site.name};{wire_time(second)}", *records, END]).encode()
    return Upload(site.code, file_name(site.code, kind, second), payload, second * 1000)


def _slope(one: Instrument, value: float, second: int, every: int) -> dict[str, str]:
    """One GNSS record; displacement is what the speed adds up to in the `every` seconds between two records, all of it horizontal."""
    words = families()["slope"]
    row = dict.fromkeys(words["numbers"], "0.0") | {"equip_no": one.code, "monitor_time": wire_time(second)}
    place: dict[str, str] = words["place"]
    return row | place | {"x_speed": f"{value:.2f}", "x_disp": f"{value * every / 3600:.2f}"}


def _slope_defined(site: Site, one: Instrument, second: int) -> dict[str, str]:
    """Where an instrument stands, as the pit tells it."""
    name, since = one.code.removeprefix(site.code), wire_time(second)
    row = {"equip_no": one.code, "equip_name": name, "equip_location": one.channel.place, "open_pit_no": site.code}
    row |= {"slope_no": "0101", "installation_date": since[:10], "manufacture": families()["slope"]["maker"]}
    row |= {"equip_range": "1000", "in_use": "1", "breakdown": "0", "create_time": since, "update_time": since}
    place: dict[str, str] = families()["slope"]["place"]
    return row | place


def _posted(mine: str, kind: str, second: int, content: dict[str, Any]) -> Upload:
    name = f"{file_name(mine, kind, second).removesuffix('.txt')}_0001.json"
    payload = json.dumps({"send_time": wire_time(second), **content}, ensure_ascii=False).encode()
    return Upload(mine, name, payload, second * 1000)


def _of_cameras(site: Site, start: int, end: int, opening: bool) -> Iterator[Upload]:
    for place, second in enumerate(_seconds(start, end, CAMERAS_EVERY_S) if site.cameras else ()):
        told = {"dataTime": wire_time(second), "mineCode": site.code}
        if (place == 0 and opening) or (second + BEIJING_S) % DAY_S < CAMERAS_EVERY_S:
            rows = [
                {
                    "cameraCode": one.code,
                    "positionType": one.type,
                    "positionDesc": one.place,
                    "analysisType": "01",
                    **told,
                }
                for one in site.cameras
            ]
            yield _video(site.code, "camera", second, rows)
        states = [
            {"cameraCode": one.code, "cameraStatus": int(not _is(one, "offline", second)), **told}
            for one in site.cameras
        ]
        yield _video(site.code, "cameraStatus", second, states)
        frozen = [
            {"cameraCode": one.code, "analysisType": "03", "analysisCase": "0006", "imagesBase64": [], **told}
            for one in site.cameras
            if _is(one, "frozen", second)
        ]
        if frozen:
            yield _video(site.code, "videoAnomaly", second, frozen)


def _is(camera: Camera, wrong: str, second: int) -> bool:
    return camera.wrong == wrong and second * 1000 >= camera.since


def _video(mine: str, kind: str, second: int, rows: list[dict[str, Any]]) -> Upload:
    name = file_name(mine, kind, second).replace(".txt", ".json")
    return Upload(mine, name, json.dumps(rows, ensure_ascii=False).encode(), second * 1000)
