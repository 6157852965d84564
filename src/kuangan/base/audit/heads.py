"""Daily heads: small files that leave the machine, so that even a chain rewritten from its start is found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kuangan.base import clock
from kuangan.base.audit.digest import moment
from kuangan.base.audit.models import AuditHead
from kuangan.library.telemetry.files import put


@dataclass(frozen=True, slots=True)
class ExportedHead:
    name: str
    sequence: int
    digest: str


def export_head(home: Path, at: datetime) -> Path | None:
    """Write the head to `home/audit/heads-<yyyymmdd>.json`, once each Beijing day; None while the chain is empty.

    A file of the day that exists stays as it is.
    """
    head = AuditHead.objects.filter(sequence__gt=0).first()
    if head is None or head.sealed_at is None:
        return None
    path = home / "audit" / f"heads-{clock.beijing_day(at):%Y%m%d}.json"
    if not path.exists():
        content = {"sequence": head.sequence, "digest": head.digest, "sealed_at": moment(head.sealed_at)}
        write_whole(path, json.dumps(content | {"exported_at": moment(at)}) + "\n")
    return path


def exported_heads(home: Path) -> tuple[list[ExportedHead], list[str]]:
    """The heads exported so far, oldest first, and the names of files that no longer hold one."""
    heads, damaged = [], []
    for path in sorted((home / "audit").glob(f"heads-{'[0-9]' * 8}.json")):
        try:
            content = json.loads(path.read_text("utf-8"))
            heads.append(ExportedHead(path.name, int(content["sequence"]), str(content["digest"])))
        except (ValueError, KeyError, TypeError):
            damaged.append(path.name)
    return heads, damaged


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees either nothing or all of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    put(path, text)
