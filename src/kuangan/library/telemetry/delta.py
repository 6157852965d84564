"""Delta tables whose files we write ourselves: one atomic commit for files and spool position."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema, Transaction
from deltalake.transaction import AddAction, RemoveAction

from kuangan.library.telemetry.files import replace_durably
from kuangan.library.telemetry.spool_reader import gateways


@dataclass(frozen=True, slots=True)
class Encoding:
    """How columns are stored: by dictionary, by a named Parquet encoding, and which carry minimum and maximum."""

    dictionary: tuple[str, ...]
    named: Mapping[str, str]
    statistics: tuple[str, ...]
    row_group: int = 1 << 17
    level: int = 1


class PositionedTable:
    """One Delta table with one writer; each commit carries the spool position per gateway."""

    def __init__(self, home: Path, path: Path, schema: pa.Schema, partition_by: Sequence[str]) -> None:
        self._home = home
        self.path = path
        self.partition_by = list(partition_by)
        if not DeltaTable.is_deltatable(str(path)):
            path.mkdir(parents=True, exist_ok=True)
            DeltaTable.create(str(path), Schema.from_arrow(schema), mode="ignore", partition_by=self.partition_by)
        self.table = DeltaTable(str(path))
        self._schema = self.table.schema()
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
        """Adds and removes files and moves the position, at once or not at all."""
        properties = CommitProperties(app_transactions=[Transaction(name, seq) for name, seq in position.items()])
        self.table.create_write_transaction(
            [*files, *removed], "append", self._schema, self.partition_by, commit_properties=properties
        )
        self.table.update_incremental()
        self._gateways.update(position)

    def refresh(self) -> None:
        """Sees what another process has committed."""
        self.table.update_incremental()

    def write(
        self,
        name: str,
        partition: Mapping[str, str],
        tables: Sequence[pa.Table],
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
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_durably(path, lambda out: _write(out, tables, encoding))
        stats = {"numRecords": sum(table.num_rows for table in tables)}
        return AddAction(relative, path.stat().st_size, dict(partition), at, changes, json.dumps(stats))

    def files(self, filters: Sequence[tuple[str, str, Any]]) -> list[str]:
        """Absolute paths of the files in the partitions that pass `filters`."""
        return [
            str(uri).removeprefix("file://")
            for uri in self.table.file_uris(file_pruning_predicate=list(filters) or None)
        ]

    def removal(self, path: str, partition: Mapping[str, str], at: int) -> RemoveAction:
        """The action that takes a file out of the table when its rows were written anew."""
        relative = str(Path(path).relative_to(self.path.absolute()))
        return RemoveAction(relative, False, at, Path(path).stat().st_size, dict(partition))


def _write(out: Any, tables: Sequence[pa.Table], encoding: Encoding) -> None:
    with pq.ParquetWriter(
        out,
        tables[0].schema,
        compression="zstd",
        compression_level=encoding.level,
        use_dictionary=list(encoding.dictionary),
        column_encoding=dict(encoding.named),
        write_statistics=list(encoding.statistics),
        store_schema=False,
        data_page_size=4 << 20,
        max_rows_per_page=encoding.row_group,
    ) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=encoding.row_group)
