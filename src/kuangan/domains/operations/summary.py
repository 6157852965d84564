"""What the page of a mine shows of this room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kuangan.base.case.models import Case
from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine
from kuangan.domains.operations.caretakers import lawful
from kuangan.domains.operations.flow import ANNOUNCEMENT
from kuangan.domains.operations.models import Announcement, Caretakers
from kuangan.domains.operations.systems import Line, board

SHOWN = 10


@dataclass(frozen=True)
class MineSummary:
    """Announcements that are not over, caretakers that hold, and the safety systems of an underground mine."""

    announcements: list[Announcement]
    caretakers: list[Caretakers]
    systems: list[Line]


def summary(user: User, mine: Mine, at: datetime) -> MineSummary:
    """Four queries."""
    cases = Case.objects.visible_to(user, at).filter(kind=ANNOUNCEMENT.kind, mine=mine)
    rows = Announcement.objects.filter(case__in=cases.exclude(state__in=ANNOUNCEMENT.final).values("pk"))
    announcements = list(rows.select_related("case").order_by("starts")[:SHOWN])
    lines = board(mine, at) if mine.kind.startswith("underground") else []
    return MineSummary(announcements, list(lawful([mine.code], at)), lines)
