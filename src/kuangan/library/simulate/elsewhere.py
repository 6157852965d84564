"""Dangers and frauds that come in files of other families: water, rock pressure, slopes, tailings ponds, cameras.

Each subject is one number over time, written in the wire text of its family every ten minutes (cameras: five): quiet noise, and in
some spans what is planted. Formats as far as they are known; what has no known format is not written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from kuangan.library.simulate.catalogue import families
from kuangan.library.simulate.labels import HOUR_MS, Label, Trial
from kuangan.library.simulate.noise import Floats, Ints, normal
from kuangan.library.simulate.wire import END, file_name, wire_time
from kuangan.library.simulate.writer import Upload

EVERY_S = 600
SLACK_MS = 6 * HOUR_MS
DAY_MS = 24 * HOUR_MS
Text = Callable[[str, str, str, float, int], bytes]


class Channel(NamedTuple):
    """One measured number: usual level, its noise, and what it rises or falls to within `hours` when something is wrong."""

    rule: str
    usual: float
    noise: float
    wrong: float
    hours: float
    kind: str
    suffix: str
    live: str
    record: str
    definition: str = ""
    defined: str = ""


def _channel(name: str) -> Channel:
    return Channel(**families()["channels"][name])


def channels() -> tuple[str, ...]:
    return tuple(families()["channels"])


def values(channel: Channel, key: int, times: Ints, spans: Sequence[tuple[int, int]]) -> Floats:
    """What the instrument shows: noise about its usual level, and a way to the wrong level over the first half of each span (ms)."""
    shown = channel.usual + channel.noise * normal(np.array([key], dtype=np.int64), times)
    for start, end in spans:
        share = np.clip((times * 1000 - start) / max((end - start) / 2, 1), 0, 1)
        inside = (times * 1000 >= start) & (times * 1000 < end)
        shown = np.where(inside, shown + (channel.wrong - channel.usual) * share, shown)
    return shown


def _text(mine: str, name: str, second: int, records: Sequence[str]) -> bytes:
    return "~".join([f"{mine};{name};{wire_time(second)}", *records, END]).encode()


def _slope(mine: str, name: str, code: str, value: float, second: int) -> bytes:
    """One GNSS record; displacement is what the speed adds up to in ten minutes, all of it horizontal."""
    words = families()["slope"]
    row = dict.fromkeys(words["numbers"], "0.0")
    row |= {"equip_no": code, "monitor_time": wire_time(second), **words["place"]}
    row |= {"x_speed": f"{value:.2f}", "x_disp": f"{value * EVERY_S / 3600:.2f}"}
    return json.dumps({"send_time": wire_time(second), "open_pit_no": mine, "data": [row]}, ensure_ascii=False).encode()


def trial(key: str, condition: str, mine: str, name: str, seed: int, begin: int, days: int, channel_name: str) -> Trial:
    """A week and more of one instrument, wrong twice towards the end."""
    channel = _channel(channel_name)
    end = begin + days * DAY_MS
    length = round(channel.hours * HOUR_MS)
    spans = [(end - 2 * DAY_MS + 2 * HOUR_MS, end - 2 * DAY_MS + 2 * HOUR_MS + length)]
    spans.append((end - length - HOUR_MS, end - HOUR_MS))
    if spans[1][0] < spans[0][1] + 8 * HOUR_MS:
        del spans[0]
    times = np.arange(begin // 1000, end // 1000, EVERY_S, dtype=np.int64)
    code = f"{mine}{channel.suffix}"
    sent = []
    for second, value in zip(times.tolist(), values(channel, seed, times, spans).tolist(), strict=True):
        sent.append(_live(channel, mine, name, code, value, second))
        if channel.definition and (second * 1000 - begin) % DAY_MS < EVERY_S * 1000:
            record = channel.defined.format(code=code, time=wire_time(second), date=wire_time(second)[:10])
            payload = _text(mine, name, second, [record])
            sent.append(Upload(mine, file_name(mine, channel.definition, second), payload, second * 1000))
    subjects = (code, mine, *families()["places"])
    labels = [Label(channel.rule, channel_name, mine, subjects, a, b, slack=SLACK_MS) for a, b in spans]
    register: dict[str, Any] = {"mines": {mine: {"name": name, "kind": channel.kind}}}
    frame = json.dumps(register, ensure_ascii=False).encode()
    sent.sort(key=lambda upload: (upload.send_time, upload.name))
    return Trial(key, {mine: channel.kind}, condition, begin, end, frame, sent, labels)


def _live(channel: Channel, mine: str, name: str, code: str, value: float, second: int) -> Upload:
    if channel.live == "gnssrealtime":
        payload = _slope(mine, name, code, value, second)
        stamp = file_name(mine, channel.live, second).removesuffix(".txt")
        return Upload(mine, f"{stamp}_0001.json", payload, second * 1000)
    record = channel.record.format(code=code, value=f"{value:.2f}", time=wire_time(second))
    return Upload(mine, file_name(mine, channel.live, second), _text(mine, name, second, [record]), second * 1000)


def counted(mine: str, second: int, persons: int) -> Upload:
    """How many a camera counted below ground, as the video interface posts it."""
    words = families()["video"]
    row = {"mineCode": mine, "cameraCode": f"{mine}{words['camera']}", "analysisCase": f"{persons:04d}"}
    return _posted(mine, "undergroundCount", second, [{**row, "dataTime": wire_time(second)}])


def passed(mine: str, second: int, inside: int, outside: int) -> Upload:
    """How many a gate counted in and out since midnight."""
    words = families()["video"]
    rows = [
        {
            "mineCode": mine,
            "positionName": words["gate"],
            "positionCode": f"{mine}01",
            "cameraCode": f"{mine}{words['camera']}",
            "direction": direction,
            "personCount": count,
            "dataTime": wire_time(second),
        }
        for direction, count in (("01", inside), ("02", outside))
    ]
    return _posted(mine, "importPersonCount", second, rows)


def frozen_picture(mine: str, second: int) -> Upload:
    """A camera whose picture stands still, as the analysis posts it."""
    words = families()["video"]
    row = {"mineCode": mine, "cameraCode": f"{mine}{words['camera']}", "analysisType": "03", "analysisCase": "0006"}
    return _posted(mine, "videoAnomaly", second, [{**row, "dataTime": wire_time(second), "imagesBase64": []}])


def camera_online(mine: str, second: int) -> Upload:
    """The five-minute word that a camera is there."""
    words = families()["video"]
    row = {"cameraCode": f"{mine}{words['camera']}", "cameraStatus": 1, "dataTime": wire_time(second), "mineCode": mine}
    return _posted(mine, "cameraStatus", second, [row])


def _posted(mine: str, path: str, second: int, rows: Sequence[dict[str, Any]]) -> Upload:
    name = file_name(mine, path, second).replace(".txt", ".json")
    return Upload(mine, name, json.dumps(list(rows), ensure_ascii=False).encode(), second * 1000)
