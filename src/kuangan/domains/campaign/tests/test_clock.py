"""Time travel through the three-year action: everything falls on its Beijing day, once, also after a week without a clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from kuangan.base.clock import BEIJING, beijing_day
from kuangan.base.deadlines import LADDERS, tick
from kuangan.base.deadlines.models import Deadline
from kuangan.base.notices.models import Notice
from kuangan.domains.campaign import items, progress, submitting
from kuangan.domains.campaign.definition import definitions
from kuangan.domains.campaign.loading import put_in_force
from kuangan.domains.campaign.models import Item, Milestone, Programme, Report, Submission
from kuangan.domains.campaign.rules import end_of
from kuangan.domains.campaign.tests.conftest import ACTION, DAY, Make, noon, on
from kuangan.site.wiring import HANDLERS

FIRST, LAST = on("2024-02-20"), on("2027-01-31")


def mornings(first: date, last: date, but: tuple[date, date] | None = None) -> Iterator[datetime]:
    """Five minutes after midnight of every day, without those on which the clock stood still."""
    day = first
    while day <= last:
        if but is None or not but[0] <= day <= but[1]:
            yield datetime.combine(day, time(0, 5), BEIJING)
        day += DAY


def travel(first: date = FIRST, last: date = LAST, but: tuple[date, date] | None = None) -> None:
    for at in mornings(first, last, but):
        tick(at, HANDLERS)


def told(kind: str) -> dict[tuple[str, str], date]:
    """(subject, rung) → the Beijing day on which it was told to the owner."""
    clocks = {str(row.pk): row for row in Deadline.objects.filter(subject_kind=kind)}
    found = {}
    for key, at in Notice.objects.filter(subject_kind=kind).order_by("pk").values_list("key", "created_at"):
        _, clock, rung, *office = key.split(":")
        if not office:
            assert (clocks[clock].subject_id, rung) not in found
            found[clocks[clock].subject_id, rung] = beijing_day(at)
    return found


def planned(kind: str) -> dict[tuple[str, str], date]:
    """What the ladders say must be told, and when: counted from the days due, not from the clocks."""
    wanted: dict[tuple[str, str], date] = {}
    for row in Deadline.objects.filter(subject_kind=kind):
        for rung in LADDERS[row.ladder].rungs:
            day = beijing_day(rung.fires_at(row.due))
            if day > FIRST or rung.lapses:
                wanted[row.subject_id, rung.code] = day
    return {key: day for key, day in wanted.items() if day <= LAST}


KINDS = ("campaign_milestone", "campaign_submission", "campaign_report")


def test_from_february_2024_everything_falls_on_its_day_once(early: Programme) -> None:
    travel()
    for kind in KINDS:
        found = told(kind)
        wanted = planned(kind)
        own = {key: day for key, day in wanted.items() if key[1] not in ("letter", "circular", "interview", "exposure")}
        assert {key: day for key, day in found.items() if key in own} == own
    assert max(Counter(Notice.objects.values_list("key", flat=True)).values()) == 1


def test_the_summary_of_a_city_is_chased_up_the_ladder(people: Any, early: Programme) -> None:
    row = Submission.objects.get(kind="summary", period="2025")
    assert (row.owner, row.due) == (people.organisations["city"], on("2025-12-10"))
    travel(on("2025-11-01"), on("2026-02-28"))
    steps = {
        (key.split(":")[2], to): beijing_day(at)
        for key, to, at in Notice.objects.filter(subject_kind="campaign_submission", subject_id=row.pk).values_list(
            "key", "to", "created_at"
        )
    }
    city, office = f"organisation:{row.owner_id}", f"organisation:{early.office_id}"
    assert steps == {
        ("remind", city): on("2025-12-08"),
        ("overdue", city): on("2025-12-11"),
        ("overdue", office): on("2025-12-11"),
        ("letter", office): on("2025-12-14"),
        ("circular", office): on("2025-12-21"),
        ("interview", office): on("2025-12-31"),
        ("exposure", office): on("2026-01-10"),
    }
    subject = Notice.objects.filter(subject_id=row.pk, subject_kind="campaign_submission", to=office).first()
    assert subject is not None and "2025年度工作总结" in subject.subject


def test_the_tenth_of_december_itself_is_in_time(people: Any, early: Programme) -> None:
    row = Submission.objects.get(kind="summary", period="2024")
    travel(on("2024-12-01"), on("2024-12-10"))
    at = datetime(2024, 12, 10, 23, 50, tzinfo=BEIJING)
    submitting.send(row, on=on("2024-12-10"), text="总结", number="", by=people.city_officer, at=at)
    travel(on("2024-12-11"), on("2025-02-01"))
    notices = Notice.objects.filter(subject_kind="campaign_submission", subject_id=row.pk)
    assert [key.split(":")[2] for key in notices.values_list("key", flat=True)] == ["remind"]


def test_a_week_without_a_clock_loses_nothing_and_doubles_nothing(early: Programme) -> None:
    still = on("2025-12-05"), on("2025-12-12")
    travel(on("2025-11-01"), on("2026-01-15"), still)
    found = told("campaign_submission")
    row = Submission.objects.get(kind="summary", period="2025")
    back = still[1] + DAY
    assert found[str(row.pk), "remind"] == found[str(row.pk), "overdue"] == back
    dispatch = Report.objects.get(kind="dispatch", period="2025-11")
    yearly = Report.objects.get(kind="yearly", period="2025")
    assert (dispatch.as_of, dispatch.state) == (on("2025-11-30"), "draft")
    assert (yearly.as_of, yearly.state) == (on("2025-11-30"), "draft")
    assert beijing_day(yearly.drafted_at) == on("2025-12-01")
    assert max(Counter(Notice.objects.values_list("key", flat=True)).values()) == 1


def test_a_draft_after_a_standstill_has_the_figures_of_its_own_day(early: Programme) -> None:
    still = on("2025-11-28"), on("2025-12-04")
    travel(on("2025-11-20"), on("2025-12-31"), still)
    row = Report.objects.get(kind="yearly", period="2025")
    assert (row.as_of, beijing_day(row.drafted_at)) == (on("2025-11-30"), on("2025-12-05"))


def test_every_document_of_the_office_is_drafted_once_on_its_day(early: Programme) -> None:
    travel()
    drafted = {(row.kind, row.period): (row.as_of, beijing_day(row.drafted_at)) for row in Report.objects.all()}
    assert len(drafted) == 35 + 3 + 1
    for (kind, period), (as_of, day) in drafted.items():
        assert day == as_of + DAY, (kind, period)
    assert drafted["dispatch", "2024-02"][1] == on("2024-03-01")
    assert drafted["dispatch", "2026-12"][1] == on("2027-01-01")
    assert [drafted["yearly", year][1] for year in ("2024", "2025", "2026")] == [
        on("2024-12-01"),
        on("2025-12-01"),
        on("2026-12-01"),
    ]
    assert drafted["final", ""][1] == on("2026-11-21")


def test_what_is_done_is_not_told_again(people: Any, early: Programme) -> None:
    row = Milestone.objects.get(node="SX36-9")
    assert row.due == on("2024-06-30")
    travel(FIRST, on("2024-06-10"))
    progress.record_done(row, on("2024-06-09"), "清单印发", by=people.province_officer, at=noon(2024, 6, 10))
    travel(on("2024-06-11"), on("2024-09-30"))
    rungs = [
        key.split(":")[2]
        for key in Notice.objects.filter(subject_kind="campaign_milestone", subject_id=row.pk).values_list(
            "key", flat=True
        )
    ]
    assert rungs == ["month"]


def test_an_item_that_nobody_tells_of_drifts_after_sixty_days(people: Any, early: Programme, line: Make) -> None:
    start = noon(2025, 1, 10)
    row = line(early, at=start, due=on("2025-12-31"))
    travel(on("2025-01-11"), on("2025-03-01"))
    items.tell(row, "已进场", by=people.county_officer, at=noon(2025, 3, 1))
    travel(on("2025-03-02"), on("2025-06-30"))
    days = {
        key.split(":")[2]: beijing_day(at)
        for key, at in Notice.objects.filter(
            subject_kind="campaign_item", subject_id=row.pk, subject__contains="久未更新"
        ).values_list("key", "created_at")
    }
    assert days == {"stale": on("2025-05-01"), "letter": on("2025-05-31")}


def test_loaded_late_the_past_gets_no_clock_and_no_reproach(late: Programme, moment: datetime) -> None:
    travel(beijing_day(moment), on("2027-02-28"))
    past = Milestone.objects.filter(due__lt=late.loaded_on).values_list("pk", flat=True)
    assert not Deadline.objects.filter(
        subject_kind="campaign_milestone", subject_id__in=[str(pk) for pk in past]
    ).exists()
    assert not Notice.objects.filter(subject_kind="campaign_submission", subject__contains="2024").exists()
    assert not Report.objects.filter(due__lt=late.loaded_on).exists()
    assert {row.period for row in Report.objects.filter(kind="dispatch", state="draft")} == {"2026-11", "2026-12"}


def test_the_same_hour_twice_does_nothing(early: Programme) -> None:
    at = end_of(on("2024-12-10"))
    tick(at, HANDLERS)
    before = Notice.objects.count()
    assert tick(at, HANDLERS) == 0
    assert Notice.objects.count() == before


@pytest.mark.parametrize("day", ["2024-02-20", "2024-07-01", "2026-11-23"])
def test_whenever_it_is_loaded_clocks_run_for_what_is_ahead_alone(people: Any, day: str) -> None:
    at = datetime.combine(on(day), time(9), BEIJING)
    programme = put_in_force(definitions()[ACTION], by=None, at=at)
    ahead = Milestone.objects.filter(programme=programme, since=False, due__gte=on(day)).count()
    owed = Submission.objects.filter(programme=programme, due__gte=on(day)).count()
    written = Report.objects.filter(programme=programme).count()
    assert Deadline.objects.count() == ahead + owed + written
    assert Item.objects.count() == 0
    assert timedelta(0) < Deadline.objects.order_by("due").first().due - at
