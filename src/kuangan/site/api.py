"""The JSON interface of all rooms, signed in by session; described at /api/v1/docs."""

from __future__ import annotations

from ninja import NinjaAPI

from kuangan.domains.alerts.api import router as alerts
from kuangan.domains.duty.api import router as duty

api = NinjaAPI(title="KuangAn 矿安", version="1", urls_namespace="api")
api.add_router("/alerts", alerts)
api.add_router("/duty", duty)
