"""What else befell the mine at the time of an alert: a fan that stands and gas that rises are two alerts and one danger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from kuangan.base.people.models import User
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.queries import visible
from kuangan.domains.alerts.rules import GRADE_WORDS, RULE_WORDS
from kuangan.domains.alerts.words import moment

AROUND: Final = timedelta(minutes=30)
LOOKED_AT: Final = 60
SHOWN: Final = 8
SAME_PLACE: Final = 5
"""Letters that two locations begin with when they are of one working: 2402综采, 中央变电所."""


@dataclass(frozen=True, slots=True)
class Companion:
    """Another alert of the mine; `near` when it is at the same place."""

    address: str
    number: str
    grade: str
    word: str
    kind: str
    place: str
    when: str
    near: bool


def companions(alert: Alert, user: User | AnonymousUser, at: datetime) -> tuple[list[Companion], int]:
    """Alerts of the mine that lasted within half an hour of this one, those at its place first; and how many there are in all.

    Merged, void and drill alerts are left out. Two queries.
    """
    if alert.case.mine_id is None or alert.drill:
        return [], 0
    first, last = alert.onset - AROUND, (alert.end or at) + AROUND
    lasting = Q(end__isnull=True) | Q(end__gte=first)
    cases = visible(user).filter(mine=alert.case.mine_id).order_by()
    found = Alert.objects.filter(lasting, case__in=cases, onset__lte=last, void=False, drill=False, merged_into="")
    found = found.exclude(pk=alert.pk).select_related("case").order_by("-rank", "-onset", "-pk")
    rows = [_companion(alert, other, at) for other in found[: LOOKED_AT + 1]]
    count = len(rows) if len(rows) <= LOOKED_AT else found.count()
    return sorted(rows, key=lambda row: not row.near)[:SHOWN], count


def _companion(alert: Alert, other: Alert, at: datetime) -> Companion:
    near = len(alert.location) >= SAME_PLACE and other.location.startswith(alert.location[:SAME_PLACE])
    return Companion(
        other.case.address,
        other.case.number,
        other.grade,
        GRADE_WORDS[other.grade],
        RULE_WORDS.get(other.rule, other.rule),
        other.location,
        moment(other.onset, at),
        near,
    )
