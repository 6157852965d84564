"""What people do: lists, milestones, targets, projects, submissions, meetings; who may, who may not, and what stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.deadlines.models import Deadline
from kuangan.domains.campaign import disputes, handing, items, organising, progress, submitting, targets
from kuangan.domains.campaign.definition import definitions
from kuangan.domains.campaign.loading import put_in_force
from kuangan.domains.campaign.models import Item, Ledger, Meeting, Milestone, Post, Programme, Submission, Target
from kuangan.domains.campaign.targets import standings
from kuangan.domains.campaign.tests.conftest import ACTION, DAY, Make, answered, on


def running(kind: str, pk: int) -> set[str]:
    return set(
        Deadline.objects.filter(subject_kind=kind, subject_id=str(pk), state__in=("running", "lapsed")).values_list(
            "code", flat=True
        )
    )


def test_a_programme_is_loaded_once(late: Programme, moment: datetime) -> None:
    with pytest.raises(MissingFields):
        put_in_force(definitions()[ACTION], by=None, at=moment)


def test_an_item_runs_from_its_entry_to_its_proof(people: Any, late: Programme, line: Make, moment: datetime) -> None:
    row = line(late)
    assert running("campaign_item", row.pk) == {"done", "told"}
    items.tell(row, "已进场", by=people.county_officer, at=moment + DAY)
    done = items.finish(row, beijing_day(moment), "验收单 3 号", by=people.county_officer, at=moment + 2 * DAY)
    assert (done.state, done.done_on, done.proof) == ("done", beijing_day(moment), "验收单 3 号")
    assert running("campaign_item", row.pk) == set()
    assert [one.act for one in row.entries.order_by("pk")] == ["created", "told", "done"]
    actions = set(AuditEntry.objects.filter(kind="campaign_item", ident=str(row.pk)).values_list("action", flat=True))
    assert actions == {"campaign.item_created", "campaign.item_told", "campaign.item_done"}


def test_only_the_owner_tells_and_only_those_above_give_back(
    people: Any, late: Programme, line: Make, moment: datetime
) -> None:
    row = line(late)
    for name in ("city_officer", "province_officer", "neighbour_officer", "bureau_officer"):
        with pytest.raises(Forbidden):
            items.tell(row, "进展", by=people.people[name], at=moment)
    items.finish(row, beijing_day(moment), "验收单", by=people.county_officer, at=moment)
    for name in ("county_officer", "neighbour_officer", "bureau_officer"):
        with pytest.raises(Forbidden):
            items.give_back(row, "缺验收", by=people.people[name], at=moment)
    held = items.give_back(row, "缺验收", by=people.city_officer, at=moment)
    assert (held.state, held.done_on) == ("open", None)
    assert running("campaign_item", row.pk) == {"done", "told"}


def test_items_go_to_oneself_and_downwards_only(people: Any, late: Programme, line: Make) -> None:
    line(late, by=people.city_officer, owner="county")
    line(late, by=people.province_officer, owner="city")
    for by, owner in (
        ("county_officer", "city"),
        ("county_officer", "neighbour"),
        ("city_officer", "province"),
        ("bureau_officer", "county"),
    ):
        with pytest.raises(Forbidden):
            line(late, by=people.people[by], owner=owner)


@pytest.mark.parametrize(("field", "change"), [("text", {"text": " "}), ("due", {"due": on("2020-01-01")})])
def test_an_item_needs_words_and_a_day_after_its_start(
    late: Programme, line: Make, field: str, change: dict[str, Any]
) -> None:
    with pytest.raises(MissingFields) as refused:
        line(late, **change)
    assert field in refused.value.fields


def test_a_day_is_moved_with_a_reason_by_who_gave_it(
    people: Any, late: Programme, line: Make, moment: datetime
) -> None:
    row = line(late, by=people.city_officer)
    later = row.due + 20 * DAY
    with pytest.raises(Forbidden):
        items.change(row, due=later, person="", reason="雨季", by=people.county_officer, at=moment)
    with pytest.raises(MissingFields):
        items.change(row, due=later, person="", reason=" ", by=people.city_officer, at=moment)
    items.change(row, due=later, person="演示员", reason="雨季", by=people.city_officer, at=moment)
    clock = Deadline.objects.get(subject_kind="campaign_item", subject_id=str(row.pk), code="done", state="running")
    assert beijing_day(clock.due - timedelta(seconds=1)) == later


def test_nobody_answers_his_own_dispute(people: Any, late: Programme, line: Make, moment: datetime) -> None:
    row = line(late)
    raised = disputes.dispute(row, "期限过短", by=people.county_officer, at=moment)
    assert running("campaign_dispute", raised.pk) == {"answer"}
    with pytest.raises(Forbidden):
        disputes.answer(raised, "同意", by=people.county_officer, at=moment)
    answered = disputes.answer(raised, "维持", by=people.city_officer, at=moment)
    assert (answered.answer, running("campaign_dispute", raised.pk)) == ("维持", set())
    with pytest.raises(MissingFields):
        disputes.answer(raised, "再答", by=people.city_officer, at=moment)


def test_a_milestone_keeps_its_true_day_and_its_corrections(people: Any, late: Programme, moment: datetime) -> None:
    row = Milestone.objects.get(node="SX36-9")
    with pytest.raises(Forbidden):
        progress.record_done(row, on("2024-06-20"), "清单", by=people.city_officer, at=moment)
    with pytest.raises(MissingFields):
        progress.record_done(row, on("2027-06-20"), "清单", by=people.province_officer, at=moment)
    progress.record_done(row, on("2024-06-20"), "清单", by=people.province_officer, at=moment)
    progress.record_done(row, on("2024-07-02"), "以印发日为准", by=people.province_officer, at=moment)
    row.refresh_from_db()
    assert row.done_on == on("2024-07-02")
    assert [one.act for one in row.entries.order_by("pk")] == ["recorded", "corrected"]
    progress.withdraw_done(row, "未经验收", by=people.province_officer, at=moment)
    row.refresh_from_db()
    assert row.done_on is None


def test_a_day_that_only_begins_something_is_not_done(people: Any, late: Programme, moment: datetime) -> None:
    row = Milestone.objects.filter(since=True).first()
    assert row is not None
    with pytest.raises(MissingFields):
        progress.record_done(row, on("2025-01-01"), "起算", by=people.province_officer, at=moment)


def test_a_baseline_is_what_two_persons_answered_and_nothing_before(
    people: Any, late: Programme, moment: datetime
) -> None:
    deaths, share = (Target.objects.get(code=code) for code in ("T7-D", "T5"))
    given: dict[str, Any] = {"value": Decimal(40), "source": "年度统计", "at": moment}
    for target in (deaths, share):
        with pytest.raises(MissingFields):
            targets.enter_value(target, on=on("2023-12-31"), baseline=True, by=people.province_officer, **given)
    with pytest.raises(Forbidden):
        targets.enter_value(deaths, on=on("2025-12-31"), by=people.city_officer, **given)
    given["value"] = Decimal(36)
    targets.enter_value(deaths, on=on("2025-12-31"), by=people.province_officer, **given)
    answered("deaths_base_number", "40", people.province_officer, moment)
    assert standings([deaths], on("2026-11-21"))[0].state == "no_baseline"
    answered("deaths_base_year", "2023", people.province_officer, moment)
    [one] = standings([deaths], on("2026-11-21"))
    assert (one.state, one.compared, one.baseline.source) == ("reached", Decimal(10), "2023年，年度统计")
    assert standings([deaths], on("2023-12-31"))[0].baseline is None


def test_a_later_entry_of_the_same_day_stands_and_the_first_stays(
    people: Any, late: Programme, moment: datetime
) -> None:
    row = Target.objects.get(code="W")
    for value, at in (("97", moment), ("96.5", moment + DAY)):
        targets.enter_value(
            row, on=on("2025-12-31"), value=Decimal(value), source="月报", by=people.province_officer, at=at
        )
    [now] = standings([row], on("2026-11-21"))
    [then] = standings([row], on("2026-11-21"), known_at=moment)
    assert (now.latest.value, then.latest.value, row.values.count()) == (Decimal("96.5"), Decimal(97), 2)


def test_a_submission_is_sent_taken_or_given_back(people: Any, late: Programme, moment: datetime) -> None:
    row = Submission.objects.get(kind="evaluation")
    assert running("campaign_submission", row.pk) == {"sent"}
    given: dict[str, Any] = {"on": beijing_day(moment), "text": "评估", "number": "示例1号", "at": moment}
    for name in ("county_officer", "bureau_officer"):
        with pytest.raises(Forbidden):
            submitting.send(row, by=people.people[name], **given)
    submitting.send(row, by=people.city_officer, **given)
    assert running("campaign_submission", row.pk) == set()
    with pytest.raises(Forbidden):
        submitting.take(row, by=people.city_officer, at=moment)
    submitting.give_back(row, "缺数据来源", by=people.province_officer, at=moment)
    assert running("campaign_submission", row.pk) == {"sent"}
    submitting.send(row, by=people.city_officer, **given)
    assert submitting.take(row, by=people.province_officer, at=moment).state == "accepted"


def test_a_project_is_kept_by_its_unit_and_left_out_by_the_office_alone(
    people: Any, late: Programme, moment: datetime
) -> None:
    ledger, county = Ledger.objects.get(code="risk"), people.organisations["county"]
    sheet = progress.Sheet(
        "联网项目", county, "月报", people.mine_a, accepted_on=on("2024-05-01"), connected_on=on("2024-06-01")
    )
    row = progress.keep_project(ledger, None, sheet, by=people.county_officer, at=moment)
    without = progress.Sheet("联网项目", county, "月报", people.mine_a, excluded="批文")
    with pytest.raises(MissingFields):
        progress.keep_project(ledger, row, without, by=people.county_officer, at=moment)
    progress.keep_project(ledger, row, without, by=people.province_officer, at=moment)
    with pytest.raises(MissingFields):
        progress.keep_project(ledger, None, sheet, by=people.county_officer, at=moment)
    with pytest.raises(Forbidden):
        progress.keep_project(ledger, row, sheet, by=people.neighbour_officer, at=moment)


def test_a_new_liaison_officer_ends_the_one_before(people: Any, late: Programme, moment: datetime) -> None:
    city = people.organisations["city"]

    def person(name: str, day: str) -> organising.Person:
        return organising.Person("liaison", city.name, name, on(day), city)

    organising.appoint(late, person("示例甲", "2024-03-01"), by=people.city_officer, at=moment)
    organising.appoint(late, person("示例乙", "2025-03-01"), by=people.city_officer, at=moment)
    assert list(Post.objects.order_by("pk").values_list("name", "valid_to")) == [
        ("示例甲", on("2025-03-01")),
        ("示例乙", None),
    ]
    assert [one.name for one in organising.member_posts(late, ["liaison"], on("2024-06-01"))] == ["示例甲"]
    with pytest.raises(Forbidden):
        organising.appoint(
            late, organising.Person("leader", "省政府", "示例", on("2024-03-01")), by=people.city_officer, at=moment
        )


def test_a_decision_goes_to_the_list_of_who_carries_it_out(people: Any, late: Programme, moment: datetime) -> None:
    meeting = organising.hold(
        late, organising.Record("调度会", on("2026-11-10"), "示例"), by=people.province_officer, at=moment
    )
    given = items.Line("逐个销号", people.organisations["city"], on("2026-11-10"), on("2026-12-20"))
    with pytest.raises(Forbidden):
        organising.decide(meeting, given, by=people.city_officer, at=moment)
    decision = organising.decide(meeting, given, by=people.province_officer, at=moment)
    assert (decision.number, decision.item.owner) == (1, people.organisations["city"])
    with pytest.raises(MissingFields):
        organising.void(meeting, "误录", by=people.province_officer, at=moment)


@pytest.mark.parametrize("model", [Item, Milestone, Meeting, Programme])
def test_nothing_is_deleted(late: Programme, model: Any) -> None:
    with pytest.raises(TypeError):
        model().delete()


NEXT = handing.Next("", "示例〔2027〕1号", "下一步行动", on("2027-01-01"), on("2029-12-31"))


def test_open_items_go_to_the_next_document_in_one_act(
    people: Any, late: Programme, line: Make, moment: datetime
) -> None:
    open_, done = line(late), line(late, text="已办结的")
    items.finish(done, beijing_day(moment), "验收", by=people.county_officer, at=moment)
    reached = Milestone.objects.filter(since=False).exclude(node="SX36-9").update(done_on=on("2024-01-01"))
    assert reached
    with pytest.raises(Forbidden):
        handing.hand_over(late, NEXT, on("2027-12-31"), by=people.province_officer, at=moment, reason="收官")
    handed = handing.hand_over(late, NEXT, on("2027-12-31"), by=people.province_leader, at=moment, reason="收官")
    assert (handed.items, handed.milestones) == (1, 1)
    taken = Item.objects.filter(programme=handed.successor)
    assert {row.origin_id for row in taken} == {open_.pk, None}
    moved = taken.get(origin=open_)
    assert (moved.text, moved.owner, moved.due, moved.origin.due) == (
        open_.text,
        open_.owner,
        on("2027-12-31"),
        open_.due,
    )
    late.refresh_from_db()
    assert (late.successor, late.handed_by) == (handed.successor, people.province_leader)
    kinds = ("campaign_milestone", "campaign_submission", "campaign_report")
    assert not Deadline.objects.filter(subject_kind__in=kinds, state__in=("running", "lapsed")).exists()
    assert running("campaign_item", open_.pk) == set()
    assert running("campaign_item", moved.pk) == {"done", "told"}
    assert AuditEntry.objects.filter(action="campaign.handed_over").count() == 1


def test_what_was_handed_over_is_read_only(people: Any, late: Programme, line: Make, moment: datetime) -> None:
    row = line(late)
    handing.hand_over(late, NEXT, on("2027-12-31"), by=people.province_leader, at=moment, reason="收官")
    with pytest.raises(MissingFields):
        items.tell(row, "进展", by=people.county_officer, at=moment)
    with pytest.raises(MissingFields):
        handing.hand_over(late, NEXT, on("2027-12-31"), by=people.province_leader, at=moment, reason="再次")
    with pytest.raises(MissingFields):
        progress.record_done(
            Milestone.objects.get(node="SX36-9", programme=late),
            on("2024-06-01"),
            "清单",
            by=people.province_officer,
            at=moment,
        )


def test_a_hand_over_that_fails_moves_nothing(people: Any, late: Programme, line: Make, moment: datetime) -> None:
    row = line(late)
    with pytest.raises(MissingFields):
        handing.hand_over(
            late,
            handing.Next(number="1号", title="行动"),
            on("2027-12-31"),
            by=people.province_leader,
            at=moment,
            reason="收官",
        )
    row.refresh_from_db()
    assert (row.state, Programme.objects.count()) == ("open", 1)
