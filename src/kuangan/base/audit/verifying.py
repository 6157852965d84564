"""Proof that nothing in the chain was changed, removed or inserted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kuangan.base.audit.digest import START, entry_digest, link_digest
from kuangan.base.audit.heads import exported_heads
from kuangan.base.audit.models import AuditEntry, AuditHead, AuditLink, AuditPending
from kuangan.base.audit.writing import fields_of

CHANGED, REMOVED, INSERTED = "changed", "removed", "inserted"
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` is changed, removed or inserted; `sequence` and `entry` say where, as far as it is known."""

    kind: str
    what: str
    sequence: int | None = None
    entry: int | None = None


def verify(home: Path | None = None) -> list[Fault]:
    """Every fault of the chain; [] when it is whole. With `home`, also compared with the heads exported there.

    Reads each table once in chunks, in the order of the chain.
    """
    faults = [*_chain(), *_unlinked(), *_head()]
    return faults + list(_exported(home)) if home is not None else faults


def walk() -> Iterator[tuple[AuditLink, AuditEntry | None]]:
    """Every link in order with its entry, None where the entry is gone; two queries for each 2,000 links."""
    after = 0
    while links := list(AuditLink.objects.filter(sequence__gt=after).order_by("sequence")[:CHUNK]):
        entries = AuditEntry.objects.in_bulk([link.entry_id for link in links])
        yield from ((link, entries.get(link.entry_id)) for link in links)
        after = links[-1].sequence


def _chain() -> Iterator[Fault]:
    expected, previous = 1, START
    for link, entry in walk():
        if link.sequence != expected:
            yield Fault(REMOVED, f"links {expected} to {link.sequence - 1} are gone", expected)
        elif link.previous != previous:
            yield Fault(CHANGED, "the link does not continue the one before it", link.sequence, link.entry_id)
        if fault := _pair_fault(link, entry):
            yield fault
        expected, previous = link.sequence + 1, link.digest


def _pair_fault(link: AuditLink, entry: AuditEntry | None) -> Fault | None:
    own = link_digest(link.sequence, link.previous, link.entry_id, link.entry_digest, link.sealed_at)
    if own != link.digest:
        return Fault(CHANGED, "the link was rewritten", link.sequence, link.entry_id)
    if entry is None:
        return Fault(REMOVED, "the entry of this link is gone", link.sequence, link.entry_id)
    if entry_digest(fields_of(entry)) != link.entry_digest:
        return Fault(CHANGED, "the entry is not what was sealed", link.sequence, link.entry_id)
    return None


def _unlinked() -> Iterator[Fault]:
    """Entries that neither stand in the chain nor wait for it; waiting entries that are gone or no longer agree."""
    strangers = AuditEntry.objects.filter(link__isnull=True, pending__isnull=True).order_by("pk")
    for pk in strangers.values_list("pk", flat=True):
        yield Fault(INSERTED, "the entry neither stands in the chain nor waits for the sealer", entry=pk)
    waiting = list(AuditPending.objects.order_by("entry_id").values_list("entry_id", flat=True))
    entries = AuditEntry.objects.filter(pending__isnull=False).in_bulk()
    for pk in waiting:
        entry = entries.get(pk)
        if entry is None:
            yield Fault(REMOVED, "the entry is gone before it was sealed", entry=pk)
        elif entry_digest(fields_of(entry)) != entry.digest:
            yield Fault(CHANGED, "the entry was changed before it was sealed", entry=pk)


def _head() -> Iterator[Fault]:
    head = AuditHead.objects.first()
    last = AuditLink.objects.order_by("-sequence").values_list("sequence", "digest").first() or (0, START)
    left = (head.sequence, head.digest) if head else (0, START)
    if left != last:
        yield Fault(REMOVED, "the chain does not end where the sealer left it", last[0])


def _exported(home: Path) -> Iterator[Fault]:
    heads, damaged = exported_heads(home)
    for name in damaged:
        yield Fault(CHANGED, f"the exported file {name} no longer holds a head")
    found = dict(AuditLink.objects.filter(pk__in=[head.sequence for head in heads]).values_list("pk", "digest"))
    for head in heads:
        if head.sequence not in found:
            yield Fault(REMOVED, f"the chain is shorter than the head exported to {head.name}", head.sequence)
        elif found[head.sequence] != head.digest:
            yield Fault(CHANGED, f"the chain does not lead to the head exported to {head.name}", head.sequence)
