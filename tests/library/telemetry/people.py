"""Synthetic files about people, stations and statistics; every name is invented."""

from __future__ import annotations

from tests.library.telemetry.wire import HEADER, MINE, wire

TIME = "2026-03-10 08:15:20"
EARLIER = "2026-03-10 07:40:11"
AREA = f"{MINE}0004"
STATION = f"{AREA}000010"
OLD_MINE = "150622B0012000200092"


def card(number: int) -> str:
    return f"{MINE}{number:05d}"


def named(kind: str, mine: str = MINE) -> str:
    return f"{mine}_{kind}_20260310081520.txt"


def position(number: int = 1, **given: str) -> str:
    """A record of RYSS: in since this morning unless told otherwise."""
    fields = {
        "card": card(number),
        "name": "合成甲",
        "flag": "1",
        "in_time": "2026-03-10 07:02:33",
        "out_time": "",
        "area": AREA,
        "area_since": EARLIER,
        "station": STATION,
        "station_since": TIME,
        "labour_system": "三八制",
        "distance": "-12.50",
        "work_state": "正常",
        "leader": "0",
        "special": "1",
        "track": f"{STATION}&{EARLIER},{STATION}&{TIME}",
    } | given
    return ";".join(fields.values())


def old_position(number: int = 1, **given: str) -> str:
    """A record of the 2016 form: fields 1 to 9 and the track."""
    fields = position(number, **({"out_time": "xxxx-xx-xx xx:xx:xx"} | given)).split(";")
    return ";".join([*fields[:9], fields[14]])


def person(number: int = 1, name: str = "合成甲") -> str:
    return f"{card(number)};{name};采煤机司机;未设置;综采一队;1990-01-01;;0;1"


PERSONS_HEADER = f"{MINE};合成一号煤矿;400;KJ00X;合成人员位置监测系统;合成厂家;2028-12-31;{TIME}"
STATIONS_HEADER = f"{MINE};合成一号煤矿;300;KJ00X;合成厂家;MA000001;{TIME}"
OLD_HEADER = f"{TIME};2;0001/合成乙;"
RECORDS = {
    "FZSS": (HEADER, f"{MINE}00001;0;1;{TIME}"),
    "JZSS": (HEADER, f"{STATION};1;9;{TIME}"),
    "TJSJ": (
        HEADER,
        f"{MINE}01MN0043000001;激光甲烷;T1;%CH4;2026-03-10 08:10:00;2026-03-10 08:15:00;0.41;{TIME};0.22;{TIME};0.31;{TIME}",
    ),
    "RYQY": (HEADER, f"重点区域;{AREA};26;1102综采工作面"),
    "RYJZ": (HEADER, f"{STATION};机头基站;1.5;-2;0;1102面机头"),
    "RYXX": (PERSONS_HEADER, person()),
    "RYSS": (HEADER, position()),
}
"""One file of each type: its header and a good record."""


def one(kind: str, *records: str) -> bytes:
    """A file of a type with these records, its good one without any."""
    header, record = RECORDS[kind]
    return wire(*(records or (record,)), header=header)
