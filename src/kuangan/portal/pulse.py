"""What the database says about alerts: one statement to see that something changed, a few more to see what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Model, QuerySet, Subquery

from kuangan.base.case.models import Case, Step
from kuangan.base.case.visibility import reach
from kuangan.base.clock import EPOCH, to_ms
from kuangan.base.people.scope import Scope
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.models import Acknowledgement, Alert, Change
from kuangan.domains.alerts.queries import shelved_by

COLOURS = ("red", "orange", "yellow", "blue")
CHANGED_CAP = 500


@dataclass(frozen=True, slots=True)
class Marks:
    """How far each table that tells of alerts has grown."""

    step: int = 0
    change: int = 0
    acknowledgement: int = 0
    altered: datetime = EPOCH

    @property
    def token(self) -> str:
        """Differs whenever anything changed; the same in every web process."""
        return f"{self.step}.{self.change}.{self.acknowledgement}.{to_ms(self.altered)}"


def _last(model: type[Model]) -> Subquery:
    rows: QuerySet[Any] = model._default_manager.order_by("-pk")
    return Subquery(rows.values("pk")[:1])


def read_marks() -> Marks:
    """The marks now. One statement of four index look-ups."""
    rows = Alert.objects.order_by("-changed_at").values_list(
        _last(Step), _last(Change), _last(Acknowledgement), "changed_at"
    )
    row = rows.first()
    return Marks() if row is None else Marks(row[0] or 0, row[1] or 0, row[2] or 0, row[3])


def changed_between(before: Marks, after: Marks) -> frozenset[int]:
    """Ids of the alert cases that changed from `before` to `after`, at most `CHANGED_CAP`."""
    found: set[int] = set()
    if after.step != before.step:
        found.update(Step.objects.filter(pk__gt=before.step).values_list("case_id", flat=True)[:CHANGED_CAP])
    if after.change != before.change:
        found.update(Change.objects.filter(pk__gt=before.change).values_list("alert_id", flat=True)[:CHANGED_CAP])
    if after.acknowledgement != before.acknowledgement:
        newer = Acknowledgement.objects.filter(pk__gt=before.acknowledgement)
        found.update(newer.values_list("alert_id", flat=True)[:CHANGED_CAP])
    if after.altered != before.altered:
        found.update(Alert.objects.filter(changed_at__gt=before.altered).values_list("pk", flat=True)[:CHANGED_CAP])
    return frozenset(sorted(found)[:CHANGED_CAP])


def counts_within(scope: Scope, at: datetime) -> dict[str, int]:
    """Open alerts of a scope by colour, and `open` for all of them: what the figures of the desk count.

    Drills are not counted, nor what the organisation has shelved.
    """
    if scope.empty:
        return dict.fromkeys(("open", *COLOURS), 0)
    cases = Case.objects.filter(reach(scope, at), kind=FLOW.kind, drill=False, closed__isnull=True)
    cases = cases.exclude(state__in=FLOW.final).exclude(pk__in=shelved_by(scope.organisation_id, at))
    by = dict(cases.order_by().values_list("severity").annotate(number=Count("pk")))
    return {"open": sum(by.values()), **{colour: by.get(colour, 0) for colour in COLOURS}}


def visible_among(scope: Scope, ids: frozenset[int], at: datetime) -> list[int]:
    """Those of the cases that the scope may know of."""
    if scope.empty or not ids:
        return []
    return sorted(Case.objects.filter(reach(scope, at), pk__in=ids).values_list("pk", flat=True))
