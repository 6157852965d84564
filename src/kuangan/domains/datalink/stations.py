"""Sub-stations and base stations of a mine with the state they sent last.

Codes of MT/T 1201.1 tables B.8 and B.9, as implementations cite them. States are kept when they change and once each day:
their time says since when they stand, not when they were last sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from kuangan.base.clock import from_ms, to_ms
from kuangan.base.registry.models import Mine, SubStation
from kuangan.domains.datalink.underground import codes_of
from kuangan.library.telemetry.underground import base_stations, station_states

RUN: Final = {0: "正常", 1: "通信中断", 2: "故障", 9: "未知"}
POWER: Final = {0: "直流备电", 1: "交流", 2: "供电故障", 9: "未知"}
KINDS: Final = {"FZSS": "监控分站", "JZSS": "定位基站"}
BAD_RUN, BAD_POWER = frozenset({1, 2}), frozenset({0, 2})


@dataclass(frozen=True, slots=True)
class Station:
    """One station; `run` and `power` are None where it never sent a state."""

    code: str
    kind: str
    name: str
    run: int | None
    power: int | None
    since: datetime | None

    @property
    def bad(self) -> bool:
        return self.run in BAD_RUN or self.power in BAD_POWER

    @property
    def run_word(self) -> str:
        return "未上传状态" if self.since is None else RUN.get(self.run if self.run is not None else 9, "未知")

    @property
    def power_word(self) -> str:
        return "—" if self.since is None else POWER.get(self.power if self.power is not None else 9, "未知")

    @property
    def _rank(self) -> tuple[bool, bool, str, str]:
        return (not self.bad, self.since is not None, self.kind, self.code)


def stations_of(home: Path, mine: Mine, at: datetime) -> list[Station]:
    """Every station that was defined or sent a state, those with a fault first, then those that sent none."""
    codes, moment = codes_of(mine), to_ms(at)
    names = _names(home, mine, at)
    rows = {(row["type"], row["code"]): row for row in station_states(home, codes, moment).iter_rows(named=True)}
    known = dict.fromkeys([*names, *rows])
    return sorted((_station(key, names, rows) for key in known), key=lambda station: station._rank)


def _names(home: Path, mine: Mine, at: datetime) -> dict[tuple[str, str], str]:
    """(type, code) → place of every station that was defined."""

    def found() -> Iterator[tuple[tuple[str, str], str]]:
        for code, location in SubStation.objects.filter(mine=mine).values_list("code", "location"):
            yield ("FZSS", code), location
        table = base_stations(home, codes_of(mine), to_ms(at))
        for code, name, words in table.select("code", pl.col("name", "description").fill_null("")).iter_rows():
            yield ("JZSS", code), name or words

    return dict(found())


def _station(
    key: tuple[str, str],
    names: Mapping[tuple[str, str], str],
    rows: Mapping[tuple[str, str], Mapping[str, int | None]],
) -> Station:
    row = rows.get(key, {})
    time = row.get("time")
    return Station(
        code=key[1],
        kind=KINDS.get(key[0], key[0]),
        name=names.get(key, ""),
        run=row.get("run"),
        power=row.get("power"),
        since=None if time is None else from_ms(time),
    )
