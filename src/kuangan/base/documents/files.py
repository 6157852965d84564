"""Files under their digest: what they are by their first bytes, and how they are put down so that a power cut spares them."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kuangan.library.telemetry.files import TEMPORARY, fsync_path

FOLDER: Final = "documents"
"""Where drawings lie below the home."""
HEAD: Final = 512
ENDINGS: Final = {"pdf": "pdf", "dwg": "dwg", "dxf": "dxf", "png": "png", "jpg": "jpeg", "jpeg": "jpeg"}
"""Ending of a file name → format."""
CONTENT_TYPES: Final = {
    "pdf": "application/pdf",
    "dwg": "image/vnd.dwg",
    "dxf": "image/vnd.dxf",
    "png": "image/png",
    "jpeg": "image/jpeg",
}
_SIGNATURES: Final = (
    ("pdf", re.compile(rb"%PDF-\d")),
    ("dwg", re.compile(rb"AC10(09|1[0-9]|2[0-9]|3[0-9])")),
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("jpeg", re.compile(rb"\xff\xd8\xff")),
    ("dxf", re.compile(rb"AutoCAD Binary DXF\r\n\x1a\x00")),
    # A text DXF: perhaps comments (group 999), then group 0 with SECTION.
    ("dxf", re.compile(rb"(?:\xef\xbb\xbf)?(?:\s*999\r?\n[^\r\n]*\r?\n)*\s*0\r?\n\s*SECTION\r?\n")),
)


class TooLarge(ValueError):
    """More bytes than may be kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is in its place: its digest and its size in bytes."""

    sha256: str
    size: int


def format_of(head: bytes) -> str:
    """The format that the first bytes (`HEAD` of them) show, '' for every other."""
    return next((name for name, signature in _SIGNATURES if signature.match(head)), "")


def format_of_name(name: str) -> str:
    """The format that the ending of a name promises, '' for every other."""
    return ENDINGS.get(name.rpartition(".")[2].lower(), "") if "." in name else ""


def plain_name(name: str) -> str:
    """The name without folders and control characters, at most 160 characters, its end kept."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip()[-160:]


def path_of(root: Path, sha256: str) -> Path:
    return root / sha256[:2] / sha256


def keep(root: Path, chunks: Iterable[bytes], largest: int) -> Kept:
    """Put bytes under their digest below `root`; after return they survive a power cut. Raises TooLarge beyond `largest` bytes.

    Whoever keeps the same bytes at the same time writes a temporary file of their own; the last rename wins, with equal content.
    """
    _folder(root)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=root, prefix=".", suffix=TEMPORARY, delete=False) as out:
        temporary = Path(out.name)
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > largest:
                    raise TooLarge(size)
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
            path = path_of(root, digest.hexdigest())
            _folder(path.parent)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    fsync_path(path.parent)
    return Kept(digest.hexdigest(), size)


def _folder(path: Path) -> None:
    """A folder that nobody else reads; its entry is durable too."""
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        fsync_path(path.parent)


def intact(path: Path, sha256: str) -> bool:
    """Whether the file is there and still has its digest."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
