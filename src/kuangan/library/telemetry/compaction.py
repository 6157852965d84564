"""Merging the files of a partition into one, in tiers while its day runs and whole once it has closed.

A merge is written by any thread and committed by the writer of the table; until then nobody sees it, and after that the
old files stay on disk for readers that listed them before, until they are swept.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from kuangan.library.telemetry.delta import Kept
from kuangan.library.telemetry.delta_log import LOG

FAN: Final = 16
"""Files of one tier that are merged into one of the next."""
MOST: Final = 512
"""Files that one merge takes at most."""
TIERS: Final = 2
WHOLE: Final = TIERS + 1
"""The tier of a file that holds all its partition had when its day was closed."""


class Stopped(Exception):
    """The merge was told to stop."""


@dataclass(frozen=True)
class Merge:
    """Files of one partition that become one of a tier."""

    kept: Kept
    partition: Mapping[str, str]
    paths: Sequence[str]
    tier: int

    def write(self, at: int, stop: threading.Event | None = None) -> AddAction:
        """Writes the merged file, stamped `at` (Unix ms); any thread may. Raises Stopped when `stop` is set meanwhile."""
        newest = max(Path(path).stem.partition("-")[0] for path in self.paths)
        name = f"{newest}-t{self.tier}"
        tables = _until(self.kept.combine(self.paths), stop)
        added = self.kept.table.write(name, self.partition, tables, self.kept.encoding, at, changes=False)
        before = sum(pq.read_metadata(path).num_rows for path in self.paths)
        after = pq.read_metadata(self.kept.table.path / added.path).num_rows
        if before != after:
            raise RuntimeError(f"{added.path}: {after} rows of {before}")
        return added

    def commit(self, added: AddAction, at: int) -> None:
        """Puts the merged file in the place of its parts, in one commit of the table's writer."""
        removed = [self.kept.table.removal(path, self.partition, at) for path in self.paths]
        self.kept.table.commit([added], {}, removed)


def partitions(kept: Kept) -> dict[str, list[str]]:
    """Files of a table by the folder of their partition, oldest first."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in kept.table.files([]):
        found[path.rpartition("/")[0]].append(path)
    return {folder: sorted(paths) for folder, paths in found.items()}


def tiered(kept: Kept, folders: Mapping[str, Sequence[str]]) -> Merge | None:
    """The merge that a table needs most: the most files of one tier in one partition, at least FAN."""
    best: tuple[int, str, Sequence[str]] | None = None
    for folder, paths in folders.items():
        for tier, members in _by_tier(paths).items():
            if tier < TIERS and len(members) >= FAN and (best is None or len(members) > len(best[2])):
                best = tier, folder, members
    if best is None:
        return None
    tier, folder, chosen = best
    return Merge(kept, partition_of(folder), tuple(chosen[:MOST]), tier + 1)


def whole(kept: Kept, folder: str, paths: Sequence[str]) -> Merge:
    """All files of a partition into one."""
    return Merge(kept, partition_of(folder), tuple(paths), WHOLE)


def partition_of(folder: str) -> dict[str, str]:
    """The values in a folder's name: day=2026-03-10/shard=0."""
    pairs = [part.partition("=") for part in folder.split("/") if "=" in part]
    return {key: value for key, _, value in pairs}


def day_of_partition(folder: str) -> date:
    """The Beijing day that a partition belongs to."""
    return date.fromisoformat(partition_of(folder)["day"])


def unlisted(table: Path, listed: Iterable[str]) -> set[str]:
    """Files on disk that the table does not list: parts of merges, what a killed writer left."""
    known = set(listed)
    found = set()
    for folder, folders, names in os.walk(table.absolute()):
        if LOG in folders:
            folders.remove(LOG)
        found |= {f"{folder}/{name}" for name in names if ".parquet" in name}
    return found - known


def _by_tier(paths: Sequence[str]) -> dict[int, list[str]]:
    tiers: dict[int, list[str]] = defaultdict(list)
    for path in paths:
        ending = Path(path).stem.rpartition("-t")
        tiers[int(ending[2]) if ending[1] else 0].append(path)
    return tiers


def _until(tables: Iterator[pa.Table], stop: threading.Event | None) -> Iterator[pa.Table]:
    for table in tables:
        if stop is not None and stop.is_set():
            raise Stopped
        yield table
