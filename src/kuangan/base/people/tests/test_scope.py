import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import PERMISSIONS, may
from kuangan.base.people.roles import SEPARATED, OrganisationKind, Role, validate_roles
from kuangan.base.people.scope import NOWHERE, scope_of


@pytest.mark.django_db
def test_an_authority_has_its_territory_and_an_enterprise_its_mines(cast) -> None:
    assert scope_of(cast.province_officer).region_prefix == "14"
    assert scope_of(cast.city_officer).region_prefix == "1404"
    county = scope_of(cast.county_officer)
    assert (county.region_prefix, county.mines, county.sectors) == ("140404", None, {"coal", "noncoal", "tailings"})
    parent = scope_of(cast.parent_dispatcher)
    assert (parent.region_prefix, parent.mines) == (None, {cast.mine_a.code})
    assert scope_of(cast.mine_b_dispatcher).mines == {cast.mine_b.code}


@pytest.mark.django_db
def test_a_group_sees_the_mines_of_its_subsidiaries(cast) -> None:
    middle = Organisation.objects.create(
        kind="parent_company", name="示例子公司", level="parent", parent=cast.organisations["parent"], company_code="Q2"
    )
    mine_b = cast.organisations["mine_b"]
    mine_b.parent = middle
    mine_b.save()
    assert scope_of(cast.parent_dispatcher).mines == {cast.mine_a.code, cast.mine_b.code}


@pytest.mark.django_db
def test_strangers_the_disabled_and_people_without_organisation_are_nowhere(cast) -> None:
    cast.city_officer.is_active = False
    for user in (AnonymousUser(), cast.nobody, cast.city_officer):
        assert scope_of(user) is NOWHERE
        assert not any(may(user, permission) for permission in PERMISSIONS)


@pytest.mark.django_db
def test_secrecy_is_the_groups_a_person_was_let_into(cast) -> None:
    cast.county_officer.sealed_groups = ["tipoff-2026-3"]
    assert scope_of(cast.county_officer).secrecy == {"tipoff-2026-3"}


@given(st.sets(st.sampled_from(Role.values)))
def test_two_of_the_three_administrators_are_never_one_person(roles: set[str]) -> None:
    if len(roles & SEPARATED) > 1:
        with pytest.raises(ValidationError):
            validate_roles(roles)
    else:
        assert set(validate_roles(roles)) == roles


@pytest.mark.django_db
def test_an_unknown_role_is_not_saved() -> None:
    with pytest.raises(ValidationError):
        User.objects.create(username="x", roles=["emperor"])


def test_an_unknown_permission_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        may(AnonymousUser(), "alert.wish_away")


def test_the_design_names_every_kind_of_organisation() -> None:
    assert set(OrganisationKind.values) == {
        "emergency", "mine_safety_bureau", "energy", "natural_resources", "public_security", "market_regulation",
        "power", "fire", "meteorology", "safety_committee", "government", "parent_company", "mine", "training_body",
        "service_body", "vendor", "expert_group",
    }  # fmt: skip
