"""Small hand-made messages of cameras on the stage of the judge, through the real decoder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kuangan.library.telemetry.frames import UPLOAD
from kuangan.library.warning.events import Event
from kuangan.library.warning.rulebook import shipped
from tests.library.warning.people_below import snapshot_of
from tests.library.warning.scene import MINE, Scene, moment, stamp, wire_time

MINUTE = 60
FACE = "1102综采工作面"
PLACES = {
    1: "主井井口",
    2: "副井井口",
    3: "回风立井井口",
    4: "工业广场大门",
    5: "调度室",
    6: f"{FACE}机头",
}
"""The cameras of a mine that has what it must have."""
BLOCKED, MOVED, DARK, BRIGHT, FROZEN, LOST = "0001", "0002", "0003", "0004", "0006", "0007"


def camera(number: int, mine: str = MINE) -> str:
    return f"{mine}0101{number:04d}"


def post(scene: Scene, path: str, items: Sequence[Mapping[str, Any]], at: float, mine: str = MINE) -> None:
    """A JSON array that a mine sends to /mine/ai/<path>."""
    payload = json.dumps([{"mineCode": mine, **item} for item in items], ensure_ascii=False).encode()
    scene.put(UPLOAD, f"video_{path}_{stamp(moment(at))}.json", payload, at)


def define(scene: Scene, at: float, places: Mapping[int, str] = PLACES, mine: str = MINE) -> None:
    told = wire_time(moment(at))
    rows = [{"cameraCode": camera(n, mine), "positionDesc": text, "dataTime": told} for n, text in places.items()]
    post(scene, "camera", rows, at, mine)


def states(
    scene: Scene,
    at: float,
    off: Sequence[int] = (),
    among: Sequence[int] = (1, 2, 3, 4, 5, 6),
    mine: str = MINE,
    old: float = 0,
) -> None:
    """A full push of states measured `old` seconds before it came; cameras `off` are off line."""
    told = wire_time(moment(at - old))
    rows = [{"cameraCode": camera(n, mine), "cameraStatus": str(int(n not in off)), "dataTime": told} for n in among]
    post(scene, "cameraStatus", rows, at, mine)


def steadily(
    scene: Scene, start: float, end: float, off: Sequence[int] = (), among: Sequence[int] = (1, 2, 3, 4, 5, 6)
) -> None:
    """Full pushes every five minutes of [start, end]."""
    at = start
    while at <= end:
        states(scene, at, off, among)
        at += 5 * MINUTE


def anomaly(scene: Scene, at: float, number: int, case: str = BLOCKED, old: float = 0) -> None:
    row = {
        "cameraCode": camera(number),
        "analysisType": "03",
        "analysisCase": case,
        "dataTime": wire_time(moment(at - old)),
    }
    post(scene, "videoAnomaly", [row | {"localFiles": []}], at)


def counting(scene: Scene, at: float, number: int, kind: str = "04", heads: int = 1) -> None:
    row = {"cameraCode": camera(number), "analysisType": kind, "analysisCase": f"{heads:04d}"}
    post(scene, "countingRecog", [row | {"dataTime": wire_time(moment(at)), "imagesBase64": [], "localFiles": []}], at)


def counter(scene: Scene, at: float, number: int, count: int, direction: str = "01") -> None:
    row = {"cameraCode": camera(number), "positionName": "主井口", "positionCode": f"{MINE}01", "direction": direction}
    post(scene, "importPersonCount", [row | {"personCount": count, "dataTime": wire_time(moment(at))}], at)


def crew(scene: Scene, at: float, persons: int, place: str = FACE) -> None:
    """A snapshot of the personnel system with persons in the area of a working (and one elsewhere)."""
    snapshot_of(scene, at, {place: persons, "运输大巷": 1})


def register(scene: Scene, at: float, cameras: Mapping[str, Mapping[str, Any]] | None = None, **told: Any) -> None:
    """The register: what it says of the mine, and its cameras."""
    mine = {"name": "合成煤矿", "kind": "underground_coal", "state": "operating", **told}
    scene.config("register", {"mines": {MINE: mine}, "cameras": {MINE: dict(cameras or {})}}, at)


def quick(scene: Scene, rule: str, at: float = 0, **settings: Any) -> None:
    """The shipped rule book with other settings of one rule."""
    book = shipped().model_dump(mode="json")
    book["rules"][rule] |= settings
    scene.config("rulebook", book, at)


def of(events: Sequence[Event], rule: str) -> list[Event]:
    return [event for event in events if event.rule == rule]
