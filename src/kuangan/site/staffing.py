"""Who answered the desk of an organisation: what the duty room has on its rosters, in the words of the alert room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kuangan.domains.alerts.health.load import Staffed
from kuangan.domains.duty.models import current_shifts


def staffed(organisation: int, start: datetime, stop: datetime, at: datetime) -> Sequence[Staffed]:
    """The shifts that touch the stretch; officer and deputy count, the leader in charge does not. One query."""
    rows = current_shifts(at).filter(organisation=organisation, start__lt=stop, end__gt=start)
    return [
        Staffed(begin, end, 1 + bool(deputy)) for begin, end, deputy in rows.values_list("start", "end", "deputy_name")
    ]
