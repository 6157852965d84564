"""Shelving: who may, how long, the second person on red, and that it comes back by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields, WrongState
from kuangan.base.clock import to_ms
from kuangan.base.deadlines.models import Deadline
from kuangan.base.deadlines.ticking import tick
from kuangan.domains.alerts import shelving, tuning
from kuangan.domains.alerts.models import Shelving
from kuangan.domains.alerts.queries import Query, filtered
from kuangan.domains.alerts.shelving import decide, shelve, withdraw
from kuangan.site.wiring import HANDLERS

Make = Callable[..., Any]
HALF_HOUR = timedelta(minutes=30)
NUMBER = "GJ-20261121-0001"


def listed(user: Any, at: datetime, state: str = "open") -> int:
    return filtered(user, Query(state=state), at).count()


def test_a_shelved_alert_leaves_the_list_of_its_organisation_alone_and_stands_in_one_of_its_own(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    [alert] = apply(event())
    shelve(alert.case, by=cast.county_officer, at=moment, until=moment + HALF_HOUR, reason="矿方正在更换探头")
    assert (listed(cast.county_leader, moment), listed(cast.county_leader, moment, "shelved")) == (0, 1)
    assert {listed(cast.people[who], moment) for who in ("mine_a_dispatcher", "city_officer", "bureau_officer")} == {1}
    entry = AuditEntry.objects.get(action="alert.shelve")
    assert (entry.ident, entry.reason) == (NUMBER, "矿方正在更换探头")


def test_it_is_back_at_its_end_before_any_job_has_run_and_the_job_writes_that_down(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    [alert] = apply(event())
    shelve(alert.case, by=cast.county_officer, at=moment, until=moment + HALF_HOUR, reason="检修")
    later = moment + HALF_HOUR
    assert listed(cast.county_officer, later - timedelta(seconds=1)) == 0
    assert (listed(cast.county_officer, later), listed(cast.county_officer, later, "shelved")) == (1, 0)
    tick(later, HANDLERS)
    row = Shelving.objects.get()
    assert (row.state, row.ended_at) == ("expired", later)
    assert AuditEntry.objects.filter(action="alert.unshelve", ident=NUMBER).count() == 1
    assert not Deadline.objects.filter(subject_kind=shelving.KIND, state__in=("running", "lapsed")).exists()


def test_a_rise_of_colour_brings_it_back(apply: Make, event: Make, cast: Any, moment: datetime) -> None:
    first = event()
    [alert] = apply(first)
    shelve(alert.case, by=cast.county_officer, at=moment, until=moment + HALF_HOUR, reason="检修")
    apply(replace(first, rev=2, grade="orange", changed_at=to_ms(moment) + 1000))
    assert listed(cast.county_officer, moment) == 1
    assert Shelving.objects.get().state == "risen"


@pytest.mark.parametrize("status", ["void"])
def test_a_void_alert_comes_back_and_is_not_shelved(
    apply: Make, event: Make, cast: Any, moment: datetime, status: str
) -> None:
    first = event()
    [alert] = apply(first)
    shelve(alert.case, by=cast.county_officer, at=moment, until=moment + HALF_HOUR, reason="检修")
    apply(replace(first, rev=2, status=status, changed_at=to_ms(moment) + 1000))
    assert (listed(cast.county_officer, moment), Shelving.objects.get().state) == (1, "changed")
    with pytest.raises(WrongState):
        shelve(alert.case, by=cast.county_officer, at=moment, until=moment + HALF_HOUR, reason="检修")


def test_red_waits_for_a_second_person_of_the_same_organisation(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    [alert] = apply(event(grade="red"))
    row = shelve(alert.case, by=cast.county_officer, at=moment, until=moment + HALF_HOUR, reason="检修")
    assert (row.state, listed(cast.county_officer, moment)) == ("waiting", 1)
    with pytest.raises(FourEyes):
        decide(row, by=cast.county_officer, at=moment, agreed=True)
    with pytest.raises(Forbidden):
        decide(row, by=cast.city_leader, at=moment, agreed=True)
    decide(row, by=cast.county_leader, at=moment, agreed=True)
    assert listed(cast.county_officer, moment) == 0
    with pytest.raises(WrongState):
        decide(row, by=cast.county_leader, at=moment, agreed=False)


def test_a_refused_request_shelves_nothing_and_may_be_made_again(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    [alert] = apply(event(grade="red"))
    row = shelve(alert.case, by=cast.county_officer, at=moment, until=moment + HALF_HOUR, reason="检修")
    decide(row, by=cast.county_leader, at=moment, agreed=False)
    assert listed(cast.county_officer, moment) == 1
    shelve(alert.case, by=cast.county_leader, at=moment, until=moment + HALF_HOUR, reason="检修")
    assert sorted(Shelving.objects.values_list("state", flat=True)) == ["refused", "waiting"]


def test_each_colour_has_its_longest_time_and_a_reason_is_asked(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    [alert] = apply(event(grade="orange"))
    longest = tuning.TUNING.shelving["orange"].longest
    for until, reason in (
        (moment + longest + timedelta(minutes=1), "检修"),
        (moment, "检修"),
        (moment + HALF_HOUR, " "),
    ):
        with pytest.raises(MissingFields):
            shelve(alert.case, by=cast.county_officer, at=moment, until=until, reason=reason)
    shelve(alert.case, by=cast.county_officer, at=moment, until=moment + longest, reason="检修")


@pytest.mark.parametrize("who", ["bureau_officer", "auditor", "neighbour_officer", "mine_b_dispatcher"])
def test_only_a_level_of_the_alert_shelves(apply: Make, event: Make, cast: Any, moment: datetime, who: str) -> None:
    [alert] = apply(event())
    with pytest.raises(Forbidden):
        shelve(alert.case, by=cast.people[who], at=moment, until=moment + HALF_HOUR, reason="检修")


def test_clocks_go_on(apply: Make, event: Make, cast: Any, moment: datetime) -> None:
    [alert] = apply(event())
    before = list(Deadline.objects.filter(subject_kind="case").order_by("pk").values_list("due", "state"))
    shelve(alert.case, by=cast.county_officer, at=moment, until=moment + HALF_HOUR, reason="检修")
    assert (
        before
        and list(Deadline.objects.filter(subject_kind="case").order_by("pk").values_list("due", "state")) == before
    )


def test_clocks_stop_where_the_data_says_so_and_two_people_agreed(
    apply: Make, event: Make, cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    law = tuning.ShelvingRule(hours=1, second_person=True, clocks_stop=True)
    changed = tuning.TUNING.model_copy(update={"shelving": tuning.TUNING.shelving | {"yellow": law}})
    monkeypatch.setattr(shelving, "TUNING", changed)
    [alert] = apply(event())
    owed = Deadline.objects.filter(subject_kind="case", owner=cast.organisations["county"], state="running")
    before = dict(owed.values_list("code", "due"))
    row = shelve(alert.case, by=cast.county_officer, at=moment, until=moment + HALF_HOUR, reason="检修")
    decide(row, by=cast.county_leader, at=moment, agreed=True)
    assert before and dict(owed.values_list("code", "due")) == {code: due + HALF_HOUR for code, due in before.items()}


def test_clocks_cannot_stop_without_a_second_person() -> None:
    with pytest.raises(ValueError, match="second person"):
        tuning.ShelvingRule(hours=1, second_person=False, clocks_stop=True)


def test_anybody_of_the_organisation_ends_it_early_and_nobody_else(
    apply: Make, event: Make, cast: Any, moment: datetime
) -> None:
    [alert] = apply(event())
    row = shelve(alert.case, by=cast.county_officer, at=moment, until=moment + HALF_HOUR, reason="检修")
    with pytest.raises(Forbidden):
        withdraw(row, by=cast.mine_a_dispatcher, at=moment)
    withdraw(row, by=cast.county_leader, at=moment)
    assert listed(cast.county_officer, moment) == 1


def test_the_shelf_says_who_why_and_until_when_and_the_desk_counts(
    apply: Make, event: Make, cast: Any, client_of: Make
) -> None:
    apply(event(grade="red"), event("g1.2.0", inputs={"drill": True}))
    client = client_of(cast.county_officer)
    sent = {"reason": "更换探头", "minutes": "30"}
    assert [client.post(f"/alerts/GJ-20261121-000{n}/shelve", sent).status_code for n in (1, 2)] == [302, 302]
    assert client.post(f"/alerts/{NUMBER}/shelve", sent).status_code == 409
    assert client_of(cast.county_leader).post(f"/alerts/{NUMBER}/shelve", {"minutes": "30"}).status_code == 422
    text = client_of(cast.county_leader).get("/desk/shelf/").content.decode()
    for said in ("更换探头", "县值班员", "待第二人同意", "搁置中", "演练", "08:30:00"):
        assert said in text
    desk = client_of(cast.county_leader).get("/desk/")
    assert desk.context["shelved"] == (1, 1)
    assert client_of(cast.county_leader).get("/desk/?state=shelved").context["total"] == 1
    row = Shelving.objects.get(state="waiting")
    assert client.post(f"/desk/shelf/{row.pk}/agree").status_code == 403
    assert client_of(cast.county_leader).post(f"/desk/shelf/{row.pk}/agree").status_code == 302
    assert client_of(cast.neighbour_officer).post(f"/desk/shelf/{row.pk}/agree").status_code == 404
    assert client_of(cast.county_leader).get("/desk/").context["shelved"] == (2, 0)
