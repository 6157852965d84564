"""A file that a subject hands in with an objection: checked by its first bytes, kept under its digest, given out with a record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.errors import MissingFields
from kuangan.base.compliance.models import Objection
from kuangan.base.documents.files import HEAD, TooLarge, format_of, format_of_name, keep, path_of, plain_name
from kuangan.base.people.models import User

FOLDER: Final = "objections"
LARGEST: Final = 20 << 20
FORMATS: Final = frozenset({"pdf", "png", "jpeg"})


@dataclass(frozen=True, slots=True)
class Attached:
    """What is stored of a file; its bytes lie below `FOLDER` of the home."""

    name: str
    format: str
    sha256: str
    size: int


def take(file: UploadedFile[Any], home: Path) -> Attached:
    """Keep an uploaded file; after return it survives a power cut. Raises MissingFields with what is wrong with it."""
    name = plain_name(file.name or "")
    head = file.read(HEAD)
    file.seek(0)
    found = format_of(head)
    if found not in FORMATS or format_of_name(name) != found:
        raise MissingFields({"file": "只收 PDF、PNG、JPG 文件，且内容须与扩展名一致"})
    try:
        kept = keep(home / FOLDER, file.chunks(), LARGEST)
    except TooLarge:
        raise MissingFields({"file": f"文件不得超过 {LARGEST >> 20} MB"}) from None
    return Attached(name, found, kept.sha256, kept.size)


def path(row: Objection, home: Path) -> Path | None:
    """Where the file of an objection lies; None where it has none."""
    return path_of(home / FOLDER, row.file["sha256"]) if row.file else None


def note_taken(row: Objection, *, by: User, at: datetime) -> None:
    """Say who takes a copy; to be called before the first byte leaves."""
    with transaction.atomic():
        audit.record(
            actor=by,
            action="objection.file_taken",
            kind="objection",
            ident=row.case.number,
            content=dict(row.file or {}),
            at=at,
        )
