"""Snapshots of a personnel system: how many are in which area."""

from __future__ import annotations

from collections.abc import Mapping

from tests.library.warning.scene import MINE, Scene, moment, wire_time


def snapshot_of(scene: Scene, at: float, persons: Mapping[str, int], mine: str = MINE) -> None:
    """Definitions of the areas and one RYSS with as many cards in each."""
    areas = {name: f"{mine}{number:04d}" for number, name in enumerate(persons, 1)}
    scene.upload("RYQY", [f"重点区域;{code};40;{name}" for name, code in areas.items()], at, mine)
    now, rows = wire_time(moment(at)), []
    for name, count in persons.items():
        area = areas[name]
        for _ in range(count):
            card = f"{mine}{len(rows) + 1:05d}"
            since = wire_time(moment(at - 600))
            rows.append(f"{card};合成甲;1;{since};;{area};{since};{area}000010;{since};三八制;1;正常;0;0;")
    scene.upload("RYSS", rows, at, mine, f"{mine};合成煤矿;{now}")
