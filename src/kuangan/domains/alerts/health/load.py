"""How much reached the desk: for each officer-hour, in ten minutes, in floods; and who made the noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Count, Max

from kuangan.base.clock import to_ms
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.quality import Flood, Frequent, address_of, floods, frequent_of
from kuangan.domains.alerts.queries import Query
from kuangan.domains.alerts.tuning import TUNING

MOST: Final = 100_000
CANDIDATES: Final = 500
TEN_MINUTES: Final = 600_000


@dataclass(frozen=True, slots=True)
class Staffed:
    """Stretches in which somebody answered the desk, with how many (officer and deputy of the roster)."""

    start: datetime
    end: datetime
    people: int


Staffing = Callable[[int, datetime, datetime, datetime], Sequence[Staffed]]
"""Organisation, from, to, as known at → its rostered stretches."""
_staffing: list[Staffing] = []


def install(staffing: Staffing | None) -> None:
    """Say who knows the rosters; None: nobody."""
    _staffing[:] = [] if staffing is None else [staffing]


@dataclass(frozen=True, slots=True)
class PerHour:
    """`rate` None: no roster. `alerts` came in the rostered time, `officer_hours` long, which is `covered` of the whole."""

    rate: float | None
    alerts: int
    officer_hours: float
    covered: float


def per_hour(times: Sequence[int], organisation: int | None, start: datetime, stop: datetime, at: datetime) -> PerHour:
    """Alerts for each officer-hour, of the time that a roster covers. `times` sorted, ms."""
    found = _staffing[0](organisation, start, stop, at) if _staffing and organisation else ()
    spans = [(to_ms(max(row.start, start)), to_ms(min(row.end, stop)), row.people) for row in found]
    spans = sorted(span for span in spans if span[1] > span[0] and span[2] > 0)
    worked = sum((end - begin) * people for begin, end, people in spans) / 3_600_000
    if not worked:
        return PerHour(None, 0, 0.0, 0.0)
    together = joined([(begin, end) for begin, end, _ in spans])
    raised = np.asarray(times, np.int64)
    alerts = sum(int(np.searchsorted(raised, end) - np.searchsorted(raised, begin)) for begin, end in together)
    length = sum(end - begin for begin, end in together)
    return PerHour(alerts / worked, alerts, worked, length / max(1, to_ms(stop) - to_ms(start)))


def joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans as few that do not overlap."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def peak(times: Sequence[int], within: int = TEN_MINUTES) -> int:
    """The most that came within a window. `times` sorted, ms."""
    raised = np.asarray(times, np.int64)
    if not len(raised):
        return 0
    return int((np.arange(1, len(raised) + 1) - np.searchsorted(raised, raised - within, side="right")).max())


def flooded(times: Sequence[int]) -> list[Flood]:
    law = TUNING.quality
    return floods(times, law.flood_alerts, law.flood_minutes * 60_000)


def chattering(cases: Any, told: Query, most: int) -> list[Frequent]:
    """Subjects that were raised again and again within the window some time in the period, the most frequent first."""
    law = TUNING.flapping
    rows = cases.order_by().values("alert__rule", "alert__subject").annotate(times=Count("pk"), newest=Max("pk"))
    often = list(rows.filter(times__gte=law.count).order_by("-times", "-newest")[:CANDIDATES])
    subjects = {row["alert__subject"] for row in often}
    raised: dict[tuple[str, str], list[int]] = {}
    listed = cases.filter(alert__subject__in=subjects).order_by()
    for rule, subject, at in listed.values_list("alert__rule", "alert__subject", "alert__raised_at"):
        raised.setdefault((rule, subject), []).append(to_ms(at))
    window = int(law.window / timedelta(milliseconds=1))
    kept = [r for r in often if peak(sorted(raised[r["alert__rule"], r["alert__subject"]]), window) >= law.count][:most]
    known = Alert.objects.in_bulk([row["newest"] for row in kept])
    return [frequent_of(known[row["newest"]], row["times"], replace(told, rule=row["alert__rule"])) for row in kept]


def listed_flood(flood: Flood, told: Query) -> str:
    """The list of what came in a flood."""
    return address_of(replace(told, start=flood.start, stop=flood.stop))
