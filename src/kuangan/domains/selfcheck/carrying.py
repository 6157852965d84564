"""What a mine answered last time and still answers the same words comes along, marked, with its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kuangan.domains.selfcheck.filling import recount
from kuangan.domains.selfcheck.models import Answer, Evidence, Sheet
from kuangan.domains.selfcheck.rules import carried


def carry(sheets: Sequence[Sheet], at: datetime) -> int:
    """Copy answers of each mine's newest accepted sheet of the same side into these new sheets. Returns how many answers."""
    copied = 0
    for sheet in sheets:
        before = _before(sheet)
        if before is None:
            continue
        earlier = {row.node: (row.fingerprint, row) for row in before.answers.filter(replaced_at=None)}
        kept: dict[str, Answer] = carried([node for node, _ in sheet.items], sheet.edition.nodes, earlier)
        Answer.objects.bulk_create([_copy(sheet, row, at) for row in kept.values()], batch_size=500)
        files = before.evidence.filter(node__in=kept, withdrawn_at=None)
        Evidence.objects.bulk_create([_file(sheet, row, at) for row in files], batch_size=500)
        recount(sheet)
        copied += len(kept)
    return copied


def _before(sheet: Sheet) -> Sheet | None:
    """The last sheet that was accepted; answers of a mine never become those of an inspection, nor the other way round."""
    same = sheet.round.rules.filled_by
    rows = Sheet.objects.filter(mine=sheet.mine, accepted_at__isnull=False).exclude(pk=sheet.pk).select_related("round")
    found = (row for row in rows.order_by("-accepted_at", "-pk") if row.round.rules.filled_by == same)
    return next(found, None) if same == "mine" else None


def _copy(sheet: Sheet, row: Answer, at: datetime) -> Answer:
    fields = {name: getattr(row, name) for name in ("node", "fingerprint", "value", "text", "valid_from", "valid_to")}
    return Answer(sheet=sheet, carried_from=row, by=row.by, at=at, **fields)


def _file(sheet: Sheet, row: Evidence, at: datetime) -> Evidence:
    fields = {name: getattr(row, name) for name in ("node", "name", "format", "size", "sha256")}
    return Evidence(sheet=sheet, by=row.by, at=at, **fields)
