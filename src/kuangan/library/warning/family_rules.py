"""The rules of the families in one table: rule id → model of its settings. Each family keeps its own in `<family>/settings.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kuangan.library.warning.danger import settings as danger
from kuangan.library.warning.deceit.rules import MODELS as DECEIT
from kuangan.library.warning.people import settings as people
from kuangan.library.warning.settings import Rule
from kuangan.library.warning.video import settings as video

MODELS: Final[Mapping[str, type[Rule]]] = {
    danger.GAS_REPEATED: danger.RepeatRule,
    danger.FAN_STOPPED: danger.FanRule,
    danger.DOORS_OPEN: danger.DoorRule,
    danger.FEED_LIVE: danger.FeedRule,
    danger.FIRE: danger.FireRule,
    danger.AIR_SPEED: danger.LevelRule,
    danger.OXYGEN_LOW: danger.LevelRule,
    danger.DRAINAGE: danger.LevelRule,
    danger.GAS_LEVEL: danger.LevelRule,
    danger.ON_BATTERY: danger.BatteryRule,
    danger.POWER_LOST: danger.PowerRule,
    danger.WATER_LEVEL: danger.WaterLevelRule,
    danger.INFLOW: danger.InflowRule,
    danger.PUMP: danger.PumpRule,
    danger.PRESSURE: danger.LevelRule,
    danger.ROOF_SEPARATION: danger.LevelRule,
    danger.GROUND_SOUND: danger.EventsRule,
    danger.SLOPE: danger.LevelRule,
    danger.REPORTED: danger.ReportedRule,
    danger.TAILINGS: danger.PondRule,
    **people.MODELS,
    **DECEIT,
    **video.MODELS,
}
