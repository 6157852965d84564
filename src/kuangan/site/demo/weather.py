"""One invented thunderstorm warning over the county of the demonstration's first mine, once; it orders nobody out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from kuangan.base.registry.models import Mine
from kuangan.domains.duty.weather.intake import take
from kuangan.domains.duty.weather.models import Warning
from kuangan.domains.duty.weather.plain import FORMAT
from kuangan.library.simulate import SimulatedMine

LASTS = timedelta(hours=12)


def enter(home: Path, fleet: Sequence[SimulatedMine], at: datetime) -> None:
    """The way every warning comes in; marked as synthetic on every page."""
    mine = (
        Mine.objects.select_related("county").filter(pk__in=[one.code for one in fleet], county__isnull=False).first()
    )
    if mine is None or mine.county is None or Warning.objects.exists():
        return
    record = {
        "format": FORMAT,
        "sender": "synthetic",
        "id": f"demo-{mine.county.code}",
        "sent": at.isoformat(),
        "type": "alert",
        "event": "雷电",
        "colour": "橙",
        "expires": (at + LASTS).isoformat(),
        "headline": f"{mine.county.name}雷电橙色预警（合成数据）",
        "description": "合成数据：预计未来 12 小时有雷电活动，局地伴有短时大风。",
        "instruction": "合成数据：停止露天高处作业，检查供电与通信。",
        "areas": [{"name": mine.county.name, "codes": [mine.county.code]}],
    }
    take(home, "demo.json", json.dumps(record, ensure_ascii=False).encode(), "demo", at=at)
