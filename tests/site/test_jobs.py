"""What the worker does at its rhythm."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kuangan.domains.datalink.exchange.managing import Setup, set_up
from kuangan.domains.datalink.exchange.mapping import SHIPPED, mappings
from kuangan.domains.datalink.exchange.models import Reject
from kuangan.domains.datalink.exchange.taking import take
from kuangan.site.configuration import Configuration
from kuangan.site.processes import jobs


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "left"), [(0, 1), (30, 0)])
def test_the_worker_drops_what_the_exchange_need_not_keep(
    tmp_path: Path, moment: datetime, days: int, left: int
) -> None:
    mapping = mappings(SHIPPED)["warning"]
    platform = set_up(mapping, Setup(True, "14", ("coal",), True), by=None, at=moment, reason="接入")
    take(platform, mapping, b"{", "http:测试", moment)
    found = {name: job for name, _, job in jobs(Configuration(home=tmp_path, exchange_days=days), tmp_path)}
    found["exchange retention"](moment + timedelta(days=31))
    assert Reject.objects.count() == left
