"""`kuangan replay`: exact counts of everything that may come, stamps and ticks, what it enters."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kuangan.library.telemetry.archive import Archive
from kuangan.library.telemetry.frames import TICK, UPLOAD
from kuangan.library.telemetry.ledger import Ledger, balance
from kuangan.library.telemetry.spool_reader import SpoolReader
from tests.commands import wire
from tests.commands.running import ROOT, command

SAMPLES = ROOT.parent / "shared" / "samples" / "wire"
GOOD = wire.readings("08:00:02", wire.reading(1, "08:00:02"), wire.reading(2, "08:00:02"))
FILES = {
    wire.named("FZDY", "08:00:00"): wire.stations("08:00:00"),
    wire.named("CDDY", "08:00:01"): wire.points("08:00:01", 1, 2),
    wire.named("CDSS", "08:00:02"): GOOD,
    wire.named("CDSS", "08:00:03"): GOOD,  # the same content under another name
    wire.named("CDSS", "08:00:04"): wire.readings("08:00:04", wire.reading(1, "08:00:04"), "too;few;fields"),
    wire.named("CDSS", "08:00:05"): wire.readings("08:00:05", wire.reading(1, "08:00:05")).removesuffix(b"||"),
    wire.named("CDSS", "08:00:06"): wire.readings("08:00:06", wire.reading(1, "08:00:06"), mine=wire.OTHER),
    wire.named("CDSS", "08:00:07"): bytes(range(256)),
    wire.named("CDSS", "08:00:08"): b"",
    f"a/b/c/{wire.named('CDSS', '08:00:09')}": wire.readings("08:00:09", wire.reading(1, "08:00:09"))
    .decode()
    .encode("gbk"),
    wire.named("CDSS", "08:00:10"): b"\xef\xbb\xbf" + wire.readings("08:00:10", wire.reading(1, "08:00:10")),
    wire.named("CDSS", "08:00:11"): wire.readings("08:00:11", wire.reading(1, "08:00:11")).replace(b"~", b"~\r\n"),
    wire.named("CDSS", "08:00:12"): wire.readings("08:00:12", wire.reading(1, "08:00:12", "-9999")),
    wire.named("CDSS", "08:00:13"): wire.readings(
        "08:00:13", wire.reading(1, "08:00:13", "0.30"), wire.reading(1, "08:00:13", "0.31")
    ),
    wire.named("CDSS", "08:00:14"): wire.readings("08:00:01", wire.reading(2, "08:00:01")),  # an older header
    wire.named("YCBJ", "08:00:15"): wire.alarms("08:00:15", 1),
    wire.named("RYCS", "08:00:16"): wire.readings("08:00:16", "not yet read"),
    "notes.txt": b"unnamed",
    wire.named("CDSS", "08:12:02"): wire.readings("08:12:02", wire.reading(1, "08:12:02"), wire.reading(2, "08:12:02")),
}
COUNTS = {
    "frames": {
        "accepted": 11,
        "partial": 1,
        "duplicate": 1,
        "stale": 1,
        "quarantined": 4,
        "unknown": 2,
        "waiting": 0,
    },
    "by_type": {
        "FZDY": {"frames": 1, "records": 1, "rejected": 0},
        "CDDY": {"frames": 1, "records": 2, "rejected": 0},
        "CDSS": {"frames": 14, "records": 12, "rejected": 1},
        "YCBJ": {"frames": 1, "records": 1, "rejected": 0},
        "RYCS": {"frames": 1, "records": 0, "rejected": 0},
        "UNNAMED": {"frames": 1, "records": 0, "rejected": 0},
    },
    "readings_archived": 11,
    "alerts": {"link.network_outage": 1},
}
AGAIN = {
    "frames": {state: len(FILES) if state == "duplicate" else 0 for state in COUNTS["frames"]},
    "by_type": {
        kind: {"frames": row["frames"], "records": 0, "rejected": 0} for kind, row in COUNTS["by_type"].items()
    },
    "readings_archived": 0,
    "alerts": {},
}


def rows(home: Path, question: str) -> list[Any]:
    connection = sqlite3.connect(home / "kuangan.sqlite3")
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def replayed(new_home: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """A home into which everything was replayed twice, and both answers."""
    home = new_home()
    folder = wire.write(tmp_path_factory.mktemp("uploads"), FILES)
    answers = [command(home, "replay", folder, "--json") for _ in range(2)]
    return home, [(done.code, done.result) for done in answers]


def test_every_field_counts_exactly_and_bad_files_do_not_make_it_fail(replayed: tuple[Path, list[Any]]) -> None:
    assert replayed[1][0] == (0, COUNTS)


def test_a_second_run_is_all_duplicates_and_raises_and_archives_nothing(replayed: tuple[Path, list[Any]]) -> None:
    assert replayed[1][1] == (0, AGAIN)


def test_files_come_in_the_order_of_the_time_in_their_names_wherever_they_lie(
    replayed: tuple[Path, list[Any]],
) -> None:
    frames = [frame for frame in _frames(replayed[0]) if frame.kind == UPLOAD][: len(FILES)]
    names = [name.rpartition("/")[2] for name in FILES if name != "notes.txt"]
    assert [frame.name for frame in frames] == [*names, "notes.txt"]


def test_frames_are_stamped_with_their_header_and_never_earlier_than_the_one_before(
    replayed: tuple[Path, list[Any]],
) -> None:
    uploads = [frame for frame in _frames(replayed[0]) if frame.kind == UPLOAD]
    frames = {frame.name: frame.received_at for frame in uploads[: len(FILES)]}
    begin = frames[wire.named("FZDY", "08:00:00")]
    assert frames[wire.named("CDSS", "08:00:09")] - begin == 9_000
    assert frames[wire.named("CDSS", "08:00:14")] == frames[wire.named("CDSS", "08:00:13")]
    assert frames[wire.named("CDSS", "08:12:02")] - begin == 722_000
    assert frames["notes.txt"] == frames[wire.named("CDSS", "08:12:02")]


def test_ticks_fill_the_time_between_files_and_none_follows_the_last(replayed: tuple[Path, list[Any]]) -> None:
    frames = _frames(replayed[0])
    stamps = [frame.received_at for frame in frames]
    assert stamps == sorted(stamps)
    ticks = [frame.received_at for frame in frames if frame.kind == TICK]
    last = max(frame.received_at for frame in frames if frame.kind == UPLOAD)
    assert max(ticks) == last - 1000


def test_refused_content_stands_in_the_ledger_with_its_reason(replayed: tuple[Path, list[Any]]) -> None:
    ledger = Ledger(replayed[0])
    reasons = dict(ledger.frames().filter(pl.col("outcome") == "quarantined").select("name", "reason").collect().rows())
    assert reasons[wire.named("CDSS", "08:00:05")] == "truncated"
    assert reasons[wire.named("CDSS", "08:00:06")] == "header_mine_differs"
    assert set(reasons) == {wire.named("CDSS", f"08:00:0{second}") for second in (5, 6, 7, 8)}
    rejected = ledger.rejects().filter(pl.col("record") > 0).select("record", "reason").collect().rows()
    assert rejected == [(2, "field_count")]


def test_the_last_of_two_values_of_one_moment_stands(replayed: tuple[Path, list[Any]]) -> None:
    clock = next(f.received_at for f in _frames(replayed[0]) if f.name == wire.named("CDSS", "08:00:13"))
    stored = Archive(replayed[0]).read([wire.point(1)], clock, clock + 1)
    assert stored["value"].to_list() == [0.31]


def test_a_missing_value_is_kept_as_a_bad_value(replayed: tuple[Path, list[Any]]) -> None:
    clock = next(f.received_at for f in _frames(replayed[0]) if f.name == wire.named("CDSS", "08:00:12"))
    stored = Archive(replayed[0]).read([wire.point(1)], clock, clock + 1)
    assert stored["value"].is_nan().to_list() == [True]


def test_the_outage_is_in_the_database_once_and_the_chain_and_the_ledger_hold(
    replayed: tuple[Path, list[Any]],
) -> None:
    home = replayed[0]
    assert rows(home, "select rule, subject from alerts_alert") == [("link.network_outage", wire.MINE)]
    verified = command(home, "ledger", "verify", "--json")
    assert verified.code == 0
    assert verified.result["balanced"] is True
    assert (verified.result["received"], verified.result["duplicate"]) == (2 * len(FILES), len(FILES) + 1)


def test_a_mine_that_nobody_registered_is_entered_provisionally_with_the_note_of_an_old_prefix(
    replayed: tuple[Path, list[Any]], tmp_path: Path
) -> None:
    home = replayed[0]
    name = wire.named("CDSS", "08:20:00", wire.OLD_PREFIX)
    record = wire.reading(1, "08:20:00", mine=wire.OLD_PREFIX)
    file = wire.write(tmp_path, {name: wire.readings("08:20:00", record, mine=wire.OLD_PREFIX)}) / name
    assert command(home, "replay", file, "--json").result["readings_archived"] == 1
    mines = rows(home, "select code, name, provisional, old_region_code, county_id, city_id from registry_mine")
    assert sorted(mines) == [
        (wire.MINE, wire.MINE_NAME, 1, 0, "140404", "140400"),
        (wire.OLD_PREFIX, wire.MINE_NAME, 1, 1, None, "140400"),
    ]


SAMPLED = {
    "CDDY": (1, 5),
    "CDSS": (3, 8),
    "FZDY": (1, 2),
    "YCBJ": (1, 2),
    "FZSS": (1, 2),
    "TJSJ": (1, 1),
    "RYQY": (1, 3),
    "RYJZ": (1, 1),
    "RYXX": (1, 2),
    "RYSS": (2, 2),  # one of the two is cut off
    "JZSS": (1, 2),
    "AQSS": (1, 2),
    "NCDSS": (1, 2),
}
ONE_RECORD = {
    *("NCDYCBJ", "NRYCY", "NRYQY", "NRYSS"),
    *("CGKCDDY", "CGKCDSS", "CGKCDYC", "PSLCDSS", "SBCDSS", "YSLCDSS"),
    *("DYSS", "LCSS", "ZJSS", "ZKSS", "TFSS"),
    *("GTXDY", "GTXSS", "JYLSS", "KSWSS", "QRXDY", "QRXSS"),
    *("gnssbaseinfo", "gnssrealtime", "gnssalarm", "clearalarm"),
    *("cameraStatus", "countingRecog", "videoAnomaly"),
}
READINGS = 8 + 2 + 2 + 2 + 2 + 1 + 1 + 2 + 1 + 1 + 1 + 2 + 1 + 1 + 1 + 9
"""Of CDSS, AQSS, NCDSS, CGKCDSS, PSLCDSS, SBCDSS, YSLCDSS, LCSS, ZJSS, ZKSS, TFSS, GTXSS, JYLSS, KSWSS, QRXSS, gnssrealtime."""


RAISED = {"gas.over_limit": 1, "danger.reported": 2, "video.irregular_passage": 1, "video.blocked": 1}


@pytest.mark.shared
def test_the_samples_count_as_they_should(home: Path) -> None:
    done = command(home, "replay", SAMPLES, "--json")
    result = done.result
    by_type = result["by_type"]
    expected = SAMPLED | dict.fromkeys(ONE_RECORD, (1, 1))
    assert {kind: (row["frames"], row["records"]) for kind, row in by_type.items()} == expected
    assert all(row["rejected"] == 0 for row in by_type.values())
    assert result["frames"] == dict.fromkeys(COUNTS["frames"], 0) | {"accepted": 43, "quarantined": 1}
    assert (done.code, result["readings_archived"], result["alerts"]) == (0, READINGS, RAISED)
    reasons = Ledger(home).frames().filter(pl.col("outcome") == "quarantined").select("reason").collect()
    assert reasons["reason"].to_list() == ["truncated"]
    assert balance(home).balanced


def _frames(home: Path) -> list[Any]:
    return SpoolReader(home, "replay").read()
