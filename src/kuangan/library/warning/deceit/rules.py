"""Rule id → model of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kuangan.library.warning.deceit import settings

MODELS: Final[Mapping[str, type[Any]]] = {
    "tamper.blocked": settings.BlockedRule,
    "tamper.moved": settings.MovedRule,
    "tamper.blown": settings.BlownRule,
    "tamper.clipped": settings.ClippedRule,
    "tamper.replayed": settings.ReplayedRule,
    "tamper.calibration_abuse": settings.CalibrationRule,
    "tamper.limit_above_law": settings.LimitRule,
    "tamper.group_event": settings.GroupRule,
    "tamper.edited_history": settings.EditedHistoryRule,
    "tamper.deleted_history": settings.DeletedHistoryRule,
    "tamper.cut_before_inspection": settings.InspectionRule,
    "tamper.static_picture": settings.PictureRule,
}
