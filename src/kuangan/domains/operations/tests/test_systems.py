"""Safety systems: the next test is a deadline, a fault is a case with a clock, and unknown is not sound."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields
from kuangan.base.case.performing import perform
from kuangan.base.deadlines.models import Deadline, DeadlineState
from kuangan.base.notices.models import Notice
from kuangan.domains.operations.models import SafetySystem, SystemFault
from kuangan.domains.operations.systems import board, record_built, record_test, report_fault
from kuangan.domains.operations.tests.conftest import HOUR, Make

TODAY = date(2026, 11, 21)


@pytest.fixture
def system(cast: Any, moment: datetime) -> SafetySystem:
    return record_built(
        cast.mine_a, "water", built_on=TODAY - timedelta(days=40), model="演示型", by=cast.mine_a_manager, at=moment
    )


def words(cast: Any, at: datetime) -> dict[str, str]:
    return {line.kind: line.word for line in board(cast.mine_a, at)}


def test_the_board_says_what_is_unknown_due_tested_and_faulty(
    system: SafetySystem, cast: Any, moment: datetime
) -> None:
    assert words(cast, moment) == {
        "monitoring": "未登记",
        "positioning": "未登记",
        "communication": "未登记",
        "compressed_air": "未登记",
        "water": "试验逾期",
        "shelter": "未登记",
    }
    record_test(system, tested_on=TODAY, result="passed", evidence="试验单 07", by=cast.mine_a_manager, at=moment)
    assert words(cast, moment)["water"] == "正常"
    report_fault(system, text="管路漏水", measures="备用水箱", by=cast.mine_a_manager, at=moment)
    assert words(cast, moment)["water"] == "故障 1 项"


def test_a_test_meets_the_deadline_and_starts_the_next(
    system: SafetySystem, cast: Any, moment: datetime, tick: Make
) -> None:
    clock = Deadline.objects.get(subject_kind="safety_system", code="test")
    tick(moment)
    assert Notice.objects.filter(subject_kind="safety_system").exists()
    record_test(system, tested_on=TODAY, result="passed", evidence="单", by=cast.mine_a_manager, at=moment)
    clock.refresh_from_db()
    assert clock.state == DeadlineState.MET
    system.refresh_from_db()
    assert system.next_test == TODAY + timedelta(days=30)


def test_a_fault_is_repaired_by_the_mine_and_verified_by_its_supervisor(
    system: SafetySystem, cast: Any, moment: datetime
) -> None:
    fault = report_fault(system, text="管路漏水", measures="备用水箱", by=cast.mine_a_dispatcher, at=moment)
    case = fault.case
    case.refresh_from_db()
    assert (case.number, case.due) == ("XG-20261121-0001", moment + 24 * HOUR)
    case = perform(
        case, "repair", by=cast.mine_a_dispatcher, at=moment + HOUR, form={"evidence": "更换管件，照片 3 张"}
    )
    assert (case.state, case.due) == ("repaired", None)
    for other in (cast.mine_a_manager, cast.city_officer):
        with pytest.raises(Forbidden):
            perform(case, "verify", by=other, at=moment, form={"opinion": "可"})
    case = perform(case, "reopen", by=cast.county_officer, at=moment + 2 * HOUR, form={}, reason="仍漏")
    assert (case.state, case.due) == ("faulty", moment + 26 * HOUR)
    assert SystemFault.objects.get().repaired_at is None
    case = perform(case, "repair", by=cast.mine_a_dispatcher, at=moment + 3 * HOUR, form={"evidence": "重做"})
    assert (
        perform(case, "verify", by=cast.county_officer, at=moment + 4 * HOUR, form={"opinion": "可"}).state == "closed"
    )


def test_who_reported_the_repair_does_not_verify_it(system: SafetySystem, cast: Any, moment: datetime) -> None:
    fault = report_fault(system, text="漏", measures="备用", by=cast.mine_a_dispatcher, at=moment)
    perform(fault.case, "repair", by=cast.mine_a_dispatcher, at=moment, form={"evidence": "修"})
    person = cast.mine_a_dispatcher
    person.organisation, person.roles = cast.organisations["county"], ["inspector"]
    person.save()
    with pytest.raises(FourEyes):
        perform(fault.case, "verify", by=person, at=moment, form={"opinion": "可"})


def test_only_the_own_mine_reports_and_dates_make_sense(system: SafetySystem, cast: Any, moment: datetime) -> None:
    with pytest.raises(Forbidden):
        report_fault(system, text="漏", measures="无", by=cast.mine_b_dispatcher, at=moment)
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=41)):
        with pytest.raises(MissingFields):
            record_test(system, tested_on=day, result="passed", evidence="单", by=cast.mine_a_manager, at=moment)
