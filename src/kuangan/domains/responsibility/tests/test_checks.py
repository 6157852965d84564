"""What the ledgers say about clauses; nothing entered is unknown, what the mine wrote is paper, what a register shows is proved."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base.compliance.checks import Finding, State
from kuangan.base.compliance.subjects import load
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.base.registry.models import Company
from kuangan.base.registry.ownership import record_owner
from kuangan.domains.responsibility import field, funds, matters, meetings
from kuangan.domains.responsibility.checks import CHECKS
from kuangan.domains.responsibility.kinds import MATTERS
from kuangan.domains.responsibility.rules import DAY
from kuangan.domains.responsibility.tests.conftest import Make
from kuangan.library.policy.load import shipped

ALL = {check.id: check for checks in CHECKS.values() for check in checks}
IDS = {
    "responsibility.monthly_meeting",
    "responsibility.parent_meeting",
    "responsibility.in_person",
    "responsibility.on_site",
    "responsibility.controller",
    "responsibility.parent_controller",
    "responsibility.principals",
    "responsibility.five_filled",
    "responsibility.stable",
    "responsibility.funds_drawn",
    "responsibility.led_county",
    "responsibility.led_city",
    "responsibility.logged_county",
    "responsibility.logged_city",
    "responsibility.logged_department",
    "responsibility.logged_bureau",
    "responsibility.one_lead_county",
    "responsibility.one_lead_city",
}


def found(name: str, subject: str, at: datetime) -> Finding:
    """The answer of a check for a subject; every answer has words and every subject one answer."""
    check = ALL[f"responsibility.{name}"]
    subjects = load(check.subject).of_kinds(check.mine_kinds)
    answers = list(check.judge(subjects, at))
    assert [one.subject for one in answers] == list(subjects.ids)
    for one in answers:
        assert check.told(one.why, one.inputs)
        assert one.state in set(State) - {State.DETERMINED}
    return next(one for one in answers if one.subject == subject)


def answer(name: str, subject: str, at: datetime) -> tuple[str, str]:
    one = found(name, subject, at)
    return one.state.value, one.why


def test_every_check_stands_under_a_clause_that_is_there() -> None:
    nodes = shipped().nodes
    assert set(CHECKS) <= set(nodes)
    assert {ident for ident in ALL if ident.startswith("responsibility.")} == IDS
    for clause, checks in CHECKS.items():
        assert {check.subject for check in checks} & set(nodes[clause].binds), clause


def test_no_ledger_is_unknown_and_a_month_left_out_speaks_against(
    cast: Any, appointed: Make, moment: datetime, tmp_path: Path
) -> None:
    mine, later = cast.mine_a.pk, datetime(2026, 12, 5, tzinfo=moment.tzinfo)
    assert answer("monthly_meeting", mine, moment) == ("unknown", "no_ledger")
    assert answer("in_person", mine, moment) == ("unknown", "none")
    said = meetings.Held(date(2026, 10, 9), appointed(), "", (), "示例")
    meetings.hold(cast.mine_a, said, None, tmp_path, by=cast.mine_a_manager, at=moment)
    assert answer("monthly_meeting", mine, moment) == ("paper", "held")
    assert answer("in_person", mine, moment) == ("paper", "chaired")
    assert answer("monthly_meeting", mine, later) == ("suspected", "none")


def test_a_closed_mine_owes_no_meeting(cast: Any, moment: datetime) -> None:
    record_facts([NewFact(cast.mine_b.pk, "state", "closed", moment - DAY)], at=moment, basis="示例")
    assert answer("monthly_meeting", cast.mine_b.pk, moment) == ("na", "closed")


def test_a_meeting_that_others_chaired_speaks_against_the_principal(
    cast: Any, moment: datetime, tmp_path: Path
) -> None:
    said = meetings.Held(date(2026, 10, 9), None, "示例副矿长", (), "示例")
    meetings.hold(cast.mine_a, said, None, tmp_path, by=cast.mine_a_manager, at=moment)
    assert answer("in_person", cast.mine_a.pk, moment) == ("suspected", "absent")


def test_the_parent_company_is_asked_for_its_own_meeting(cast: Any, moment: datetime, tmp_path: Path) -> None:
    parent, company = str(cast.organisations["parent"].pk), Company.objects.get(code="QEXAMPLE01")
    assert answer("parent_meeting", parent, moment) == ("unknown", "no_ledger")
    said = meetings.Held(date(2026, 10, 9), None, "示例副总", (), "示例")
    meetings.hold(company, said, None, tmp_path, by=cast.parent_dispatcher, at=moment)
    assert answer("parent_meeting", parent, moment) == ("paper", "held")
    assert answer("monthly_meeting", cast.mine_a.pk, moment) == ("unknown", "no_ledger")


def test_a_controller_in_the_register_is_proved_and_an_entry_is_paper(
    cast: Any, appointed: Make, moment: datetime
) -> None:
    mine, parent = cast.mine_a.pk, str(cast.organisations["parent"].pk)
    assert answer("controller", mine, moment) == ("unknown", "unknown")
    company, top = Company.objects.get(code="QEXAMPLE01"), Company.objects.create(code="Q2", name="示例控股")
    record_owner(company, top, moment - 9 * DAY, actual_controller=True)
    assert answer("controller", mine, moment) == ("proved", "registered")
    assert answer("parent_controller", parent, moment) == ("proved", "registered")
    appointed("actual_controller", "示例控制人")
    assert answer("controller", mine, moment) == ("paper", "entered")


def test_posts_are_unknown_then_filled_then_vacant(cast: Any, appointed: Make, moment: datetime, today: date) -> None:
    from kuangan.domains.responsibility.posts import leave_post

    mine = cast.mine_a.pk
    assert answer("five_filled", mine, moment) == ("unknown", "untold")
    assert answer("principals", mine, moment) == ("unknown", "unnamed")
    assert answer("stable", mine, moment) == ("unknown", "untold")
    rows = [
        appointed(post, f"示例{post}")
        for post in ("manager", "chief_engineer", "safety_deputy", "production_deputy", "mechanical_deputy")
    ]
    assert answer("five_filled", mine, moment) == ("paper", "filled")
    assert answer("principals", mine, moment) == ("paper", "named")
    leave_post(rows[2], today, by=cast.mine_a_manager, at=moment, reason="调离")
    one = found("five_filled", mine, moment)
    assert (one.state, one.why, one.inputs) == (State.SUSPECTED, "vacant", {"posts": ["安全副矿长"]})


def test_a_team_that_changes_often_is_suspected(cast: Any, appointed: Make, moment: datetime, today: date) -> None:
    appointed(first=today - 400 * DAY)
    assert answer("stable", cast.mine_a.pk, moment) == ("paper", "stable")
    for back in (100, 20):
        appointed(name=f"示例{back}", first=today - back * DAY)
    assert answer("stable", cast.mine_a.pk, moment) == ("suspected", "often")


def test_days_at_the_mine_are_unknown_told_or_none(cast: Any, appointed: Make, moment: datetime) -> None:
    post, said = appointed(), {"by": cast.mine_a_manager, "at": moment}
    assert answer("on_site", cast.mine_a.pk, moment) == ("unknown", "untold")
    meetings.declare_presence(post, "2026-10", 0, 0, **said)
    assert answer("on_site", cast.mine_a.pk, moment) == ("suspected", "zero")
    meetings.declare_presence(post, "2026-10", 12, 4, **said)
    assert answer("on_site", cast.mine_a.pk, moment) == ("paper", "told")


def test_funds_are_asked_for_from_the_fifteenth(cast: Any, moment: datetime) -> None:
    mine, said = cast.mine_a.pk, {"by": cast.mine_a_manager, "at": moment}
    assert answer("funds_drawn", mine, moment) == ("unknown", "untold")
    funds.declare_month(cast.mine_a, funds.Declared("2026-10", Decimal(1000), Decimal(14999)), **said)
    one = found("funds_drawn", mine, moment)
    assert (one.state, one.inputs["short"]) == (State.SUSPECTED, "1.00")
    funds.declare_month(cast.mine_a, funds.Declared("2026-10", Decimal(1000), Decimal(15000)), **said)
    assert answer("funds_drawn", mine, moment) == ("paper", "enough")
    assert answer("funds_drawn", mine, datetime(2026, 12, 14, tzinfo=moment.tzinfo)) == ("paper", "enough")
    assert answer("funds_drawn", mine, datetime(2026, 12, 15, tzinfo=moment.tzinfo)) == ("unknown", "untold")


def test_leaders_are_unknown_missing_late_or_there(cast: Any, named: Make, moment: datetime, today: date) -> None:
    assert answer("led_county", "140404", moment) == ("unknown", "untold")
    row = named(first=today - 90 * DAY)
    assert answer("led_county", "140404", moment) == ("unknown", "late")
    assert answer("led_city", "140400", moment) == ("suspected", "without")
    field.enter_visit(row, today, underground=True, said="", by=cast.county_officer, at=moment)
    assert answer("led_county", "140404", moment) == ("paper", "led")


def test_a_missing_log_shows_with_county_city_and_department(
    cast: Any, named: Make, moment: datetime, today: date
) -> None:
    department = str(cast.organisations["county"].pk)
    for kind, subject in (("county", "140404"), ("city", "140400"), ("department", department)):
        assert answer(f"logged_{kind}", subject, moment) == ("unknown", "nobody")
    row = named("示例驻矿员", kind="stationed", body=cast.organisations["county"], first=today - 2 * DAY)
    for kind, subject in (("county", "140404"), ("city", "140400"), ("department", department)):
        assert answer(f"logged_{kind}", subject, moment) == ("unknown", "behind")
    for back in (2, 1):
        field.write_log(row, today - back * DAY, "day", "示例", by=cast.county_officer, at=moment)
    assert answer("logged_department", department, moment) == ("paper", "logged")
    assert answer("logged_department", str(cast.organisations["city"].pk), moment) == ("na", "no_mines")


def test_one_thing_without_a_lead_is_unknown_and_with_two_speaks_against(
    cast: Any, moment: datetime, today: date
) -> None:
    from kuangan.base.people.models import Organisation
    from kuangan.base.registry.models import Region

    region, said = Region.objects.get(pk="140404"), {"basis": "示例", "by": cast.county_leader, "at": moment}
    assert answer("one_lead_county", "140404", moment) == ("unknown", "gaps")
    for matter in MATTERS:
        matters.take_on(region, matter, cast.organisations["county"], "lead", today, **said)
    assert answer("one_lead_county", "140404", moment) == ("paper", "one")
    other = Organisation.objects.create(kind="energy", name="长治市上党区能源局", level="county", region="140404")
    matters.take_on(region, "power", other, "lead", today, **said)
    assert answer("one_lead_county", "140404", moment) == ("suspected", "several")


def test_answers_cost_the_same_queries_however_much_is_entered(
    cast: Any, named: Make, appointed: Make, moment: datetime, today: date
) -> None:
    costs = []
    for number in range(2):
        named(f"示例领导{number}", first=today - (90 - number) * DAY)
        for officer in range(1 + 4 * number):
            named(f"示例员{number}{officer}", kind="stationed", body=cast.organisations["county"])
        for post in ("manager", "chief_engineer", "safety_deputy")[number : 3 * number + 1]:
            appointed(post, f"示例{post}{number}")
        total = 0
        for check in ALL.values():
            subjects = load(check.subject).of_kinds(check.mine_kinds)
            with CaptureQueriesContext(connection) as asked:
                list(check.judge(subjects, moment))
            assert len(asked) <= 8, check.id
            total += len(asked)
        costs.append(total)
    assert costs[0] == costs[1]
