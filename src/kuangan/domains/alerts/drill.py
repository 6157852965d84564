"""A drill: an event like those of the engine, marked, applied by the same sink, so that every level is really told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kuangan.base.case.models import Case
from kuangan.base.clock import to_ms
from kuangan.base.registry.models import Mine
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.sink import apply_events
from kuangan.library.warning.events import Event
from kuangan.library.warning.rulebook import OVER_LIMIT

PEAKS = {"red": 3.0, "orange": 2.0, "yellow": 1.2, "blue": 1.0}
LIMIT = 1.0


@transaction.atomic
def raise_drill(mine: Mine, grade: str, ident: str, at: datetime) -> Case:
    """Raise a marked alert of a colour at a mine; `ident` makes it one of a kind. KeyError: no such colour."""
    apply_events([_event(mine, grade, f"drill-{ident}", at)], at)
    return Alert.objects.select_related("case").get(event_id=f"drill-{ident}").case


def _event(mine: Mine, grade: str, ident: str, at: datetime) -> Event:
    moment, peak = to_ms(at), PEAKS[grade]
    inputs: dict[str, object] = {
        "drill": True,
        "location": "演练地点",
        "type_name": "甲烷",
        "unit": "%CH4",
        "value": peak,
        "limit": LIMIT,
        "limit_source": "system_default",
        "notes": ["演练：数值为设定，不是实测"],
    }
    return Event(
        id=ident,
        rev=1,
        rule=OVER_LIMIT,
        rule_version=1,
        mine=mine.code,
        subject_kind="mine",
        subject=mine.code,
        onset=moment,
        end=None,
        peak=peak,
        peak_at=moment,
        grade=grade,
        status="open",
        merged_into=None,
        late=False,
        raised_at=moment,
        changed_at=moment,
        inputs=inputs,
    )
