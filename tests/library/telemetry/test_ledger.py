from __future__ import annotations

from pathlib import Path

import polars as pl

from kuangan.library.telemetry.decode import decode
from kuangan.library.telemetry.frames import REFUSAL, TICK, UPLOAD
from kuangan.library.telemetry.ledger import FRAMES, REJECTS, Ledger, balance, verify
from kuangan.library.telemetry.spool import SpoolReader, SpoolWriter
from tests.library.telemetry.wire import AT, MINE, NAME, record, wire

PAYLOADS = [wire(record(1), record(2)), wire(record(1), record(2, "x")), b"half", wire(record(1), record(1))]


def fill_spool(home: Path) -> None:
    with SpoolWriter(home, "g") as writer:
        for payload in PAYLOADS:
            writer.append(kind=UPLOAD, name=NAME, source="s", payload=payload, received_at=AT, mine=MINE)
            writer.append(kind=TICK, name="tick", source="clock", payload=b"", received_at=AT)
        writer.append(kind=REFUSAL, name="x.txt", source="s", payload=b"{}", received_at=AT)
        writer.commit()


def judge(home: Path, ledger: Ledger, last: int) -> None:
    """What an engine does, without judging: decodes and writes the rows of the frames up to `last`."""
    frames = [each for each in SpoolReader(home, "g").read() if each.seq <= last]
    uploads = [each for each in frames if each.kind == UPLOAD]
    decoded = decode(uploads)
    rows = [
        {
            "gateway": "g",
            "seq": each.seq,
            "received_at": each.received_at,
            "mine": found.mine,
            "type": found.type,
            "name": each.name,
            "source": each.source,
            "size": len(each.payload),
            "outcome": found.status,
            "stale": False,
            "marks": ",".join(found.marks),
            "reason": found.reason,
            "header_time": found.header_time,
            "good": found.good,
            "rejected": found.rejected,
            "superseded": found.superseded,
            "archived": found.good - found.superseded,
            "repeated": 0,
        }
        for each, found in zip(uploads, decoded.outcomes, strict=True)
    ]
    refused = [each for each in frames if each.kind == REFUSAL]
    blank = dict.fromkeys(("good", "rejected", "superseded", "archived", "repeated", "size"), 0)
    rows += [
        {
            **blank,
            "gateway": "g",
            "seq": each.seq,
            "received_at": AT,
            "name": each.name,
            "outcome": "refused",
            "stale": False,
        }
        for each in refused
    ]
    rejects = [
        ("g", uploads[each.frame].seq, MINE, NAME, AT, each.record, each.column, each.reason, each.excerpt)
        for each in decoded.rejects
    ]
    ledger.append(
        pl.DataFrame(rows, schema=FRAMES),
        pl.DataFrame(rejects, schema=REJECTS, orient="row"),
        {"g": last},
    )


def test_the_ledger_balances_and_verifies(tmp_path: Path) -> None:
    fill_spool(tmp_path)
    judge(tmp_path, Ledger(tmp_path), 8)
    found = balance(tmp_path)
    assert found.balanced
    assert (found.received, found.accepted, found.partial, found.quarantined, found.waiting) == (4, 2, 1, 1, 0)
    assert (found.refused, found.read, found.archived, found.superseded, found.rejected) == (1, 6, 4, 1, 1)
    assert verify(tmp_path) == []
    assert Ledger(tmp_path).position() == {"g": 8}
    assert Ledger(tmp_path).rejects().collect()["reason"].to_list() == ["bad_number", "truncated"]


def test_frames_after_the_position_wait(tmp_path: Path) -> None:
    fill_spool(tmp_path)
    assert (balance(tmp_path).received, balance(tmp_path).waiting) == (4, 4)
    ledger = Ledger(tmp_path)
    empty = pl.DataFrame(schema=FRAMES), pl.DataFrame(schema=REJECTS)
    ledger.append(*empty, {"g": -1})
    judge(tmp_path, ledger, 3)
    assert (balance(tmp_path).waiting, balance(tmp_path).balanced) == (2, True)
    assert verify(tmp_path) == []


def test_a_replayed_append_adds_nothing(tmp_path: Path) -> None:
    fill_spool(tmp_path)
    for _ in range(2):
        judge(tmp_path, Ledger(tmp_path), 8)
    assert balance(tmp_path).received == 4
    assert verify(tmp_path) == []


def test_missing_doubled_and_invented_rows_are_found(tmp_path: Path) -> None:
    fill_spool(tmp_path)
    ledger = Ledger(tmp_path)
    judge(tmp_path, ledger, 3)
    rows = ledger.frames().collect()
    again = rows.filter(pl.col("seq") == 0)
    invented = again.with_columns(seq=pl.lit(5, pl.Int64))
    other = again.with_columns(seq=pl.lit(4, pl.Int64), size=pl.lit(1, pl.Int64))
    ledger.append(pl.concat([again, invented, other]), pl.DataFrame(schema=REJECTS), {"g": 8})
    assert verify(tmp_path) == [
        "g/0: 2 rows",
        "g/4: the row tells of another frame",
        "g/5: a tick frame has a row",
        "g/6: no row",
        "g/8: no row",
    ]
