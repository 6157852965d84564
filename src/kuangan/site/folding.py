"""How open alerts stand on the duty desk, for the duty room that hands them over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from kuangan.base.case.models import Case
from kuangan.domains.alerts.lines import Shown, listed
from kuangan.domains.alerts.queries import Query
from kuangan.domains.duty.handing import OpenLine


def open_lines(alerts: QuerySet[Case], at: datetime, most: int) -> Sequence[OpenLine]:
    """The first lines of the desk that these alerts fold to, the gravest first."""
    return [OpenLine(line.row.alert.case, line.count, _words(line)) for line in listed(alerts, Query(), at, most).shown]


def _words(line: Shown) -> str:
    if not line.folded:
        return ""
    where = f"（{line.county} {line.mine_count} 座矿）" if line.county else ""
    return f"{line.word} ×{line.count}{where}"
