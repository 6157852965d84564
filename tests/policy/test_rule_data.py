"""Rules, limits and clocks are data that say where they come from and since when they count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.policy.source import PACKAGE, relative

# Data that describe the world, the wire or the documents and judge nothing.
WIRE = ("library/policy/data", "library/telemetry/formats", "library/simulate/data", "library/simulate/second/data")


def rule_files() -> list[Path]:
    return [
        path
        for path in sorted(PACKAGE.rglob("*.yaml"))
        if not path.relative_to(PACKAGE).as_posix().startswith(WIRE) and "tests" not in path.parts
    ]


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


@pytest.mark.parametrize("path", rule_files(), ids=lambda path: path.name)
def test_a_file_of_rules_names_source_version_and_dates(path: Path) -> None:
    found = set(keys(yaml.safe_load(path.read_text(encoding="utf-8"))))
    missing = [name for name in ("source", "version", "in_force_from") if name not in found]
    assert not missing, f"{relative(path)} lacks {', '.join(missing)}"


def test_there_are_rules_to_look_at() -> None:
    assert rule_files()
