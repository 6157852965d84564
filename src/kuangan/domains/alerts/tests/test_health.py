"""Alarm health: every number counts its list, unknown stays unknown, and what is left out is named."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from conftest import MINE_A, MINE_B
from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.models import Case, Step
from kuangan.base.clock import to_ms
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.base.registry.models import Mine, Point
from kuangan.domains.alerts.acts import acknowledge
from kuangan.domains.alerts.health import heard as hearing
from kuangan.domains.alerts.health import load
from kuangan.domains.alerts.health.measuring import Counted, Health, measure
from kuangan.domains.alerts.health.periods import month_of, offered, parse
from kuangan.domains.alerts.health.targets import TARGETS
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.queries import Query, filtered
from kuangan.site.staffing import staffed

pytestmark = pytest.mark.django_db
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
Clients = Callable[[Any], Client]
POINT = f"{MINE_A}01MN000101"


@pytest.fixture
def rosters() -> Iterator[None]:
    load.install(staffed)
    yield
    load.install(staffed)


@pytest.fixture
def busy(cast: Any, apply: Callable[..., list[Alert]], event: Callable[..., Any], moment: datetime) -> list[Alert]:
    """Mine A: a point that chatters (12 in ten minutes), one that has stood for two days, a link out for six hours; mine B: one."""
    base = to_ms(moment - 3 * DAY)

    def at(ident: str, start: int, **changes: Any) -> Any:
        end = changes.pop("end", start + 30_000)
        changes = {"status": "open" if end is None else "cleared", "raised_at": start, "changed_at": start} | changes
        return event(ident, onset=start, end=end, peak_at=start, **changes)

    rows = [at(f"g1.{n}.0", base + n * 50_000) for n in range(12)]
    rows.append(at("g1.50.0", base, end=None, subject=f"{MINE_A}01MN000102"))
    outage: dict[str, Any] = {"rule": "link.network_outage", "subject_kind": "mine", "subject": MINE_A, "peak": None}
    rows.append(at("g1.60.0", base + 3_600_000, end=base + 7 * 3_600_000, grade="orange", **outage))
    rows.append(at("g1.70.0", base, mine=MINE_B, subject=f"{MINE_B}01MN000101"))
    rows.append(at("g1.80.0", to_ms(moment - 60 * DAY)))
    for n, row in enumerate(rows):
        apply(row, at=datetime.fromtimestamp(row.raised_at / 1000, UTC) + n * timedelta(microseconds=1))
    Mine.objects.filter(pk__in=(MINE_A, MINE_B)).update(first_seen=moment - 300 * DAY)
    return list(Alert.objects.order_by("pk"))


def health(user: Any, at: datetime, region: str = "") -> Health:
    return measure(user, parse("2026-11", at), region, at)


def listed(user: Any, address: str, at: datetime) -> int:
    query = Query.parse(QueryDict(urlsplit(address).query))
    return filtered(user, query, at).count()


def test_every_number_counts_its_list(cast: Any, busy: list[Alert], moment: datetime) -> None:
    acknowledge(busy[0].case, by=cast.county_officer, at=moment, withdrawing=False, note="")
    Alert.objects.filter(pk=busy[1].pk).update(cause_code="calibration")
    Alert.objects.filter(pk=busy[2].pk).update(cause_code="true_overlimit")
    for user in (cast.province_officer, cast.city_officer, cast.county_officer, cast.mine_a_dispatcher):
        found = health(user, moment)
        numbers: list[Counted | Any] = [found.raised, found.told, found.standing, found.stale]
        numbers += [Counted(row.count, row.address) for row in (*found.chattering, *found.causes, *found.answers)]
        numbers += [Counted(row["count"], row["address"]) for row in found.floods]
        numbers += [number for row in found.places for number in (row.raised, row.stale)]
        assert [n for n in numbers if listed(user, n.address, moment) != n.value] == []
    assert found.raised.value == 14
    assert (found.standing.value, found.stale.value) == (1, 14)
    assert [row.count for row in found.chattering] == [12]
    assert [(row.code, row.count, row.share, row.false) for row in found.causes] == [
        ("calibration", 1, 0.5, True),
        ("true_overlimit", 1, 0.5, False),
    ]
    assert found.unverified == 12
    assert [(row.step, row.body, row.count) for row in found.answers] == [("ack", "长治市上党区应急管理局", 1)]
    assert found.peak == 13
    assert (found.flood_count, found.flooded) == (1, 13)


def test_a_region_counts_its_own_alerts_alone(cast: Any, busy: list[Alert], moment: datetime) -> None:
    found = health(cast.province_officer, moment)
    assert (found.raised.value, [(row.name, row.raised.value) for row in found.places]) == (15, [("长治市", 15)])
    city = health(cast.city_officer, moment)
    assert [(row.name, row.raised.value) for row in city.places] == [("上党区", 14), ("潞州区", 1)]
    county = health(cast.province_officer, moment, "140403")
    assert (county.raised.value, county.place) == (1, "潞州区")
    assert [(row.name, row.heard.mines) for row in county.places] == [("示例青岭煤业", 1)]


def test_a_city_whose_code_ends_in_more_noughts_is_not_its_neighbour(cast: Any, moment: datetime, busy: Any) -> None:
    Case.objects.update(region="141102")
    assert filtered(cast.province_officer, Query(state="all", region="141000"), moment).count() == 0
    assert filtered(cast.province_officer, Query(state="all", region="141100"), moment).count() == len(busy)


def test_without_a_roster_the_load_of_a_person_is_unknown(
    cast: Any, busy: list[Alert], moment: datetime, rosters: None
) -> None:
    found = health(cast.county_officer, moment)
    assert found.per_hour.rate is None
    assert {line.code: line.met for line in found.lines}["per_officer_hour"] is None
    load.install(None)
    assert health(cast.county_officer, moment).per_hour.rate is None


def test_the_load_is_that_of_the_rostered_time(cast: Any, busy: list[Alert], moment: datetime, rosters: None) -> None:
    from kuangan.domains.duty.rosters import Entry, enter_shifts

    entries = [
        Entry(moment - 3 * DAY - HOUR, moment - 3 * DAY + HOUR, "甲", deputy_name="乙"),
        Entry(moment - 3 * DAY, moment - 3 * DAY + 2 * HOUR, "丙"),
    ]
    office, by = cast.organisations["mine_a"], cast.mine_a_manager
    enter_shifts(office, entries, by=by, at=moment - 4 * DAY, basis="测试")
    found = health(cast.mine_a_dispatcher, moment).per_hour
    assert (found.alerts, found.officer_hours) == (14, 6.0)
    assert found.rate == pytest.approx(14 / 6)
    whole = (moment - parse("2026-11", moment).start) / HOUR
    assert found.covered == pytest.approx(3 / whole)


def test_a_mine_is_heard_but_for_its_outages(cast: Any, busy: list[Alert], moment: datetime) -> None:
    Point.objects.create(code=POINT, mine_id=MINE_A, valid_from=moment - 30 * DAY)
    found = health(cast.mine_a_dispatcher, moment).heard
    whole = (moment - parse("2026-11", moment).start) / HOUR
    assert (found.mines, found.points) == (1, 1)
    assert found.mine_rate == pytest.approx(1 - 6 / whole)
    assert found.point_rate == 1.0
    assert found.point_hours == pytest.approx(whole - 6)


def test_stopped_and_unconnected_mines_are_left_out_and_named(
    cast: Any, busy: list[Alert], moment: datetime, client_of: Clients
) -> None:
    record_facts([NewFact(MINE_A, "state", "stopped", moment - 30 * DAY)], at=moment, basis="停产")
    Mine.objects.filter(pk=MINE_B).update(first_seen=None)
    found = health(cast.city_officer, moment).heard
    assert (found.mines, found.mine_rate) == (0, None)
    assert [(row.code, row.why) for row in found.excluded] == [(MINE_B, "未接入"), (MINE_A, "停产停建或关闭")]
    page = client_of(cast.city_officer).get(reverse("alerts:health") + "?period=2026-11").content.decode()
    assert page.count("data-excluded") == 2
    assert "未计入的矿山 2 座" in page


def test_announced_hours_are_left_out_and_shown(cast: Any, busy: list[Alert], moment: datetime) -> None:
    from kuangan.base.case import announced

    start = moment - 3 * DAY + HOUR
    cover = announced.Cover("BB-1", "断网检修", "/", start, start + 4 * HOUR)
    before = announced._covering[0]
    announced.install(lambda questions: {q.key: (cover,) for q in questions})
    try:
        found = health(cast.mine_a_dispatcher, moment).heard
    finally:
        announced.install(before)
    assert found.announced_hours == pytest.approx(4)
    assert found.mine_out == pytest.approx(2)


def test_answers_are_timed_by_whoever_gave_them(cast: Any, busy: list[Alert], moment: datetime) -> None:
    for number, spent in enumerate((5, 10, 100)):
        case = busy[number].case
        Step.objects.create(
            case=case,
            name="verify",
            to_state="verified",
            organisation=cast.organisations["mine_a"],
            at=busy[number].raised_at + spent * MINUTE,
        )
    Alert.objects.filter(pk=busy[2].pk).update(told_late=True)
    found = health(cast.county_officer, moment)
    [row] = found.answers
    assert (row.step, row.level, row.count, row.late) == ("verify", "mine", 3, 1)
    assert (row.half, row.most) == (pytest.approx(7.5), pytest.approx(9.75))
    graves = [alert.grade for alert in busy[:3]]
    assert {row.grade: row.count for row in found.by_grade} == {grade: graves.count(grade) for grade in set(graves)}
    assert sum(row.late for row in found.by_grade) == 1


def test_of_a_grade_only_the_first_answer_counts(cast: Any, busy: list[Alert], moment: datetime) -> None:
    for body, spent in (("mine_a", 30), ("county", 6)):
        case, raised = busy[0].case, busy[0].raised_at
        organisation = cast.organisations[body]
        Step.objects.create(
            case=case, name="verify", to_state="verified", organisation=organisation, at=raised + spent * MINUTE
        )
    found = health(cast.county_officer, moment)
    [row] = found.by_grade
    assert (row.grade, row.count, row.half) == (busy[0].grade, 1, pytest.approx(6))
    assert sum(answer.count for answer in found.answers) == 2


def test_the_page_the_paper_and_the_note_say_the_same(
    cast: Any, busy: list[Alert], moment: datetime, client_of: Clients, django_assert_max_num_queries: Any
) -> None:
    client = client_of(cast.city_officer)
    with django_assert_max_num_queries(40):
        page = client.get(reverse("alerts:health") + "?period=2026-11").content.decode()
    assert "不是法定要求" in page
    assert "未知" in page
    paper = client.get(reverse("alerts:health_print") + "?period=2026-11").content.decode()
    note = client.get(reverse("alerts:health_docx") + "?period=2026-11")
    document = Document(io.BytesIO(note.content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    text += "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    for said in ("告警运行情况通报", "2026 年 11 月", "产生 15 条", "EEMUA 191", "上党区"):
        assert said in paper
        assert said in text
    assert "{" not in text
    assert AuditEntry.objects.filter(ident="alarm_health").count() == 1


def test_a_region_outside_one_s_territory_is_not_there(cast: Any, client_of: Clients) -> None:
    page = reverse("alerts:health")
    assert client_of(cast.city_officer).get(page + "?region=141000").status_code == 404
    assert client_of(cast.county_officer).get(page + "?region=140403").status_code == 404
    assert client_of(cast.province_officer).get(page + "?region=141000").status_code == 200


@pytest.mark.parametrize("text", ["", "2026-13", "2026-W54", "2027-01", "x", "2026-W53"])
def test_what_is_no_period_is_the_present_month(moment: datetime, text: str) -> None:
    assert parse(text, moment).name == "2026-11"


def test_periods_are_those_of_beijing_and_end_now(moment: datetime) -> None:
    month = month_of(moment, moment)
    assert (month.start, month.stop) == (datetime(2026, 10, 31, 16, tzinfo=UTC), moment)
    week = parse("2026-W46", moment)
    assert (week.start, week.hours) == (datetime(2026, 11, 8, 16, tzinfo=UTC), 168)
    assert [period.name for period in offered(moment)][:3] == ["2026-11", "2026-10", "2026-09"]
    assert len({period.name for period in offered(moment)}) == 12


@given(st.lists(st.integers(0, 5_000), max_size=60), st.integers(1, 900))
def test_the_peak_is_the_most_in_any_window(times: list[int], within: int) -> None:
    times.sort()
    wanted = max((sum(1 for other in times if at - within < other <= at) for at in times), default=0)
    assert load.peak(times, within) == wanted


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted), max_size=8), st.integers(0, 50))
def test_joined_spans_cover_the_same_time(spans: list[list[int]], at: int) -> None:
    together = load.joined([(a, b) for a, b in spans])
    assert any(a <= at <= b for a, b in together) == any(a <= at <= b for a, b in spans)
    assert all(one[1] < other[0] for one, other in pairwise(together))
    assert hearing.length(together) <= 50


def test_the_targets_are_practice_and_say_so() -> None:
    assert TARGETS.source == "practice"
    assert "不是法规" in TARGETS.basis
    assert all(target.confidence != "S" for target in TARGETS.targets)
