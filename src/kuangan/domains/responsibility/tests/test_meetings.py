"""Meetings, decisions, days at the mine, the reminder of the month, teams that change."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.deadlines import tick
from kuangan.base.deadlines.models import Deadline
from kuangan.base.deadlines.telling import tell
from kuangan.base.notices.models import Notice
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.base.registry.models import Company, Mine
from kuangan.domains.responsibility import meetings, teams
from kuangan.domains.responsibility.meeting_views import differs
from kuangan.domains.responsibility.meetings import Held
from kuangan.domains.responsibility.models import STANDING, Meeting, Presence
from kuangan.domains.responsibility.reminding import turn
from kuangan.domains.responsibility.rules import DAY, changes, day_start
from kuangan.domains.responsibility.tests.conftest import Make

HANDLERS = {"remind": tell, "overdue": tell}


@pytest.fixture
def held(cast: Any, moment: datetime, today: date, tmp_path: Path) -> Make:
    def make(
        day: date | None = None,
        *,
        chair: Any = None,
        chair_name: str = "",
        subject: Any = None,
        by: Any = None,
        file: Any = None,
    ) -> Meeting:
        said = Held(
            day or today, chair, chair_name or ("" if chair else "示例副矿长"), ("示例甲", "示例乙"), "示例议题"
        )
        return meetings.hold(subject or cast.mine_a, said, file, tmp_path, by=by or cast.mine_a_manager, at=moment)

    return make


def test_the_chair_is_a_principal_in_office_on_the_day(held: Make, appointed: Make, today: date) -> None:
    manager = appointed(first=today - 10 * DAY)
    row = held(chair=manager)
    assert (row.in_person, row.chair_name, row.month) == (True, "示例矿长", f"{today:%Y-%m}")
    with pytest.raises(MissingFields, match="不担任"):
        held(today - 20 * DAY, chair=manager)
    with pytest.raises(MissingFields, match="不担任"):
        held(chair=appointed("safety_deputy", "示例安全副矿长"))
    assert held(chair_name="示例安全副矿长").in_person is False


def test_a_meeting_is_entered_by_the_mine_itself_after_it_took_place(held: Make, cast: Any, today: date) -> None:
    for person in (cast.county_leader, cast.parent_dispatcher, cast.mine_b_dispatcher, cast.province_officer):
        with pytest.raises(Forbidden):
            held(by=person)
    for day in (today + DAY, today - 90 * DAY):
        with pytest.raises(MissingFields):
            held(day)
    company = Company.objects.get(code="QEXAMPLE01")
    assert held(subject=company, by=cast.parent_dispatcher).company == company


def test_minutes_are_kept_under_their_digest_and_must_be_what_they_say(held: Make, tmp_path: Path) -> None:
    row = held(file=SimpleUploadedFile("纪要.pdf", b"%PDF-1.7\n%synthetic\n"))
    assert (tmp_path / "minutes" / row.file_sha256[:2] / row.file_sha256).exists()
    assert row.file_name == "纪要.pdf"
    for name, content in (("纪要.pdf", b"MZ"), ("纪要.docx", b"%PDF-1.7")):
        with pytest.raises(MissingFields):
            held(file=SimpleUploadedFile(name, content))


def test_decisions_have_owner_and_day_and_are_finished_once(
    held: Make, cast: Any, moment: datetime, today: date
) -> None:
    row, said = held(today - 5 * DAY), {"by": cast.mine_a_manager, "at": moment}
    with pytest.raises(MissingFields):
        meetings.resolve(row, "增设传感器", "示例", today - 9 * DAY, **said)
    with pytest.raises(Forbidden):
        meetings.resolve(row, "增设传感器", "示例", today, by=cast.county_leader, at=moment)
    made = meetings.resolve(row, "增设传感器", "示例", today - DAY, **said)
    assert meetings.open_resolutions([row.pk], today) == {row.pk: (1, 1)}
    meetings.finish(made, today, "已完成", **said)
    assert meetings.open_resolutions([row.pk], today) == {}
    with pytest.raises(MissingFields):
        meetings.finish(made, today, "再次", **said)


def test_each_mine_is_reminded_once_a_month_and_a_meeting_ends_it(held: Make, cast: Any, moment: datetime) -> None:
    assert turn(moment) == 2
    assert turn(moment + DAY) == 0
    row = Deadline.objects.get(subject_id=f"{cast.mine_a.pk}:2026-11")
    assert (row.due, row.owner) == (day_start(date(2026, 12, 1)), cast.organisations["mine_a"])
    held()
    row.refresh_from_db()
    assert row.state == "met"
    tick(day_start(date(2026, 12, 2)), HANDLERS)
    assert Deadline.objects.get(subject_id=f"{cast.mine_b.pk}:2026-11").state == "lapsed"
    assert not Notice.objects.filter(subject_id=f"{cast.mine_a.pk}:2026-11").exists()
    assert Notice.objects.filter(subject_id=f"{cast.mine_b.pk}:2026-11").count() == 2
    assert turn(day_start(date(2026, 12, 2))) == 2


def test_a_mine_that_has_met_already_and_a_closed_one_are_not_reminded(held: Make, cast: Any, moment: datetime) -> None:
    held()
    record_facts([NewFact(cast.mine_b.pk, "state", "closed", moment - DAY)], at=moment, basis="示例")
    assert turn(moment) == 0


def test_voiding_the_only_meeting_of_the_running_month_reminds_again(
    held: Make, cast: Any, moment: datetime, today: date
) -> None:
    turn(moment)
    row = held()
    meetings.void_meeting(row, by=cast.mine_a_manager, at=moment, reason="日期误录")
    assert Deadline.objects.filter(subject_id=f"{cast.mine_a.pk}:2026-11", state="running").count() == 1


def test_days_are_declared_by_the_mine_and_a_new_entry_replaces(
    appointed: Make, cast: Any, moment: datetime, today: date
) -> None:
    post, said = appointed(), {"by": cast.mine_a_manager, "at": moment}
    for month, days, below in (("2026-12", 1, 0), ("2026-11", 22, 0), ("2026-10", 5, 6), ("2026-02", 29, 0)):
        with pytest.raises(MissingFields):
            meetings.declare_presence(post, month, days, below, **said)
    meetings.declare_presence(post, "2026-11", 21, 10, **said)
    meetings.declare_presence(post, "2026-11", 20, 10, **said)
    assert Presence.objects.filter(STANDING).get().days == 20
    assert Presence.objects.count() == 2
    with pytest.raises(Forbidden):
        meetings.declare_presence(post, "2026-10", 9, 0, by=cast.county_leader, at=moment)


def test_more_days_declared_than_seen_is_a_difference_and_unknown_is_none() -> None:
    assert differs(10, 8)
    assert not differs(8, 10)
    assert not differs(10, None)
    assert not differs(None, 3)


def test_the_list_of_teams_counts_what_the_rule_counts(appointed: Make, cast: Any, today: date) -> None:
    for number, back in enumerate((500, 200, 100, 20)):
        appointed(name=f"示例矿长{number}", first=today - back * DAY)
    appointed("chief_engineer", "示例总工", first=today - 40 * DAY)
    row = teams.with_changes(Mine.objects.filter(pk=cast.mine_a.pk), today).get()
    terms = teams.terms_of([cast.mine_a.pk])[cast.mine_a.pk]
    assert (row.changed, row.managers) == (3, 3)
    assert row.changed == len(changes(terms, teams.window(today), today))
    assert teams.often(row.managers, row.changed)
    counted = teams.with_changes(Mine.objects.all(), today)
    assert {name: counted.filter(teams.state(name)).count() for name in teams.STATES} == {
        "often": 1,
        "changed": 1,
        "vacant": 1,
        "unknown": 1,
    }


def test_names_are_read_from_lines_and_commas() -> None:
    assert meetings.names_of("甲、乙，丙\n丁\n\n甲") == ("甲", "乙", "丙", "丁")
