"""The tables of what is kept as it came: their columns, how they are stored, and which hold changes alone.

In a table of changes a row is written when the content of a key changes, and once each day. `extra` holds what has no column of its
own as JSON, by the name of its column in the file type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from kuangan.library.telemetry.delta import Encoding

TEXT, LONG, NUMBER, SMALL, TINY = pl.String(), pl.Int64(), pl.Float64(), pl.Int32(), pl.Int8()
ORIGIN: Final[dict[str, pl.DataType]] = {
    "gateway": TEXT,
    "seq": LONG,
    "received_at": LONG,
    "mine": TEXT,
    "type": TEXT,
    "record": SMALL,
    "moment": LONG,
}
"""Where a row comes from; `moment` is the time of the file on our clock: a header that runs ahead counts as its arrival."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns, those stored by dictionary, and of a table of changes the key and what may change."""

    columns: Mapping[str, pl.DataType]
    dictionary: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    content: tuple[str, ...] = ()

    @property
    def encoding(self) -> Encoding:
        """How its files are written."""
        named = {"seq": "DELTA_BINARY_PACKED", "received_at": "DELTA_BINARY_PACKED"}
        dictionary = ("gateway", "mine", "type", "moment", *self.dictionary)
        return Encoding(dictionary=dictionary, named=named, statistics=("received_at", "moment", "mine"))


def keyed(key: tuple[str, ...], content: str) -> Shape:
    """A table of changes, one row a mine, type and key; all texts."""
    names = tuple(content.split())
    columns = {**ORIGIN, **dict.fromkeys((*key, *names), TEXT)}
    return Shape(columns, (*key, *names[:-1]), ("mine", "type", *key), names)


def measured(who: str, numbers: str) -> Shape:
    """A table of what was measured or counted over a span: who or where, from when to when, numbers, a remark and `extra`."""
    named = dict.fromkeys((*who.split(), "remark", "extra"), TEXT)
    measures = {name: TEXT if name == "unit" else NUMBER for name in numbers.split()}
    return Shape({**ORIGIN, "start": LONG, "end": LONG, **named, **measures}, (*who.split(), "start", "end"))


SHAPES: Final[dict[str, Shape]] = {
    "positions": Shape(
        {
            **ORIGIN,
            "card": TEXT,
            "flag": TINY,
            "in_time": LONG,
            "out_time": LONG,
            "area": TEXT,
            "area_since": LONG,
            "station": TEXT,
            "station_since": LONG,
            "distance": NUMBER,
            "work_state": TEXT,
            "leader": TINY,
            "special": TINY,
            "rejected": SMALL,
        },
        ("card", "in_time", "out_time", "area", "area_since", "station", "station_since", "work_state"),
    ),
    "statistics": Shape(
        {
            **ORIGIN,
            "code": TEXT,
            "type_name": TEXT,
            "location": TEXT,
            "unit": TEXT,
            "start": LONG,
            "end": LONG,
            "max": NUMBER,
            "max_at": LONG,
            "min": NUMBER,
            "min_at": LONG,
            "average": NUMBER,
            "time": LONG,
        },
        ("code", "type_name", "location", "unit", "start", "end", "time"),
    ),
    "station_states": Shape(
        {**ORIGIN, "code": TEXT, "run": TINY, "power": TINY, "time": LONG},
        ("code", "time"),
        ("mine", "type", "code"),
        ("run", "power"),
    ),
    "areas": Shape(
        {**ORIGIN, "area_type": TEXT, "area": TEXT, "approved": SMALL, "name": TEXT},
        ("area_type", "area", "name"),
        ("mine", "area"),
        ("area_type", "approved", "name"),
    ),
    "base_stations": Shape(
        {
            **ORIGIN,
            "code": TEXT,
            "name": TEXT,
            "x": NUMBER,
            "y": NUMBER,
            "z": NUMBER,
            "description": TEXT,
            "area_type": TEXT,
        },
        ("code", "name", "description", "area_type"),
        ("mine", "code"),
        ("name", "x", "y", "z", "description", "area_type"),
    ),
    "persons": Shape(
        {
            **ORIGIN,
            "card": TEXT,
            "name": TEXT,
            "trade": TEXT,
            "post": TEXT,
            "team": TEXT,
            "birth": TEXT,
            "education": TEXT,
            "leader": TINY,
            "special": TINY,
        },
        ("card", "name", "trade", "post", "team", "birth", "education"),
        ("mine", "type", "card"),
        ("name", "trade", "post", "team", "birth", "education", "leader", "special"),
    ),
    "events": Shape(
        {
            **ORIGIN,
            "code": TEXT,
            "sensor_type": TEXT,
            "place": TEXT,
            "category": TEXT,
            "level": TEXT,
            "start": LONG,
            "end": LONG,
            "time": LONG,
            "value": NUMBER,
            "limit": NUMBER,
            "unit": TEXT,
            "peak": NUMBER,
            "peak_at": LONG,
            "text": TEXT,
            "cause": TEXT,
            "handler": TEXT,
            "extra": TEXT,
        },
        ("code", "sensor_type", "category", "level"),
    ),
    "definitions": keyed(("code",), "sensor_type location unit extra"),
    "devices": keyed(("code",), "name model category system location made installed maker factory_no extra"),
    "certificates": keyed(("factory_no", "certificate"), "product model valid_from valid_until state holder extra"),
    "banned": keyed(("product", "model"), "reason deadline category extra"),
    "inspections": keyed(("factory_no", "report", "item"), "device model result date valid_from valid_until extra"),
    "cameras": keyed(("camera",), "position_type position analysis_type extra"),
    "camera_states": Shape(
        {**ORIGIN, "camera": TEXT, "status": TINY, "time": LONG}, ("camera",), ("mine", "camera"), ("status",)
    ),
    "camera_counts": Shape(
        {**ORIGIN, "camera": TEXT, "category": TEXT, "position": TEXT, "direction": TEXT, "count": SMALL, "time": LONG},
        ("camera", "category", "position", "direction"),
    ),
    "slopes": keyed(("code",), "name slope extra"),
    "thresholds": keyed(("code", "level"), "extra"),
    "electricity": measured("account circuit place", "energy power unit"),
    "production": measured("place shift belt kind", "output belt_total unit"),
    "ventilation": measured("place kind", "area speed volume required temperature"),
    "explosives": measured("place kind batch", "issued used returned unit"),
    "advance": measured("place shift kind", "advance total unit"),
    "hand_gas": measured("place kind", "methane carbon_dioxide carbon_monoxide oxygen temperature pressure"),
    "help_calls": Shape(
        {**ORIGIN, "card": TEXT, "place": TEXT, "start": LONG, "end": LONG, "remark": TEXT}, ("card", "place")
    ),
    "survey": measured("place point kind", "x y z dx dy dz"),
}
