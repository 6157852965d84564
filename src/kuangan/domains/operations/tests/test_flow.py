"""The life of an announcement: who answers, who may not, and what the clock does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields, NotVisible, NotYet, WrongState
from kuangan.base.case.models import Case, Step
from kuangan.base.notices.models import Notice
from kuangan.domains.operations import acts
from kuangan.domains.operations.models import Announcement, Check
from kuangan.domains.operations.tests.conftest import HOUR, Make

DAY = timedelta(days=1)


def again(row: Announcement) -> Announcement:
    return Announcement.objects.select_related("case").get(pk=row.pk)


@pytest.fixture
def power_cut(declared: Make, moment: datetime, mine_a: Any) -> Any:
    """A planned power cut of the whole mine A, the day after tomorrow, four hours."""
    start = moment + 2 * DAY
    return declared(kind="power_cut", starts=start, ends=start + 4 * HOUR, parts=(("mine", mine_a.code),))


def test_work_that_needs_an_answer_is_agreed_begun_and_ended(
    power_cut: Any, cast: Any, moment: datetime, tick: Make
) -> None:
    assert (power_cut.case.number, power_cut.supervisor) == ("BB-20261121-0001", cast.organisations["county"])
    assert again(power_cut).covers_from is None
    acts.take(power_cut.case, "agree", by=cast.county_officer, at=moment + HOUR, form={})
    row = again(power_cut)
    assert (row.case.state, row.covers_from, row.covers_to) == ("agreed", row.starts, row.ends)
    tick(row.starts)
    assert again(row).case.state == "running"
    over = row.starts + HOUR
    acts.take(row.case, "end", by=cast.mine_a_dispatcher, at=over, form={"outcome": "已恢复供电"})
    row = again(row)
    assert (row.case.state, row.case.due, row.covers_to, row.case.closed) == ("ended", None, over, over)
    assert tick(row.ends + HOUR) == 0
    assert list(Step.objects.filter(case=row.case).values_list("name", flat=True)) == [
        "declare",
        "agree",
        "begin_on_time",
        "end",
    ]
    assert set(AuditEntry.objects.filter(ident=row.case.number).values_list("action", flat=True)) == {
        "declare",
        "agree",
        "begin_on_time",
        "end",
    }


def test_work_without_an_answer_does_not_begin_and_lapses_at_its_end(power_cut: Any, cast: Any, tick: Make) -> None:
    tick(power_cut.starts)
    assert again(power_cut).case.state == "declared"
    with pytest.raises(NotYet, match="须经直接监管部门同意"):
        acts.take(power_cut.case, "start", by=cast.mine_a_dispatcher, at=power_cut.starts, form={})
    tick(power_cut.ends)
    row = again(power_cut)
    assert (row.case.state, row.covers_from) == ("lapsed", None)


def test_an_answer_in_the_middle_covers_only_what_follows(power_cut: Any, cast: Any, tick: Make) -> None:
    late = power_cut.starts + HOUR
    acts.take(power_cut.case, "agree", by=cast.county_officer, at=late, form={})
    tick(late)
    row = again(power_cut)
    assert (row.case.state, row.covers_from) == ("running", late)


def test_what_only_has_to_be_known_begins_by_itself_and_may_be_seen_late(
    declared: Make, cast: Any, moment: datetime, tick: Make
) -> None:
    row = declared()
    assert (row.case.state, again(row).covers_from) == ("declared", row.starts)
    with pytest.raises(Forbidden):
        acts.take(row.case, "agree", by=cast.county_officer, at=moment, form={})
    tick(row.starts)
    acts.take(row.case, "note_late", by=cast.county_officer, at=row.starts, form={})
    assert (again(row).case.state, again(row).seen_at) == ("running", row.starts)
    with pytest.raises(Forbidden):
        acts.take(row.case, "note_late", by=cast.county_leader, at=row.starts, form={})


def test_only_the_direct_supervisor_answers_and_only_the_own_mine_acts(
    power_cut: Any, cast: Any, moment: datetime
) -> None:
    for other in (cast.city_officer, cast.province_officer, cast.mine_a_manager, cast.bureau_officer):
        with pytest.raises(Forbidden):
            acts.take(power_cut.case, "agree", by=other, at=moment, form={})
    for stranger in (cast.neighbour_officer, cast.mine_b_dispatcher):
        with pytest.raises(NotVisible):
            acts.take(power_cut.case, "agree", by=stranger, at=moment, form={})
    with pytest.raises(Forbidden):
        acts.take(power_cut.case, "withdraw", by=cast.county_officer, at=moment, form={}, reason="不该")


def test_a_refusal_needs_a_reason_and_is_the_end(power_cut: Any, cast: Any, moment: datetime, tick: Make) -> None:
    with pytest.raises(MissingFields):
        acts.take(power_cut.case, "refuse", by=cast.county_officer, at=moment, form={})
    acts.take(power_cut.case, "refuse", by=cast.county_officer, at=moment, form={}, reason="措施不足")
    row = again(power_cut)
    assert (row.case.state, row.covers_from, row.case.due) == ("refused", None, None)
    assert Notice.objects.filter(to=f"organisation:{cast.organisations['mine_a'].pk}", subject_id=str(row.pk)).exists()
    assert tick(row.ends) == 0


def test_it_is_changed_only_before_it_begins_and_then_answered_again(
    power_cut: Any, cast: Any, draft: Make, moment: datetime
) -> None:
    acts.take(power_cut.case, "agree", by=cast.county_officer, at=moment, form={})
    changed = draft(
        kind="power_cut", starts=power_cut.starts + HOUR, ends=power_cut.ends, parts=(("place", "1102回风巷"),)
    )
    acts.amend(power_cut.case, changed, by=cast.mine_a_manager, at=moment, reason="推迟")
    row = again(power_cut)
    assert (row.case.state, row.agreed_at, row.covers_from) == ("declared", None, None)
    assert [(part.kind, part.ident) for part in row.parts.all()] == [("place", "1102回风巷")]
    for name in ("amend", "withdraw"):
        with pytest.raises(NotYet, match="作业时间已到"):
            if name == "amend":
                acts.amend(row.case, changed, by=cast.mine_a_manager, at=row.starts, reason="迟了")
            else:
                acts.take(row.case, name, by=cast.mine_a_manager, at=row.starts, form={}, reason="迟了")
    acts.take(row.case, "withdraw", by=cast.mine_a_manager, at=moment, form={}, reason="不做了")
    assert again(row).case.state == "withdrawn"


def test_an_extension_needs_a_reason_and_another_person(declared: Make, cast: Any, tick: Make) -> None:
    row = declared()
    tick(row.starts)
    at, later = row.starts + timedelta(minutes=5), row.ends + HOUR
    with pytest.raises(MissingFields):
        acts.take(row.case, "ask_extension", by=cast.mine_a_dispatcher, at=at, form={"ends": later})
    with pytest.raises(NotYet, match="须晚于"):
        acts.take(row.case, "ask_extension", by=cast.mine_a_dispatcher, at=at, form={"ends": row.ends}, reason="慢")
    acts.take(row.case, "ask_extension", by=cast.mine_a_dispatcher, at=at, form={"ends": later}, reason="慢")
    with pytest.raises(FourEyes):
        acts.take(row.case, "grant_extension", by=cast.mine_a_dispatcher, at=at, form={})
    acts.take(row.case, "grant_extension", by=cast.mine_a_manager, at=at, form={})
    row = again(row)
    assert (row.case.state, row.ends, row.covers_to, row.extensions, row.asked_ends) == (
        "running",
        later,
        later,
        1,
        None,
    )
    tick(later - timedelta(minutes=30))
    assert again(row).case.state == "running"


def test_the_extension_of_agreed_work_is_granted_by_the_supervisor(power_cut: Any, cast: Any, tick: Make) -> None:
    at = power_cut.starts
    acts.take(power_cut.case, "agree", by=cast.county_officer, at=at - HOUR, form={})
    tick(at)
    form = {"ends": power_cut.ends + HOUR}
    acts.take(power_cut.case, "ask_extension", by=cast.mine_a_dispatcher, at=at, form=form, reason="设备")
    with pytest.raises(Forbidden):
        acts.take(power_cut.case, "grant_extension", by=cast.mine_a_manager, at=at, form={})
    acts.take(power_cut.case, "grant_extension", by=cast.county_leader, at=at, form={})
    assert again(power_cut).ends == power_cut.ends + HOUR


def test_what_is_not_ended_in_time_overruns_and_is_looked_at_once(declared: Make, cast: Any, tick: Make) -> None:
    row = declared()
    tick(row.starts)
    tick(row.ends + timedelta(minutes=14))
    assert again(row).case.state == "running"
    tick(row.ends + timedelta(minutes=15))
    tick(row.ends + DAY)
    row = again(row)
    assert (row.case.state, row.covers_to) == ("overrun", row.ends)
    check = Check.objects.select_related("case").get()
    assert (check.kind, check.case.origin, check.case.number) == ("overrun", row.case.number, "BH-20261121-0001")
    acts.take(row.case, "end", by=cast.mine_a_dispatcher, at=row.ends + DAY, form={"outcome": "忘记"})
    assert again(row).covers_to == row.ends


def test_an_extension_asked_for_after_the_end_does_not_overrun_twice(declared: Make, cast: Any, tick: Make) -> None:
    row = declared()
    tick(row.starts)
    late = row.ends + timedelta(minutes=20)
    tick(late)
    form = {"ends": row.ends + 2 * HOUR}
    acts.take(row.case, "ask_extension", by=cast.mine_a_dispatcher, at=late, form=form, reason="仪器故障")
    tick(late + timedelta(minutes=1))
    assert again(row).case.state == "asked"
    acts.take(row.case, "grant_extension", by=cast.mine_a_manager, at=late, form={})
    tick(late + timedelta(minutes=1))
    assert (again(row).case.state, Check.objects.count()) == ("running", 1)


def test_after_a_standstill_the_clock_begins_and_overruns_in_order(declared: Make, tick: Make) -> None:
    row = declared()
    tick(row.ends + DAY)
    tick(row.ends + DAY)
    assert again(row).case.state == "overrun"
    names = list(Step.objects.filter(case=row.case).order_by("id").values_list("name", flat=True))
    assert names == ["declare", "begin_on_time", "overrun"]


def test_link_maintenance_is_over_at_its_end(declared: Make, tick: Make, mine_a: Any) -> None:
    row = declared(kind="link_maintenance", parts=(("mine", mine_a.code),))
    tick(row.starts)
    tick(row.ends)
    assert (again(row).case.state, again(row).ended_at, Check.objects.count()) == ("ended", row.ends, 0)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("starts", {"starts": datetime.fromisoformat("2026-11-20T00:00:00+00:00")}),
        ("ends", {"ends": datetime.fromisoformat("2026-11-20T00:00:00+00:00")}),
        ("parts", {"parts": ()}),
        ("parts", {"parts": (("mine", "140404900001"),)}),
        ("protected", {"kind": "power_cut", "protected": " "}),
        ("responsible", {"responsible": ""}),
    ],
)
def test_what_is_wrong_is_said_by_field(declared: Make, field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(MissingFields) as refused:
        declared(**changes)
    assert field in refused.value.fields
    assert not Case.objects.exists()


def test_nobody_declares_for_another_mine(cast: Any, draft: Make, moment: datetime) -> None:
    for person in (cast.mine_b_dispatcher, cast.county_officer, cast.parent_dispatcher):
        with pytest.raises(Forbidden):
            acts.declare(draft(), mine=cast.mine_a, by=person, at=moment)


def test_short_notice_is_taken_and_marked(declared: Make, moment: datetime) -> None:
    assert not declared().short_notice
    assert declared(starts=moment + timedelta(minutes=5)).short_notice


def test_a_step_taken_twice_comes_too_late(power_cut: Any, cast: Any, moment: datetime) -> None:
    acts.take(power_cut.case, "agree", by=cast.county_officer, at=moment, form={})
    with pytest.raises(WrongState):
        acts.take(power_cut.case, "agree", by=cast.county_leader, at=moment, form={})
