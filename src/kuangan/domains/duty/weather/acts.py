"""What people do under a warning: call out many mines at once, and take the steps of one with what they must say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.case.models import Case
from kuangan.base.case.performing import perform
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.registry.supervision import mine_organisation
from kuangan.domains.duty.calling import Callee, call, open_callout
from kuangan.domains.duty.contacts import book, in_order
from kuangan.domains.duty.models import CallOut, Contact
from kuangan.domains.duty.rules import POST_WORDS
from kuangan.domains.duty.weather.models import Withdrawal
from kuangan.domains.duty.weather.rules import RULES

MOST_CALLED: Final = 200
COUNTS: Final = {"begin": ("below",), "report_out": ("out", "remaining")}
HIGHEST: Final = 20_000


@transaction.atomic
def take(case: Case, name: str, *, by: User, at: datetime, form: Mapping[str, object], reason: str = "") -> Case:
    """One step of the flow. Raises MissingFields for numbers and times that cannot be, besides what `perform` raises."""
    if wrong := _problems(case, name, form, at):
        raise MissingFields(wrong)
    return perform(case, name, by=by, at=at, form=form, reason=reason)


def _problems(case: Case, name: str, form: Mapping[str, object], at: datetime) -> dict[str, str]:
    wrong = {
        field: f"应为 0 至 {HIGHEST} 的整数"
        for field in COUNTS.get(name, ())
        if not isinstance(said := form.get(field), int) or not 0 <= said <= HIGHEST
    }
    if name != "report_out" or wrong:
        return wrong
    when = form.get("out_at")
    ordered = Withdrawal.objects.get(case=case).ordered_at
    if not isinstance(when, datetime):
        wrong["out_at"] = "必填"
    elif when > at or (ordered is not None and when < ordered.replace(second=0, microsecond=0)):
        wrong["out_at"] = "撤出时间应在下令之后、不晚于现在"
    if form.get("remaining") and not str(form.get("stay_reason") or "").strip():
        wrong["stay_reason"] = "有人留守须写明岗位和理由"
    return wrong


@transaction.atomic
def call_out(rows: Sequence[Withdrawal], means: str, *, by: User, at: datetime) -> tuple[int, list[str]]:
    """Call out the mines by voice or SMS, each in a call-out of its own: the posts of the rules, else the mine's duty phone.

    One that is under way by one's own organisation goes on. Returns how many calls were made and the names of mines without
    any number. Raises Forbidden without the role, MissingFields for none or too many mines.
    """
    if not may(by, "weather.call") or not may(by, "duty.call"):
        raise Forbidden("没有叫应的权限")
    if not 0 < len(rows) <= MOST_CALLED:
        raise MissingFields({"矿山": f"一次叫应 1 至 {MOST_CALLED} 座"})
    codes = [row.mine_id for row in rows]
    bodies = mine_organisation(codes, at)
    lines: dict[int, list[Contact]] = {}
    for line in in_order(book([body.pk for body in bodies.values()], at).filter(post__in=RULES.posts)):
        lines.setdefault(line.organisation_id, []).append(line)
    under_way = {
        row.about_id: row
        for row in CallOut.objects.filter(
            about__in=[row.case_id for row in rows], case__state="open", case__owner=by.organisation
        ).select_related("case")
    }
    made, missing = 0, []
    for row in rows:
        callees = _callees(bodies.get(row.mine_id), lines)
        if not callees:
            missing.append(row.mine.name)
            continue
        callout = under_way.get(row.case_id) or open_callout(row.case.title, by=by, at=at, about=row.case)
        for callee in callees:
            call(callout, callee, means, by=by, at=at)
        made += len(callees)
    return made, missing


def _callees(body: Organisation | None, lines: Mapping[int, Sequence[Contact]]) -> list[Callee]:
    if body is None:
        return []
    found = [
        Callee(line.phone, line.name, POST_WORDS.get(line.post, line.post), body) for line in lines.get(body.pk, ())
    ]
    return found or ([Callee(body.phone, "", "值班电话", body)] if body.phone else [])
