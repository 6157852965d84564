"""Taking what is offered: its bytes are kept, each record is read, followed or refused with the reason. Nothing is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from kuangan.base import audit
from kuangan.base.audit.digest import canonical
from kuangan.base.documents.files import keep, path_of
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.domains.duty.weather.affected import significant
from kuangan.domains.duty.weather.cap import read_cap
from kuangan.domains.duty.weather.following import follow
from kuangan.domains.duty.weather.models import Message, MessageReference, Offer
from kuangan.domains.duty.weather.plain import read_record, records_of
from kuangan.domains.duty.weather.reading import LARGEST, Fault, Refused, refuse
from kuangan.domains.duty.weather.reading import Message as Said

KEPT: Final = Path("weather", "kept")


def kept_path(home: Path, sha256: str) -> Path:
    """Where the bytes of an offer stand."""
    return path_of(home / KEPT, sha256)


def take(home: Path, name: str, payload: bytes, source: str, *, at: datetime, by: User | None = None) -> Offer:
    """Keep a file, read it, act on each of its records; the answer says what became of them.

    Each record stands or falls by itself; a record seen before changes nothing.
    """
    sha256 = keep(home / KEPT, [payload], len(payload)).sha256
    with transaction.atomic():
        offer = Offer.objects.create(
            source=source,
            name=name[:200] or "未命名",
            received_at=at,
            by=by,
            organisation=by.organisation if by else None,
            size=len(payload),
            sha256=sha256,
            outcome="refused",
        )
        faults: list[Fault] = []
        seen = 0
        for number, said in _records(payload):
            offer.records += 1
            try:
                if isinstance(said, Refused):
                    raise said
                if by is not None:
                    within(said, by)
                seen += not _record(offer, number, said, at)
                offer.taken += 1
            except Refused as refused:
                faults += [replace(fault, record=number) for fault in refused.faults]
        offer.faults = [asdict(fault) for fault in faults]
        offer.outcome = _outcome(offer, len({fault.record for fault in faults}), seen)
        offer.save()
        content = {"name": offer.name, "sha256": sha256, "outcome": offer.outcome, "faults": offer.faults}
        audit.record(
            actor=by, action="weather.offered", kind="weather_offer", ident=str(offer.pk), content=content, at=at
        )
    return offer


def _outcome(offer: Offer, refused: int, seen: int) -> str:
    if refused:
        return "partial" if offer.taken else "refused"
    return "duplicate" if seen == offer.records else "taken"


def _records(payload: bytes) -> Iterator[tuple[int, Said | Refused]]:
    """The records of a file by number, from 1; what cannot be read as a file at all is record 0."""
    try:
        if len(payload) > LARGEST:
            raise refuse("file", f"文件超过 {LARGEST >> 20} MB")
        if not payload.strip():
            raise refuse("file", "空文件")
        if _looks_like_xml(payload):
            records: list[object] = [payload]
        else:
            records = records_of(payload)
    except Refused as refused:
        yield 0, refused
        return
    for number, record in enumerate(records, 1):
        try:
            yield number, read_cap(record) if isinstance(record, bytes) else read_record(record)
        except Refused as refused:
            yield number, refused


def within(said: Said, by: User) -> None:
    """A person enters warnings for the own territory only, and changes only what the own organisation entered; the province
    may all. Raises Refused."""
    scope = scope_of(by)
    if scope.province_wide:
        return
    prefix = scope.region_prefix or "-"
    areas = [area for part in said.parts for area in part.areas]
    if any(area.polygons or area.circles for area in areas):
        raise refuse("area", "市县人员录入的预警请用区划码写明范围")
    if any(not significant(code).startswith(prefix) for area in areas for code in area.codes):
        raise refuse("geocode", "预警范围超出本单位辖区")
    for one in said.references:
        known = Message.objects.filter(sender=one.sender, identifier=one.identifier).select_related("offer").first()
        if known is None or known.offer.organisation_id != by.organisation_id:
            raise refuse("references", "只能更新、解除本单位录入的预警")


def _looks_like_xml(payload: bytes) -> bool:
    head = payload[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head[:1] == b"<" or payload[:2] in (b"\xff\xfe", b"\xfe\xff")


@transaction.atomic
def _record(offer: Offer, number: int, said: Said, at: datetime) -> bool:
    """Follow a message once; False when it was seen before. Raises Refused when its number stands for other words."""
    content = json.loads(canonical(said.content()))
    digest = hashlib.sha256(canonical(content).encode()).hexdigest()
    known = Message.objects.filter(sender=said.sender, identifier=said.identifier).first()
    if known is not None:
        if known.digest != digest:
            raise refuse("identifier", "同一发布者的同一编号已收到过不同内容")
        return False
    row = Message(
        offer=offer,
        record=number,
        sender=said.sender,
        identifier=said.identifier,
        sent=said.sent,
        kind=said.kind,
        received_at=at,
        digest=digest,
        content=content,
    )
    row.result = follow(said, row, at)
    row.save()
    MessageReference.objects.bulk_create(
        MessageReference(message=row, sender=one.sender, identifier=one.identifier) for one in said.references
    )
    return True
