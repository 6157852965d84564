"""How good the alarms are: how many for each officer-hour, floods, the most frequent, chattering and stale ones.

Drills are not counted. Every number is that of a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Max

from kuangan.base.clock import from_ms, to_ms
from kuangan.base.people.models import User
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.queries import Query, filtered, flapping_pairs
from kuangan.domains.alerts.rules import RULE_WORDS
from kuangan.domains.alerts.tuning import TUNING
from kuangan.domains.alerts.words import moment

SPANS = {"24": "近 24 小时", "168": "近 7 天", "720": "近 30 天"}
MOST = 100_000
FLOODS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Flood:
    """A stretch in which more alerts came than a person can answer; `start` and `stop` in ms, `stop` excluded."""

    start: int
    stop: int
    count: int


def floods(times: Sequence[int], more_than: int, within_ms: int) -> list[Flood]:
    """Maximal stretches of sorted `times` (ms) that are covered by windows of `within_ms` with more than so many in them."""
    found: list[tuple[int, int]] = []
    first = 0
    for last, at in enumerate(times):
        while at - times[first] >= within_ms:
            first += 1
        if last - first + 1 > more_than:
            if found and first <= found[-1][1]:
                found[-1] = found[-1][0], last
            else:
                found.append((first, last))
    return [Flood(times[a], times[b] + 1, b - a + 1) for a, b in found]


@dataclass(frozen=True)
class Frequent:
    """A subject with how often it was raised."""

    kind: str
    place: str
    mine: str
    count: int
    address: str
    share: float = 0.0


@dataclass(frozen=True)
class Quality:
    hours: int
    count: int
    capped: bool
    address: str
    per_officer_hour: float
    flood_count: int
    flooded: int
    floods: list[dict[str, Any]]
    frequent: list[Frequent]
    chattering: list[Frequent]
    chatter_address: str
    stale: int
    stale_address: str


def measure(user: User | AnonymousUser, hours: int, at: datetime) -> Quality:
    """The figures of the last `hours` for the person's scope and level. Six queries, whatever the number of alerts."""
    law = TUNING.quality
    start = at - timedelta(hours=hours)
    told = Query(state="all", drill="0", reached=True, start=to_ms(start), stop=to_ms(at))
    cases = filtered(user, told, at)
    raised = list(cases.order_by("-alert__raised_at").values_list("alert__raised_at", flat=True)[: MOST + 1])
    times = sorted(to_ms(moment) for moment in raised[:MOST])
    found = floods(times, law.flood_alerts, law.flood_minutes * 60_000)
    stale = Query(stale=True, drill="0", unfolded=True)
    chatter = Query(state="all", drill="0", flapping=True, hours=-(-TUNING.flapping.window_minutes // 60))
    return Quality(
        hours=hours,
        count=len(times),
        capped=len(raised) > MOST,
        address=address_of(told),
        per_officer_hour=len(times) / (hours * law.seats),
        flood_count=len(found),
        flooded=sum(flood.count for flood in found),
        floods=[_flood(flood, told, at) for flood in sorted(found, key=lambda f: -f.count)[:FLOODS_SHOWN]],
        frequent=_frequent(cases, told, law.most_frequent, len(times)),
        chattering=_chattering(user, at),
        chatter_address=address_of(chatter),
        stale=filtered(user, stale, at).count(),
        stale_address=address_of(stale),
    )


def _flood(flood: Flood, told: Query, at: datetime) -> dict[str, Any]:
    query = replace(told, start=flood.start, stop=flood.stop)
    minutes = max(1, round((flood.stop - flood.start) / 60_000))
    return {
        "start": moment(from_ms(flood.start), at),
        "minutes": minutes,
        "count": flood.count,
        "address": address_of(query),
    }


def _frequent(cases: Any, told: Query, most: int, total: int) -> list[Frequent]:
    rows = cases.order_by().values("alert__rule", "alert__subject").annotate(times=Count("pk"), newest=Max("pk"))
    chosen = list(rows.order_by("-times", "-newest")[:most])
    known = Alert.objects.in_bulk([row["newest"] for row in chosen])
    return [
        frequent_of(
            known[row["newest"]], row["times"], replace(told, rule=row["alert__rule"]), row["times"] / max(total, 1)
        )
        for row in chosen
    ]


def _chattering(user: User | AnonymousUser, at: datetime) -> list[Frequent]:
    """Subjects of the scope that flap now."""
    pairs = flapping_pairs(at)
    query = Query(state="all", drill="0", flapping=True)
    rows = filtered(user, query, at).filter(alert__raised_at__gte=at - TUNING.flapping.window)
    newest = rows.order_by().values("alert__rule", "alert__subject").annotate(newest=Max("pk"))
    known = Alert.objects.in_bulk([row["newest"] for row in newest])
    start = to_ms(at - TUNING.flapping.window)
    base = Query(state="all", drill="0", start=start)
    found = [frequent_of(a, pairs.get((a.rule, a.subject), 0), replace(base, rule=a.rule)) for a in known.values()]
    return sorted(found, key=lambda f: (-f.count, f.place))


def frequent_of(alert: Alert, count: int, query: Query, share: float = 0.0) -> Frequent:
    """The subject of an alert with how often it was raised, and the list of that."""
    place = alert.location or alert.subject
    address = address_of(replace(query, subject=alert.subject))
    return Frequent(RULE_WORDS.get(alert.rule, alert.rule), place, alert.mine_name, count, address, share)


def address_of(query: Query) -> str:
    """The list that a query finds."""
    return f"/desk/?{urlencode(query.parameters())}"
