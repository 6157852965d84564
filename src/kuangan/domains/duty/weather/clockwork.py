"""What the clock does: ends warnings whose time is over, and tells the next level when a mine or its supervisor is late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from kuangan.base import notices
from kuangan.base.case.models import Case
from kuangan.base.deadlines.ladders import Rung
from kuangan.base.deadlines.models import Deadline
from kuangan.base.notices import Draft
from kuangan.base.notices.models import Channel, Notice
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import Organisation
from kuangan.base.registry.supervision import supervisors
from kuangan.domains.duty.models import Call, Shift
from kuangan.domains.duty.rosters import holder, on_duty
from kuangan.domains.duty.rules import CHANNELS
from kuangan.domains.duty.weather import following
from kuangan.domains.duty.weather.flow import KIND, SUBJECT
from kuangan.domains.duty.weather.opening import move

ASKED: Final = {
    "call": "尚未叫应",
    "decide": "尚未决定是否停产撤人",
    "begin": "停产撤人指令尚未响应",
    "report_out": "人员尚未报告撤出",
}
MINES_OWE: Final = frozenset({"begin", "report_out"})


def expire(due: Sequence[Deadline], rung: Rung, at: datetime) -> None:
    """Handler of the ladder `weather_end`."""
    following.expire([int(row.subject_id) for row in due if row.subject_kind == following.SUBJECT], at)


def climb(due: Sequence[Deadline], rung: Rung, at: datetime) -> None:
    """Handler of the ladder `weather`; the rung's code is who is told now. A constant number of queries."""
    own = [row for row in due if row.subject_kind == SUBJECT]
    cases = Case.objects.select_related("owner").in_bulk({int(row.subject_id) for row in own})
    over = supervisors([str(case.mine_id) for case in cases.values()], at, ("direct", "upper"))
    owners = Organisation.objects.in_bulk({row.owner_id for row in own if row.owner_id})
    told = [
        (row, case, body)
        for row in own
        if (case := cases.get(int(row.subject_id))) is not None and case.kind == KIND
        for body in _bodies(row, case, rung.code, over.get(str(case.mine_id), {}), owners)
    ]
    shifts = on_duty({body.pk for _, _, body in told}, at)
    drafts = [draft for row, case, body in told for draft in _drafts(row, case, body, rung, shifts.get(body.pk, []))]
    notices.send_many(drafts, at)


def _bodies(
    row: Deadline,
    case: Case,
    rung: str,
    over: Mapping[str, list[Organisation]],
    owners: Mapping[int, Organisation],
) -> list[Organisation]:
    """Whom a rung tells: `own` whoever owes it and, for the mine's duties, its supervisor; later the levels above."""
    if rung == "own":
        found = [owners.get(row.owner_id or 0), case.owner if row.code in MINES_OWE else None]
    else:
        found = [body for body in (*over.get("upper", []), *over.get("direct", [])) if body.level == rung]
    return list({body.pk: body for body in found if body is not None}.values())


def _drafts(row: Deadline, case: Case, body: Organisation, rung: Rung, shifts: Sequence[Shift]) -> Iterator[Draft]:
    men = [man for shift in shifts if (man := holder(shift, "officer")) is not None]
    phones = dict.fromkeys([man.phone for man in men if man.phone] or ([body.phone] if body.phone else []))
    mark = "【演练】" if case.drill else ""
    words = f"{mark}{body}：{case.number} {case.title}，{ASKED.get(row.code, '逾期')}，请立即处置。"
    for channel in CHANNELS.get(case.severity, ("inbox",)):
        for to in [to_organisation(body.pk)] if channel == "inbox" else phones:
            yield Draft(
                channel=Channel(channel),
                to=to,
                subject=f"{mark}气象预警逾期：{case.title}",
                body=words,
                subject_kind=SUBJECT,
                subject_id=str(case.pk),
                key=f"weather:{row.pk}:{rung.code}:{body.pk}:{channel}:{to}",
            )


def answered(notice: Notice, at: datetime) -> None:
    """A key was pressed on a call about a mine under a warning: the mine has answered. Other notices pass by."""
    row = Call.objects.select_related("callout__about").filter(notice=notice).first()
    case = row.callout.about if row else None
    if case is not None and case.kind == KIND and row is not None:
        held = Case.objects.select_for_update().get(pk=case.pk)
        move([held], "key_pressed", at, {"name": row.name, "post": row.post, "call": row.pk})
