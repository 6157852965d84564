"""Leaders, officers, posts, owners and matters: entered with dates, by who may, never overlapping, never deleted."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, MissingFields, NotVisible
from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Company, Mine, Region, Supervision
from kuangan.base.registry.ownership import record_owner
from kuangan.domains.responsibility import matters
from kuangan.domains.responsibility.acts import end_assignment, void
from kuangan.domains.responsibility.models import (
    STANDING,
    Holder,
    MatterDuty,
    Post,
    held_on,
)
from kuangan.domains.responsibility.posts import Appointment, add_owner, appoint, leave_post, set_nature
from kuangan.domains.responsibility.rules import DAY, Span, disjoint
from kuangan.domains.responsibility.standing import GAPS, gap, gaps_of, owners, posts_of, with_gaps
from kuangan.domains.responsibility.tests.conftest import Make


def gaps(mine: Mine, at: datetime) -> set[str]:
    """Gaps of a mine, found one by one and by the filter; both must agree."""
    row = with_gaps(Mine.objects.filter(pk=mine.pk), at).get()
    said = set(gaps_of(row))
    assert said == {name for name in GAPS if with_gaps(Mine.objects.all(), at).filter(gap(name), pk=mine.pk).exists()}
    return said


def test_a_leader_is_named_as_a_supervision_with_a_name(
    named: Make, cast: Any, government: Any, moment: datetime
) -> None:
    row = named()
    assert (row.role, row.body, row.holder.name, row.basis) == ("leader", government, "示例领导", "示例文号")
    entry = AuditEntry.objects.get(action="responsibility.assigned")
    assert (entry.ident, entry.actor_id) == (str(row.pk), cast.county_leader.pk)
    assert "no_leader" not in gaps(cast.mine_a, moment)
    assert "no_leader" in gaps(cast.mine_b, moment)


def test_the_next_leader_of_the_level_ends_the_one_before(named: Make, cast: Any, today: date) -> None:
    first = named()
    second = named("示例新领导", first=today - 10 * DAY)
    first.refresh_from_db()
    assert (first.valid_to, first.end_recorded_at is None) == (second.valid_from, False)
    city = named("示例市领导", body=cast.organisations["city"], by=cast.city_leader)
    second.refresh_from_db()
    assert (second.valid_to, city.valid_to) == (None, None)


def test_a_leader_who_would_overlap_is_refused(named: Make, today: date) -> None:
    named(first=today - 10 * DAY)
    for first in (today - 10 * DAY, today - 50 * DAY):
        with pytest.raises(MissingFields):
            named("另一示例", first=first)
    with pytest.raises(MissingFields, match="提前"):
        named("另一示例", first=today + 60 * DAY)


def test_officers_stand_side_by_side_but_one_name_only_once(named: Make, cast: Any, today: date) -> None:
    body = cast.organisations["county"]
    first = named("示例专员", kind="commissioner", body=body)
    other = named("示例驻矿员", kind="stationed", body=body)
    again = named("示例专员", kind="commissioner", body=body, first=today - 5 * DAY)
    for row in (first, other, again):
        row.refresh_from_db()
    assert (first.valid_to, other.valid_to, again.valid_to) == (again.valid_from, None, None)


def test_only_authorities_name_and_only_within_their_scope(named: Make, cast: Any) -> None:
    for person in (cast.mine_a_manager, cast.parent_dispatcher, cast.system_admin, cast.province_officer, cast.nobody):
        with pytest.raises(Forbidden):
            named(by=person)
    with pytest.raises(NotVisible):
        named(by=cast.neighbour_officer)
    with pytest.raises(MissingFields):
        named(body=cast.organisations["parent"])
    with pytest.raises(MissingFields, match="没有这种类别"):
        named(kind="friend")


def test_an_assignment_ends_once_and_not_before_it_began(named: Make, cast: Any, moment: datetime, today: date) -> None:
    row = named()
    said = {"by": cast.county_leader, "at": moment, "reason": "调离"}
    for last in (today + DAY, today - 200 * DAY):
        with pytest.raises(MissingFields):
            end_assignment(row, last, **said)
    with pytest.raises(Forbidden):
        end_assignment(row, today, by=cast.mine_a_manager, at=moment, reason="调离")
    end_assignment(row, today, **said)
    with pytest.raises(MissingFields, match="已经结束"):
        end_assignment(row, today, **said)
    assert "no_leader" in gaps(cast.mine_a, moment)
    assert Holder.objects.count() == 1


def test_the_direct_supervision_is_no_assignment_that_this_room_ends(cast: Any, moment: datetime, today: date) -> None:
    direct = Supervision.objects.get(mine=cast.mine_a, role="direct")
    with pytest.raises(Forbidden):
        end_assignment(direct, today, by=cast.county_leader, at=moment, reason="误")


def test_two_direct_supervisors_are_a_gap_and_none_is_another(cast: Any, moment: datetime) -> None:
    assert not {"no_direct", "two_direct"} & gaps(cast.mine_a, moment)
    direct = Supervision.objects.filter(mine=cast.mine_a, role="direct")
    direct.update(valid_to=moment + DAY)
    Supervision.objects.create(
        mine=cast.mine_a, body=cast.organisations["city"], role="direct", valid_from=moment - DAY, basis="示例"
    )
    assert "two_direct" in gaps(cast.mine_a, moment)
    direct.update(valid_to=moment)
    assert "no_direct" in gaps(cast.mine_a, moment)


def test_the_five_posts_are_a_gap_until_all_are_filled(appointed: Make, cast: Any, moment: datetime) -> None:
    assert {"five", "no_principal", "no_controller"} <= gaps(cast.mine_a, moment)
    for post in ("manager", "chief_engineer", "safety_deputy", "production_deputy"):
        appointed(post, f"示例{post}")
    assert "five" in gaps(cast.mine_a, moment)
    assert "no_principal" not in gaps(cast.mine_a, moment)
    appointed("mechanical_deputy", "示例机电")
    assert "five" not in gaps(cast.mine_a, moment)
    Mine.objects.filter(pk=cast.mine_b.pk).update(kind="tailings_pond", sector="tailings")
    assert "five" not in gaps(cast.mine_b, moment)


def test_whoever_follows_in_a_post_ends_the_one_before(appointed: Make, cast: Any, today: date) -> None:
    before = appointed()
    after = appointed(name="示例新矿长", first=today - 30 * DAY)
    before.refresh_from_db()
    assert before.valid_to == after.valid_from
    assert posts_of([cast.mine_a.pk], today)[cast.mine_a.pk]["manager"] == after
    assert posts_of([cast.mine_a.pk], today - 31 * DAY)[cast.mine_a.pk]["manager"] == before


def test_a_term_that_lies_across_another_is_refused_until_that_is_voided(
    appointed: Make, cast: Any, moment: datetime, today: date
) -> None:
    wrong = appointed(first=today - 30 * DAY)
    with pytest.raises(MissingFields, match="重叠"):
        appointed(name="示例前任", first=today - 90 * DAY, until=today - 10 * DAY)
    void(wrong, by=cast.mine_a_manager, at=moment, reason="任职日误录")
    assert appointed(name="示例前任", first=today - 90 * DAY, until=today - 10 * DAY).valid_to == today - 10 * DAY
    with pytest.raises(MissingFields, match="已作废"):
        void(wrong, by=cast.mine_a_manager, at=moment, reason="再次")


@pytest.mark.parametrize("seed", range(6))
def test_standing_terms_of_a_post_never_overlap_however_they_are_entered(
    appointed: Make, today: date, seed: int
) -> None:
    drawn = Random(seed)
    for number in range(12):
        first = today - drawn.randrange(400) * DAY
        until = first + drawn.randrange(1, 90) * DAY if drawn.random() < 0.6 else None
        with suppress(MissingFields):
            appointed(name=f"示例{number}", first=first, until=until)
    spans = [Span(row.valid_from, row.valid_to) for row in Post.objects.filter(STANDING).filter(post="manager")]
    assert spans
    assert disjoint(spans)


def test_posts_are_entered_by_the_mine_and_its_direct_supervisor_alone(appointed: Make, cast: Any) -> None:
    for person in (
        cast.parent_dispatcher,
        cast.city_leader,
        cast.neighbour_officer,
        cast.mine_b_dispatcher,
        cast.nobody,
    ):
        with pytest.raises(Forbidden):
            appointed(by=person)
    assert appointed(by=cast.county_leader).entered_by == cast.county_leader
    with pytest.raises(MissingFields):
        appointed("chairman", "示例董事长")
    company = Company.objects.get(code="QEXAMPLE01")
    assert appointed("chairman", "示例董事长", subject=company, by=cast.parent_dispatcher).company == company
    with pytest.raises(Forbidden):
        appointed("general_manager", "示例经理", subject=company, by=cast.mine_a_manager)


def test_leaving_a_post_leaves_it_vacant(appointed: Make, cast: Any, moment: datetime, today: date) -> None:
    row = appointed()
    with pytest.raises(MissingFields):
        leave_post(row, today + DAY, by=cast.mine_a_manager, at=moment, reason="辞职")
    leave_post(row, today, by=cast.mine_a_manager, at=moment, reason="辞职")
    assert posts_of([cast.mine_a.pk], today) == {}
    with pytest.raises(TypeError):
        row.delete()


def test_the_top_of_a_chain_is_no_actual_controller(cast: Any, moment: datetime, today: date) -> None:
    company = Company.objects.get(code="QEXAMPLE01")
    top = Company.objects.create(code="QEXAMPLE02", name="示例远峰控股")
    said = {"share": Decimal("51"), "basis": "示例章程", "by": cast.county_leader, "at": moment}
    add_owner(company, top, today - 50 * DAY, controls=False, **said)
    assert owners(moment).controller(company.pk) == ""
    assert owners(moment).headquarters(company.pk) == top
    assert "no_controller" in gaps(cast.mine_a, moment)
    add_owner(company, top, today - 10 * DAY, controls=True, **said)
    assert owners(moment).controller(company.pk) == "示例远峰控股"
    assert "no_controller" not in gaps(cast.mine_a, moment)
    with pytest.raises(MissingFields, match="循环"):
        add_owner(top, company, today, controls=False, **said)
    with pytest.raises(Forbidden):
        add_owner(company, top, today, share=None, controls=False, basis="x", by=cast.parent_dispatcher, at=moment)


def test_a_named_controller_counts_wherever_in_the_chain(appointed: Make, cast: Any, moment: datetime) -> None:
    company = Company.objects.get(code="QEXAMPLE01")
    top = Company.objects.create(code="QEXAMPLE02", name="示例远峰控股")
    record_owner(company, top, moment - 50 * DAY)
    appointed("actual_controller", "示例控制人", subject=company, by=cast.parent_dispatcher)
    assert owners(moment).controller(company.pk) == "示例控制人"
    assert owners(moment).controller(top.pk) == ""
    assert "no_controller" not in gaps(cast.mine_a, moment)


def test_the_nature_of_a_company_has_dates(cast: Any, moment: datetime, today: date) -> None:
    company = Company.objects.get(code="QEXAMPLE01")
    said = {"basis": "示例公示", "by": cast.parent_dispatcher, "at": moment}
    set_nature(company, "private", today - 90 * DAY, **said)
    set_nature(company, "provincial", today - 10 * DAY, **said)
    assert owners(moment).nature(company.pk) == "provincial"
    assert owners(moment - 20 * DAY).nature(company.pk) == "private"
    with pytest.raises(Forbidden):
        set_nature(company, "local", today, basis="x", by=cast.mine_a_manager, at=moment)


@pytest.fixture
def energy(cast: Any) -> Organisation:
    return Organisation.objects.create(kind="energy", name="长治市上党区能源局", level="county", region="140404")


def test_two_leads_of_one_thing_are_kept_and_shown_as_an_overlap(
    cast: Any, energy: Organisation, moment: datetime, today: date
) -> None:
    region, county = Region.objects.get(pk="140404"), cast.organisations["county"]
    said = {"basis": "三定规定", "by": cast.county_leader, "at": moment}
    states = lambda: {line.matter: line.state for line in matters.lines_of(["140404"], today)["140404"]}  # noqa: E731
    assert set(states().values()) == {"none"}
    matters.take_on(region, "power", county, "lead", today - 9 * DAY, **said)
    assert states()["power"] == "one"
    second = matters.take_on(region, "power", energy, "lead", today - 5 * DAY, **said)
    assert states()["power"] == "several"
    assert Region.objects.filter(matters.in_state("several", today)).get() == region
    matters.take_on(region, "power", energy, "assist", today - DAY, **said)
    second.refresh_from_db()
    assert (states()["power"], second.valid_to) == ("one", today - DAY)
    assert not Region.objects.filter(matters.in_state("several", today)).exists()
    assert Region.objects.filter(matters.in_state("none", today), pk="140404").exists()


def test_departments_of_another_place_and_strangers_take_no_lead(cast: Any, moment: datetime, today: date) -> None:
    region, said = Region.objects.get(pk="140404"), {"basis": "x", "at": moment}
    with pytest.raises(MissingFields):
        matters.take_on(region, "power", cast.organisations["neighbour"], "lead", today, by=cast.county_leader, **said)
    for person in (cast.neighbour_officer, cast.mine_a_manager, cast.province_officer):
        with pytest.raises(Forbidden):
            matters.take_on(region, "power", cast.organisations["county"], "lead", today, by=person, **said)
    row = matters.take_on(region, "power", cast.organisations["county"], "lead", today, by=cast.city_leader, **said)
    with pytest.raises(MissingFields):
        matters.take_on(region, "power", cast.organisations["county"], "lead", today - DAY, by=cast.city_leader, **said)
    matters.give_up(row, today, by=cast.county_leader, at=moment, reason="职责调整")
    assert MatterDuty.objects.filter(held_on(today)).count() == 0


def test_an_appointment_that_ends_before_it_begins_is_refused(cast: Any, moment: datetime, today: date) -> None:
    with pytest.raises(MissingFields):
        appoint(cast.mine_a, Appointment("manager", "示例", today, today), basis="x", by=cast.mine_a_manager, at=moment)
