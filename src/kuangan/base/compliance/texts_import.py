"""Official texts handed in on a page: a draft is read and shown, then kept as an edition with its audit entry, or thrown away.

    <home>/policy/drafts/<digest>.json   name, who handed it in and when
    <home>/policy/drafts/<digest>.bin    what was handed in

Drafts are nobody's memory: they go when they are decided, and after a day with the next upload.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from kuangan.base import audit
from kuangan.base.compliance.texts_reading import LARGEST, counted, differences, tree_of
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import Level, Role
from kuangan.library.policy import editions, shipped
from kuangan.library.policy.compare import compare
from kuangan.library.policy.editions import Edition
from kuangan.library.policy.parse import Tree

ENDINGS: Final = (".txt", ".docx")
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
LASTS: Final = timedelta(days=1)
LONGEST_NAME: Final = 120


class Unreadable(ValueError):
    """A file that is no official text, in words for people."""


def may_import(user: User) -> bool:
    """System administrators, and leaders of the province."""
    if not may(user, "text.import"):
        return False
    body = user.organisation
    return Role.SYSTEM_ADMIN in user.roles or (body is not None and body.active and body.level == Level.PROVINCE)


@dataclass(frozen=True, slots=True)
class Understood:
    """What was read in a text: counts and remarks as the command prints them, and what differs from the edition before."""

    document: str | None
    counts: dict[str, Any]
    against: int | None
    difference: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Draft:
    digest: str
    name: str
    by: int
    at: datetime
    content: bytes


def understand(home: Path, name: str, content: bytes, before: int | None = None) -> tuple[Tree, Understood]:
    """Read a text and compare it with the newest edition (below number `before`). Raises Unreadable."""
    library = shipped()
    try:
        tree = tree_of(name, content, library)
    except ValueError as fault:
        raise Unreadable(_in_words(str(fault))) from fault
    old = _before(home, tree.document, content, before)
    difference = None
    if old is not None:
        known = tree_of(old.row.name, old.content, library, tree.document or "")
        difference = differences(compare(known, tree), tree.document)
    return tree, Understood(tree.document, counted(tree, library), old.row.edition if old else None, difference)


def _before(home: Path, document: str | None, content: bytes, before: int | None) -> Edition | None:
    if document is None:
        return None
    digest = hashlib.sha256(content).hexdigest()
    known = [row for row in editions.editions(home, document) if row.row.digest != digest]
    known = [row for row in known if before is None or row.row.edition < before]
    return known[-1] if known else None


def _in_words(fault: str) -> str:
    words = {
        "too long": "文件过长，不像一份文件原文",
        "hand in": "请提交文本（txt）或者 docx，不收 PDF 和旧版 doc",
        "neither": "文字编码不是 UTF-8，也不是 GB 18030",
        "no docx": "不是有效的 docx 文件",
        "no numbered": "没有找到编号的条目",
    }
    return next((word for start, word in words.items() if fault.startswith(start)), "文件无法读取")


def put_draft(home: Path, name: str, content: bytes, *, by: User, at: datetime) -> str:
    """Set a text aside until it is decided; returns its digest. Raises Unreadable for other files than texts."""
    if not name.lower().endswith(ENDINGS):
        raise Unreadable("只收 txt 和 docx 文件")
    if not content or len(content) > LARGEST:
        raise Unreadable("文件为空" if not content else "文件超过 8 MB")
    understand(home, name, content)
    folder, digest = home / "policy" / "drafts", hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder, at)
    (folder / f"{digest}.bin").write_bytes(content)
    said = {"name": Path(name).name[-LONGEST_NAME:], "by": by.pk, "at": at.isoformat()}
    (folder / f"{digest}.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return digest


def draft_of(home: Path, digest: str) -> Draft | None:
    """A draft that is there and whole."""
    folder = home / "policy" / "drafts"
    if not DIGEST.fullmatch(digest):
        return None
    try:
        said = json.loads((folder / f"{digest}.json").read_text(encoding="utf-8"))
        content = (folder / f"{digest}.bin").read_bytes()
    except (OSError, ValueError):
        return None
    if hashlib.sha256(content).hexdigest() != digest:
        return None
    return Draft(digest, said["name"], said["by"], datetime.fromisoformat(said["at"]), content)


def drop_draft(home: Path, digest: str) -> None:
    for ending in ("json", "bin"):
        (home / "policy" / "drafts" / f"{digest}.{ending}").unlink(missing_ok=True)


def _sweep(folder: Path, at: datetime) -> None:
    for path in folder.glob("*.json"):
        try:
            old = datetime.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["at"]) < at - LASTS
        except (OSError, ValueError, KeyError):
            old = True
        if old:
            path.with_suffix(".bin").unlink(missing_ok=True)
            path.unlink(missing_ok=True)


@transaction.atomic
def keep(
    home: Path, tree: Tree, name: str, content: bytes, *, by: User | None, at: datetime, reason: str
) -> tuple[Edition, bool]:
    """The edition with this content, and whether it is new: then the audit says so, or nothing is kept. ValueError without document.

    The entry is written before the file, so that a file that cannot be written leaves no entry.
    """
    if tree.document is None:
        raise ValueError("a text without document is not kept")
    digest = hashlib.sha256(content).hexdigest()
    known = [row for row in editions.editions(home, tree.document) if row.row.digest == digest]
    if known:
        return known[0], False
    content_of_entry = {
        "document": tree.document,
        "number": tree.number,
        "name": name,
        "digest": digest,
        "bytes": len(content),
    }
    audit.record(
        actor=by,
        action="text.imported",
        kind="text",
        ident=tree.document,
        content=content_of_entry,
        at=at,
        reason=reason,
    )
    return editions.keep(home, tree.document, name, content, at)
