"""The rules of the families in one table: rule id → model of its settings. Each family keeps its own in `<family>/settings.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kuangan.library.warning.settings import Rule

MODELS: Final[Mapping[str, type[Rule]]] = {}
