"""The rules of danger in the order in which they are told."""

from __future__ import annotations

from typing import Final

from kuangan.library.warning.danger.doors import Doors
from kuangan.library.warning.danger.fans import Fans
from kuangan.library.warning.danger.feeds import Feeds
from kuangan.library.warning.danger.fire import Fire
from kuangan.library.warning.danger.levels import (
    AirSpeed,
    Drainage,
    GasLevel,
    OxygenLow,
    Pressure,
    RoofSeparation,
    Slope,
)
from kuangan.library.warning.danger.ponds import Tailings, TailingsTogether
from kuangan.library.warning.danger.power import Battery, PowerLost
from kuangan.library.warning.danger.pumps import Pumps
from kuangan.library.warning.danger.repeated import Repeated
from kuangan.library.warning.danger.reported import GroundSound, Reported
from kuangan.library.warning.danger.water import Inflow, WaterLevel
from kuangan.library.warning.family import Family

PARTS: Final[tuple[type[Family], ...]] = (
    Fans,
    Doors,
    Feeds,
    Fire,
    AirSpeed,
    OxygenLow,
    GasLevel,
    Drainage,
    Battery,
    PowerLost,
    WaterLevel,
    Inflow,
    Pumps,
    Pressure,
    RoofSeparation,
    GroundSound,
    Slope,
    Reported,
    Tailings,
    TailingsTogether,
    Repeated,
)
