"""A home of its own for each test that writes heartbeats and hot files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kuangan.portal import visibility


@pytest.fixture
def home(tmp_path: Path, settings: object) -> Path:
    """An empty home that the pages read from."""
    for name in ("hot", "run", "ledger", "spool"):
        (tmp_path / name).mkdir()
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests() -> Iterator[None]:
    visibility.forget()
    yield
    visibility.forget()
