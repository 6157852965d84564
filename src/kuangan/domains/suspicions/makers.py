"""Who builds the systems that are suspected: suspicions beside the mines that use each maker's systems."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.db.models import Count, QuerySet

from kuangan.domains.suspicions.models import Suspicion
from kuangan.library.telemetry.hot import read_hot

LEAST = 5
"""Mines below which a share says nothing."""


@dataclass(frozen=True, slots=True)
class MakerRow:
    """`mines`: how many of the scope send from such a system, None when nobody knows; `suspected` of them recommended for a check."""

    maker: str
    model: str
    mines: int | None
    watched: int
    suspected: int

    @property
    def share(self) -> str:
        """Suspected of a hundred mines; a dash where there are too few."""
        return f"{100 * self.suspected / self.mines:.1f}%" if self.mines and self.mines >= LEAST else "—"


def systems(home: Path, mines: Collection[str]) -> dict[tuple[str, str], int]:
    """Maker and model → mines of the scope whose definitions name them."""
    table = read_hot(home, "mines")
    if table is None or "maker" not in table.columns:
        return {}
    known = table.filter(pl.col("mine").is_in(list(mines)) & ((pl.col("maker") != "") | (pl.col("system_model") != "")))
    counted = known.group_by("maker", "system_model").len()
    return {(maker, model): count for maker, model, count in counted.iter_rows()}


def by_maker(rows: QuerySet[Suspicion], home: Path, mines: Collection[str]) -> list[MakerRow]:
    """One row for each maker and model that is used or suspected, those with most suspected mines first. One query."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    counted = (
        rows.order_by().values_list("maker", "system_model", "tier").annotate(mines=Count("mine_code", distinct=True))
    )
    for maker, model, tier, count in counted:
        counts.setdefault((maker, model), {})[tier] = count
    used = systems(home, mines)
    found = [
        MakerRow(*key, used.get(key), counts.get(key, {}).get("watch", 0), counts.get(key, {}).get("check", 0))
        for key in {**used, **counts}
    ]
    return sorted(found, key=lambda row: (-row.suspected, -row.watched, row.maker, row.model))
