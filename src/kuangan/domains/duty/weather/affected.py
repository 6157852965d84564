"""Which mines a warning touches, each once with the reason: by region code, by polygon or circle, by county where a mine has
no coordinates. A mine of an unknown county counts with its city, one of an unknown city with the province."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import Mine, MineFact, Region
from kuangan.domains.duty.weather.reading import COLOURS, Area, Circle, Part
from kuangan.domains.duty.weather.rules import FACTS, Verdict, judge
from kuangan.domains.duty.weather.shapes import covers, distance

NEAR_KM: Final = 60.0
"""How far a county's centre may lie from a warned area that holds no centre, to count as its county; a default of ours."""
COORDINATES: Final = "coordinates"
GONE: Final = "closed"


@dataclass(frozen=True, slots=True)
class Affected:
    """One mine with the strongest colour that covers it, what it has to do, and why it is on the list."""

    mine: Mine
    colour: str
    verdict: Verdict
    why: tuple[str, ...]


@dataclass(slots=True)
class Found:
    """Mines, the regions named (significant digits), their names, and what could not be placed."""

    mines: list[Affected] = field(default_factory=list)
    prefixes: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


Regions = Callable[[Area, Mapping[str, Region], Found], Iterable[tuple[str, str]]]
"""An area → the regions (significant digits) that count for it, each with the reason."""


def significant(code: str) -> str:
    """2, 4 or 6 digits that a code means; a township counts as its county."""
    county = code[:6]
    if county.endswith("0000"):
        return county[:2]
    return county[:4] if county.endswith("00") else county


def name_of(region: Region, regions: Mapping[str, Region]) -> str:
    """A county with its city: several cities have a 城区."""
    city = regions.get(region.parent_id or "") if region.level == "county" else None
    return f"{city.name}{region.name}" if city else region.name


def affected(parts: Sequence[Part], event: str, at: datetime) -> Found:
    """The mines of a warning's parts. Four queries whatever their number; closed mines are left out."""
    regions = {region.code: region for region in Region.objects.all()}
    found = Found()
    colours, near = (_regions_of(parts, regions, found, by) for by in (_named, _nearby))
    shaped = [(part.colour, area) for part in parts for area in part.areas if area.polygons or area.circles]
    places = _places() if shaped else {}
    wanted = _in_regions([*colours, *near]) | Q(pk__in=list(places))
    mines = list(Mine.objects.filter(wanted).select_related("county", "city")) if colours or near or places else []
    facts = facts_as_of([mine.code for mine in mines], [*FACTS, "state"], at)
    for mine in mines:
        said = facts.get(mine.code, {})
        place = places.get(mine.code)
        hits = [
            *_by_region(mine, colours, regions),
            *(_by_shape(place, shaped) if place else _by_region(mine, near, regions)),
        ]
        if hits and said.get("state") != GONE:
            found.mines.append(_affected(mine, hits, event, said))
    return found


def _affected(mine: Mine, hits: Sequence[tuple[str, str]], event: str, facts: Mapping[str, Any]) -> Affected:
    colour = max((colour for colour, _ in hits), key=COLOURS.index)
    verdict = judge(event, colour, mine.kind, facts)
    places = tuple(dict.fromkeys(why for own, why in hits if own == colour))
    return Affected(mine, colour, verdict, (*places, verdict.why))


def _regions_of(
    parts: Sequence[Part], regions: Mapping[str, Region], found: Found, by: Regions
) -> dict[str, tuple[str, str]]:
    """Significant digits → (strongest colour, why they count), of the regions that areas name or, for mines without
    coordinates, lie over."""
    chosen: dict[str, tuple[str, str]] = {}
    for part in parts:
        for area in part.areas:
            for prefix, why in by(area, regions, found):
                known = chosen.get(prefix)
                if known is None or COLOURS.index(part.colour) > COLOURS.index(known[0]):
                    chosen[prefix] = part.colour, why
                region = regions.get(prefix.ljust(6, "0"))
                found.prefixes[prefix] = name_of(region, regions) if region else prefix
    return chosen


def _named(area: Area, regions: Mapping[str, Region], found: Found) -> Iterable[tuple[str, str]]:
    for code in area.codes:
        prefix = significant(code)
        region = regions.get(prefix.ljust(6, "0"))
        if region is None:
            found.notes.append(f"区划码 {code} 不在本省登记的区划内")
            if not prefix.startswith("14"):
                continue
            yield prefix, f"预警范围区划码 {code}"
        else:
            town = "，乡镇级预警按所在县判断" if len(code) > 6 and code[6:].strip("0") else ""
            yield prefix, f"位于预警范围 {name_of(region, regions)}{town}"


def _nearby(area: Area, regions: Mapping[str, Region], found: Found) -> list[tuple[str, str]]:
    """For an area of shapes alone: the counties whose centre it holds, else the nearest one, for mines without coordinates."""
    if area.codes or not (area.polygons or area.circles):
        return []
    counties = [region for region in regions.values() if region.level == "county" and region.lon is not None]
    held = [county for county in counties if covers(area, county.lon or 0.0, county.lat or 0.0)]
    if held:
        return [(county.code, f"矿山无坐标，按县判断：{name_of(county, regions)}中心在预警范围内") for county in held]
    lon, lat = _middle(area)
    near = [(distance(Circle(lon, lat, 0), county.lon or 0.0, county.lat or 0.0), county) for county in counties]
    km, county = min(near, key=lambda pair: pair[0], default=(NEAR_KM + 1, None))
    if county is None or km > NEAR_KM:
        found.notes.append("预警范围不在本省，或无法判定县区")
        return []
    return [(county.code, f"矿山无坐标，按县判断：{name_of(county, regions)}距预警范围最近")]


def _middle(area: Area) -> tuple[float, float]:
    points = [point for polygon in area.polygons for point in polygon[:-1]]
    points += [(circle.lon, circle.lat) for circle in area.circles]
    return sum(lon for lon, _ in points) / len(points), sum(lat for _, lat in points) / len(points)


def _in_regions(colours: Iterable[str]) -> Q:
    wanted = Q(pk__in=[])
    for prefix in colours:
        if len(prefix) == 2:
            wanted |= Q(code__startswith=prefix)
        elif len(prefix) == 4:
            wanted |= Q(city=f"{prefix}00")
        else:
            wanted |= Q(county=prefix) | Q(county__isnull=True, city=f"{prefix[:4]}00")
    return wanted | (Q(city__isnull=True, county__isnull=True) if any(len(prefix) > 2 for prefix in colours) else Q())


def _by_region(
    mine: Mine, colours: Mapping[str, tuple[str, str]], regions: Mapping[str, Region]
) -> Iterable[tuple[str, str]]:
    county, city = mine.county_id or "", mine.city_id or ""
    for prefix, (colour, why) in colours.items():
        if len(prefix) == 2 or prefix in (county, city[:4]):
            yield colour, why
        elif not county and city[:4] == prefix[:4]:
            yield colour, f"{why}；矿山所在县未登记，按所在市对待"
        elif not county and not city:
            yield colour, f"{why}；矿山所在市县未登记，按受影响对待"


def _places() -> dict[str, tuple[float, float]]:
    """Mines whose coordinates the register has, as (lon, lat)."""
    rows = MineFact.objects.filter(attribute=COORDINATES, valid_to__isnull=True).order_by("recorded_at")
    found = {}
    for mine, value in rows.values_list("mine_id", "value"):
        if isinstance(value, dict) and {"lon", "lat"} <= value.keys():
            found[mine] = float(value["lon"]), float(value["lat"])
    return found


def _by_shape(place: tuple[float, float], shaped: Sequence[tuple[str, Area]]) -> Iterable[tuple[str, str]]:
    for colour, area in shaped:
        if covers(area, *place):
            yield colour, f"矿山坐标在预警范围内{('：' + area.name) if area.name else ''}"
