"""Where a mine lies, as tables write it: decimal degrees or degrees, minutes and seconds; which datum they are in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from kuangan.base.registry.imports.columns import columns, plain, tidy

KM_A_DEGREE: Final = 111.2
DECIMALS: Final = 6
"""A tenth of a metre."""
STATED: Final = ("wgs84", "cgcs2000")
"""Datums that are the same within a metre, and those of the weather services' polygons."""
OTHER: Final = "other"
FIELDS: Final = ("longitude", "latitude", "coordinates")
_SIDE: Final = r"(?:[NSEWnsew]|东经|北纬|经度|纬度)?[:：]?"
_DEGREES: Final = re.compile(
    rf"{_SIDE}\s*(\d{{1,3}}(?:\.\d+)?)\s*"
    r"(?:[°度o]\s*(?:(\d{1,2}(?:\.\d+)?)\s*[′'’分]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:[\"”秒]|[′'’]{2})?\s*)?)?)?\s*[NEne]?"
)
"""After `tidy`, which makes º an o and ″ two ′."""
_BETWEEN: Final = re.compile(r"[,，;；、/\s]+")


def degrees(text: str) -> float | None:
    """Degrees of what a cell says; None for what is none."""
    found = _DEGREES.fullmatch(tidy(text))
    if found is None:
        return None
    whole, minutes, seconds = (float(part or 0) for part in found.groups())
    if minutes >= 60 or seconds >= 60:
        return None
    return round(whole + minutes / 60 + seconds / 3600, DECIMALS)


def apart(text: str) -> tuple[str, str] | None:
    """The two halves of one cell as (longitude, latitude): in China the longitude is the greater; None when it has no two."""
    parts = [part for part in _BETWEEN.split(tidy(text).strip("()（）[]")) if part]
    read = [degrees(part) for part in parts]
    if len(parts) != 2 or None in read:
        return None
    low, high = sorted(zip(read, parts, strict=True), key=lambda pair: pair[0] or 0.0)
    return high[1], low[1]


def datum_of(text: str) -> str:
    """The code of a datum by its name, `other` for one that is not known."""
    known = columns().words["datum"]
    return text if text in known.values() else known.get(plain(text), OTHER)


def datum_in(heads: Iterable[str]) -> str:
    """The datum that heads of columns state, mostly in brackets; "" for none, or for two that differ."""
    said = [re.sub(r"[\s_\-]", "", tidy(head)).lower() for head in heads]
    words = {word.lower(): code for word, code in columns().words["datum"].items()}
    found = {code for head in said for word, code in words.items() if word in head}
    return found.pop() if len(found) == 1 else ""


def inside(place: Mapping[str, Any]) -> bool:
    """Whether a place lies in the box around the province."""
    box = columns().thresholds
    return bool(box["west"] <= place["lon"] <= box["east"] and box["south"] <= place["lat"] <= box["north"])


def km_between(one: Mapping[str, Any], two: Mapping[str, Any]) -> float:
    """Kilometres on a flat province: good to a hundredth within a county."""
    narrow = math.cos(math.radians((one["lat"] + two["lat"]) / 2))
    east, north = (one["lon"] - two["lon"]) * narrow, one["lat"] - two["lat"]
    return math.hypot(east, north) * KM_A_DEGREE
