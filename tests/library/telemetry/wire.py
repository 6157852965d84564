"""Synthetic wire files for the tests."""

from __future__ import annotations

from kuangan.library.telemetry.frames import UPLOAD, Frame, digest_of

MINE = "140581990001"
NAME = f"{MINE}_CDSS_20260310081520.txt"
AT = 1_773_101_720_000
HEADER = f"{MINE};合成一号煤矿;2026-03-10 08:15:20"


def code(number: int, mine: str = MINE, kind: str = "MN0043") -> str:
    return f"{mine}01{kind}{number:06d}"


def record(number: int = 1, value: str = "0.32", status: str = "0", time: str = "2026-03-10 08:15:20") -> str:
    return f"{code(number)};激光甲烷;1102采煤工作面T{number};{value};%CH4;{status};{time}"


def wire(*records: str, header: str = HEADER) -> bytes:
    return "~".join([header, *records, "||"]).encode()


def frame(payload: bytes, name: str = NAME, received_at: int = AT, seq: int = 0) -> Frame:
    return Frame(seq, "", UPLOAD, name, "test", received_at, digest_of(payload), payload)
