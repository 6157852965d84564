"""From a draft to the rule in force: proposed by one person, approved by another, written to the home for the gateways to spool.

Nothing is written that does not parse. What was in force before the first version is kept as version 0, so that there is a way back.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.publication import write_atomically
from kuangan.domains.rulebook.models import Draft, Override, Version, overrides_in_force
from kuangan.domains.rulebook.parts import WHOLE, Book, faults, part_word, place_word, replaced, taken
from kuangan.domains.rulebook.reading import in_force
from kuangan.library.warning.rulebook import parse

BACKDATED = timedelta(minutes=5)


def approved() -> Any:
    return Version.objects.filter(state=Version.State.APPROVED)


def newest() -> Version | None:
    """The version with the highest number, in force or yet to come."""
    row: Version | None = approved().order_by("-number").first()
    return row


def version_in_force(at: datetime) -> Version | None:
    row: Version | None = approved().filter(in_force_from__lte=at).order_by("-number").first()
    return row


def standing(home: Path) -> Book:
    """The book that a draft starts from: the newest version, else what the home or the package has, without overrides."""
    version = newest()
    book = version.book if version is not None and version.book else in_force(home).book.model_dump(mode="json")
    return {**book, "overrides": []}


@transaction.atomic
def propose(draft: Draft, *, by: User, at: datetime, reason: str, in_force_from: datetime) -> Version:
    """Ask for a draft to be approved. Raises Forbidden, or MissingFields with what is wrong."""
    _may_author(by)
    if draft.dropped_at is not None:
        raise MissingFields({"draft": "草案已作废"})
    book = standing(Path(settings.HOME))
    if taken(book, draft.part) == draft.content:
        raise MissingFields({"draft": "与现行规则相同，无须提请"})
    wrong = faults(book, draft.part, draft.content)
    if wrong:
        raise MissingFields({place_word(path) or "draft": word for path, word in wrong})
    return _proposed(
        part=draft.part,
        content=draft.content,
        base=taken(book, draft.part),
        draft=draft,
        restores=None,
        by=by,
        at=at,
        reason=reason,
        in_force_from=in_force_from,
    )


@transaction.atomic
def propose_return(version: Version, *, by: User, at: datetime, reason: str, in_force_from: datetime) -> Version:
    """Ask to go back to the book of an earlier version: a new version like any other."""
    _may_author(by)
    if version.state != Version.State.APPROVED or version.book is None:
        raise MissingFields({"version": "只能恢复已批准的版本"})
    book = standing(Path(settings.HOME))
    if _same(book, version.book):
        raise MissingFields({"version": "与现行规则相同，无须恢复"})
    return _proposed(
        part=WHOLE,
        content=version.book,
        base=book,
        draft=None,
        restores=version,
        by=by,
        at=at,
        reason=reason,
        in_force_from=in_force_from,
    )


def _same(one: Book, other: Book) -> bool:
    def bare(book: Book) -> Book:
        return {name: value for name, value in book.items() if name not in ("version", "in_force_from", "overrides")}

    return bare(one) == bare(other)


def _proposed(
    *,
    part: str,
    content: Any,
    base: Any,
    draft: Draft | None,
    restores: Version | None,
    by: User,
    at: datetime,
    reason: str,
    in_force_from: datetime,
) -> Version:
    if not reason.strip():
        raise MissingFields({"reason": "必填"})
    last = newest()
    if in_force_from < at - BACKDATED:
        raise MissingFields({"in_force_from": "不得早于当前时间"})
    if last is not None and in_force_from < last.in_force_from:
        raise MissingFields({"in_force_from": "不得早于已批准的最新版本的生效时间"})
    if Version.objects.filter(state=Version.State.PROPOSED, part=part, draft=draft, restores=restores).exists():
        raise MissingFields({"draft": "已提请，待批准"})
    row = Version.objects.create(
        part=part,
        content=content,
        base=base,
        draft=draft,
        restores=restores,
        reason=reason,
        author=by,
        proposed_at=at,
        in_force_from=in_force_from,
    )
    note(row, "rulebook.proposed", by, at, reason, {"part": part, "from": in_force_from})
    return row


@transaction.atomic
def approve(version: Version, *, by: User, at: datetime, words: str = "") -> Version:
    """The second person agrees; from its time on the version is what counts. Raises Forbidden, FourEyes, MissingFields."""
    row = _held(version, by)
    home = Path(settings.HOME)
    before = newest()
    book = standing(home)
    if row.part != WHOLE and taken(book, row.part) != row.base:
        raise MissingFields({"base": "提请之后该部分已有新版本，请按新版本重新起草"})
    if before is None:
        before = _first(home, book, at)
    number = (before.number or 0) + 1
    changed = replaced(book, row.part, row.content) | {"version": number, "in_force_until": None}
    row.in_force_from = max(row.in_force_from, at, before.in_force_from)
    changed["in_force_from"] = row.in_force_from.date().isoformat()
    try:
        text = content_of(changed, [])
    except ValueError as refused:
        raise MissingFields({"book": f"规则表不可用：{refused}"}) from refused
    row.number, row.book, row.state = number, json.loads(text), Version.State.APPROVED
    row.approver, row.decided_at, row.note = by, at, words
    row.sha256 = hashlib.sha256(text).hexdigest()
    row.save()
    told = {"number": number, "part": row.part, "from": row.in_force_from, "sha256": row.sha256}
    note(row, "rulebook.approved", by, at, words or row.reason, told)
    transaction.on_commit(lambda: publish(home, at))
    return row


@transaction.atomic
def refuse(version: Version, *, by: User, at: datetime, words: str) -> Version:
    """The second person does not agree, with the reason."""
    row = _held(version, by)
    if not words.strip():
        raise MissingFields({"words": "必填"})
    row.state, row.approver, row.decided_at, row.note = Version.State.REFUSED, by, at, words
    row.save()
    note(row, "rulebook.refused", by, at, words, {})
    return row


@transaction.atomic
def withdraw(version: Version, *, by: User, at: datetime) -> Version:
    """The author takes the proposal back."""
    row = Version.objects.select_for_update().get(pk=version.pk)
    if row.author_id != by.pk:
        raise Forbidden("只有提请人可以撤回")
    if row.state != Version.State.PROPOSED:
        raise MissingFields({"state": "已有决定"})
    row.state, row.decided_at = Version.State.WITHDRAWN, at
    row.save(update_fields=["state", "decided_at"])
    note(row, "rulebook.withdrawn", by, at, "", {})
    return row


def _held(version: Version, by: User) -> Version:
    """The proposal, locked, for a person who may decide it."""
    row = Version.objects.select_for_update().get(pk=version.pk)
    if not may(by, "rulebook.approve") or not scope_of(by).province_wide:
        raise Forbidden("须由省级负责人批准")
    if row.author_id == by.pk:
        raise FourEyes("不得由提请人批准")
    if row.state != Version.State.PROPOSED:
        raise MissingFields({"state": "已有决定"})
    return row


def _first(home: Path, book: Book, at: datetime) -> Version:
    """What held before versions were kept, as version 0."""
    found = in_force(home)
    text = content_of(book, [])
    return Version.objects.create(
        number=0,
        state=Version.State.APPROVED,
        part=WHOLE,
        content={},
        base={},
        book=json.loads(text),
        reason="系统自带" if found.file is None or found.fault else f"本系统目录 {found.file}",
        proposed_at=at,
        decided_at=at,
        in_force_from=min(at, found.written_at or at),
        sha256=hashlib.sha256(text).hexdigest(),
    )


def _may_author(by: User) -> None:
    if not may(by, "rulebook.author") or not scope_of(by).province_wide:
        raise Forbidden("规则全省统一，须由省级人员提请")


def content_of(book: Book, rows: list[dict[str, Any]]) -> bytes:
    """The book with its overrides as it is written. Raises ValueError when it does not parse."""
    text = json.dumps(book | {"overrides": rows}, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    parse(text)
    return text


def publish(home: Path, at: datetime) -> bool:
    """Write the book and the overrides in force to the home; gateways spool it and the engine takes it over there.

    True when something changed. An installation without versions and overrides keeps the file that it has.
    """
    version = version_in_force(at)
    if version is None and not Override.objects.exclude(valid_from=None).exists():
        return False
    found = in_force(home)
    if version is None and found.fault:
        return False
    book = version.book if version is not None and version.book else found.book.model_dump(mode="json")
    rows = [override_row(row) for row in overrides_in_force(at)]
    return write_atomically(home / "config" / "rulebook.json", content_of(book, rows))


def override_row(row: Override) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "rule": row.rule,
        "setting": row.setting,
        "quantity": row.quantity,
        "mine": row.mine_id,
        "point": row.point,
        "value": row.value,
    }


def note(row: Version, action: str, by: User, at: datetime, reason: str, content: dict[str, object]) -> None:
    audit.record(
        actor=by,
        action=action,
        kind="rulebook_version",
        ident=str(row.pk),
        content={"what": part_word(row.part)} | content,
        at=at,
        reason=reason,
    )
