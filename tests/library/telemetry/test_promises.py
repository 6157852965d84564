"""Promises that only a power cut or a careless hand would show to be broken."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path

import pytest

from kuangan.library.telemetry.files import replace_durably
from kuangan.library.telemetry.frames import UPLOAD
from kuangan.library.telemetry.gateways.admission import hindrance
from kuangan.library.telemetry.gateways.intake import Limits
from kuangan.library.telemetry.gateways.senders import Sender
from kuangan.library.telemetry.ledger import Balance
from kuangan.library.telemetry.spool import SpoolReader, SpoolWriter

HOUR = 3_600_000
START = 1_773_100_800_000
MINE = "140581900001"


def test_a_file_is_durable_before_its_name_and_the_name_before_anybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    sync, rename = os.fsync, Path.replace

    def noted(handle: int) -> None:
        told.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink().name}")
        sync(handle)

    def renamed(path: Path, target: Path) -> Path:
        told.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "replace", renamed)
    replace_durably(tmp_path / "segment", lambda out: out.write(b"frames"))
    assert told == ["sync segment.tmp", "rename", f"sync {tmp_path.name}"]
    assert (tmp_path / "segment").read_bytes() == b"frames"


@pytest.mark.parametrize(
    ("codes", "name", "over", "place", "reason"),
    [
        ((MINE,), f"{MINE}_CDSS_20260310081520.txt", 0, "", ""),
        ((MINE,), f"{MINE}_CDSS_20260310081520.txt", 1, "", "too_large"),
        (("*",), f"{MINE}_CDSS_20260310081520.txt", 1, "", "too_large"),
        (("140581900002",), f"{MINE}_CDSS_20260310081520.txt", 0, "", "foreign_mine"),
        ((MINE,), "photo.jpg", 0, "", "unnamed"),
        ((MINE,), f"{MINE}_CDSS_20260310081520.txt", 0, "140581900002", "foreign_mine"),
        (("*",), f"{MINE}_CDSS_20260310081520.txt", 0, "140581900002", "place_differs"),
    ],
)
def test_a_carrier_takes_what_is_whole_small_and_the_senders_own(
    codes: tuple[str, ...], name: str, over: int, place: str, reason: str
) -> None:
    limits = Limits()
    assert hindrance(Sender("s", "", frozenset(codes)), name, limits.frame_bytes + over, limits, place) == reason


def test_every_sum_of_the_ledger_must_hold() -> None:
    counts = {each.name: 0 for each in fields(Balance)}
    sums = Balance(**counts | {"received": 5, "accepted": 3, "quarantined": 1, "waiting": 1, "read": 7, "archived": 6})
    even = replace(sums, rejected=1)
    assert even.balanced
    assert not sums.balanced
    for name in ("received", "accepted", "duplicate", "unknown", "waiting", "read", "repeated", "kept", "superseded"):
        for more in (1, -1):
            assert not replace(even, **{name: getattr(even, name) + more}).balanced, f"{name} {more:+d}"


def test_frames_that_the_engine_has_not_passed_stay_whatever_their_age(tmp_path: Path) -> None:
    with SpoolWriter(tmp_path, "g") as writer:
        for hour in range(4):
            writer.append(kind=UPLOAD, name="n", source="s", payload=b"x", received_at=START + hour * HOUR, mine=MINE)
            writer.commit()
        writer.seal(START + 10 * HOUR)
        assert writer.retire(before=START + 100 * HOUR, upto=1) == 2
        assert [frame.seq for frame in SpoolReader(tmp_path, "g", after=1).read()] == [2, 3]
