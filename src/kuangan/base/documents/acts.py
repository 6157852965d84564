"""What people do with drawings: enter one, hand in a version, withdraw a version, take a copy. Each leaves its audit entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max

from kuangan.base import audit
from kuangan.base.clock import beijing_day
from kuangan.base.documents.files import FOLDER, HEAD, TooLarge, format_of, format_of_name, keep, plain_name
from kuangan.base.documents.kinds import KINDS, LARGEST, LAW
from kuangan.base.documents.models import Drawing, DrawingVersion
from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine


class Refused(ValueError):
    """What was handed in cannot be kept; the message says why, in words for the page."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A file with the day from which it holds."""

    file: UploadedFile[Any]
    valid_from: date
    note: str = ""


def add_drawing(
    mine: Mine, *, kind: str, title: str, secrecy: str, offer: Offer, home: Path, by: User, at: datetime
) -> DrawingVersion:
    """A drawing that is new to the mine, with its first version. Raises Refused."""
    if kind not in KINDS:
        raise Refused("未知的图纸种类。")
    kept = _kept(offer, home, at)
    with transaction.atomic():
        Mine.objects.select_for_update().get(pk=mine.pk)
        if Drawing.objects.filter(mine=mine, kind=kind, title=title).exists():
            raise Refused("同名图纸已登记，请在该图纸下上传新版。")
        drawing = Drawing.objects.create(mine=mine, kind=kind, title=title, secrecy=secrecy, by=by, at=at)
        _note("drawing.added", drawing, {"kind": kind, "title": title, "secrecy": secrecy}, by, at)
        return _version(drawing, offer, kept, by, at)


def add_version(drawing: Drawing, offer: Offer, *, home: Path, by: User, at: datetime) -> DrawingVersion:
    """The next version of a drawing. Raises Refused."""
    kept = _kept(offer, home, at)
    with transaction.atomic():
        locked = Drawing.objects.select_for_update().get(pk=drawing.pk)
        same = locked.versions.filter(sha256=kept["sha256"], valid_from=offer.valid_from, withdrawn_at__isnull=True)
        if before := same.first():
            raise Refused(f"与第 {before.number} 版内容、日期均相同，未重复登记。")
        return _version(locked, offer, kept, by, at)


def withdraw(version: DrawingVersion, *, reason: str, by: User, at: datetime) -> None:
    """Take a version out of force from today on; it stays in the list and can still be downloaded. Raises Refused."""
    with transaction.atomic():
        row = DrawingVersion.objects.select_for_update().select_related("drawing").get(pk=version.pk)
        if row.withdrawn_at is not None:
            raise Refused("该版已撤回。")
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = at, by, reason[:200]
        row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        _note("drawing.withdrawn", row.drawing, {"number": row.number, "sha256": row.sha256}, by, at, reason)


def note_download(version: DrawingVersion, *, by: User, at: datetime) -> None:
    """Say who takes a copy of what; to be called before the first byte leaves."""
    with transaction.atomic():
        content = {"number": version.number, "name": version.name, "sha256": version.sha256}
        _note("drawing.downloaded", version.drawing, content, by, at)


def _kept(offer: Offer, home: Path, at: datetime) -> dict[str, Any]:
    """The file in its place. Raises Refused for what is no drawing, is too large, or is dated too far ahead."""
    if offer.valid_from > beijing_day(at) + timedelta(days=LAW.ahead_days):
        raise Refused(f"有效日期最多可提前 {LAW.ahead_days} 天。")
    name = plain_name(offer.file.name or "")
    head = offer.file.read(HEAD)
    offer.file.seek(0)
    found = format_of(head)
    if not found or found != format_of_name(name):
        raise Refused("只接收 PDF、DWG、DXF、PNG、JPEG，且文件内容须与扩展名一致。")
    try:
        kept = keep(home / FOLDER, offer.file.chunks(), LARGEST)
    except TooLarge:
        raise Refused(f"文件超过 {LAW.largest_mb} MB。") from None
    return {"name": name, "format": found, "size": kept.size, "sha256": kept.sha256}


def _version(drawing: Drawing, offer: Offer, kept: Mapping[str, Any], by: User, at: datetime) -> DrawingVersion:
    number = (drawing.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    organisation = by.organisation
    assert organisation is not None
    row = DrawingVersion.objects.create(
        drawing=drawing,
        number=number,
        valid_from=offer.valid_from,
        note=offer.note[:200],
        organisation=organisation,
        by=by,
        at=at,
        **kept,
    )
    content = {"number": number, "valid_from": offer.valid_from.isoformat(), **kept}
    _note("drawing.version_added", drawing, content, by, at, offer.note)
    return row


def _note(
    action: str, drawing: Drawing, content: Mapping[str, object], by: User, at: datetime, reason: str = ""
) -> None:
    said = {"mine": drawing.mine_id, "title": drawing.title, **content}
    audit.record(actor=by, action=action, kind="drawing", ident=str(drawing.pk), content=said, at=at, reason=reason)
