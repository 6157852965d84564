"""A warning that was typed and then came from its publisher: recognised, joined by a person, nobody called out twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.case.models import Case
from kuangan.base.deadlines.models import OPEN_STATES, Deadline
from kuangan.base.notices.models import Notice
from kuangan.domains.duty.weather import acts
from kuangan.domains.duty.weather.intake import take
from kuangan.domains.duty.weather.joining import ACTION, NotJoinable, join, pairs
from kuangan.domains.duty.weather.models import Message, Warning, Withdrawal
from tests.duty.weather_wire import CITY, COUNTY, NEIGHBOUR, cap, packed, plain, refer

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ISSUER = "示例气象台"
pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def typed(cast: Any, home: Path, moment: datetime) -> Callable[..., Warning]:
    """What the county typed; keyword arguments replace fields of the record."""

    def enter(at: datetime = moment, by: Any = None, **changes: Any) -> Warning:
        said = {
            "colour": "红",
            "issuer": ISSUER,
            "onset": moment.isoformat(),
            "headline": "县局录入：暴雨红色预警",
            "id": f"T-{at}",
        }
        person = by or cast.county_officer
        record = plain(at, **{**said, "id": f"T-{at:%H%M}", **changes})
        offer = take(home, "录入.json", packed(record), "typed", at=at, by=person)
        row = offer.messages.get().warning
        assert row is not None
        return row

    return enter


@pytest.fixture
def arrived(home: Path, moment: datetime) -> Callable[..., Warning]:
    """What the publisher sent, valid for the same six hours."""

    def send(ident: str = "QX-1", at: datetime = moment + 5 * MINUTE, **changes: Any) -> Warning:
        content = cap(moment, ident, sent=at, **changes)
        row = take(home, "a.xml", content, "http", at=at).messages.get().warning
        assert row is not None
        return row

    return send


def answer(warning: Warning, by: Any, at: datetime) -> Case:
    row = Withdrawal.objects.select_related("case").get(warning=warning, mine=by.organisation.mine)
    return acts.take(row.case, "answer", by=by, at=at, form={"name": "调度甲"})


def open_clocks(case: Case) -> set[str]:
    rows = Deadline.objects.filter(subject_kind="case", subject_id=str(case.pk), state__in=OPEN_STATES)
    return set(rows.values_list("code", flat=True))


def test_the_same_warning_is_recognised_from_either_side_and_nothing_is_joined_by_itself(
    cast: Any, typed: Any, arrived: Any, moment: datetime
) -> None:
    one, two = typed(), arrived()
    for warning in (one, two):
        [pair] = pairs(warning, cast.county_officer, moment + 6 * MINUTE)
        assert (pair.kept, pair.other, pair.differences) == (one, two, ())
    assert Warning.objects.filter(ended_at__isnull=True).count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "暴雪"},
        {"colour": "橙", "severity": "Severe"},
        {"codes": (NEIGHBOUR,)},
        {"status": "Exercise"},
    ],
)
def test_another_kind_colour_place_or_purpose_is_another_warning(
    cast: Any, typed: Any, arrived: Any, moment: datetime, changes: dict[str, Any]
) -> None:
    one = typed()
    arrived(**changes)
    assert pairs(one, cast.province_officer, moment + 6 * MINUTE) == []


def test_one_that_begins_when_the_other_is_over_is_another_warning(
    cast: Any, typed: Any, arrived: Any, moment: datetime
) -> None:
    one = typed(onset=(moment + 6 * HOUR).isoformat(), expires=(moment + 9 * HOUR).isoformat())
    arrived()
    assert pairs(one, cast.county_officer, moment + 6 * MINUTE) == []


def test_two_that_publishers_sent_are_theirs_to_join(cast: Any, arrived: Any, moment: datetime) -> None:
    one = arrived()
    arrived("QX-2", sender="other.example.cn")
    assert pairs(one, cast.county_officer, moment + 6 * MINUTE) == []


def test_joined_the_mine_that_was_called_is_not_called_again_and_later_messages_go_on(
    cast: Any, typed: Any, arrived: Any, home: Path, moment: datetime
) -> None:
    one = typed()
    called = answer(one, cast.mine_a_dispatcher, moment + MINUTE)
    two = arrived()
    again = Case.objects.get(kind="weather", state="received")
    told, at = Notice.objects.count(), moment + 6 * MINUTE
    kept = join(two, one, by=cast.county_officer, at=at)
    assert kept == one and Notice.objects.count() == told
    called.refresh_from_db()
    again.refresh_from_db()
    assert (called.state, again.state, again.closed) == ("called", "closed", at)
    assert "call" not in open_clocks(called) and open_clocks(again) == set()
    two.refresh_from_db()
    assert (two.ended_why, two.joined_to) == ("superseded", kept)
    kept.refresh_from_db()
    assert (kept.sender, kept.headline, kept.typed_by) == ("weather.example.cn", "示例气象台发布暴雨红色预警信号", None)
    assert set(Message.objects.values_list("warning", flat=True)) == {kept.pk}
    cancel = cap(moment, "QX-2", kind="Cancel", references=refer(moment + 5 * MINUTE), sent=at)
    take(home, "b.xml", cancel, "http", at=at + MINUTE)
    kept.refresh_from_db()
    assert kept.ended_why == "cancelled"


def test_the_one_under_which_mines_were_called_goes_on_though_it_is_the_later_one(
    cast: Any, typed: Any, arrived: Any, moment: datetime
) -> None:
    one, two = typed(), arrived()
    answer(two, cast.mine_a_dispatcher, moment + 6 * MINUTE)
    kept = join(one, two, by=cast.county_officer, at=moment + 7 * MINUTE)
    assert kept == two
    assert Withdrawal.objects.get(warning=two).case.state == "called"


def test_a_call_under_either_counts_and_mines_under_one_alone_keep_their_case(
    cast: Any, typed: Any, arrived: Any, moment: datetime
) -> None:
    one = typed(by=cast.city_officer, areas=[{"codes": [CITY]}])
    answer(one, cast.mine_b_dispatcher, moment + MINUTE)
    two = arrived()
    first = Withdrawal.objects.get(warning=one, mine=cast.mine_a)
    answer(two, cast.mine_a_dispatcher, moment + 6 * MINUTE)
    at = moment + 7 * MINUTE
    join(one, two, by=cast.city_officer, at=at, reason="与气象台核实")
    first.refresh_from_db()
    assert (first.case.state, first.answered_by) == ("called", "调度甲") and "call" not in open_clocks(first.case)
    step = first.case.steps.get(name="take_over")
    assert (step.by, step.at) == (None, at)
    rows = Withdrawal.objects.filter(warning=one, left_at__isnull=True)
    assert sorted(rows.values_list("mine", flat=True)) == sorted([cast.mine_a.code, cast.mine_b.code])


def test_a_mine_only_the_other_names_moves_with_its_case_and_clocks(
    cast: Any, typed: Any, arrived: Any, moment: datetime
) -> None:
    one = typed(by=cast.city_officer)
    answer(one, cast.mine_a_dispatcher, moment + MINUTE)
    arrived(codes=(COUNTY, NEIGHBOUR))
    moved = Withdrawal.objects.get(mine=cast.mine_b)
    clocks, told = open_clocks(moved.case), Notice.objects.count()
    kept = join(one, moved.warning, by=cast.city_officer, at=moment + 6 * MINUTE, reason="核实")
    moved.refresh_from_db()
    assert (moved.warning, moved.case.state, moved.left_at) == (kept, "received", None)
    assert open_clocks(moved.case) == clocks and "call" in clocks and Notice.objects.count() == told
    assert set(kept.where.values_list("prefix", flat=True)) == {COUNTY, NEIGHBOUR}


def test_whatever_differs_is_said_and_asks_for_a_reason(cast: Any, typed: Any, arrived: Any, moment: datetime) -> None:
    one = typed(by=cast.city_officer, issuer="", expires=(moment + 5 * HOUR).isoformat())
    two = arrived(codes=(COUNTY, NEIGHBOUR))
    [pair] = pairs(one, cast.city_officer, moment + 6 * MINUTE)
    assert [line.partition("：")[0] for line in pair.differences] == ["发布单位", "失效", "范围", "矿山"]
    for reason in ("", "  "):
        with pytest.raises(MissingFields):
            join(one, two, by=cast.city_officer, at=moment + 6 * MINUTE, reason=reason)
    assert Warning.objects.filter(ended_at__isnull=True).count() == 2
    join(one, two, by=cast.city_officer, at=moment + 6 * MINUTE, reason="电话核实")
    entry = AuditEntry.objects.get(action=ACTION)
    content = json.loads(entry.content)
    assert (entry.actor_id, entry.reason, entry.ident) == (cast.city_officer.pk, "电话核实", str(one.pk))
    assert content["differences"] == list(pair.differences) and content["other"] == two.pk
    assert len(content["moved"]) == len(content["ended"]) == 1


def test_orders_on_both_sides_of_one_mine_are_settled_first(
    cast: Any, typed: Any, arrived: Any, moment: datetime
) -> None:
    one, two = typed(), arrived()
    for warning in (one, two):
        case = Withdrawal.objects.get(warning=warning).case
        form = {"basis": "示例依据", "scope": "井下全部人员"}
        acts.take(case, "order", by=cast.county_leader, at=moment + 6 * MINUTE, form=form)
    with pytest.raises(NotJoinable, match="指令"):
        join(one, two, by=cast.county_officer, at=moment + 7 * MINUTE)
    assert Warning.objects.filter(ended_at__isnull=True).count() == 2


def test_who_does_not_answer_for_all_of_both_may_not_join_them(
    cast: Any, typed: Any, arrived: Any, moment: datetime
) -> None:
    one, two = typed(), arrived(codes=(COUNTY, NEIGHBOUR))
    at = moment + 6 * MINUTE
    with pytest.raises(NotJoinable, match="上一级"):
        join(one, two, by=cast.county_officer, at=at, reason="核实")
    with pytest.raises(Forbidden):
        join(one, two, by=cast.mine_a_dispatcher, at=at, reason="核实")
    assert join(one, two, by=cast.city_officer, at=at, reason="核实") == one


def test_what_was_joined_is_not_joined_again(cast: Any, typed: Any, arrived: Any, moment: datetime) -> None:
    one, two = typed(), arrived()
    join(one, two, by=cast.county_officer, at=moment + 6 * MINUTE)
    with pytest.raises(NotJoinable):
        join(one, two, by=cast.county_officer, at=moment + 7 * MINUTE)
    assert AuditEntry.objects.filter(action=ACTION).count() == 1


def test_the_board_and_the_list_show_it_to_whoever_may_join(
    cast: Any, client_of: Any, typed: Any, arrived: Any, moment: datetime
) -> None:
    one, two = typed(), arrived()
    client = client_of(cast.county_officer)
    assert client.get("/duty/weather/").content.decode().count("疑似重复") == 2
    page = client.get(f"/duty/weather/{one.pk}/").content.decode()
    assert "疑似同一条预警" in page and "都相同" in page
    assert "疑似同一条预警" not in client_of(cast.mine_a_dispatcher).get(f"/duty/weather/{one.pk}/").content.decode()
    answer = client.post(f"/duty/weather/{two.pk}/join", {"other": one.pk})
    assert answer.status_code == 302 and answer["Location"] == f"/duty/weather/{one.pk}/"
    assert "已并入" in client.get(f"/duty/weather/{two.pk}/").content.decode()
    assert "疑似" not in client.get("/duty/weather/").content.decode()


def test_the_form_says_who_gave_the_warning_out(cast: Any, client_of: Any, moment: datetime) -> None:
    said = {"event": "暴雨", "colour": "red", "regions": [COUNTY], "issuer": ISSUER, "description": "电话记录"}
    said |= {"onset": "2026-11-21T08:00", "expires": "2026-11-21T14:00"}
    client_of(cast.county_officer).post("/duty/weather/new/", said)
    assert Warning.objects.get().issuer == ISSUER
