"""Administrative regions and how a mine code finds its place."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from importlib import resources
from typing import Final

from kuangan.base.registry.models import Region

PROVINCE: Final = "140000"


def load_regions() -> int:
    """Write the packaged table of regions (province, 11 cities, 117 counties); existing rows are refreshed. Idempotent."""
    text = resources.files("kuangan.base.registry").joinpath("data/regions.csv").read_text("utf-8")
    rows = [
        Region(
            code=row["code"],
            name=row["name"],
            parent_id=row["parent"] or None,
            level=row["level"],
            lon=float(row["lon"]) if row["lon"] else None,
            lat=float(row["lat"]) if row["lat"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    ]
    Region.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=["name", "parent", "level", "lon", "lat"]
    )
    return len(rows)


@dataclass(frozen=True, slots=True)
class Located:
    """Where a mine is filed. `old_code`: the first six digits are no region of today."""

    county: str | None
    city: str | None
    old_code: bool


def locate(codes: Collection[str]) -> dict[str, Located]:
    """File each mine (or county) code by its first six digits, else by its city, else under the province. One query."""
    levels = dict(Region.objects.values_list("code", "level"))
    return {code: _locate(code, levels) for code in codes}


def _locate(code: str, levels: dict[str, str]) -> Located:
    prefix, city = code[:6], f"{code[:4]}00"
    known = levels.get(prefix)
    if known == "county":
        return Located(prefix, city if levels.get(city) == "city" else None, False)
    if levels.get(city) == "city":
        return Located(None, city, known is None)
    return Located(None, None, known is None)
