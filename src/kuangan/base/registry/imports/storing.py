"""Offered workbooks and what people decide about their rows, each in short transactions with their audit entries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from kuangan.base import audit
from kuangan.base.people.models import User
from kuangan.base.registry.imports.judging import Judged, judge, understood
from kuangan.base.registry.imports.sheets import Line, Sheet, read_file
from kuangan.base.registry.imports.standing import ground, standing
from kuangan.base.registry.models import Decision, ImportRow, ImportState, RegisterImport, Verdict

CHUNK = 250


class NotPossible(ValueError):
    """A decision that these rows, or this import, do not allow; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Offer:
    """A file with what was said about it."""

    name: str
    content: bytes
    basis: str
    valid_from: datetime


def preview(offer: Offer, *, by: User, at: datetime) -> RegisterImport:
    """Read and judge a file and keep every row with its verdict; nothing enters the register. Raises Unreadable.

    Reading and judging take no lock; the rows are written in short transactions, the import itself last.
    """
    sheets = read_file(offer.name, offer.content)
    read = understood([line for sheet in sheets for line in sheet.lines])
    known = standing((row for _, row, _ in read), by, at, ground())
    judged = judge(read, known, offer.valid_from)
    return _kept(offer, sheets, judged, by, at)


def _kept(offer: Offer, sheets: list[Sheet], judged: list[Judged], by: User, at: datetime) -> RegisterImport:
    counts = {verdict: sum(row.verdict == verdict for row in judged) for verdict in Verdict.values}
    assert by.organisation is not None
    with transaction.atomic():
        made = RegisterImport.objects.create(
            file_name=offer.name[-200:],
            sha256=sha256(offer.content).hexdigest(),
            size=len(offer.content),
            sheets=[_sheet(sheet) for sheet in sheets],
            basis=offer.basis,
            valid_from=offer.valid_from,
            read=len(judged),
            organisation=by.organisation,
            by=by,
            at=at,
            state=ImportState.PREVIEW,
            **counts,
        )
        content = {"file": made.file_name, "sha256": made.sha256, "read": made.read, **counts}
        audit.record(
            actor=by,
            action="import.offered",
            kind="import",
            ident=str(made.pk),
            content=content,
            at=at,
            reason=offer.basis,
        )
    rows = [_row(made, number, found) for number, found in enumerate(judged, 1)]
    for start in range(0, len(rows), CHUNK):
        ImportRow.objects.bulk_create(rows[start : start + CHUNK])
    return made


def _sheet(sheet: Sheet) -> dict[str, object]:
    return {
        "name": sheet.name,
        "head": sheet.head,
        "columns": sheet.columns,
        "unused": sheet.unused,
        "read": len(sheet.lines),
    }


def _row(made: RegisterImport, number: int, found: Judged) -> ImportRow:
    line, row = found.line, found.row
    return ImportRow(
        imported=made,
        number=number,
        sheet=line.sheet,
        row=line.number,
        code=row.code if row else _text(line, "code")[:40],
        name=(row.name or "" if row else _text(line, "name"))[:200],
        verdict=found.verdict,
        news=found.news,
        cells=line.texts,
        values=row.model_dump(mode="json", exclude_none=True) if row else {},
        changes=found.changes,
        reasons=found.reasons,
        alias_of=found.alias_of,
    )


def _text(line: Line, name: str) -> str:
    return str(line.cells.get(name) or "")


def allowed(row: ImportRow) -> list[str]:
    """What may be decided about a row: a code that stands as an alias already cannot become a mine."""
    if row.verdict != Verdict.QUESTIONED or row.written_at is not None:
        return []
    if not row.alias_of:
        return [Decision.TAKE, Decision.DROP]
    if any(found["code"] == "known_alias" for found in row.reasons):
        return [Decision.DROP]
    return [Decision.TAKE, Decision.ALIAS, Decision.DROP]


def decide(
    made: RegisterImport, decision: str, *, by: User, at: datetime, numbers: Collection[int] = (), group: str = ""
) -> int:
    """Decide about questioned rows, by number or all that a reason holds back. Rows already written stay as they are.

    Of the rows of one code one may be taken. Raises NotPossible. Returns how many rows were decided.
    """
    with transaction.atomic():
        locked = RegisterImport.objects.select_for_update().get(pk=made.pk)
        if locked.state not in (ImportState.PREVIEW, ImportState.WRITING):
            raise NotPossible("import_closed")
        rows = [row for row in _asked(locked) if row.number in numbers or (group and _holds(row, group))]
        rows = [row for row in rows if decision == "" or decision in allowed(row)]
        if not rows:
            raise NotPossible("nothing_to_decide")
        if decision == Decision.TAKE:
            _require_single(locked, rows)
        for row in rows:
            row.decision, row.decided_by, row.decided_at = decision, by, at
        ImportRow.objects.bulk_update(rows, ["decision", "decided_by", "decided_at"], batch_size=CHUNK)
        content = {"decision": decision, "rows": [row.number for row in rows], "group": group}
        audit.record(actor=by, action="import.decided", kind="import", ident=str(made.pk), content=content, at=at)
    return len(rows)


def _asked(made: RegisterImport) -> QuerySet[ImportRow]:
    return made.rows.filter(verdict=Verdict.QUESTIONED, written_at__isnull=True)


def _holds(row: ImportRow, group: str) -> bool:
    return any(found["code"] == group for found in row.reasons)


def _require_single(made: RegisterImport, rows: list[ImportRow]) -> None:
    chosen = [row.code for row in rows]
    numbers = {row.number for row in rows}
    taken = made.rows.filter(code__in=chosen).exclude(number__in=numbers)
    others = taken.filter(verdict=Verdict.ACCEPTED) | taken.filter(decision=Decision.TAKE)
    if len(set(chosen)) < len(chosen) or others.exists():
        raise NotPossible("one_row_per_code")


def discard(made: RegisterImport, *, by: User, at: datetime) -> None:
    """Close an import without writing what is left of it; what was written stays. Raises NotPossible."""
    with transaction.atomic():
        locked = RegisterImport.objects.select_for_update().get(pk=made.pk)
        if locked.state not in (ImportState.PREVIEW, ImportState.WRITING):
            raise NotPossible("import_closed")
        locked.state = ImportState.DISCARDED
        locked.save(update_fields=["state"])
        audit.record(actor=by, action="import.discarded", kind="import", ident=str(made.pk), content={}, at=at)
