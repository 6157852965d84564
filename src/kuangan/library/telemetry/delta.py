"""Delta tables whose files we write ourselves: one atomic commit for files and spool position."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction
from deltalake.transaction import AddAction, RemoveAction

from kuangan.library.telemetry.delta_log import checkpoint, sync_log
from kuangan.library.telemetry.files import fsync_path, replace_durably
from kuangan.library.telemetry.spool_reader import gateways

CHECKPOINT_EVERY: Final = 20
_PROPERTIES: Final[dict[str, str | None]] = {
    "delta.logRetentionDuration": "interval 1 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
    "delta.enableExpiredLogCleanup": "false",
}
_NO_HOOKS: Final = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
_BATCH: Final = 1 << 20
Combine = Callable[[Sequence[str]], Iterator[pa.Table]]


@dataclass(frozen=True, slots=True)
class Encoding:
    """How columns are stored: by dictionary, by a named Parquet encoding, and which carry minimum and maximum."""

    dictionary: tuple[str, ...]
    named: Mapping[str, str]
    statistics: tuple[str, ...]
    row_group: int = 1 << 17
    level: int = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """A table together with how its files are written and merged; `days` is the setting that says how long it is kept."""

    table: PositionedTable
    encoding: Encoding
    combine: Combine
    days: str


class PositionedTable:
    """One Delta table with one writer; each commit carries the spool position per gateway."""

    def __init__(self, home: Path, path: Path, schema: pa.Schema, partition_by: Sequence[str]) -> None:
        self._home = home
        self.path = path
        self.partition_by = list(partition_by)
        if not DeltaTable.is_deltatable(str(path)):
            path.mkdir(parents=True, exist_ok=True)
            DeltaTable.create(
                str(path),
                Schema.from_arrow(schema),
                mode="ignore",
                partition_by=self.partition_by,
                configuration=_PROPERTIES,
            )
            sync_log(path, 0)
            fsync_path(path)
        self.table = DeltaTable(str(path))
        self._schema = self.table.schema()
        self._empty = False
        self._gateways: set[str] = set()

    def position(self) -> dict[str, int]:
        """Last frame number per gateway that is in the table."""
        names = self._gateways | set(gateways(self._home))
        found = {name: self.table.transaction_version(name) for name in sorted(names)}
        return {name: version for name, version in found.items() if version is not None}

    def reaches(self, position: Mapping[str, int]) -> bool:
        """Whether the table already holds everything up to `position`."""
        stored = {name: self.table.transaction_version(name) for name in position}
        return all(held is not None and held >= position[name] for name, held in stored.items())

    def commit(
        self,
        files: Sequence[AddAction],
        position: Mapping[str, int],
        removed: Sequence[RemoveAction] = (),
    ) -> None:
        """Adds and removes files and moves the position, at once or not at all; it survives a power cut after return."""
        properties = CommitProperties(app_transactions=[Transaction(name, seq) for name, seq in position.items()])
        self.table.create_write_transaction(
            [*files, *removed],
            "append",
            self._schema,
            self.partition_by,
            commit_properties=properties,
            post_commithook_properties=_NO_HOOKS,
        )
        self.table.update_incremental()
        sync_log(self.path, self.table.version())
        if self.table.version() % CHECKPOINT_EVERY == 0:
            checkpoint(self.table, self.path)
            self.table = DeltaTable(str(self.path))  # a table that is only updated goes on reading the log before it
        self._gateways.update(position)

    def as_of(self, version: int) -> PositionedTable:
        """The table as commit `version` left it, for reading."""
        past = copy(self)
        past._empty = version == 0
        if version:
            past.table = DeltaTable(str(self.path), version=version)
        return past

    def clean_log(self) -> None:
        """Drops commits older than the log retention that a checkpoint sums up; `as_of` gives those up."""
        self.table.cleanup_metadata()

    def refresh(self) -> None:
        """Sees what another process has committed."""
        self.table.update_incremental()

    def write(
        self,
        name: str,
        partition: Mapping[str, str],
        tables: Iterable[pa.Table],
        encoding: Encoding,
        at: int,
        changes: bool = True,
    ) -> AddAction:
        """Writes one durable file of the table; it counts once it is committed.

        `at` is its time stamp, Unix ms; `changes` is False when it only holds rows of other files anew.
        """
        folder = "/".join(f"{key}={partition[key]}" for key in self.partition_by)
        relative = f"{folder}/{name}.parquet" if folder else f"{name}.parquet"
        path = self.path / relative
        self._make(path.parent)
        rows = 0

        def write(out: IO[bytes]) -> None:
            nonlocal rows
            rows = _write(out, tables, encoding)

        replace_durably(path, write)
        return AddAction(relative, path.stat().st_size, dict(partition), at, changes, json.dumps({"numRecords": rows}))

    def _make(self, folder: Path) -> None:
        """Makes the folder of a partition, durably."""
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True)
        for parent in folder.parents:
            fsync_path(parent)
            if parent == self.path:
                break

    def files(self, filters: Sequence[tuple[str, str, Any]]) -> list[str]:
        """Absolute paths of the files in the partitions that pass `filters`."""
        if self._empty:
            return []
        root = self.path.absolute()
        uris = self.table.file_uris(file_pruning_predicate=list(filters) or None)
        return [f"{root}/{self._relative(uri)}" for uri in uris]

    def removal(self, path: str, partition: Mapping[str, str], at: int, changes: bool = False) -> RemoveAction:
        """The action that takes a file out of the table; `changes` is False when its rows were written anew."""
        return RemoveAction(self._relative(path), changes, at, Path(path).stat().st_size, dict(partition))

    def _relative(self, path: str) -> str:
        """The place within the table: folders of the partition and the name, which need no escaping, unlike the home."""
        return "/".join(path.split("/")[-1 - len(self.partition_by) :])


def concatenated(paths: Sequence[str]) -> Iterator[pa.Table]:
    """The rows of the files in order, as tables of a bounded number of rows."""
    held: list[pa.Table] = []
    for path in paths:
        with pq.ParquetFile(path) as file:
            held += [pa.Table.from_batches([batch]) for batch in file.iter_batches(_BATCH)]
        if sum(table.num_rows for table in held) >= _BATCH:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)


def _write(out: IO[bytes], tables: Iterable[pa.Table], encoding: Encoding) -> int:
    """Writes the tables as one Parquet file and gives the number of rows."""
    rest = iter(tables)
    first = next(rest)
    with pq.ParquetWriter(
        out,
        first.schema,
        compression="zstd",
        compression_level=encoding.level,
        use_dictionary=list(encoding.dictionary),
        column_encoding=dict(encoding.named),
        write_statistics=list(encoding.statistics),
        store_schema=False,
        data_page_size=4 << 20,
        max_rows_per_page=encoding.row_group,
    ) as writer:
        rows = 0
        for table in chain([first], rest):
            writer.write_table(table, row_group_size=encoding.row_group)
            rows += table.num_rows
    return rows
