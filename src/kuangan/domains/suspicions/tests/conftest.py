from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import MINE_A
from kuangan.base.clock import to_ms
from kuangan.domains.suspicions.flow import GROUP
from kuangan.domains.suspicions.models import Suspicion
from kuangan.domains.suspicions.sink import apply_suspicions
from kuangan.library.warning.events import Event

SIGNS = [
    {"sign": "drop", "state": "spoke", "numbers": {"share": 0.52, "before": 0.42, "after": 0.2}},
    {"sign": "flat", "state": "spoke", "numbers": {"range": 0.0, "minutes": 60.0}},
    {"sign": "neighbours", "state": "unknown", "why": "no_neighbours"},
]


def event(at: datetime, **changed: Any) -> Event:
    """A blocked sensor of mine A, recommended for a check; `tier` and inputs may be given by name."""
    inputs = {
        "tier": changed.pop("tier", "check"),
        "signs": SIGNS,
        "points": [f"{MINE_A}01MN004300010A01"],
        "neighbours": [f"{MINE_A}01MN004300020A01"],
        "location": "示例1102综采工作面T1",
        "maker": "仿真设备厂",
        "system_model": "KJ90X",
        "clauses": ["SX34-21"],
        "source": "系统默认",
        "confidence": "I",
    } | changed.pop("inputs", {})
    onset = to_ms(at - timedelta(hours=3))
    fields: dict[str, Any] = {
        "id": "g1.5.blocked",
        "rev": 1,
        "rule": "tamper.blocked",
        "rule_version": 1,
        "mine": MINE_A,
        "subject_kind": "point",
        "subject": f"{MINE_A}01MN004300010A01",
        "onset": onset,
        "end": None,
        "peak": None,
        "peak_at": None,
        "grade": "orange",
        "status": "open",
        "merged_into": None,
        "late": False,
        "raised_at": to_ms(at),
        "changed_at": to_ms(at),
        "inputs": inputs,
    }
    return Event(**(fields | changed))


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    (tmp_path / "hot").mkdir()
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def suspected(cast: Any, moment: datetime, home: Path) -> Suspicion:
    apply_suspicions([event(moment)], moment)
    return Suspicion.objects.get()


@pytest.fixture
def member(cast: Any) -> Callable[[str], Any]:
    """A person of the cast, taken into the group."""

    def joined(name: str) -> Any:
        user = cast.people[name]
        user.sealed_groups = [GROUP]
        user.save()
        return user

    return joined
