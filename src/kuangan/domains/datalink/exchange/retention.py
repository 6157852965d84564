"""How long the exchange keeps what is settled. What still waits for a platform, or for a person here, is never dropped."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from kuangan.base import audit
from kuangan.base.clock import from_ms
from kuangan.domains.datalink.exchange.leaving import folder_of
from kuangan.domains.datalink.exchange.models import Counterpart, Handling, Package, Platform, Reject

ACTION: Final = "exchange.dropped"
BATCH: Final = 1_000
ROUNDS: Final = 20
"""At most this many rows of a table and platform go in one turn: BATCH × ROUNDS."""
TAKEN: Final = ("in/done", "in/rejected")


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many rows and files of one platform went."""

    packages: int = 0
    handlings: int = 0
    rejects: int = 0
    files: int = 0


def drop_settled(home: Path, days: int, at: datetime) -> dict[str, Dropped]:
    """{platform: what went} of those that lost something older than `days` (0: nothing ever goes), disabled platforms too."""
    if not days:
        return {}
    before = at - timedelta(days=days)
    done = {code: _drop(home, code, before, at) for code in Platform.objects.values_list("code", flat=True)}
    return {code: dropped for code, dropped in done.items() if dropped != Dropped()}


def settled_packages(platform: Platform, before: datetime) -> QuerySet[Package]:
    """Packages that left before `before`, by every way in use, and were acknowledged; save the last one of each case that
    is open or was closed later: whoever starts to fetch anew still gets how it stands."""
    mine = Counterpart.objects.filter(platform=platform, case=OuterRef("case"))
    acknowledged = Exists(mine.filter(acked_seq__gte=OuterRef("seq")))
    replaced = Exists(mine.filter(last_seq__gt=OuterRef("seq")))
    rows = Package.objects.filter(acknowledged, Q(case__closed__lt=before) | replaced, platform=platform)
    ways = [*(["filed_seq"] if platform.folder else []), *(["pushed_seq"] if platform.push_url else [])]
    reached = min((getattr(platform, way) for way in ways), default=platform.last_seq)
    return rows.filter(left_at__lt=before, seq__lte=reached)


def settled_handlings(platform: Platform, before: datetime) -> QuerySet[Handling]:
    """Records of theirs of cases that were closed before `before`. What only they have waits for a person, and stays."""
    return Handling.objects.filter(platform=platform, received_at__lt=before, case__closed__lt=before)


def old_rejects(platform: Platform, before: datetime) -> QuerySet[Reject]:
    """Refused records that did not come again since `before`: the sender had the reason at once."""
    return Reject.objects.filter(platform=platform, last_at__lt=before)


def _drop(home: Path, code: str, before: datetime, at: datetime) -> Dropped:
    """One platform, in batches, each in its transaction with the entry that says so."""
    return Dropped(
        packages=_in_batches(code, settled_packages, before, at),
        handlings=_in_batches(code, settled_handlings, before, at),
        rejects=_in_batches(code, old_rejects, before, at),
        files=_files(home, code, before, at),
    )


def _in_batches(
    code: str, chosen: Callable[[Platform, datetime], QuerySet[Any]], before: datetime, at: datetime
) -> int:
    total = 0
    for _ in range(ROUNDS):
        gone = _batch(code, chosen, before, at)
        total += gone
        if gone < BATCH:
            break
    return total


@transaction.atomic
def _batch(code: str, chosen: Callable[[Platform, datetime], QuerySet[Any]], before: datetime, at: datetime) -> int:
    platform = Platform.objects.select_for_update().get(pk=code)
    rows = list(chosen(platform, before).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if rows:
        table = chosen(platform, before).model
        table._default_manager.filter(pk__in=rows).delete()
        _note(code, {"what": table._meta.model_name, "rows": len(rows), "first": rows[0], "last": rows[-1]}, before, at)
    return len(rows)


def _files(home: Path, code: str, before: datetime, at: datetime) -> int:
    """Files that were taken, and packages in the folder whose row is gone. By the time a file came to lie where it lies."""
    folder = folder_of(home, code)
    taken = [path for name in TAKEN for path in _older(folder / name, before)]
    out = {path.stem: path for path in _older(folder / "out", before, f"{code}-*.json")}
    kept = set(Package.objects.filter(platform=code, ident__in=out).values_list("ident", flat=True)) if out else set()
    gone = [*taken, *(path for ident, path in out.items() if ident not in kept)]
    if gone:
        _note(code, {"what": "files", "rows": len(gone)}, before, at)
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _older(folder: Path, before: datetime, names: str = "*.json") -> Collection[Path]:
    found = folder.glob(names) if folder.is_dir() else ()
    return [path for path in found if from_ms(path.stat().st_ctime_ns // 1_000_000) < before]


def _note(code: str, content: dict[str, object], before: datetime, at: datetime) -> None:
    said = {**content, "before": before.isoformat()}
    audit.record(actor=None, action=ACTION, kind="exchange", ident=code, content=said, at=at)
