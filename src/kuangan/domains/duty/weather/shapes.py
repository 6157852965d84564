"""Whether a place lies in a warned area. Degrees; good to some hundred metres, which is finer than any warning."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

from kuangan.domains.duty.weather.reading import Area, Circle

EARTH_KM = 6371.0


def covers(area: Area, lon: float, lat: float) -> bool:
    """Whether one of the polygons or circles of an area holds the place; edges count as inside."""
    return any(inside(polygon, lon, lat) for polygon in area.polygons) or any(
        distance(circle, lon, lat) <= circle.km for circle in area.circles
    )


def inside(polygon: Sequence[tuple[float, float]], lon: float, lat: float) -> bool:
    """Even-odd rule over a closed ring of (lon, lat)."""
    within = False
    for (x1, y1), (x2, y2) in pairwise(polygon):
        if _on_edge(x1, y1, x2, y2, lon, lat):
            return True
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            within = not within
    return within


def distance(circle: Circle, lon: float, lat: float) -> float:
    """Kilometres from the centre along the great circle."""
    a, b = radians(circle.lat), radians(lat)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(lon - circle.lon) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


def _on_edge(x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> bool:
    cross = (x - x1) * (y2 - y1) - (y - y1) * (x2 - x1)
    between = min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)
    return abs(cross) < 1e-12 and between
