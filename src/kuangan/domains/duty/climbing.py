"""An acknowledgement is missing: the persons on the roster of the organisation that owes it are told, one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from kuangan.base import notices
from kuangan.base.case.models import Case
from kuangan.base.deadlines.ladders import Rung
from kuangan.base.deadlines.models import Deadline
from kuangan.base.notices import Draft
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation, to_user
from kuangan.base.people.models import Organisation
from kuangan.domains.duty.models import Shift
from kuangan.domains.duty.rosters import OnDuty, holder, on_duty
from kuangan.domains.duty.rules import CHANNELS, GRADE_WORDS, SHIFT_POSTS

SUBJECT = "case"


def climb_roster(deadlines: Sequence[Deadline], rung: Rung, at: datetime) -> None:
    """Handler of the action `roster`; the rung's code is the post. A constant number of queries.

    It runs in the transaction that moved the deadlines, and only while they are open: an acknowledgement ends them.
    """
    own = [row for row in deadlines if row.subject_kind == SUBJECT and row.owner_id is not None]
    cases = Case.objects.in_bulk({int(row.subject_id) for row in own})
    owners = Organisation.objects.in_bulk({row.owner_id for row in own})
    shifts = on_duty(owners, at)
    drafts: list[Draft] = []
    for row in own:
        case, owner = cases.get(int(row.subject_id)), owners.get(row.owner_id)
        if case is not None and owner is not None:
            drafts += _tell(case, row, owner, shifts.get(owner.pk, []), rung.code)
    notices.send_many(drafts, at)


def _tell(case: Case, row: Deadline, owner: Organisation, shifts: Sequence[Shift], post: str) -> Iterable[Draft]:
    people = [man for shift in shifts if (man := holder(shift, post)) is not None]
    if not people:
        return _nobody(case, row, owner, post) if post == "officer" else ()
    return [draft for man in people for draft in _drafts(case, row, owner, man)]


def _drafts(case: Case, row: Deadline, owner: Organisation, man: OnDuty) -> Iterator[Draft]:
    addresses = {
        "inbox": to_user(man.user) if man.user else to_organisation(owner.pk),
        "sms": man.phone,
        "voice": man.phone,
    }
    words = f"{owner}{man.word}{man.name}：{case.number} {case.title}，本单位逾期未确认，请立即登录矿安系统处置。"
    for channel in CHANNELS.get(case.severity, ("inbox",)):
        if addresses[channel]:
            key = f"roster:{row.pk}:{man.post}:{man.shift.pk}:{channel}"
            yield _draft(case, Channel(channel), addresses[channel], words, key)


def _nobody(case: Case, row: Deadline, owner: Organisation, post: str) -> Iterator[Draft]:
    """Nobody stands on the roster: the organisation itself is told, and that its roster has a gap."""
    words = f"{owner}值班表此刻无人在班（{SHIFT_POSTS[post]}空缺）：{case.number} {case.title}，本单位逾期未确认。"
    reached = {"inbox": to_organisation(owner.pk), "sms": owner.phone, "voice": owner.phone}
    for channel in CHANNELS.get(case.severity, ("inbox",)):
        if reached[channel]:
            yield _draft(case, Channel(channel), reached[channel], words, f"roster:{row.pk}:nobody:{channel}")


def _draft(case: Case, channel: Channel, to: str, words: str, key: str) -> Draft:
    mark = "【演练】" if case.drill else ""
    grade = GRADE_WORDS.get(case.severity, "")
    return Draft(channel, to, f"{mark}【{grade}】确认超时：{case.title}", mark + words, SUBJECT, str(case.pk), key)
