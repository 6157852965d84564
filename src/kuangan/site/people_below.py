"""People below ground for the duty desk: what the link room counts, in the words of the alert room."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.alerts.people import Below, Counting, Inside
from kuangan.domains.datalink.headcount import heads, total_within


def _scope(user: User | AnonymousUser, at: datetime) -> Below:
    if not isinstance(user, User) or not may(user, "underground.view"):
        return Below()
    total = total_within(Path(settings.HOME), user, at)
    return Below(total.persons, total.counted, total.mines, reverse("datalink:people_below"))


def _mine(code: str, at: datetime) -> Inside:
    head = heads(Path(settings.HOME), at).get(code)
    address = reverse("datalink:underground", args=[code])
    return Inside(head.persons if head else None, head.snapshot if head else None, address)


COUNTING = Counting(_scope, _mine)
