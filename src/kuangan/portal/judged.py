"""The events of ours that a mine's own report is held against."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db.models import Q

from kuangan.base.clock import from_ms, to_ms
from kuangan.domains.alerts.models import Alert


def judged_spans(points: Collection[str], since: int) -> Iterator[tuple[str, int, int | None]]:
    """(point, onset, end) in ms of the alerts on `points` that were open at `since` or later. One query."""
    later = Q(end__isnull=True) | Q(end__gte=from_ms(since))
    rows = Alert.objects.filter(later, subject__in=sorted(points), void=False).values_list("subject", "onset", "end")
    for point, onset, end in rows:
        yield point, to_ms(onset), to_ms(end) if end is not None else None
