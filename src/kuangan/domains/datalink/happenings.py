"""What mines told of happenings besides alarms of gas, as the link page lists it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import polars as pl

from kuangan.base.clock import from_ms
from kuangan.domains.datalink import wording
from kuangan.domains.datalink.reading import Place, precedes
from kuangan.library.telemetry.events import events_of
from kuangan.library.telemetry.grammar import sensor_types
from kuangan.library.telemetry.records import day_of

ORDER = ("received_at", "gateway", "seq", "record")
SHOWN_TIMES = ("start", "end", "time", "peak_at", "received_at")


def happenings(
    home: Path, codes: Collection[str] | None, mine: str, since: int, limit: int, before: Place | None = None
) -> list[dict[str, Any]]:
    """Events of a scope that were last told of since (ms), the youngest first; of one event the newest word stands."""
    table = events_of(home, [mine] if mine else codes, day_of(since)).filter(pl.col("received_at") >= since)
    if mine and codes is not None:
        table = table.filter(pl.col("mine").is_in(list(codes)))
    if before is not None:
        table = table.filter(precedes(ORDER, before))
    return [_shown(row) for row in table.sort(*ORDER, descending=True).limit(limit).collect().to_dicts()]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    known = sensor_types().get(row["sensor_type"] or "")
    times = {name: from_ms(row[name]) if row[name] is not None else None for name in SHOWN_TIMES}
    return (
        row
        | times
        | {
            "arrived": row["received_at"],
            "category_word": wording.category_word(row["category"] or ""),
            "level_word": wording.level_word(row["category"] or "", row["level"]),
            "type_word": wording.type_word(row["type"]),
            "sensor_word": known.name if known else "",
            "rest": wording.rest_words(row["extra"] or ""),
        }
    )
