"""The synthetic register: about 1,100 mines that follow the province's distribution; names and codes are invented.

Counties, types, status and capacities of coal mines come from the packaged profile (Global Energy Monitor, Global Coal Mine
Tracker, May 2024, CC BY 4.0); status and capacity are redrawn within a city, so no row describes a real mine. Serials are
900000–999999, which no real mine has.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from kuangan.library.simulate.catalogue import Names, coal_profile, names
from kuangan.library.simulate.noise import key_of

COAL_MINES = 750
NONCOAL = {"underground_noncoal": 180, "open_pit_noncoal": 70, "tailings_pond": 100}
FIRST_SERIAL = 900_001
GAS_GRADES = ("low", "high", "outburst")
GROUPS = 36
PROVINCIAL_GROUPS = 5
SCHEMA = {
    "code": pl.String,
    "name": pl.String,
    "kind": pl.String,
    "county_code": pl.String,
    "state": pl.String,
    "capacity_10kt": pl.Float64,
    "gas_grade": pl.String,
    "water_grade": pl.String,
    "standard_grade": pl.String,
    "parent_company": pl.String,
    "actual_controller": pl.String,
    "direct_supervisor_level": pl.String,
    "synthetic": pl.Boolean,
}
Row = dict[str, Any]


def register(seed: int = 1) -> pl.DataFrame:
    """All mines of the synthetic province, columns as in SCHEMA, ordered by code; `synthetic` is true in every row."""
    rng = np.random.Generator(np.random.Philox(key_of(seed, "register")))
    rows = _coal_rows(rng) + _noncoal_rows(rng)
    _name(rows, rng, names())
    _own(rows, rng, names())
    _number(rows)
    return pl.DataFrame([{**row, "synthetic": True} for row in rows], schema=SCHEMA).sort("code")


def _weighted(rng: np.random.Generator, weights: dict[str, int]) -> str:
    shares = np.array(list(weights.values()), dtype=np.float64)
    return str(rng.choice(list(weights), p=shares / shares.sum()))


def _coal_rows(rng: np.random.Generator) -> list[Row]:
    profile = coal_profile()
    extra = profile.sample(COAL_MINES - profile.height, seed=int(rng.integers(2**31)))
    whole = pl.concat([profile, extra])
    data = names()
    rows: list[Row] = []
    for _, group in whole.group_by(pl.col("county_code").str.head(4), "mine_type", maintain_order=True):
        order = rng.permutation(group.height)
        facts = list(group.select("status", "capacity_10kt_per_year").iter_rows())
        for county, kind, pick in zip(group["county_code"], group["mine_type"], order.tolist(), strict=True):
            status, capacity = facts[pick]
            pit = kind == "surface"
            grades = data.gas_grades.get(county[:4], data.gas_grades["default"])
            rows.append(
                {
                    "kind": "open_pit_coal" if pit else "underground_coal",
                    "county_code": county,
                    "state": data.states[status],
                    "capacity_10kt": capacity,
                    "gas_grade": "" if pit else _weighted(rng, dict(zip(GAS_GRADES, grades, strict=True))),
                    "water_grade": _weighted(rng, data.water_grades),
                    "standard_grade": _weighted(rng, data.standard_grades),
                }
            )
    return rows


def _noncoal_rows(rng: np.random.Generator) -> list[Row]:
    data = names()
    return [
        {
            "kind": kind,
            "county_code": str(rng.choice(data.noncoal_counties)),
            "state": _weighted(rng, data.noncoal_states),
            "capacity_10kt": None if kind == "tailings_pond" else float(rng.choice([5, 10, 20, 30, 50, 100, 200])),
            "gas_grade": "",
            "water_grade": _weighted(rng, data.water_grades) if kind == "underground_noncoal" else "",
            "standard_grade": _weighted(rng, data.standard_grades),
        }
        for kind, count in NONCOAL.items()
        for _ in range(count)
    ]


def _pairs(rng: np.random.Generator, first: str, second: str, avoid: Sequence[str]) -> list[str]:
    """All two-syllable names in random order, without any that is or lies in a name to avoid."""
    pairs = [a + b for a in first for b in second]
    kept = [pair for pair in pairs if not any(pair in word or word in pair for word in avoid)]
    return [kept[i] for i in rng.permutation(len(kept)).tolist()]


def _suffixes(data: Names) -> dict[str, tuple[str, ...]]:
    return {
        "underground_coal": data.coal_suffixes,
        "open_pit_coal": data.pit_suffixes,
        "underground_noncoal": data.noncoal_suffixes,
        "open_pit_noncoal": data.noncoal_pit_suffixes,
        "tailings_pond": data.pond_suffixes,
    }


def _name(rows: list[Row], rng: np.random.Generator, data: Names) -> None:
    pairs = _pairs(rng, data.mine_first, data.mine_second, data.avoid)
    suffixes = _suffixes(data)
    for row, pair in zip(rows, pairs, strict=False):
        row["name"] = pair + str(rng.choice(suffixes[row["kind"]]))


def _own(rows: list[Row], rng: np.random.Generator, data: Names) -> None:
    """Parents: a few provincial groups own the larger mines, others belong to regional companies, some to themselves."""
    pairs = _pairs(rng, data.company_first, data.company_second, data.avoid)
    groups = [pair + data.group_suffix for pair in pairs[:GROUPS]]
    companies = [pair + data.company_suffix for pair in pairs[GROUPS:]]
    for row in rows:
        capacity = row["capacity_10kt"] or 0.0
        provincial = capacity >= 120 and rng.random() < 0.35
        last = PROVINCIAL_GROUPS if provincial else GROUPS
        group = groups[int(rng.integers(0 if provincial else PROVINCIAL_GROUPS, last))]
        direct = rng.random() < 0.6
        row["actual_controller"] = group
        row["parent_company"] = group if direct else companies[int(rng.integers(len(companies)))]
        row["direct_supervisor_level"] = _supervisor(provincial, capacity, row["kind"])


def _supervisor(provincial: bool, capacity: float, kind: str) -> str:
    if provincial and capacity >= 500:
        return "province"
    return "city" if provincial or (capacity >= 180 and kind.endswith("coal")) else "county"


def _number(rows: list[Row]) -> None:
    next_serial: dict[str, int] = {}
    for row in rows:
        serial = next_serial.get(row["county_code"], FIRST_SERIAL)
        next_serial[row["county_code"]] = serial + 1
        row["code"] = f"{row['county_code']}{serial:06d}"
