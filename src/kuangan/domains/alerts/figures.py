"""Numbers about alerts; each opens the list it counts. Drills are never counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Min, Q

from kuangan.base.people.models import User
from kuangan.domains.alerts.queries import Query, filtered

COUNTED: Final = Query(drill="0")
QUERIES: Final = {
    "open_red": replace(COUNTED, grade="red"),
    "open_orange": replace(COUNTED, grade="orange"),
    "lapsed_responses": replace(COUNTED, state="lapsed"),
    "alerts_per_hour": replace(COUNTED, state="all", hours=1, reached=True),
}
WORDS: Final = {
    "open_red": "红色未闭环",
    "open_orange": "橙色未闭环",
    "lapsed_responses": "响应已超时",
    "alerts_per_hour": "近一小时送达本级告警",
}


@dataclass(frozen=True)
class Figure:
    """A number, its unit, and the query of the list it counts."""

    name: str
    label: str
    value: int
    unit: str
    query: Query
    oldest: datetime | None = None

    @property
    def address(self) -> str:
        return f"/desk/?{urlencode(self.query.parameters())}"


def figure(name: str, user: User | AnonymousUser, at: datetime) -> Figure:
    """One figure in the user's scope at `at`. Raises KeyError on an unknown name. One query."""
    query = QUERIES[name]
    cases = filtered(user, query, at)
    row = cases.aggregate(number=Count("pk"), oldest=Min("opened"))
    return Figure(name, WORDS[name], row["number"], "件", query, row["oldest"])


def due_soon(user: User | AnonymousUser, grade: str, at: datetime, until: datetime) -> int:
    """Open alerts of a colour whose next clock ends between `at` and `until`."""
    cases = filtered(user, replace(COUNTED, grade=grade), at)
    return int(cases.aggregate(number=Count("pk", filter=Q(due__gte=at, due__lt=until)))["number"])
