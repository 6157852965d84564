"""Invented announcements, caretakers and safety systems around the demonstration's mines, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from kuangan.base.clock import beijing_day
from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine
from kuangan.domains.operations import acts, caretakers, systems
from kuangan.domains.operations.kinds import SYSTEMS
from kuangan.domains.operations.models import Announcement, SafetySystem
from kuangan.domains.operations.rules import Draft
from kuangan.library.simulate import SimulatedMine
from kuangan.site.demo.people import worker_of

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ALIVE = "主通风、主排水、抽采、监控通信、升降人员均为双回路，作业期间不停（合成数据）。"


def enter(fleet: Sequence[SimulatedMine], at: datetime) -> None:
    """One that runs, one that was not ended, one that asks for an answer, one agreed for tomorrow; the clock turns later ones."""
    if Announcement.objects.exists() or len(fleet) < 5:
        return
    running, overrun, asking, agreed, stopped = fleet[:5]
    corner = running.find("corner").code
    calibration = Draft(
        kind="calibration",
        starts=at - 10 * MINUTE,
        ends=at + 40 * MINUTE,
        reason="十五日例行标校（合成数据）",
        measures="专人监护，标校期间该地点不作业。",
        responsible="演示监测工",
        parts=(("point", corner),),
        phone="0350-0000000",
        protected=ALIVE,
    )
    _declare(running, calibration, at - HOUR)
    late = replace(
        calibration, starts=at - 3 * HOUR, ends=at - 2 * HOUR, parts=(("point", overrun.find("corner").code),)
    )
    _declare(overrun, late, at - 4 * HOUR)
    cut = replace(
        calibration,
        kind="power_cut",
        starts=at + 26 * HOUR,
        ends=at + 30 * HOUR,
        reason="变电所预防性试验（合成数据）",
        measures="先撤人后停电，挂牌上锁，专人监护。",
        parts=(("station", asking.stations[0][0]),),
    )
    _declare(asking, cut, at - HOUR)
    row = _declare(agreed, replace(cut, kind="repair_stop", parts=(("mine", agreed.code),)), at - 2 * HOUR)
    acts.take(row.case, "agree", by=worker_of(agreed.code, "zhiban"), at=at - HOUR, form={})
    _caretakers(stopped, at)
    for mine in fleet[:5]:
        _systems(mine, at)


def _manager(mine: SimulatedMine) -> User:
    return worker_of(mine.code, "kuangzhang")


def _declare(mine: SimulatedMine, draft: Draft, at: datetime) -> Announcement:
    return acts.declare(draft, mine=Mine.objects.get(pk=mine.code), by=_manager(mine), at=at)


def _caretakers(mine: SimulatedMine, at: datetime) -> None:
    people = [("演示甲", "水泵工", "八点班", "中央水仓"), ("演示乙", "瓦斯检查工", "四点班", "主井底")]
    row = caretakers.propose(
        Mine.objects.get(pk=mine.code),
        people,
        areas="中央水仓、主井底",
        most=2,
        valid_from=at - HOUR,
        valid_to=at + timedelta(days=30),
        basis="停产看护方案（合成数据）",
        by=_manager(mine),
        at=at - HOUR,
    )
    caretakers.approve(row, by=worker_of(mine.code, "zhiban"), at=at)


def _systems(mine: SimulatedMine, at: datetime) -> None:
    """All six built and tested; one test is overdue and one system faulty at the first mine of the fleet."""
    today, by = beijing_day(at), _manager(mine)
    register = Mine.objects.get(pk=mine.code)
    for number, kind in enumerate(SYSTEMS):
        built = today - timedelta(days=400)
        row = systems.record_built(register, kind, built_on=built, model="演示型", by=by, at=at)
        tested = today - timedelta(days=40 if number == 3 else 5 + number)
        systems.record_test(row, tested_on=tested, result="passed", evidence="试验单（合成数据）", by=by, at=at)
    if not SafetySystem.objects.filter(faults__isnull=False).exists():
        water = SafetySystem.objects.select_related("mine").get(mine=register, kind="water")
        systems.report_fault(water, text="采区供水管路压力不足（合成数据）", measures="启用备用水箱", by=by, at=at)
