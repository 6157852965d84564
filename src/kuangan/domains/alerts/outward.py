"""What of an alert may leave the house, how a step is taken on behalf of another platform, and who else may take it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from kuangan.base.case.errors import NotVisible
from kuangan.base.case.models import Case
from kuangan.base.case.performing import perform
from kuangan.base.people.models import User
from kuangan.domains.alerts.acts import acknowledge
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.rules import ACTORS, acting

SAME = (
    "rule", "subject_kind", "subject", "location", "mine_name", "grade", "onset", "end", "raised_at", "peak", "limit",
    "unit", "withdrawn", "late", "drill",
)  # fmt: skip
VOID, MERGED = "void", "merged"


def facts(cases: Collection[int]) -> list[dict[str, Any]]:
    """The facts of alerts by case id, in that order; `gone` is void, merged or empty. Two queries at most."""
    alerts = list(Alert.objects.filter(pk__in=cases).select_related("case").order_by("pk"))
    merged = {alert.merged_into for alert in alerts if alert.merged_into}
    parents = Alert.objects.filter(event_id__in=merged).values_list("event_id", "case__number") if merged else ()
    numbers = dict(parents)
    return [_facts(alert, numbers) for alert in alerts]


def _facts(alert: Alert, numbers: Mapping[str, str]) -> dict[str, Any]:
    case = alert.case
    said = {name: getattr(alert, name) for name in SAME}
    return said | {
        "case": case.pk,
        "event": alert.event_id,
        "number": case.number,
        "state": case.state,
        "title": case.title,
        "mine": case.mine_id or "",
        "region": case.region,
        "sector": case.sector,
        "opened": case.opened,
        "closed": case.closed,
        "secrecy": case.secrecy,
        "cause": alert.cause_code,
        "merged_into": numbers.get(alert.merged_into, alert.merged_into),
        "gone": MERGED if alert.merged_into else VOID if alert.void else "",
    }


def act(case: Case, step: str, *, by: User, at: datetime, form: Mapping[str, object]) -> Case:
    """Take a step as `by`, with all the rules that hold for people. Raises what `perform` and `acknowledge` raise."""
    if step != "acknowledge":
        return perform(case, step, by=by, at=at, form=form, reason=str(form.get("reason", "")))
    if not Case.objects.visible_to(by, at).filter(pk=case.pk).exists():
        raise NotVisible
    acknowledge(case, by=by, at=at, note=str(form.get("note", ""))[:200])
    return Case.objects.get(pk=case.pk)


def taker(case: Case, step: str) -> int | None:
    """The organisation of the lowest level that may take the step; None for a void alert, which only waits to be confirmed."""
    alert = Alert.objects.get(case=case)
    stands = acting(alert.organisations)
    levels = () if alert.void else ACTORS.get(step, ("mine",))
    return next((stands[level] for level in levels if level in stands), None)
