from datetime import datetime, timedelta

import pytest

from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine, Supervision
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.supervision import (
    SupervisionConflict,
    assign_direct_supervisor,
    direct_supervisor,
    mine_organisation,
    mines_without_one_direct,
    parent_organisation,
)

pytestmark = pytest.mark.django_db


def codes(user: User, at: datetime) -> set[str]:
    return set(visible_mines(user, at).values_list("code", flat=True))


def test_every_mine_of_the_cast_has_exactly_one_direct_supervisor(cast, moment) -> None:
    assert mines_without_one_direct(moment) == {}


def test_a_new_direct_supervisor_ends_the_one_before_at_the_same_moment(cast, moment) -> None:
    city = cast.organisations["city"]
    assign_direct_supervisor(cast.mine_a, city, moment)
    before, after = (direct_supervisor([cast.mine_a.code], at) for at in (moment - timedelta(seconds=1), moment))
    assert before[cast.mine_a.code] == cast.organisations["county"]
    assert after[cast.mine_a.code] == city
    assert mines_without_one_direct(moment) == {}


def test_a_change_before_a_recorded_one_is_refused(cast, moment) -> None:
    assign_direct_supervisor(cast.mine_a, cast.organisations["city"], moment)
    with pytest.raises(SupervisionConflict):
        assign_direct_supervisor(cast.mine_a, cast.organisations["county"], moment - timedelta(days=1))


def test_a_company_cannot_be_the_direct_supervisor(cast, moment) -> None:
    with pytest.raises(SupervisionConflict):
        assign_direct_supervisor(cast.mine_a, cast.organisations["parent"], moment)


def test_mines_with_none_or_two_direct_supervisors_are_found(cast, moment) -> None:
    Mine.objects.create(code="140404911111", name="示例无主矿", kind="open_pit_coal", county_id="140404")
    Supervision.objects.create(
        mine=cast.mine_b,
        body=cast.organisations["city"],
        role="direct",
        valid_from=moment,
        valid_to=moment + timedelta(days=1),
    )
    assert mines_without_one_direct(moment) == {"140404911111": 0, cast.mine_b.code: 2}


def test_a_county_sees_the_mines_it_supervises_and_not_its_neighbours(cast, moment) -> None:
    assert codes(cast.county_officer, moment) == {cast.mine_a.code}
    assert codes(cast.neighbour_officer, moment) == {cast.mine_b.code}


def test_a_county_loses_sight_of_a_mine_that_another_body_takes_over(cast, moment) -> None:
    assign_direct_supervisor(cast.mine_a, cast.organisations["neighbour"], moment)
    assert codes(cast.county_officer, moment) == set()
    assert codes(cast.neighbour_officer, moment) == {cast.mine_a.code, cast.mine_b.code}


def test_city_province_and_bureau_see_both_mines(cast, moment) -> None:
    both = {cast.mine_a.code, cast.mine_b.code}
    for user in (cast.city_officer, cast.province_officer, cast.bureau_officer):
        assert codes(user, moment) == both


def test_an_enterprise_sees_its_own_mines_only(cast, moment) -> None:
    assert codes(cast.mine_a_dispatcher, moment) == {cast.mine_a.code}
    assert codes(cast.parent_dispatcher, moment) == {cast.mine_a.code}
    assert codes(cast.mine_b_dispatcher, moment) == {cast.mine_b.code}


def test_people_without_territory_or_mines_see_nothing(cast, moment) -> None:
    for user in (cast.nobody, cast.training_body, cast.informant):
        assert codes(user, moment) == set()


def test_a_mine_that_nobody_supervises_yet_is_seen_by_its_city_and_not_by_the_county_it_lies_in(cast, moment) -> None:
    new = Mine.objects.create(
        code="140404911111",
        name="示例新矿",
        kind="underground_coal",
        county_id="140404",
        city_id="140400",
        provisional=True,
    )
    assert new.code not in codes(cast.county_officer, moment)
    assert new.code in codes(cast.city_officer, moment)
    assert new.code not in codes(cast.neighbour_officer, moment)


def test_a_department_sees_only_its_sectors(cast, moment) -> None:
    iron = Mine.objects.create(code="140404911112", name="示例铁矿", kind="open_pit_noncoal", county_id="140404")
    organisation = cast.organisations["county"]
    Supervision.objects.create(mine=iron, body=organisation, role="direct", valid_from=moment)
    organisation.sectors = ["noncoal"]
    organisation.save()
    cast.county_officer.organisation.refresh_from_db()
    assert codes(cast.county_officer, moment) == {"140404911112"}


def test_parent_and_own_organisation_of_a_mine_are_found(cast, moment) -> None:
    both = [cast.mine_a.code, cast.mine_b.code]
    assert parent_organisation(both, moment) == {cast.mine_a.code: cast.organisations["parent"]}
    assert mine_organisation(both, moment) == {
        cast.mine_a.code: cast.organisations["mine_a"],
        cast.mine_b.code: cast.organisations["mine_b"],
    }
