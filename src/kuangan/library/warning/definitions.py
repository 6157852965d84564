"""Point definitions (CDDY) taken into the state: station, own limit, location; the limit in force is chosen anew.

What the register is to know of a point is noted when it happens, each note with the frame it came from, so that two changes in
one batch are two notes and a replay gives the same ones.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import takewhile
from sys import intern
from typing import Any, Final

from kuangan.library.telemetry.fields import OWN_LIMITS
from kuangan.library.warning.batch import ConfigMark, FrameMark
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.state import State

OWN_LEVELS: Final = ("warn_1", "warn_2", "warn_3")


def define_all(state: State, mine: int, mark: FrameMark) -> None:
    """Take the definitions of a file, and note each for the register with all limits it sets; judged is by `alarm_high` alone."""
    note_changes(state)
    if mark.points:
        state.systems[mine] = [str(mark.points[0].get(name) or "") for name in ("maker", "system_model")]
    for row in mark.points:
        index = define(state, mine, row)
        limits = {name: _set(row.get(name)) for name in OWN_LIMITS}
        origin = {"gateway": mark.gateway, "frame": mark.seq, "limits": limits}
        state.told.append(published(state, index, mark.at) | origin)
    state.changed_points.clear()


def note_changes(state: State, mark: ConfigMark | None = None) -> None:
    """Note the points whose limit in force changed: by a configuration, or because they were first heard of."""
    first = state.p["first"]
    for index in sorted(state.changed_points):
        at = mark.at if mark is not None else int(first[index])
        origin = {"gateway": mark.gateway, "frame": mark.seq} if mark is not None else {}
        state.told.append(published(state, index, state.clock if at == NEVER else at) | origin)
    state.changed_points.clear()


def _set(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def define(state: State, mine: int, row: Mapping[str, Any]) -> int:
    """Take one definition row (columns of `Decoded.points`) of a mine; numbers NaN or None mean not set. Its index."""
    code = str(row["code"])
    texts = [_text(row, name) for name in ("type_name", "location", "unit", "sensor_type")]
    index = state.enter_point(mine, code, *texts)
    point = state.points[index]
    point.type_name = texts[0] or point.type_name
    point.defined = True
    point.sensor_type = texts[3] or point.sensor_type
    point.value_type = _text(row, "value_type") or point.value_type
    point.unit = texts[2] or point.unit
    point.location = texts[1] or point.location
    station = str(row.get("station") or "")
    point.station = state.station_of(state.key_of(mine, station) if station else "")
    point.system = _text(row, "system") or point.system
    point.relation = str(row.get("relation") or "")
    point.levels = _levels(row)
    for column, name in (("own", "alarm_high"), ("own_low", "alarm_low"), ("own_cut", "cut_high")):
        own = row.get(name)
        state.p[column][index] = math.nan if own is None or own <= 0 else float(own)
    state.refresh(index)
    return index


def _levels(row: Mapping[str, Any]) -> tuple[float, ...]:
    """The warning levels that a definition sets, the first ones of OWN_LEVELS that it has."""
    more = json.loads(row.get("extra") or "{}")
    numbers = (_number(more.get(name)) for name in OWN_LEVELS)
    return tuple(takewhile(lambda level: level > 0, numbers))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _text(row: Mapping[str, Any], name: str) -> str:
    """A text of a definition, kept once however many points say it."""
    return intern(str(row.get(name) or ""))


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
        "defined": point.defined,
        "place_class": limit.place,
        "limit": _set(limit.value),
        "limit_source": limit.source,
        "own_alarm_high": _set(own),
        "statutory": _set(limit.statutory),
        "statutory_row": limit.row,
        "article": limit.article,
        "confidence": limit.confidence,
        "valid_from": at,
    }
