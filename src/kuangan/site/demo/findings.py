"""A first pass of the checks, and what people did about one clause at the demonstration's first mine; all of it invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from kuangan.base.case.performing import perform
from kuangan.base.clock import beijing_day
from kuangan.base.compliance import acts, judging
from kuangan.base.compliance.acts import About, SignedAct
from kuangan.base.compliance.models import Determination, Spell
from kuangan.base.compliance.subjects import mine_subject
from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine
from kuangan.base.registry.pauses import Pace
from kuangan.library.simulate import SimulatedMine

CLAUSE, MEASURE = "SX34-68", "rectify_by"
DAY = timedelta(days=1)


def enter(fleet: Sequence[SimulatedMine], at: datetime) -> None:
    """Once: a determination that stands, a measure that waits for its decision, an objection that waits for its answer."""
    judging.run(at, pace=lambda: Pace(size=2_000, most=4_000, rest=lambda seconds: None))  # nobody waits yet
    if Determination.objects.exists():
        return
    people = {user.username: user for user in User.objects.filter(username__in=("xianju", "lingdao", "kuangzhang"))}
    mine = Mine.objects.filter(pk=fleet[0].code).first()
    if mine is None or len(people) < 3:
        return
    subject = mine_subject(mine)
    about = About(CLAUSE, "mine", subject)
    act = SignedAct(
        "合成〔2026〕第001号",
        "现场处理决定书（合成数据）",
        "演示签发人",
        beijing_day(at) - DAY,
        "合成数据：入井核对记录缺两个班",
    )
    row = acts.determine(about, act, by=people["xianju"], at=at)
    perform(row.case, "confirm", by=people["lingdao"], at=at, form={})
    acts.propose(about, MEASURE, "合成数据：限期补齐入井核对", by=people["xianju"], at=at, determination=row)
    answer = Spell.objects.filter(
        subject=mine.pk, subject_kind="mine", ended_at=None, state__in=("suspected", "unknown")
    )
    spell = answer.order_by("state", "check_id").first()
    clause = _clause_of(spell) if spell else ""
    if spell and clause:
        what = About(clause, "mine", subject, spell)
        acts.object_to(what, "合成数据：所列情况已在矿调度室登记。", "调度台账（合成）", by=people["kuangzhang"], at=at)


def _clause_of(spell: Spell) -> str:
    from kuangan.base.compliance.checks import registry

    return next(iter(registry().clauses_of.get(spell.check_id, ())), "")
