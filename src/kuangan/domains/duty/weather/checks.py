"""Spot checks (抽查): a random draw that can be made again, a result for each mine, contradictions flagged, never judged."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from kuangan.base.audit.drawing import sample
from kuangan.base.audit.writing import record
from kuangan.base.case.errors import Forbidden, MissingFields, WrongState
from kuangan.base.case.models import Case
from kuangan.base.case.performing import perform
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.domains.duty.weather.flow import ORDER_HOLDS
from kuangan.domains.duty.weather.models import MEANS, VERDICTS, SpotCheck, SpotDraw, Warning, Withdrawal
from kuangan.domains.duty.weather.people import below_of

MOST: Final = 100


def repeats(draw: SpotDraw) -> bool:
    """Whether the stored seed and population lead to the mines that were drawn."""
    drawn = list(draw.checks.order_by("place").values_list("withdrawal_id", flat=True))
    return sample(draw.population, draw.asked, draw.seed) == drawn


@transaction.atomic
def draw(warning: Warning, number: int, *, by: User, at: datetime) -> SpotDraw:
    """Draw mines under an order, of those the person sees. The seed comes from the digest of the draw's audit entry.

    Raises Forbidden for others than authorities, MissingFields on an impossible number or when no order stands.
    """
    _authority(by)
    if not 0 < number <= MOST:
        raise MissingFields({"抽取数": f"1 至 {MOST}"})
    cases = Case.objects.visible_to(by, at).filter(kind="weather", state__in=ORDER_HOLDS)
    rows = Withdrawal.objects.filter(warning=warning, case__in=cases).order_by("pk")
    pool = list(rows.values_list("pk", flat=True))
    if not pool:
        raise MissingFields({"抽取数": "没有执行中的停产撤人指令"})
    content = {"warning": warning.pk, "asked": number, "population": len(pool)}
    entry = record(
        actor=by, action="weather.drawn", kind="weather_warning", ident=str(warning.pk), content=content, at=at
    )
    assert by.organisation is not None
    made = SpotDraw.objects.create(
        warning=warning,
        organisation=by.organisation,
        by=by,
        at=at,
        asked=number,
        seed=entry.digest[:16],
        population=pool,
    )
    chosen = sample(pool, number, made.seed)
    SpotCheck.objects.bulk_create(
        SpotCheck(draw=made, withdrawal_id=pk, place=place) for place, pk in enumerate(chosen, 1)
    )
    return made


@transaction.atomic
def judge(check: SpotCheck, *, means: str, verdict: str, note: str, by: User, at: datetime, home: Path) -> SpotCheck:
    """Record what a check found, once; one that finds everybody out confirms the report, one that does not sends it back.

    Raises Forbidden for another organisation, MissingFields, WrongState when there is a result already.
    """
    _authority(by)
    held = SpotCheck.objects.select_for_update(of=("self",)).select_related("draw").get(pk=check.pk)
    if held.draw.organisation_id != by.organisation_id:
        raise Forbidden("只有抽取的单位可以填写结果")
    if means not in MEANS or verdict not in VERDICTS:
        raise MissingFields({"结果": "方式和结果必填"})
    if verdict != "out" and not note.strip():
        raise MissingFields({"说明": "未撤出或未联系上须写明"})
    if held.verdict:
        raise WrongState(held.verdict, "judge")
    row = Withdrawal.objects.select_related("case__owner", "mine").get(pk=held.withdrawal_id)
    seen = below_of(home, [row], at)[row.mine_id]
    held.means, held.verdict, held.note, held.by, held.at = means, verdict, note.strip()[:400], by, at
    held.seen, held.agreement = seen.now, seen.agreement
    held.save()
    content = {"draw": held.draw_id, "means": means, "verdict": verdict, "seen": seen.now, "agreement": seen.agreement}
    record(actor=by, action="weather.checked", kind="weather", ident=row.case.number, content=content, at=at)
    said = {"means": means, "verdict": verdict, "check": held.pk}
    if verdict == "out" and row.case.state == "out":
        perform(row.case, "confirm", by=by, at=at, form=said)
    elif verdict == "staying" and row.case.state in ("out", "checked"):
        perform(row.case, "return", by=by, at=at, form=said, reason=f"抽查发现仍有人员：{held.note}")
    return held


def _authority(by: User) -> None:
    if not may(by, "weather.check") or by.organisation is None or by.organisation.kind not in PUBLIC_KINDS:
        raise Forbidden("没有抽查的权限")
