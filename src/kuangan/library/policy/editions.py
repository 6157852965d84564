"""Official texts that were imported: kept byte for byte below the home, one row for each edition.

    <home>/policy/SX34/<digest>.txt      what was handed in
    <home>/policy/SX34/0001.json         the first edition: digest, name of the file, time

An edition is there when its row is; the same bytes again are the same edition.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kuangan.library.policy.typed import Strict


class Row(Strict):
    """What is known of one edition; `digest` is the SHA-256 of the file."""

    document: str
    edition: int
    digest: str
    name: str
    imported_at: datetime


@dataclass(frozen=True)
class Edition:
    row: Row
    path: Path

    @property
    def content(self) -> bytes:
        """The file as it was handed in. Raises ValueError when it is not what the row says."""
        content = self.path.read_bytes()
        if hashlib.sha256(content).hexdigest() != self.row.digest:
            raise ValueError(f"{self.path} is not what was imported")
        return content


def editions(home: Path, document: str) -> list[Edition]:
    """All editions of a document, oldest first."""
    folder = home / "policy" / document
    rows = [Row.model_validate_json(path.read_bytes()) for path in sorted(folder.glob("[0-9]*.json"))]
    return [Edition(row, folder / f"{row.digest}.txt") for row in rows]


def keep(home: Path, document: str, name: str, content: bytes, at: datetime) -> tuple[Edition, bool]:
    """The edition with this content, and whether it is new."""
    digest = hashlib.sha256(content).hexdigest()
    folder = home / "policy" / document
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        known = editions(home, document)
        if same := [edition for edition in known if edition.row.digest == digest]:
            return same[0], False
        row = Row(document=document, edition=len(known) + 1, digest=digest, name=name, imported_at=at)
        _put(folder / f"{digest}.txt", content)
        try:
            _put(folder / f"{row.edition:04}.json", row.model_dump_json().encode(), once=True)
        except FileExistsError:
            continue
        return Edition(row, folder / f"{digest}.txt"), True


def _put(path: Path, content: bytes, once: bool = False) -> None:
    """Write a whole file or none. With `once` raises FileExistsError where there is one already."""
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    draft = Path(name)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        if once:
            path.hardlink_to(draft)
        else:
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
