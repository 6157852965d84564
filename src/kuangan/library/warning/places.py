"""Classes of places that a limit may depend on: stable codes shared by the register and the rule book."""

from __future__ import annotations

from typing import Final

PLACE_CLASSES: Final[tuple[str, ...]] = (
    "return_corner",
    "coal_face",
    "face_return",
    "face_return_middle",
    "face_intake",
    "series_intake",
    "shearer",
    "heading_face",
    "heading_return",
    "district_return",
    "main_return",
    "trolley_loading",
    "coal_bunker",
    "surface_pump_room",
    "underground_pump_downwind",
    "other",
)
