"""The invented platform of the demonstration shows on the page of the exchange, and nothing leaves for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from kuangan.base import audit
from kuangan.domains.alerts.sink import apply_events
from kuangan.domains.datalink.exchange.job import turn
from kuangan.domains.datalink.exchange.mapping import mappings
from kuangan.domains.datalink.exchange.models import Handling, Mode, Package, Platform, Reject
from kuangan.domains.datalink.exchange.reconciling import Reconciliation, Span
from kuangan.site.demo import platform
from tests.walk.world import over_limit


@pytest.fixture
def home(cast: Any, tmp_path: Path, settings: Any, moment: datetime) -> Path:
    """Alerts of the past, then the platform, then a round of the worker."""
    settings.HOME = tmp_path
    with transaction.atomic():
        apply_events([replace(over_limit(cast.mine_a.code, moment), id=f"g1-{n}-1") for n in range(4)], moment)
    platform.enter(tmp_path, moment)
    audit.seal(moment)
    turn(tmp_path, moment)
    return tmp_path


def test_it_is_set_up_in_shadow_mode_with_files_and_nothing_leaves(home: Path) -> None:
    row = Platform.objects.get()
    assert (row.code, row.enabled, row.mode, row.folder, row.push_url) == ("demo", True, Mode.SHADOW, True, "")
    assert Package.objects.count() == 4 and not Package.objects.filter(left_at__isnull=False).exists()
    assert not (home / "exchange" / "demo" / "out").exists()


def test_what_it_says_is_compared_and_shows_agreement_and_difference(home: Path, moment: datetime) -> None:
    assert sorted(Handling.objects.values_list("effect", flat=True)) == ["compared"] * 4 + ["theirs"]
    assert [row.reason for row in Reject.objects.all()] == ["unknown_state"]
    day = Span(moment.replace(hour=0), moment.replace(hour=23))
    counts = Reconciliation(Platform.objects.get(), mappings(home)["demo"], day, moment).counts()
    assert [counts[name] for name in ("agrees", "differs", "theirs", "sent")] == [3, 1, 1, 0]


def test_the_page_shows_it_as_synthetic(home: Path, client_of: Any, cast: Any) -> None:
    page = client_of(cast.province_officer).get("/exchange/").content.decode()
    assert "示例风险监测平台（合成数据）" in page and "影子" in page and "合成平台，非官方接口" in page


def test_a_second_start_changes_nothing(home: Path, moment: datetime) -> None:
    before = list(Platform.objects.values())
    platform.enter(home, moment)
    turn(home, moment)
    assert list(Platform.objects.values()) == before and Handling.objects.count() == 5
