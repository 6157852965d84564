"""What the rules in force raised at some mines: the alerts, in the words of the rule room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kuangan.domains.alerts.models import Alert
from kuangan.domains.rulebook.shadows import Raised


def raised(mines: Sequence[str], rules: Sequence[str], start: datetime, end: datetime) -> list[Raised]:
    """Alerts raised in [start, end) that stand for themselves: no drills, none void or merged. One query."""
    alerts = Alert.objects.filter(raised_at__gte=start, raised_at__lt=end, rule__in=rules, case__mine__in=mines)
    alerts = alerts.filter(drill=False, void=False, merged_into="")
    names = ("event_id", "rule", "case__mine_id", "subject", "grade", "onset", "end", "raised_at")
    return [Raised(*row) for row in alerts.order_by("raised_at", "pk").values_list(*names)]
