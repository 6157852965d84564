"""Point definitions (CDDY) taken into the state: station, own limit, location; the limit in force is chosen anew."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kuangan.library.warning.state import State


def define(state: State, mine: int, row: Mapping[str, Any]) -> None:
    """Take one definition row (columns of `Decoded.points`) of a mine; numbers NaN or None mean not set."""
    code = str(row["code"])
    index = state.enter_point(mine, code, "", str(row.get("location") or ""), str(row.get("unit") or ""))
    point = state.points[index]
    point.defined = True
    point.sensor_type = str(row.get("sensor_type") or point.sensor_type)
    point.value_type = str(row.get("value_type") or point.value_type)
    point.unit = str(row.get("unit") or point.unit)
    point.location = str(row.get("location") or point.location)
    station = str(row.get("station") or "")
    point.station = state.station_of(state.key_of(mine, station) if station else "")
    own = row.get("alarm_high")
    state.p["own"][index] = math.nan if own is None or own <= 0 else float(own)
    state.refresh(index)


def published(state: State, index: int, at: int) -> dict[str, Any]:
    """What the register is told of a point whose definition or limit changed."""
    point = state.points[index]
    limit = point.limit
    assert limit is not None
    own = float(state.p["own"][index])
    return {
        "code": point.code,
        "mine": state.mines[point.mine],
        "station": state.stations[point.station] if point.station >= 0 else "",
        "sensor_type": point.sensor_type,
        "value_type": point.value_type,
        "type_name": point.type_name,
        "unit": point.unit,
        "location": point.location,
        "place_class": limit.place,
        "limit": None if math.isnan(limit.value) else limit.value,
        "limit_source": limit.source,
        "own_alarm_high": None if math.isnan(own) else own,
        "statutory": None if math.isnan(limit.statutory) else limit.statutory,
        "valid_from": at,
    }
