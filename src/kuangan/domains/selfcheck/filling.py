"""Answering, and handing in files. Each act locks the sheet, voids signatures, is audited in its transaction."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden, MissingFields, NotYet
from kuangan.base.documents.files import HEAD, TooLarge, format_of, format_of_name, keep, plain_name
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.selfcheck import hooks
from kuangan.domains.selfcheck.kinds import FILE, LARGEST
from kuangan.domains.selfcheck.models import Answer, Evidence, Sheet
from kuangan.domains.selfcheck.rules import OPEN, Reply, counted, problems
from kuangan.domains.selfcheck.signing import void

FOLDER: Final = "selfcheck"
"""Where files of evidence lie below the home."""
FORMATS: Final = frozenset({"pdf", "png", "jpeg"})


def may_fill(sheet: Sheet, user: User) -> bool:
    return may(user, "selfcheck.fill") and hooks.fills(sheet, user)


def answer(sheet: Sheet, node: str, reply: Reply, *, by: User, at: datetime) -> Answer:
    """Keep an answer; the same again adds nothing. Raises Forbidden, NotYet (no longer open), MissingFields."""
    with transaction.atomic():
        held = _held(sheet, node, by)
        if wrong := problems(reply):
            raise MissingFields(wrong)
        print_ = held.edition.nodes[node]
        before = held.answers.filter(node=node, replaced_at=None).first()
        if before is not None and _same(before, reply, print_):
            return before
        if before is not None:
            Answer.objects.filter(pk=before.pk).update(replaced_at=at)
        fields = {name: getattr(reply, name) for name in Reply.__dataclass_fields__} | {"text": reply.text.strip()}
        row = Answer.objects.create(sheet=held, node=node, fingerprint=print_, by=by, at=at, **fields)
        _changed(held, by, at)
        _note("answered", held, {"node": node, **fields, "replaces": before.pk if before else None}, by, at)
        return row


def attach(sheet: Sheet, node: str, file: UploadedFile[Any], *, home: Path, by: User, at: datetime) -> Evidence:
    """Keep a file for an item. Raises Forbidden, NotYet, MissingFields for what is too large or no file we know."""
    with transaction.atomic():
        held = _held(sheet, node, by)
        if held.evidence.filter(node=node, withdrawn_at=None).count() >= FILE.most_files:
            raise MissingFields({"file": f"每条最多 {FILE.most_files} 个文件"})
    kept = _kept(file, home)
    with transaction.atomic():
        held = _held(sheet, node, by)
        same = held.evidence.filter(node=node, sha256=kept["sha256"], withdrawn_at=None).first()
        if same is not None:
            return same
        row = Evidence.objects.create(sheet=held, node=node, by=by, at=at, **kept)
        _changed(held, by, at)
        _note("evidence.added", held, {"node": node, **kept}, by, at)
        return row


def withdraw(row: Evidence, *, by: User, at: datetime) -> Evidence:
    """Take a file back; it stays on record."""
    with transaction.atomic():
        held = _held(row.sheet, row.node, by)
        file = Evidence.objects.select_for_update().get(pk=row.pk)
        if file.withdrawn_at is not None:
            raise MissingFields({"file": "该文件已撤回"})
        file.withdrawn_at, file.withdrawn_by = at, by
        file.save(update_fields=["withdrawn_at", "withdrawn_by"])
        _changed(held, by, at)
        _note("evidence.withdrawn", held, {"node": file.node, "sha256": file.sha256}, by, at)
        return file


def note_download(row: Evidence, *, by: User, at: datetime) -> None:
    """Say who takes a copy of what; to be called before the first byte leaves."""
    with transaction.atomic():
        _note("evidence.downloaded", row.sheet, {"node": row.node, "sha256": row.sha256}, by, at)


def recount(sheet: Sheet) -> None:
    """Write how far a sheet is filled in, from its answers."""
    prints = Sheet.objects.values_list("edition__nodes", flat=True).get(pk=sheet.pk)
    rows = sheet.answers.filter(replaced_at=None).values_list("node", "fingerprint", "value")
    found = counted([node for node, _ in sheet.items], prints, {node: (print_, value) for node, print_, value in rows})
    sheet.asked, sheet.answered, sheet.unmet, sheet.absent = found.asked, found.answered, found.unmet, found.absent
    sheet.save(update_fields=["asked", "answered", "unmet", "absent"])


def _held(sheet: Sheet, node: str, by: User) -> Sheet:
    """The sheet, locked, for whoever fills it in while it is open and asks about this clause."""
    held = Sheet.objects.select_for_update(of=("self",)).select_related("case", "round", "edition").get(pk=sheet.pk)
    if not may_fill(held, by):
        raise Forbidden("只有填报单位可以填写")
    if held.case.state not in OPEN:
        raise NotYet(held.case.state, "answer", "已提交，不能再修改；需要修改的由审核单位退回")
    if node not in {item for item, _ in held.items}:
        raise MissingFields({"node": "本表没有这一条"})
    return held


def _same(row: Answer, reply: Reply, print_: str) -> bool:
    said = (row.value, row.text, row.valid_from, row.valid_to, row.fingerprint, row.carried_from_id)
    return said == (reply.value, reply.text.strip(), reply.valid_from, reply.valid_to, print_, None)


def _changed(sheet: Sheet, by: User, at: datetime) -> None:
    void(sheet, by=by, at=at, reason="签字后内容有修改")
    recount(sheet)


def _kept(file: UploadedFile[Any], home: Path) -> dict[str, Any]:
    name = plain_name(file.name or "")
    head = file.read(HEAD)
    file.seek(0)
    found = format_of(head)
    if found not in FORMATS or found != format_of_name(name):
        raise MissingFields({"file": "只接收 PDF、PNG、JPEG，且内容须与扩展名一致"})
    try:
        kept = keep(home / FOLDER, file.chunks(), LARGEST)
    except TooLarge:
        raise MissingFields({"file": f"文件超过 {FILE.largest_mb} MB"}) from None
    return {"name": name, "format": found, "size": kept.size, "sha256": kept.sha256}


def _note(action: str, sheet: Sheet, content: dict[str, Any], by: User, at: datetime) -> None:
    audit.record(actor=by, action=action, kind=sheet.case.kind, ident=sheet.case.number, content=content, at=at)
