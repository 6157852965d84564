"""Wire text of people (MT/T 1201.3) and of head-counts by cameras (MT/T 1201.6)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kuangan.library.simulate.second.folk import AREAS, GRAPH, Crowd, Pass, Person, Trip
from kuangan.library.simulate.second.text import clock, upload
from kuangan.library.simulate.second.words import words
from kuangan.library.simulate.writer import Upload

TRACK = 6
CAMERA = "01010301"


def base(crowd: Crowd, at: int) -> Iterator[Upload]:
    """RYQY, RYJZ and RYXX."""
    texts, layout = words(), crowd.layout
    place = {"face": layout.workings[0], "heading": layout.workings[1]}
    rows = []
    for number, area in enumerate(AREAS, 1):
        kind, name = texts["areas"][area]
        rows.append(
            f"{kind};{layout.code}{number:04d};{crowd.area_approved[area]};{name.format(n=place.get(area, ''))}"
        )
    yield upload(layout, "RYQY", at, (), rows, at + 700)
    names = [texts["antenna"].format(n=n) for n, _ in enumerate(crowd.antennas, 1)]
    rows = [f"{a.code};{name};{a.x:g};{a.y:g};-320;{name}" for a, name in zip(crowd.antennas, names, strict=True)]
    yield upload(layout, "RYJZ", at, (), rows, at + 800)
    maker = texts["persons"]
    head = (str(crowd.mine_approved), maker["model"], maker["name"], texts["maker"], texts["until"])
    yield upload(layout, "RYXX", at, head, [_person(p) for p in crowd.people], at + 900)


def _person(p: Person) -> str:
    trade, post, team, leader, special = words()["posts"][p.post]
    return f"{p.card};{p.name};{trade};{post};{team};1988-03-01;;{leader};{special}"


def positions(crowd: Crowd, at: int, send: int) -> Upload:
    """RYSS: a full snapshot."""
    rows = [_position(crowd, person, trip, at) for person, trip in crowd.seen(at) if trip.at(at)]
    return upload(crowd.layout, "RYSS", at, (), rows, send)


def positions_2016(crowd: Crowd, at: int, send: int, declared: int) -> Upload:
    """RYSS of the elder scheme: the header tells a number of people and no mine; ten fields a card."""
    rows = []
    for person, trip in crowd.seen(at):
        if trip.at(at):
            told = _position(crowd, person, trip, at).split(";")
            rows.append(";".join((*told[:4], told[4] or "xxxx-xx-xx xx:xx:xx", *told[5:9], told[14])))
    plain = upload(crowd.layout, "RYSS", at, (), rows, send)
    guides = [p for p, _ in crowd.below(at) if p.post == "leader"]
    led = f"{guides[0].card}/{guides[0].name}" if guides else "/"
    _, rest = plain.payload.decode().split("~", 1)
    return plain._replace(payload=f"{clock(at)};{declared};{led};~{rest}".encode())


def _position(crowd: Crowd, p: Person, t: Trip, at: int) -> str:
    passes = t.at(at)
    last = passes[-1]
    out = at >= t.exit
    area = GRAPH[last.station][0]
    since = _since(passes, lambda one: GRAPH[one.station][0] == area)
    near = _since(passes, lambda one: one.station == last.station)
    code = crowd.antennas[last.station].code
    track = ",".join(f"{crowd.antennas[one.station].code}&{clock(one.time)}" for one in passes[-TRACK:])
    *_, leader, special = words()["posts"][p.post]
    head = f"{p.card};{p.name};{2 if out else 1};{clock(t.entry)};{clock(t.exit) if out else ''}"
    place = f"{code[:16]};{clock(since)};{code};{clock(near)}"
    return f"{head};{place};{words()['regime']};{last.metres:.2f};{words()['state']};{leader};{special};{track}"


def _since(passes: list[Pass], same: object) -> int:
    found = passes[-1].time
    for one in reversed(passes):
        if not callable(same) or not same(one):
            break
        found = one.time
    return found


def camera_count(crowd: Crowd, at: int, count: int) -> Upload:
    """What cameras make of the number of people below."""
    code = crowd.layout.code
    item = {"mineCode": code, "cameraCode": code + CAMERA, "analysisCase": f"{count:04d}", "dataTime": clock(at)}
    return Upload(code, "video_undergroundCount.json", json.dumps([item]).encode(), at + 2500)


def camera_passages(crowd: Crowd, at: int, inwards: int, outwards: int) -> Upload:
    """What a camera at the mouth counted in both directions since midnight."""
    code = crowd.layout.code
    items = [
        {
            "mineCode": code,
            "cameraCode": code + CAMERA,
            "positionName": words()["areas"]["mouth"][1],
            "positionCode": code + "01",
            "direction": direction,
            "personCount": str(count),
            "dataTime": clock(at),
        }
        for direction, count in (("01", inwards), ("02", outwards))
    ]
    return Upload(code, "video_importPersonCount.json", json.dumps(items, ensure_ascii=False).encode(), at + 2600)
