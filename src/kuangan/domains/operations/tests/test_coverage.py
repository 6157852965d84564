"""Which announcements covered an alert: the set-based answer is that of a plain loop, and clocks and colours stay."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kuangan.base.case.announced import Question, covers
from kuangan.base.case.models import Case
from kuangan.base.clock import to_ms
from kuangan.base.registry.models import Place, Point
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.present import rows
from kuangan.domains.alerts.sink import apply_events
from kuangan.domains.operations.coverage import covering
from kuangan.domains.operations.kinds import KINDS
from kuangan.domains.operations.models import Announcement, Part
from kuangan.domains.operations.tests.conftest import POINT, Make
from tests.walk.world import over_limit

BASE = datetime.fromisoformat("2026-11-21T00:00:00+00:00")
MINES = ("140404900001", "140403900002")
MINUTES = st.integers(0, 12).map(lambda n: BASE + timedelta(minutes=10 * n))
POINTS = [(mine, f"{mine}P{n}", f"{mine}S{n % 2}", f"巷道{n % 2}") for mine in MINES for n in range(3)]
PARTS = st.one_of(
    st.sampled_from([("mine", mine) for mine in MINES]),
    st.sampled_from([("point", code) for _, code, _, _ in POINTS]),
    st.sampled_from([("station", station) for _, _, station, _ in POINTS]),
    st.sampled_from([("place", name) for name in ("巷道0", "巷道1", "大巷")]),
)
SPANS = st.tuples(MINUTES, st.integers(1, 40)).map(lambda pair: (pair[0], pair[0] + timedelta(minutes=pair[1])))
ANNOUNCED = st.lists(
    st.tuples(
        st.sampled_from(MINES),
        st.sampled_from(sorted(KINDS)),
        st.one_of(st.none(), SPANS),
        st.lists(PARTS, min_size=1, max_size=3, unique=True),
    ),
    max_size=6,
)
SUBJECTS = st.one_of(
    st.sampled_from([("point", mine, code, where) for mine, code, _, where in POINTS]),
    st.sampled_from([("station", mine, station, "") for mine, _, station, _ in POINTS]),
    st.sampled_from([("mine", mine, mine, "") for mine in MINES]),
)
ASKED = st.lists(st.tuples(SUBJECTS, MINUTES, st.sampled_from(["gas.over_limit", "link.sensor_offline"])), max_size=8)
# At six the points of the even sub-stations move to the big roadway.
MOVED = BASE + timedelta(minutes=60)


@pytest.fixture
def defined(cast: Any) -> None:
    """Three points at each mine; the place of the first changes in the middle."""
    place = {
        m.code: Place.objects.create(mine=m, name="大巷", place_class="other", valid_from=BASE) for m in _mines(cast)
    }
    for mine, code, station, where in POINTS:
        moves = code.endswith("P0")
        common = {"code": code, "mine_id": mine, "station": station, "location": where}
        Point.objects.create(**common, valid_from=BASE - timedelta(days=1), valid_to=MOVED if moves else None)
        if moves:
            Point.objects.create(**(common | {"place": place[mine], "location": "新址"}), valid_from=MOVED)


def _mines(cast: Any) -> tuple[Any, Any]:
    return cast.mine_a, cast.mine_b


def _entered(cast: Any, mine: str, kind: str, span: Any, parts: Any, number: int) -> Announcement:
    case = Case.objects.create(kind="announcement", number=f"BB-X-{number}", mine_id=mine, state="agreed", opened=BASE)
    row = Announcement.objects.create(
        case=case,
        mine_id=mine,
        kind=kind,
        starts=BASE,
        ends=BASE,
        declared_at=BASE,
        declared_by=cast.mine_a_dispatcher,
        covers_from=span[0] if span else None,
        covers_to=span[1] if span else None,
    )
    Part.objects.bulk_create(Part(announcement=row, kind=k, ident=ident) for k, ident in parts)
    return row


def _naively(announced: Any, asked: Any) -> dict[Hashable, set[str]]:
    """Announcement by announcement, question by question."""
    found: dict[Hashable, set[str]] = {}
    for key, ((subject_kind, mine, subject, where), at, rule) in enumerate(asked):
        for number, (of, kind, span, parts) in enumerate(announced):
            if of != mine or span is None or not span[0] <= at < span[1]:
                continue
            if not rule.startswith(KINDS[kind].marks):
                continue
            for part_kind, ident in parts:
                whole = part_kind == "mine" and ident == mine
                same = part_kind == subject_kind and ident == subject
                if subject_kind == "point":
                    station = next(s for _, code, s, _ in POINTS if code == subject)
                    names = {where} | ({"大巷", "新址"} if subject.endswith("P0") and at >= MOVED else set())
                    same = same or (part_kind == "station" and ident == station)
                    same = same or (part_kind == "place" and ident in names)
                if whole or same:
                    found.setdefault(key, set()).add(f"BB-X-{number}")
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(announced=ANNOUNCED, asked=ASKED)
def test_the_answer_for_a_page_is_that_of_a_plain_loop(cast: Any, defined: None, announced: Any, asked: Any) -> None:
    with transaction.atomic():
        for number, row in enumerate(announced):
            _entered(cast, *row, number=number)
        questions = [
            Question(key, mine, rule, kind, subject, at, where)
            for key, ((kind, mine, subject, where), at, rule) in enumerate(asked)
        ]
        got = covering(questions) if questions else {}
        assert {key: {cover.number for cover in found} for key, found in got.items()} == _naively(announced, asked)
        transaction.set_rollback(True)


def test_a_page_of_questions_costs_three_queries(cast: Any, defined: None) -> None:
    for number in range(30):
        _entered(cast, MINES[number % 2], "gas_release", (BASE, MOVED), [("place", f"巷道{number % 2}")], number)
    questions = [
        Question(n, mine, "gas.over_limit", "point", code, BASE, where)
        for n, (mine, code, _, where) in enumerate(POINTS * 20)
    ]
    with CaptureQueriesContext(connection) as captured:
        assert len(covering(questions)) == len(questions) // 2  # one of two roadways at each mine, three points of six
    assert len(captured) == 3


def test_nothing_announced_costs_one_query(cast: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert covers([Question(1, MINES[0], "gas.over_limit", "point", POINT, BASE)]) == {}


@pytest.fixture
def covered_alert(cast: Any, declared: Make, moment: datetime, tick: Callable[[datetime], int]) -> Alert:
    """An over-limit of the point that is being calibrated, five minutes into the calibration."""
    row = declared(parts=(("point", f"{cast.mine_a.code}01MN004300010A01"),))
    at = row.starts + timedelta(minutes=5)
    tick(at)
    with transaction.atomic():
        apply_events([over_limit(cast.mine_a.code, at)], at)
    return Alert.objects.select_related("case").get()


def test_an_alert_inside_is_marked_with_a_link_and_nothing_else_changes(
    covered_alert: Alert, cast: Any, client_of: Make
) -> None:
    at = covered_alert.onset
    (row,) = rows([covered_alert], at)
    (plain,) = rows([covered_alert], at)
    assert [cover.number for cover in row.announced] == ["BB-20261121-0001"]
    Announcement.objects.update(covers_from=None, covers_to=None)
    (unmarked,) = rows([covered_alert], at)
    assert unmarked.announced == ()
    assert replace(plain, announced=()) == unmarked
    assert covered_alert.grade == "yellow" and covered_alert.case.due is not None


def test_desk_drawer_and_page_show_the_mark(covered_alert: Alert, cast: Any, client_of: Make) -> None:
    client = client_of(cast.county_officer)
    number = covered_alert.case.number
    for address in ("/desk/", f"/alerts/{number}/", f"/alerts/{number}/drawer"):
        text = client.get(address).content.decode()
        assert "/announcements/BB-20261121-0001/" in text and "报备" in text


def test_an_alert_after_the_planned_end_is_not_marked(cast: Any, declared: Make, tick: Make) -> None:
    row = declared(parts=(("mine", cast.mine_a.code),), kind="link_maintenance")
    inside, after = row.ends - timedelta(seconds=1), row.ends
    asked = [
        Question(n, cast.mine_a.code, "link.network_outage", "mine", cast.mine_a.code, at)
        for n, at in enumerate((row.starts - timedelta(seconds=1), row.starts, inside, after))
    ]
    assert set(covers(asked)) == {1, 2}
    assert to_ms(row.starts) < to_ms(after)
    gas = replace(asked[1], rule="gas.over_limit")
    assert covers([gas]) == {}
