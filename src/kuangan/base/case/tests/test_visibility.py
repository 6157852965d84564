from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from kuangan.base.case.models import Case
from kuangan.base.registry.models import Supervision

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
EVERYBODY = [
    "province_officer",
    "city_officer",
    "county_officer",
    "neighbour_officer",
    "bureau_officer",
    "mine_a_dispatcher",
    "mine_b_dispatcher",
    "parent_dispatcher",
    "training_body",
    "informant",
    "nobody",
]
ABOUT_MINE_A = {
    "province_officer",
    "city_officer",
    "county_officer",
    "bureau_officer",
    "mine_a_dispatcher",
    "parent_dispatcher",
}
Make = Callable[..., Case]


def seers(cast, case: Case, at: datetime = AT) -> set[str]:
    return {name for name in EVERYBODY if Case.objects.visible_to(cast.people[name], at).filter(pk=case.pk).exists()}


def test_a_case_is_seen_by_its_supervisors_upper_levels_its_mine_and_the_parent(make: Make, cast) -> None:
    assert seers(cast, make()) == ABOUT_MINE_A


def test_a_stranger_sees_nothing(make: Make) -> None:
    make()
    assert not Case.objects.visible_to(AnonymousUser(), AT).exists()


def test_a_county_does_not_see_a_mine_on_its_land_that_it_does_not_supervise(make: Make, cast) -> None:
    Supervision.objects.filter(mine=cast.mine_a, role="direct").update(body=cast.organisations["neighbour"])
    assert seers(cast, make()) == (ABOUT_MINE_A - {"county_officer"}) | {"neighbour_officer"}


def test_supervision_counts_only_between_its_dates(make: Make, cast) -> None:
    end = AT + timedelta(days=1)
    Supervision.objects.filter(mine=cast.mine_a, role="direct").update(valid_from=AT, valid_to=end)
    case = make()
    seen = [
        "county_officer" in seers(cast, case, at)
        for at in (AT - timedelta(seconds=1), AT, end - timedelta(seconds=1), end)
    ]
    assert seen == [False, True, True, False]


def test_a_provisional_mine_without_supervisor_is_seen_by_upper_levels(make: Make, cast) -> None:
    Supervision.objects.filter(mine=cast.mine_a).delete()
    seen = seers(cast, make())
    assert {"province_officer", "city_officer"} <= seen
    assert "county_officer" not in seen


def test_a_case_about_no_mine_is_seen_by_its_territory(make: Make, cast) -> None:
    assert seers(cast, make(mine=None)) == {"province_officer", "city_officer", "county_officer", "bureau_officer"}


def test_another_sector_is_out_of_sight(make: Make, cast) -> None:
    county = cast.organisations["county"]
    county.sectors = ["noncoal"]
    county.save()
    cast.county_officer.organisation.refresh_from_db()
    assert "county_officer" not in seers(cast, make())
    assert "county_officer" in seers(cast, make(sector="noncoal"))
    assert "county_officer" in seers(cast, make(sector=""))


def test_a_sealed_case_exists_only_for_its_group_within_scope(make: Make, cast) -> None:
    case = make(secrecy="sealed:suspicion")
    assert seers(cast, case) == set()
    for name in ("county_officer", "neighbour_officer"):
        cast.people[name].sealed_groups = ["suspicion"]
    cast.city_officer.sealed_groups = ["tipoff"]
    assert seers(cast, case) == {"county_officer"}


@pytest.mark.parametrize("name", ["county_officer", "city_officer", "mine_a_dispatcher"])
def test_the_list_is_one_query_and_names_no_case_twice(make: Make, cast, name, django_assert_num_queries) -> None:
    for _ in range(3):
        make()
    user = cast.people[name]
    assert user.organisation is not None
    with django_assert_num_queries(1):
        found = list(Case.objects.visible_to(user, AT))
    assert len(found) == len({case.pk for case in found}) == 3
