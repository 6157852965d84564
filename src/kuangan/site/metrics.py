"""`/metrics` for Prometheus: what the engine and the gateways last told, read when asked. Guarded by a token in the home."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from kuangan.site.beats import read_beat

ENGINE = {
    "spool_age_ms": "milliseconds between the wall clock and the newest frame the engine has judged",
    "lag_ms": "milliseconds from arrival to judgement of the last round",
    "frames_per_s": "frames judged a second",
    "readings_per_s": "readings archived a second",
    "points": "points known",
    "mines": "mines that have sent something",
    "mines_silent": "mines whose link is out",
}


class Beats:
    """Collects the last words of engine and gateways from their files in the home."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def collect(self) -> Iterator[Metric]:
        status = read_beat(self._home / "hot" / "status.json")
        for name, words in ENGINE.items():
            if name in status:
                yield GaugeMetricFamily(f"kuangan_{name}", words, value=float(status[name]))
        beat = GaugeMetricFamily("kuangan_beat_ms", "wall clock of the last beat", labels=["process"])
        if "wall" in status:
            beat.add_metric(["engine"], float(status["wall"]))
        for path in sorted((self._home / "run").glob("gateway-*.json")):
            if "clock" in (content := read_beat(path)):
                beat.add_metric([path.stem], float(content["clock"]))
        beat.add_metric(["worker"], float(read_beat(self._home / "run" / "worker.json").get("clock", 0)))
        yield beat


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for whoever sends `Authorization: Bearer <secrets/metrics_token>`; 404 for everybody else."""
    wanted = f"Bearer {settings.KUANGAN.secret('metrics_token')}"
    if not secrets.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode()):
        return HttpResponse(status=404)
    registry = CollectorRegistry()
    registry.register(Beats(Path(settings.HOME)))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
