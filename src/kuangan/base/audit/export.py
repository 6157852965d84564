"""The chain as JSON lines, for whoever wants to verify it without this program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from kuangan.base.audit.digest import moment
from kuangan.base.audit.models import AuditEntry, AuditLink
from kuangan.base.audit.verifying import walk
from kuangan.base.audit.writing import fields_of


def export_chain(home: Path) -> Path:
    """Write `home/audit/chain.jsonl`: a line for each link with its entry, then one for each entry outside the chain."""
    path = home / "audit" / "chain.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    with draft.open("w", encoding="utf-8") as lines:
        for line in _lines():
            lines.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
    draft.replace(path)
    return path


def _lines() -> Iterator[dict[str, object]]:
    for link, entry in walk():
        yield {"link": _link(link), "entry": fields_of(entry) if entry else None}
    outside = AuditEntry.objects.filter(link__isnull=True).select_related("pending").order_by("pk")
    for entry in outside.iterator(chunk_size=2_000):
        waiting = hasattr(entry, "pending")
        yield {"outside": entry.pk, "waiting": waiting, "digest": entry.digest, "entry": fields_of(entry)}


def _link(link: AuditLink) -> dict[str, object]:
    return {
        "sequence": link.sequence,
        "entry": link.entry_id,
        "entry_digest": link.entry_digest,
        "previous": link.previous,
        "digest": link.digest,
        "sealed_at": moment(link.sealed_at),
    }
