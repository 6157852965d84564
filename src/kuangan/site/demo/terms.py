"""A repair for which the mine asks more time, a reading that somebody wants changed, a baseline that two persons answered; all of it invented."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kuangan.base.case import terms
from kuangan.base.case.models import Case
from kuangan.base.clock import beijing_day
from kuangan.base.compliance import readings_acts as acts
from kuangan.base.compliance.choices import BaselineAnswer, ReadingChoice
from kuangan.base.people.models import User
from kuangan.library.policy import shipped

WANTED = ("meidiao", "shengting", "lingdao")


def enter(at: datetime) -> None:
    """Once, where the people of the demonstration are there."""
    people = {user.username: user for user in User.objects.filter(username__in=WANTED)}
    if len(people) < len(WANTED):
        return
    _ask(people["meidiao"], at)
    if not ReadingChoice.objects.exists():
        _propose(people["shengting"], at)
    if not BaselineAnswer.objects.filter(key="key_counties").exists():
        _answer(people["shengting"], people["lingdao"], at)


def _ask(by: User, at: datetime) -> None:
    case = Case.objects.filter(
        kind="system_fault", closed__isnull=True, mine=by.organisation.mine if by.organisation else ""
    ).first()
    clocks = [row for row in terms.open_clocks(case) if row.code == "repair"] if case else []
    if case and clocks and clocks[0].due > at and not clocks[0].requests.exists():
        due = clocks[0].due + timedelta(days=2)
        terms.ask(case, clocks[0], due=due, reason="合成数据：配件运输在途", by=by, at=at)


def _propose(by: User, at: datetime) -> None:
    reading = shipped().readings["class_hours"]
    acts.propose_reading(
        reading,
        text=reading.alternatives[0],
        settings=dict(reading.settings) | {"minutes_per_class_hour": 50},
        valid_from=beijing_day(at),
        reason="合成数据：与培训主管部门口径一致",
        by=by,
        at=at,
    )


def _answer(by: User, second: User, at: datetime) -> None:
    row = acts.propose_answer(
        shipped().baselines["key_counties"],
        value="6",
        source="合成数据：督导名单（演示）",
        source_date=date(2024, 3, 1),
        valid_from=beijing_day(at),
        reason="合成数据",
        by=by,
        at=at,
    )
    acts.decide(row, approve=True, opinion="合成数据：数字与名单一致", by=second, at=at)
