"""The state of each mine's link, from the engine's hot table and the register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kuangan.base.clock import from_ms, to_ms
from kuangan.base.registry.models import Mine
from kuangan.domains.datalink.reading import mines as hot_mines
from kuangan.domains.datalink.scope import View

LATE_MS = 60_000
STATES = {"online": "在线", "late": "迟到", "silent": "静默", "never": "未接入"}
ORDER = {"silent": 0, "late": 1, "online": 2, "never": 3}


@dataclass(frozen=True, slots=True)
class MineLink:
    """One mine's link. `lateness_ms` is arrival minus data time of its last upload."""

    mine: Mine
    state: str
    last_arrival: datetime | None = None
    last_data_time: datetime | None = None
    silent_since: datetime | None = None
    lateness_ms: int | None = None
    silent_ms: int | None = None

    @property
    def word(self) -> str:
        return STATES[self.state]


def links(home: Path, view: View, at: datetime) -> list[MineLink]:
    """Every mine of the view: silent ones first (the longest silence leading), then late, on-line, never connected."""
    seen = {row["mine"]: row for row in hot_mines(home, view.mines.keys())}
    rows = [_link(mine, seen.get(code), at) for code, mine in view.mines.items()]
    return sorted(rows, key=lambda row: (ORDER[row.state], -(row.silent_ms or row.lateness_ms or 0), row.mine.code))


def _link(mine: Mine, row: dict[str, int | None] | None, at: datetime) -> MineLink:
    if row is None or row["last_arrival"] is None:
        return MineLink(mine, "never")
    arrival, data, silent = row["last_arrival"], row["last_data_time"], row["silent_since"]
    lateness = arrival - data if data is not None else None
    late = lateness is not None and lateness >= LATE_MS
    return MineLink(
        mine=mine,
        state="silent" if silent is not None else "late" if late else "online",
        last_arrival=from_ms(arrival),
        last_data_time=from_ms(data) if data is not None else None,
        silent_since=from_ms(silent) if silent is not None else None,
        lateness_ms=lateness,
        silent_ms=to_ms(at) - silent if silent is not None else None,
    )
