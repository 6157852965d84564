"""Many alerts in one act: acknowledge, shelve, export. Each alert is judged by itself and answered by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import QueryDict

from kuangan.base.audit.writing import record
from kuangan.base.case.errors import Forbidden, MissingFields, WrongState
from kuangan.base.case.models import Case
from kuangan.base.people.models import User
from kuangan.domains.alerts.acts import acknowledge
from kuangan.domains.alerts.models import Shelving
from kuangan.domains.alerts.queries import visible
from kuangan.domains.alerts.rules import GRADE_WORDS, grade_rank
from kuangan.domains.alerts.shelving import shelve
from kuangan.domains.alerts.tuning import TUNING

EXPORTED_AT_ONCE = 10_000


@dataclass(frozen=True)
class Answer:
    """What became of one alert."""

    number: str
    title: str
    grade: str
    done: bool
    words: str


def chosen(given: QueryDict, most: int) -> list[int]:
    """The alerts of the ticked lines: each value is one line, the ids of its members parted by commas."""
    ids = dict.fromkeys(int(part) for line in given.getlist("ids") for part in line.split(",") if part.isdecimal())
    return list(ids)[:most]


def own(user: User | AnonymousUser, ids: Sequence[int]) -> list[Case]:
    """Those of the chosen that exist for the person, the gravest first."""
    return list(visible(user).filter(pk__in=ids).order_by("-alert__rank", "-pk"))


def needs_reason(cases: Sequence[Case]) -> bool:
    """Whether acknowledging these together is dangerous enough to ask why."""
    gravest = max((grade_rank(case.severity) for case in cases), default=-1)
    return len(cases) > 1 and gravest >= grade_rank(TUNING.batch.reason_from)


def acknowledge_all(cases: Sequence[Case], *, by: User, at: datetime, note: str, withdrawing: bool) -> list[Answer]:
    """Acknowledge each on the person's level. Raises MissingFields when the batch wants a reason and has none."""
    if needs_reason(cases) and not note.strip():
        raise MissingFields({"理由": f"批量确认含{GRADE_WORDS[TUNING.batch.reason_from]}色及以上告警，必填"})

    def take(case: Case) -> str:
        given = acknowledge(case, by=by, at=at, withdrawing=withdrawing, note=note)
        return "已确认：" + "、".join(str(row.get_level_display()) for row in given)

    return _each(cases, "alert.batch_acknowledged", take, by, at, note)


def shelve_all(cases: Sequence[Case], *, by: User, at: datetime, minutes: int, reason: str) -> list[Answer]:
    """Shelve each for so long."""
    until = at + timedelta(minutes=minutes)

    def take(case: Case) -> str:
        row = shelve(case, by=by, at=at, until=until, reason=reason)
        return "已申请，待本单位另一人同意" if row.state == Shelving.State.WAITING else "已搁置"

    return _each(cases, "alert.batch_shelved", take, by, at, reason)


def _each(
    cases: Sequence[Case], action: str, take: Callable[[Case], str], by: User, at: datetime, reason: str
) -> list[Answer]:
    """One after the other, each in a transaction of its own, so that one refusal costs the others nothing."""
    answers = []
    for case in cases:
        try:
            with transaction.atomic():
                words, done = take(case), True
        except (Forbidden, WrongState, MissingFields) as refused:
            words, done = str(refused) or "您的岗位不能执行此操作", False
        answers.append(Answer(case.number, case.title, case.severity, done, words))
    content = {"done": [a.number for a in answers if a.done], "refused": [a.number for a in answers if not a.done]}
    record(actor=by, action=action, kind="list", ident="alerts", content=content, at=at, reason=reason)
    return answers


def lost(ids: Sequence[int], cases: Sequence[Case]) -> int:
    """How many of the chosen do not exist for the person; nothing is said about them."""
    return len(set(ids)) - len(cases)
