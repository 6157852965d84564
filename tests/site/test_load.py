"""A small load test: real processes, real pages that listen, every file in the ledger, every alert announced."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuangan.site.bench.load import Load, run
from kuangan.site.configuration import Configuration

pytestmark = pytest.mark.browser


def test_every_file_is_in_the_ledger_and_every_page_hears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUANGAN_HOME", str(tmp_path))
    monkeypatch.delenv("KUANGAN_DATABASE_URL", raising=False)
    found = run(Configuration(), Load(mines=4, points=20, crew=5, minutes=0.5, pages=6, warm_s=5))
    assert found["files_sent"] == found["answers"]["stored"] == found["ledger"]["received"] > 30
    assert found["ledger_balanced"], found["ledger_faults"]
    assert (found["missed"], found["pages_lost"], found["pages_open_at_most"]) == (0, 0, 6)
    assert found["alerts"] > 0
    assert found["page_messages"] > 6 * 10
    assert set(found["peak_rss_mib"]) == {"receive", "engine", "web", "worker"}
    assert not list(tmp_path.glob("load-*"))
