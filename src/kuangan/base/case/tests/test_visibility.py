from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from kuangan.base.case.models import Case
from kuangan.base.registry.models import Supervision
from kuangan.base.registry.scope import visible_mines

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


@pytest.mark.parametrize(
    "relations",
    [
        {},
        {"direct": "county"},
        {"direct": "neighbour"},
        {"direct": "city"},
        {"direct": "province"},
        {"direct": "county", "upper": "city"},
        {"direct": "neighbour", "industry": "county"},
        {"mine_safety": "bureau"},
    ],
)
@pytest.mark.parametrize("placed", ["county", "city", "nowhere", "another city"])
def test_whoever_sees_the_page_of_a_mine_sees_its_cases_and_the_other_way_round(
    make: Make, cast, relations: dict[str, str], placed: str
) -> None:
    mine = cast.mine_a
    where = {"county": ("140404", "140400"), "city": (None, "140400"), "nowhere": (None, None)}
    mine.county_id, mine.city_id = where.get(placed, ("140105", "140100"))
    mine.save()
    Supervision.objects.filter(mine=mine).delete()
    for role, key in relations.items():
        Supervision.objects.create(mine=mine, body=cast.organisations[key], role=role, valid_from=AT)
    of_the_case = seers(cast, make(region=mine.region_code))
    of_the_page = {name for name in EVERYBODY if visible_mines(cast.people[name], AT).filter(pk=mine.pk).exists()}
    assert of_the_page == of_the_case
    assert ("county_officer" in of_the_page) == ("county" in relations.values()), "territory is not supervision"


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
