"""The ledger: one row per upload or refused frame, one per rejected record, derived from the spool, never counted apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from kuangan.library.telemetry.codes import ACCEPTED, DUPLICATE, PARTIAL, QUARANTINED, REFUSED, UNKNOWN
from kuangan.library.telemetry.delta import Encoding, Kept, PositionedTable, concatenated
from kuangan.library.telemetry.frames import REFUSAL, UPLOAD, Frame, digest_of
from kuangan.library.telemetry.grammar import file_types
from kuangan.library.telemetry.segments import SpoolDamaged, first_seq
from kuangan.library.telemetry.spool_reader import SpoolReader, gateways

_DAY: Final = 86_400_000
_OFFSET: Final = 8 * 3_600_000
FRAMES: Final[dict[str, pl.DataType]] = {
    "gateway": pl.String(),
    "seq": pl.Int64(),
    "received_at": pl.Int64(),
    "mine": pl.String(),
    "type": pl.String(),
    "name": pl.String(),
    "source": pl.String(),
    "size": pl.Int64(),
    "outcome": pl.String(),
    "stale": pl.Boolean(),
    "marks": pl.String(),
    "reason": pl.String(),
    "header_time": pl.Int64(),
    "good": pl.Int64(),
    "rejected": pl.Int64(),
    "superseded": pl.Int64(),
    "archived": pl.Int64(),
    "repeated": pl.Int64(),
}
REJECTS: Final[dict[str, pl.DataType]] = {
    "gateway": pl.String(),
    "seq": pl.Int64(),
    "mine": pl.String(),
    "name": pl.String(),
    "received_at": pl.Int64(),
    "record": pl.Int64(),
    "column": pl.String(),
    "reason": pl.String(),
    "excerpt": pl.String(),
}
_ENCODING: Final = Encoding(
    dictionary=("gateway", "mine", "type", "source", "outcome", "marks", "reason", "column"),
    named={"seq": "DELTA_BINARY_PACKED", "received_at": "DELTA_BINARY_PACKED"},
    statistics=("seq", "received_at"),
)


@dataclass(frozen=True, slots=True)
class Balance:
    """The sums that must agree. Frames by outcome, then records; `waiting` is in the spool and not yet in the ledger.

    A record counts as many times as its type has readings. `kept` are good records of types that do not feed the archive.
    """

    received: int
    accepted: int
    partial: int
    duplicate: int
    unknown: int
    quarantined: int
    waiting: int
    refused: int
    stale: int
    read: int
    archived: int
    repeated: int
    superseded: int
    rejected: int
    kept: int
    waiting_records: int

    @property
    def balanced(self) -> bool:
        """Whether both sums hold."""
        judged = self.accepted + self.partial + self.duplicate + self.unknown + self.quarantined
        stored = self.archived + self.repeated + self.superseded + self.rejected + self.kept
        return (
            self.received == judged + self.waiting
            and self.read == stored + self.waiting_records
            and min(self.waiting, self.waiting_records) >= 0
        )


class Ledger:
    """Appends to `ledger/frames` and `ledger/rejects` of a home; one process writes, any may read."""

    def __init__(self, home: Path) -> None:
        self._frames = PositionedTable(home, home / "ledger" / "frames", _schema(FRAMES), ["day"])
        self._rejects = PositionedTable(home, home / "ledger" / "rejects", _schema(REJECTS), ["day"])

    def append(self, frames: pl.DataFrame, rejects: pl.DataFrame, position: Mapping[str, int]) -> None:
        """Adds rows up to a spool position; what a table already holds is not added again.

        Rejects go first: a row in `frames` promises that its rejects are there.
        """
        for table, rows, columns in ((self._rejects, rejects, REJECTS), (self._frames, frames, FRAMES)):
            if position and not table.reaches(position):
                _append(table, rows.select(pl.col(name).cast(kind) for name, kind in columns.items()), position)

    def position(self) -> dict[str, int]:
        """Last frame number per gateway that has its row."""
        return self._frames.position()

    def rejects_position(self) -> dict[str, int]:
        """Last frame number per gateway whose rejects are stored: never behind `position`."""
        return self._rejects.position()

    def kept(self) -> list[Kept]:
        """Both tables and how they are compacted."""
        return [Kept(table, _ENCODING, concatenated, "ledger_days") for table in (self._frames, self._rejects)]

    def frames(self) -> pl.LazyFrame:
        """All frame rows, columns of FRAMES."""
        return _scan(self._frames, FRAMES)

    def rejects(self) -> pl.LazyFrame:
        """All reject rows, columns of REJECTS."""
        return _scan(self._rejects, REJECTS)


def balance(home: Path) -> Balance:
    """Sums over ledger and spool."""
    ledger = Ledger(home)
    position = ledger.position()
    each = {name.partition(".")[0]: len(kind.values) for name, kind in file_types().items() if kind.feeds == "readings"}
    values = pl.col("type").replace_strict(each, default=0, return_dtype=pl.Int64)
    sums = (
        ledger.frames()
        .with_columns(
            good=pl.col("good") * pl.max_horizontal(values, 1),
            kept=pl.when(values > 0).then(0).otherwise(pl.col("good")),
        )
        .group_by("outcome")
        .agg(
            pl.len().alias("frames"),
            pl.col("stale").sum(),
            pl.col("good", "rejected", "superseded", "archived", "repeated", "kept").sum(),
        )
    )
    table = sums.collect()
    frames = dict(table.select("outcome", "frames").iter_rows())
    total = {name: int(table[name].sum()) for name in table.columns if name != "outcome"}
    waiting = sum(
        1
        for gateway in gateways(home)
        for frame in _walk(home, gateway, position.get(gateway, -1))
        if frame.kind == UPLOAD
    )
    stored = sum(total[name] for name in ("archived", "repeated", "superseded", "rejected", "kept"))
    read = total["good"] + total["rejected"]
    return Balance(
        received=sum(count for outcome, count in frames.items() if outcome != REFUSED) + waiting,
        accepted=frames.get(ACCEPTED, 0),
        partial=frames.get(PARTIAL, 0),
        duplicate=frames.get(DUPLICATE, 0),
        unknown=frames.get(UNKNOWN, 0),
        quarantined=frames.get(QUARANTINED, 0),
        waiting=waiting,
        refused=frames.get(REFUSED, 0),
        stale=total["stale"],
        read=read,
        archived=total["archived"],
        repeated=total["repeated"],
        superseded=total["superseded"],
        rejected=total["rejected"],
        kept=total["kept"],
        waiting_records=read - stored,
    )


def verify(home: Path) -> list[str]:
    """Compares every frame of the spool with the ledger up to its position; one line per fault, [] when sound.

    Frames older than the spool's retention are not looked at.
    """
    ledger = Ledger(home)
    position = ledger.position()
    counted = (
        ledger.frames().group_by("gateway", "seq").agg(pl.len().alias("n"), pl.col("size", "name").first()).collect()
    )
    rows = {(gateway, seq): (n, size, name) for gateway, seq, n, size, name in counted.iter_rows()}
    faults: list[str] = []
    for gateway in gateways(home):
        first = first_seq(home, gateway)
        wanted = {seq for owner, seq in rows if owner == gateway and seq >= first}
        try:
            for frame in _walk(home, gateway, first - 1, position.get(gateway, -1)):
                faults += _faults(gateway, frame, rows.get((gateway, frame.seq)))
                wanted.discard(frame.seq)
        except SpoolDamaged as damage:
            faults.append(f"{gateway}: {damage}")
        faults += [f"{gateway}/{seq}: in the ledger and not in the spool" for seq in sorted(wanted)]
    return faults


def _faults(gateway: str, frame: Frame, row: tuple[int, int, str] | None) -> Iterator[str]:
    label = f"{gateway}/{frame.seq}"
    if digest_of(frame.payload) != frame.digest:
        yield f"{label}: the payload does not match its digest"
    if frame.kind not in {UPLOAD, REFUSAL}:
        if row is not None:
            yield f"{label}: a {frame.kind} frame has a row"
        return
    if row is None:
        yield f"{label}: no row"
        return
    count, size, name = row
    if count != 1:
        yield f"{label}: {count} rows"
    if name != frame.name or (frame.kind == UPLOAD and size != len(frame.payload)):
        yield f"{label}: the row tells of another frame"


def _walk(home: Path, gateway: str, after: int, last: int | None = None) -> Iterator[Frame]:
    reader = SpoolReader(home, gateway, max(after, first_seq(home, gateway) - 1))
    while frames := reader.read():
        for frame in frames:
            if last is not None and frame.seq > last:
                return
            yield frame


def _schema(columns: Mapping[str, pl.DataType]) -> pa.Schema:
    empty = pl.DataFrame(schema=dict(columns)).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    fields = [pa.field(each.name, pa.string() if pa.types.is_large_string(each.type) else each.type) for each in empty]
    return pa.schema([pa.field("day", pa.date32()), *fields])


def _append(table: PositionedTable, rows: pl.DataFrame, position: Mapping[str, int]) -> None:
    version = table.table.version() + 1
    day = ((pl.col("received_at") + _OFFSET) // _DAY).cast(pl.Int32).alias("day")
    files = []
    for (key,), part in rows.with_columns(day).partition_by("day", as_dict=True, maintain_order=True).items():
        name = date.fromordinal(int(str(key)) + date(1970, 1, 1).toordinal()).isoformat()
        at = int(str(part["received_at"].max()))
        plain = part.drop("day").to_arrow(compat_level=pl.CompatLevel.oldest())
        files.append(table.write(f"{version:012d}", {"day": name}, [plain], _ENCODING, at))
    table.commit(files, position)


def _scan(table: PositionedTable, columns: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    table.refresh()
    paths = table.files([])
    return pl.scan_parquet(paths).select(*columns) if paths else pl.LazyFrame(schema=dict(columns))
