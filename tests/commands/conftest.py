"""A home that is prepared once and copied for every test that does not ask about first use."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.running import command


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("prepared") / "home"
    done = command(home, "audit", "verify", "--json")
    assert done.code == 0, done.err
    assert done.result == {"intact": True, "faults": []}
    return home


@pytest.fixture(scope="session")
def new_home(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    def made() -> Path:
        return Path(shutil.copytree(prepared, tmp_path_factory.mktemp("home") / "home"))

    return made


@pytest.fixture
def home(new_home: Callable[[], Path]) -> Path:
    return new_home()
