"""What checks say of announced work, caretakers and safety systems."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from kuangan.base.clock import beijing_day
from kuangan.base.compliance.checks import State
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.domains.operations.caretakers import approve, end, propose
from kuangan.domains.operations.checking import raise_check
from kuangan.domains.operations.kinds import SYSTEM_WORDS
from kuangan.domains.operations.models import Announcement, SafetySystem
from kuangan.domains.operations.systems import record_built, record_test, report_fault
from kuangan.domains.operations.tests.conftest import HOUR, Make
from tests.checked import answer_of, check_of, findings_of, opened

DAY = timedelta(days=1)
SYSTEMS = {"operations.systems": tuple(SYSTEM_WORDS), "operations.monitored": ("monitoring", "positioning")}


def state_of(row: Announcement, state: str) -> None:
    row.case.state = state
    row.case.save()


def test_announcements_agree_with_the_data_or_are_looked_at(
    cast: Any, client_of: Callable[[Any], Client], declared: Make, moment: datetime
) -> None:
    ident, code, at = "operations.announced", cast.mine_a.code, moment + 2 * HOUR
    assert answer_of(ident, code, at) == (State.NOT_APPLICABLE, "none")
    row = declared()
    finding = findings_of(ident, at)[code]
    assert (finding.state, finding.why, finding.data_at) == (State.PAPER, "in_order", moment)
    assert row.case.number in opened(client_of(cast.county_officer), finding)[0]
    check = raise_check(row, "mismatch", "k1", {"points": 1}, at)
    assert check is not None
    assert answer_of(ident, code, at) == (State.UNKNOWN, "waiting")
    assert check.case.number in opened(client_of(cast.county_officer), findings_of(ident, at)[code])[1]
    check.case.state = "explained"
    check.case.save()
    assert answer_of(ident, code, at) == (State.PAPER, "in_order")
    state_of(row, "overrun")
    assert answer_of(ident, code, at + 40 * DAY) == (State.SUSPECTED, "overrun")
    check.case.state = "unexplained"
    check.case.save()
    assert answer_of(ident, code, at) == (State.SUSPECTED, "unexplained")
    assert answer_of(ident, cast.mine_b.code, at) == (State.NOT_APPLICABLE, "none")


@pytest.fixture
def listed(cast: Any, moment: datetime) -> Make:
    def make(**changes: Any) -> Any:
        fields: dict[str, Any] = {"areas": "主井底", "most": 1, "basis": "停产看护方案", "at": moment}
        fields |= {"valid_from": moment, "valid_to": moment + 30 * DAY, "by": cast.mine_a_dispatcher}
        return propose(cast.mine_a, [("演示甲", "水泵工", "八点班", "主井底")], **(fields | changes))

    return make


def test_a_stopped_mine_has_its_caretakers_approved(
    cast: Any, client_of: Callable[[Any], Client], listed: Make, moment: datetime
) -> None:
    ident, code = "operations.caretakers", cast.mine_a.code
    assert answer_of(ident, code, moment) == (State.UNKNOWN, "no_state")
    facts = [NewFact(code, "state", "producing", moment - 40 * DAY)]
    record_facts(facts, at=moment - 3 * DAY, basis="测试")
    assert answer_of(ident, code, moment) == (State.NOT_APPLICABLE, "not_stopped")
    record_facts([NewFact(code, "state", "stopped", moment - 2 * DAY)], at=moment - DAY, basis="测试")
    assert answer_of(ident, code, moment) == (State.UNKNOWN, "none")
    row = listed()
    assert answer_of(ident, code, moment) == (State.UNKNOWN, "waiting")
    approve(row, by=cast.county_officer, at=moment + HOUR)
    finding = findings_of(ident, moment + 2 * HOUR)[code]
    assert (finding.state, finding.why, finding.data_at) == (State.PAPER, "approved", moment + HOUR)
    assert all("示例远峰煤业" in text for text in opened(client_of(cast.county_officer), finding))
    assert answer_of(ident, code, moment + 31 * DAY) == (State.UNKNOWN, "over")
    end(row, by=cast.county_officer, at=moment + 3 * HOUR, reason="复产")
    assert answer_of(ident, code, moment + 4 * HOUR) == (State.UNKNOWN, "over")


@pytest.fixture
def built(cast: Any, moment: datetime) -> Callable[..., dict[str, SafetySystem]]:
    """Systems of mine A, built 40 days ago and tested yesterday."""

    def make(kinds: tuple[str, ...]) -> dict[str, SafetySystem]:
        by, today = {"by": cast.mine_a_manager, "at": moment}, beijing_day(moment)
        rows = {
            kind: record_built(cast.mine_a, kind, built_on=today - 40 * DAY, model="演示型", **by) for kind in kinds
        }
        for row in rows.values():
            record_test(row, tested_on=today - DAY, result="passed", evidence="试验单", **by)
        return rows

    return make


@pytest.mark.parametrize("ident", SYSTEMS)
def test_systems_are_entered_tested_and_repaired(
    cast: Any, client_of: Callable[[Any], Client], built: Any, moment: datetime, ident: str
) -> None:
    kinds, code = SYSTEMS[ident], cast.mine_a.code
    finding = findings_of(ident, moment)[code]
    assert (finding.state, finding.why) == (State.UNKNOWN, "missing")
    assert finding.inputs == {"systems": [SYSTEM_WORDS[kind] for kind in kinds]}
    rows = built(kinds)
    finding = findings_of(ident, moment)[code]
    assert (finding.state, finding.why, finding.data_at) == (State.PAPER, "sound", moment)
    assert all("示例远峰煤业" in text for text in opened(client_of(cast.county_officer), finding))
    assert answer_of(ident, code, moment + 60 * DAY) == (State.UNKNOWN, "untested")
    last = rows[kinds[-1]]
    record_test(
        last,
        tested_on=beijing_day(moment),
        result="failed",
        evidence="试验单",
        by=cast.mine_a_manager,
        at=moment,
    )
    assert answer_of(ident, code, moment) == (State.SUSPECTED, "failed")
    record_test(
        last,
        tested_on=beijing_day(moment),
        result="passed",
        evidence="试验单",
        by=cast.mine_a_manager,
        at=moment,
    )
    assert answer_of(ident, code, moment) == (State.PAPER, "sound")
    fault = report_fault(last, text="故障", measures="备用", by=cast.mine_a_manager, at=moment)
    assert answer_of(ident, code, moment) == (State.UNKNOWN, "faulty")
    assert answer_of(ident, code, moment + 4 * DAY) == (State.SUSPECTED, "late")
    fault.case.state = "closed"
    fault.case.save()
    assert answer_of(ident, code, moment + 4 * DAY) == (State.PAPER, "sound")


def test_a_fault_of_another_system_does_not_count(cast: Any, built: Any, moment: datetime) -> None:
    rows = built(tuple(SYSTEM_WORDS))
    report_fault(rows["water"], text="故障", measures="备用", by=cast.mine_a_manager, at=moment)
    assert answer_of("operations.monitored", cast.mine_a.code, moment) == (State.PAPER, "sound")
    assert (
        check_of("operations.monitored")
        .told("late", {"systems": ["人员定位"]})
        .startswith("故障超过修复时限：人员定位")
    )
