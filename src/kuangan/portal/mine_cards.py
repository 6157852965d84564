"""Cards of the page of a mine that gather from several rooms: how good its data are, its stations, whom to call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Count

from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.registry.limits import DEVIATIONS
from kuangan.base.registry.models import Mine, Point
from kuangan.domains.alerts.queries import Query, filtered
from kuangan.domains.alerts.rules import RULE_WORDS
from kuangan.domains.datalink import reading
from kuangan.domains.datalink.stations import Station, stations_of
from kuangan.domains.datalink.underground import codes_of
from kuangan.domains.duty.contacts import book, in_order
from kuangan.domains.duty.models import Contact
from kuangan.domains.duty.rosters import OnDuty, on_duty, people_of
from kuangan.domains.duty.scope import organisations

WINDOW: Final = timedelta(hours=24)
OF_THE_GAS: Final = frozenset({"gas.over_limit", "gas.trend"})
DATA_RULES: Final = tuple(r for r in RULE_WORDS if r not in OF_THE_GAS and not r.startswith("danger."))


@dataclass(frozen=True, slots=True)
class Quality:
    """What arrived in the last 24 hours, what is wrong with the points, and open alerts about the data by rule."""

    arrived: reading.Totals
    undefined: int
    above: int
    default: int
    alerts: Mapping[str, tuple[str, int]] | None

    @property
    def not_whole(self) -> int:
        """Files that were put aside or lost records."""
        return self.arrived.by_status.get("partial", 0) + self.arrived.by_status.get("quarantined", 0)


def quality_of(user: User, mine: Mine, at: datetime) -> Quality | None:
    """None for whoever may not look at the links; alerts None for whoever may not see those."""
    if not may(user, "link.view"):
        return None
    counts = Point.objects.filter(mine=mine, valid_to__isnull=True).aggregate(
        **{name: Count("pk", filter=DEVIATIONS[name]) for name in ("undefined", "above", "default")}
    )
    arrived = reading.totals(Path(settings.HOME), codes_of(mine), at - WINDOW)
    return Quality(arrived=arrived, alerts=_alerts(user, mine, at), **counts)


def _alerts(user: User, mine: Mine, at: datetime) -> dict[str, tuple[str, int]] | None:
    if not may(user, "alert.view"):
        return None
    cases = filtered(user, Query(mine=mine.pk), at).filter(alert__rule__in=DATA_RULES)
    rows = cases.order_by().values_list("alert__rule").annotate(number=Count("pk"))
    return {rule: (RULE_WORDS[rule], number) for rule, number in sorted(rows)}


def stations(user: User, mine: Mine, at: datetime) -> list[Station] | None:
    """None for whoever may not look at the links."""
    return stations_of(Path(settings.HOME), mine, at) if may(user, "link.view") else None


@dataclass(frozen=True, slots=True)
class Reach:
    """Who is on duty at a mine now and its lines of the phone book."""

    organisation: Organisation
    people: list[OnDuty]
    lines: list[Contact]


def reach_of(user: User, mine: Mine, at: datetime) -> Reach | None:
    """None where the mine has no organisation that the person sees, or for whoever may not see the duty room."""
    if not may(user, "duty.view"):
        return None
    body = organisations(user, at).filter(kind="mine", mine=mine.pk).first()
    if body is None:
        return None
    shifts = on_duty([body.pk], at).get(body.pk, [])
    people = [person for shift in shifts for person in people_of(shift)]
    return Reach(body, people, in_order(book([body.pk], at)))
