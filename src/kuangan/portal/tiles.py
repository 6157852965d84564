"""A schematic of the province: one tile for each of the 117 counties, near its true place, without any boundary.

It stands in until the customer imports an approved map (GS number). The places were worked out once from the centres in the table of
regions: the assignment of counties to cells of a grid with the least squared distance, cities held together.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

SIDES = (("t", 0, -1), ("r", 1, 0), ("b", 0, 1), ("l", -1, 0))


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a county stands (columns and rows from 1) and on which sides another city, or nothing, begins."""

    code: str
    column: int
    row: int
    edges: str

    @property
    def city(self) -> str:
        return f"{self.code[:4]}00"


@lru_cache(maxsize=1)
def tiles() -> tuple[Tile, ...]:
    """All tiles in the order of their codes."""
    text = files("kuangan.portal").joinpath("data/county_tiles.csv").read_text("utf-8")
    rows = [(row["code"], int(row["column"]), int(row["row"])) for row in csv.DictReader(text.splitlines())]
    city_at = {(column, row): code[:4] for code, column, row in rows}
    return tuple(
        Tile(
            code,
            column,
            row,
            " ".join(side for side, right, down in SIDES if city_at.get((column + right, row + down)) != code[:4]),
        )
        for code, column, row in rows
    )
