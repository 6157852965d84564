"""The single sealer: links what has committed since it last looked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kuangan.base.audit.digest import START, link_digest
from kuangan.base.audit.models import AuditEntry, AuditHead, AuditLink, AuditPending

BATCH = 5_000


def seal(at: datetime) -> int:
    """Link the entries that wait, in order of id, and return how many there were.

    Entries may commit out of order of their ids: a late one simply gets a later place in the chain. A second sealer
    waits on the head row, then finds nothing left.
    """
    sealed = 0
    while count := _seal_batch(at):
        sealed += count
    return sealed


@transaction.atomic
def _seal_batch(at: datetime) -> int:
    head = _locked_head()
    waiting = AuditPending.objects.order_by("entry_id").values_list("entry_id", flat=True)[:BATCH]
    ids = list(waiting)
    if not ids:
        return 0
    digests = AuditEntry.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "digest")
    links = _links(head, list(digests), at)
    if links:
        AuditLink.objects.bulk_create(links, batch_size=500)
        AuditHead.objects.filter(pk=head.pk).update(
            sequence=links[-1].sequence, digest=links[-1].digest, sealed_at=links[-1].sealed_at
        )
    AuditPending.objects.filter(pk__in=[link.entry_id for link in links]).delete()
    return len(links)


def _locked_head() -> AuditHead:
    AuditHead.objects.bulk_create([AuditHead(pk=1, digest=START)], ignore_conflicts=True)
    return AuditHead.objects.select_for_update().get(pk=1)


def _links(head: AuditHead, entries: list[tuple[int, str]], at: datetime) -> list[AuditLink]:
    links, previous = [], head.digest
    for sequence, (entry, digest) in enumerate(entries, start=head.sequence + 1):
        own = link_digest(sequence, previous, entry, digest, at)
        links.append(
            AuditLink(
                sequence=sequence, entry_id=entry, entry_digest=digest, previous=previous, digest=own, sealed_at=at
            )
        )
        previous = own
    return links
