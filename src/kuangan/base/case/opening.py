"""The row of a new case."""

from __future__ import annotations

from datetime import datetime

from kuangan.base.case.flow import Flow
from kuangan.base.case.models import Case, Severity
from kuangan.base.case.numbers import next_number
from kuangan.base.registry.models import Mine


def open_row(
    flow: Flow,
    title: str,
    *,
    at: datetime,
    owner_id: int | None,
    origin: str,
    mine: Mine | None = None,
    region: str = "",
    severity: str = Severity.NONE,
    drill: bool = False,
) -> Case:
    """A case under the next number of its kind, where its mine lies, else in `region`.

    Runs in the caller's transaction; first step, clocks and audit are the caller's too.
    """
    return Case.objects.create(
        kind=flow.kind,
        number=next_number(flow.kind, at),
        mine=mine,
        region=mine.region_code if mine else region,
        sector=mine.sector if mine else "",
        state=flow.initial,
        severity=severity,
        owner_id=owner_id,
        opened=at,
        title=title[:200],
        origin=origin,
        drill=drill,
    )
