"""Random re-check of closed alerts: a draw that can be repeated, a verdict on each, reopening where it does not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from kuangan.base.audit.drawing import sample
from kuangan.base.audit.writing import record
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields, WrongState
from kuangan.base.case.models import Step
from kuangan.base.clock import BEIJING
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.alerts.acts import act
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.models import Draw, Drawn
from kuangan.domains.alerts.queries import visible
from kuangan.domains.alerts.tuning import TUNING

CLOSING = ("close", "confirm_void")


def repeats(draw: Draw) -> bool:
    """Whether the stored seed and population lead to the alerts that were drawn."""
    drawn = list(draw.drawn.order_by("place").values_list("alert_id", flat=True))
    return sample(draw.population, draw.asked, draw.seed) == drawn


def population(user: User, start: datetime, stop: datetime) -> list[int]:
    """Alerts of the scope that were closed in the period; drills are left out."""
    closed = visible(user).filter(state__in=FLOW.final, drill=False, alert__changed_at__gte=start)
    return list(closed.filter(closed__gte=start, closed__lt=stop).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def draw(user: User, start: datetime, stop: datetime, number: int, at: datetime) -> Draw:
    """Draw `number` closed alerts. The seed comes from the digest of the audit entry of the draw: nobody chooses it.

    Raises Forbidden without the permission, MissingFields on an empty period or number.
    """
    if not may(user, "alert.recheck") or user.organisation is None:
        raise Forbidden("没有抽查告警的权限")
    if not 0 < number <= TUNING.recheck.most or start >= stop:
        raise MissingFields({"抽取件数": f"1 至 {TUNING.recheck.most} 件", "期间": "止应晚于起"})
    pool = population(user, start, stop)
    if not pool:
        raise MissingFields({"期间": "该期间内没有已闭环的告警"})
    period = f"{start.astimezone(BEIJING):%Y-%m-%d}/{stop.astimezone(BEIJING):%Y-%m-%d}"
    content = {"period": period, "asked": number, "population": len(pool)}
    entry = record(
        actor=user, action="alert.recheck_drawn", kind="recheck", ident=at.isoformat(), content=content, at=at
    )
    made = Draw.objects.create(
        organisation=user.organisation,
        by=user,
        at=at,
        start=start,
        stop=stop,
        asked=number,
        seed=entry.digest[:16],
        population=pool,
    )
    chosen = sample(pool, number, made.seed)
    Drawn.objects.bulk_create(Drawn(draw=made, alert_id=pk, place=place) for place, pk in enumerate(chosen, 1))
    return made


@transaction.atomic
def judge(drawn: Drawn, *, by: User, at: datetime, verdict: str, note: str) -> Drawn:
    """Record a verdict, once. Whoever closed the alert does not judge it.

    Raises Forbidden, FourEyes, MissingFields (verdict; a note unless it is true), WrongState when there is one already.
    """
    held = _hold(drawn, by)
    if verdict not in Drawn.VERDICTS:
        raise MissingFields({"结论": "必填"})
    if verdict != "true" and not note.strip():
        raise MissingFields({"说明": "不实或资料不全须写明"})
    if held.verdict:
        raise WrongState(held.verdict, "verdict")
    if Step.objects.filter(case_id=held.alert_id, name__in=CLOSING, by=by).exists():
        raise FourEyes("不能抽查本人销警的告警")
    held.verdict, held.note, held.by, held.at = verdict, note.strip()[:500], by, at
    held.save(update_fields=["verdict", "note", "by", "at"])
    content = {"draw": held.draw_id, "verdict": verdict, "note": held.note}
    record(actor=by, action="alert.rechecked", kind="alert", ident=held.alert.case.number, content=content, at=at)
    return held


@transaction.atomic
def reopen(drawn: Drawn, *, by: User, at: datetime, reason: str, home: Path) -> Drawn:
    """Send a closed alert back to be verified anew; its clocks start. Only what was found untrue or incomplete."""
    held = _hold(drawn, by)
    if held.verdict not in ("untrue", "incomplete") or held.reopened:
        raise WrongState(held.verdict, "reopen")
    act(held.alert.case, "reopen", by=by, at=at, form={"reason": reason}, home=home)
    held.reopened = True
    held.save(update_fields=["reopened"])
    return held


def _hold(drawn: Drawn, by: User) -> Drawn:
    if not may(by, "alert.recheck"):
        raise Forbidden("没有抽查告警的权限")
    held = Drawn.objects.select_for_update(of=("self",)).select_related("draw", "alert__case").get(pk=drawn.pk)
    if held.draw.organisation_id != by.organisation_id:
        raise Forbidden("只有抽取的单位可以填写结论")
    return held


def draws_of(user: User) -> QuerySet[Draw]:
    """The draws of one's own organisation."""
    return Draw.objects.filter(organisation_id=user.organisation_id or 0).select_related("by", "organisation")


@dataclass(frozen=True)
class Tally:
    """How a draw stands: drawn, by verdict, not yet judged, reopened."""

    drawn: int
    verdicts: tuple[tuple[str, str, int], ...]
    waiting: int
    reopened: int


def tally(rows: Sequence[Drawn]) -> Tally:
    counts = Counter(row.verdict for row in rows)
    verdicts = tuple((code, word, counts[code]) for code, word in Drawn.VERDICTS.items())
    return Tally(len(rows), verdicts, counts[""], sum(row.reopened for row in rows))
