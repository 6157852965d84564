"""What the engine has seen of mines and points enters the register: provisional mines, definitions with history."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from django.db import transaction

from kuangan.base.clock import from_ms
from kuangan.base.registry.models import SECTOR_OF_KIND, Mine, MineKind, Point, PointChange, SubStation
from kuangan.base.registry.pinyin import initials
from kuangan.base.registry.regions import locate
from kuangan.library.telemetry.fields import CODE_LENGTH, OWN_LIMITS

BATCH: Final = 500
WORDS: Final = {"station": CODE_LENGTH, "sensor_type": 16, "value_type": 8, "unit": 16, "location": 200}
"""Texts of a definition and the widths of their columns; what a mine sends beyond them is cut."""
JUDGED_WORDS: Final = {"limit_source": 24, "statutory_row": 16, "article": 80, "confidence": 1, "place_class": 40}
JUDGED: Final = ("defined", "limit", "statutory", *JUDGED_WORDS)
"""What the engine makes of a point: the limit it is judged at, and why."""
DEFINING: Final = (*WORDS, *OWN_LIMITS, *JUDGED, "own_above")


class Seen(Protocol):
    """A mine that sent something: code, name from the header, first arrival in ms."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def first_seen(self) -> int: ...


def enter_seen(mines: Iterable[Seen], points: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Enter unknown mines provisionally and point definitions with history. Idempotent; a fixed number of queries a batch.

    A point row has code, mine, station, sensor_type, value_type, unit, location, limits (or the limits beside them; none:
    those that stand), what it is judged at, valid_from (ms or aware datetime; `at` when absent) and the gateway and frame
    it came from. A definition older than the standing one changes nothing.
    """
    seen: dict[str, tuple[str, datetime]] = {}
    for mine in mines:
        seen.setdefault(mine.code, (mine.name, from_ms(mine.first_seen)))
    for row in points:
        seen.setdefault(str(row["mine"]), ("", at))
    with transaction.atomic():
        _enter_mines(seen)
        _enter_stations(points)
        for start in range(0, len(points), BATCH):
            _enter_points(points[start : start + BATCH], at)


def _enter_mines(seen: Mapping[str, tuple[str, datetime]]) -> None:
    standing = {mine.code: mine for mine in Mine.objects.filter(code__in=seen)}
    unknown = [code for code in seen if code not in standing]
    places = locate(unknown) if unknown else {}
    fresh = [_provisional(code, *seen[code], places[code]) for code in unknown]
    Mine.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=BATCH)
    changed = [mine for code, mine in standing.items() if _learn(mine, *seen[code])]
    Mine.objects.bulk_update(changed, ["name", "pinyin", "first_seen"], batch_size=BATCH)


def _provisional(code: str, name: str, first_seen: datetime, place: Any) -> Mine:
    kind = MineKind.UNDERGROUND_COAL
    return Mine(
        code=code,
        name=name[:120] or code,
        pinyin=initials(name),
        kind=kind,
        sector=SECTOR_OF_KIND[kind],
        county_id=place.county,
        city_id=place.city,
        old_region_code=place.old_code,
        provisional=True,
        first_seen=first_seen,
    )


def _learn(mine: Mine, name: str, first_seen: datetime) -> bool:
    """Take over the first arrival, and the name where ours is still the bare code. True when something changed."""
    changed = False
    if mine.provisional and name and mine.name == mine.code:
        mine.name, mine.pinyin, changed = name[:120], initials(name), True
    if mine.first_seen is None:
        mine.first_seen, changed = first_seen, True
    return changed


def _enter_stations(points: Sequence[Mapping[str, Any]]) -> None:
    named = {str(row["station"])[:CODE_LENGTH]: str(row["mine"]) for row in points if row.get("station")}
    rows = [SubStation(code=code, mine_id=mine) for code, mine in named.items()]
    SubStation.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)


def _enter_points(points: Sequence[Mapping[str, Any]], at: datetime) -> None:
    codes = {str(row["code"]) for row in points}
    standing = {row.code: row for row in Point.objects.filter(code__in=codes, valid_to__isnull=True)}
    opened: list[Point] = []
    closed: list[Point] = []
    rewritten: list[Point] = []
    for row in points:
        old = standing.get(str(row["code"]))
        new = _definition(row, at, old)
        if old is not None and (_place_in_time(new) < _place_in_time(old) or _same(old, new)):
            continue
        if old is not None and _place_in_time(new) == _place_in_time(old):
            _rewrite(old, new)
            if old.pk:
                rewritten.append(old)
            continue
        if old is not None:
            new.place_id, new.upload_mode = old.place_id, old.upload_mode
            new.change = _what_changed(old, new)
            old.valid_to = new.valid_from
            if old.pk:
                closed.append(old)
        standing[new.code] = new
        opened.append(new)
    Point.objects.bulk_update(rewritten, DEFINING, batch_size=BATCH)
    Point.objects.bulk_update(closed, ["valid_to"], batch_size=BATCH)
    Point.objects.bulk_create(opened, batch_size=BATCH)


def _place_in_time(point: Point) -> tuple[datetime, str, int]:
    """The order in which the engine judged: two files that arrived in one millisecond are still two rows."""
    return point.valid_from, point.gateway, -1 if point.frame is None else point.frame


def _definition(row: Mapping[str, Any], at: datetime, old: Point | None) -> Point:
    """The row as a definition; what it does not speak of stays as it stands."""
    point = Point(code=str(row["code"]), mine_id=str(row["mine"]), valid_from=_moment(row.get("valid_from"), at))
    point.gateway, point.frame, point.recorded_at = str(row.get("gateway") or ""), row.get("frame"), at
    for name, width in WORDS.items():
        setattr(point, name, str(row.get(name) or "")[:width])
    limits: Mapping[str, Any] = row.get("limits") or row
    sets_limits = old is None or any(name in limits for name in OWN_LIMITS)
    for name in OWN_LIMITS:
        setattr(point, name, _number(limits.get(name)) if sets_limits else getattr(old, name))
    judged = "limit_source" in row
    for name in JUDGED:
        setattr(point, name, _judged(name, row.get(name)) if judged or old is None else getattr(old, name))
    point.own_above = point.statutory is not None and (point.alarm_high or 0.0) > point.statutory
    return point


def _judged(name: str, value: Any) -> Any:
    if name in JUDGED_WORDS:
        return str(value or "")[: JUDGED_WORDS[name]]
    return bool(value) if name == "defined" else _number(value)


def _what_changed(old: Point, new: Point) -> str:
    """The gravest of the differences."""
    for kind, names in ((PointChange.OWN, OWN_LIMITS), (PointChange.JUDGED, JUDGED)):
        if any(getattr(old, name) != getattr(new, name) for name in names):
            return kind
    return PointChange.TEXT


def _moment(value: int | datetime | None, at: datetime) -> datetime:
    if value is None:
        return at
    return value if isinstance(value, datetime) else from_ms(int(value))


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _same(old: Point, new: Point) -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in DEFINING)


def _rewrite(old: Point, new: Point) -> None:
    for name in DEFINING:
        setattr(old, name, getattr(new, name))
