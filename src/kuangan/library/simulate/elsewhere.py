"""Dangers and frauds that come in files of other families: water, rock pressure, slopes, tailings ponds, cameras.

Each subject is one number over time, written in the wire text of its family every ten minutes (cameras: five): quiet noise, and in
some spans what is planted. Formats as far as they are known; what has no known format is not written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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
    place: str
    suffix: str
    live: str
    record: str
    definition: str = ""
    defined: str = ""


def channel_of(name: str) -> Channel:
    """One channel by its name."""
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


def _slope(mine: str, shown: Mapping[str, float], second: int) -> bytes:
    """GNSS records; displacement is what the speed adds up to in ten minutes, all of it horizontal."""
    words, rows = families()["slope"], []
    for code, value in shown.items():
        row = dict.fromkeys(words["numbers"], "0.0")
        row |= {"equip_no": code, "monitor_time": wire_time(second), **words["place"]}
        rows.append(row | {"x_speed": f"{value:.2f}", "x_disp": f"{value * EVERY_S / 3600:.2f}"})
    return json.dumps({"send_time": wire_time(second), "open_pit_no": mine, "data": rows}, ensure_ascii=False).encode()


def trial(key: str, condition: str, mine: str, name: str, seed: int, begin: int, days: int, channel_name: str) -> Trial:
    """A week and more of one instrument, wrong twice towards the end."""
    channel = channel_of(channel_name)
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
        sent.append(file_of(channel, mine, name, {code: value}, second))
        if channel.definition and (second * 1000 - begin) % DAY_MS < EVERY_S * 1000:
            sent.append(definitions_of(channel, mine, name, [code], second))
    subjects = (code, mine, *families()["places"])
    labels = [Label(channel.rule, channel_name, mine, subjects, a, b, slack=SLACK_MS) for a, b in spans]
    register: dict[str, Any] = {"mines": {mine: {"name": name, "kind": channel.kind}}}
    frame = json.dumps(register, ensure_ascii=False).encode()
    for number, (start, over) in enumerate(spans):
        told = _TOLD.get(channel_name)
        if told is not None:
            sent += told(mine, name, code, start, over)
            labels.append(
                Label(_TOLD_RULES[channel_name], f"told{number}", mine, subjects, start, over, slack=SLACK_MS)
            )
    sent.sort(key=lambda upload: (upload.send_time, upload.name))
    return Trial(key, {mine: channel.kind}, condition, begin, end, frame, sent, labels)


def record_of(channel: Channel, code: str, value: float, second: int) -> str:
    """One reading in the wire text of its family."""
    return channel.record.format(code=code, value=f"{value:.2f}", time=wire_time(second), place=channel.place)


def defined(channel: Channel, code: str, second: int) -> str:
    """The definition of an instrument in the wire text of its family."""
    return channel.defined.format(code=code, time=wire_time(second), date=wire_time(second)[:10], place=channel.place)


def definitions_of(channel: Channel, mine: str, name: str, codes: Sequence[str], second: int) -> Upload:
    """The file in which the instruments of a channel are defined."""
    records = [defined(channel, code, second) for code in codes]
    payload = _text(mine, name, second, records)
    return Upload(mine, file_name(mine, channel.definition, second), payload, second * 1000)


def file_of(channel: Channel, mine: str, name: str, shown: Mapping[str, float], second: int) -> Upload:
    """The live file of a channel: what its instruments show, by code."""
    if channel.live == "gnssrealtime":
        stamp = file_name(mine, channel.live, second).removesuffix(".txt")
        return Upload(mine, f"{stamp}_0001.json", _slope(mine, shown, second), second * 1000)
    records = [record_of(channel, code, value, second) for code, value in shown.items()]
    return Upload(mine, file_name(mine, channel.live, second), _text(mine, name, second, records), second * 1000)


def _slope_alarm(mine: str, _name: str, code: str, start: int, end: int) -> list[Upload]:
    """The mine's own alarm of an instrument at a slope, and the word that it is over."""
    alarm = {"equip_no": code, "alarm_time": wire_time(start // 1000)}
    numbers = {
        "horizontal_displacement": 80.0,
        "horizontal_velocity": 5.0,
        "horizontal_acceleration": 1.0,
        "duration": 2.0,
    }
    told = {
        **alarm,
        "alarm_level": 2,
        "warning_parameters": numbers,
        "alarm_value": {**numbers, "horizontal_velocity": 6.1},
    }
    over = {**alarm, "handle_time": wire_time(end // 1000), "description": families()["slope"]["handled"]}
    return [_slope_file(mine, "gnssalarm", start // 1000, told), _slope_file(mine, "clearalarm", end // 1000, over)]


def _slope_file(mine: str, kind: str, second: int, row: dict[str, Any]) -> Upload:
    content = {"send_time": wire_time(second), "open_pit_no": mine, "data": [row]}
    stamp = file_name(mine, kind, second).removesuffix(".txt")
    return Upload(mine, f"{stamp}_0001.json", json.dumps(content, ensure_ascii=False).encode(), second * 1000 + 700)


def _ground_sound(mine: str, name: str, _code: str, start: int, end: int) -> list[Upload]:
    """Ground sound, thick and strong, every ten minutes of a span; energies in J."""
    words = families()["ground_sound"]
    sent = []
    for second in range(start // 1000, end // 1000, EVERY_S):
        rows = [
            f"{mine}{words['suffix']}{n};01;{words['energy'] * (1 + n)};{words['place']};{wire_time(second - 60 * n)}"
            for n in range(3)
        ]
        sent.append(Upload(mine, file_name(mine, "DYSS", second), _text(mine, name, second, rows), second * 1000 + 600))
    return sent


_TOLD: dict[str, Callable[[str, str, str, int, int], list[Upload]]] = {
    "slope_speed": _slope_alarm,
    "borehole_stress": _ground_sound,
}
_TOLD_RULES = {"slope_speed": "danger.reported", "borehole_stress": "danger.ground_sound"}
"""What else comes with a channel while it is wrong, and the rule that is to tell it."""


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
