"""The register as the engine reads it: `config/register.json`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from kuangan.base.registry.cameras import published
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import Mine, MineAlias, Point

Lists = Callable[[datetime], Mapping[str, Mapping[str, Any]]]
Visits = Callable[[datetime], Sequence[Mapping[str, Any]]]
_installed: list[Lists] = []
_visits: list[Visits] = []


def install(caretakers: Lists | None, inspections: Visits | None = None) -> None:
    """Say who knows the approved caretakers of stopped mines, by mine: {most, areas, shifts, cards}; and when inspectors were at
    mines: {mine, from, to}, ms. None: nobody.
    """
    _installed[:] = [] if caretakers is None else [caretakers]
    _visits[:] = [] if inspections is None else [inspections]


def register_frame(at: datetime) -> bytes:
    """The register in force at `at` as compact JSON with sorted keys, equal bytes for equal content. Nine queries.

    `mines` {code: {name, kind, gas_grade, state, caretakers where a list holds}}, `aliases` {alias: code}, `place_class` and `upload_mode` {point: code}, `cameras` {mine: {camera: …}}, `inspections` [{mine, from, to}] of arrivals alone.
    """
    facts = facts_as_of(None, ["gas_grade", "state"], at)
    lists = _installed[0](at) if _installed else {}
    points = Point.objects.filter(valid_to__isnull=True)
    content = {
        "mines": {
            code: {
                "name": name,
                "kind": kind,
                "gas_grade": facts.get(code, {}).get("gas_grade", ""),
                "state": facts.get(code, {}).get("state", ""),
                **({"caretakers": dict(lists[code])} if code in lists else {}),
            }
            for code, name, kind in Mine.objects.order_by().values_list("code", "name", "kind")
        },
        "aliases": dict(MineAlias.objects.values_list("alias", "mine_id")),
        "place_class": dict(points.filter(place__isnull=False).values_list("code", "place__place_class")),
        "cameras": published(at),
        "inspections": [dict(row) for row in _visits[0](at)] if _visits else [],
        "upload_mode": dict(points.exclude(upload_mode="").values_list("code", "upload_mode")),
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def write_config(home: Path, at: datetime) -> bool:
    """Publish the register to the gateways through the home. Returns whether its content changed."""
    return write_atomically(home / "config" / "register.json", register_frame(at))


def write_atomically(path: Path, content: bytes) -> bool:
    """Replace a file so that a reader sees the old or the new content whole; False when it was the same already."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    return True
