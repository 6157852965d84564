"""The register follows the profile and names nothing real."""

import polars as pl
import pytest

from kuangan.library.simulate import fleet, register
from kuangan.library.simulate.catalogue import coal_profile, names


@pytest.fixture(scope="module")
def mines():
    return register(1)


def test_the_register_is_the_same_for_a_seed_and_another_for_another(mines):
    assert mines.equals(register(1))
    assert not mines.equals(register(2))


def test_about_1100_mines_of_five_kinds(mines):
    assert mines.height == 1100
    counts = dict(mines["kind"].value_counts().iter_rows())
    assert set(counts) == {
        "underground_coal",
        "open_pit_coal",
        "underground_noncoal",
        "open_pit_noncoal",
        "tailings_pond",
    }
    assert 745 <= counts["underground_coal"] + counts["open_pit_coal"] <= 755


def test_codes_lie_in_the_reserved_serial_range(mines):
    assert mines["code"].n_unique() == mines.height
    serials = mines["code"].str.slice(6).cast(pl.Int64)
    assert serials.min() >= 900_000
    assert (mines["code"].str.head(6) == mines["county_code"]).all()
    assert mines["synthetic"].all()


def test_names_are_unique_and_contain_no_name_to_avoid(mines):
    assert mines["name"].n_unique() == mines.height
    for column in ("name", "parent_company", "actual_controller"):
        for word in names().avoid:
            assert not mines[column].str.contains(word, literal=True).any()


def test_coal_mines_follow_the_profile(mines):
    coal = mines.filter(pl.col("kind").str.ends_with("_coal"))
    profile = coal_profile()
    ours = dict(coal["county_code"].value_counts().iter_rows())
    for county, count in profile["county_code"].value_counts().iter_rows():
        assert count <= ours[county] <= count + 2
    assert coal["capacity_10kt"].median() == profile["capacity_10kt_per_year"].median()
    producing = coal.filter(state="producing").height / coal.height
    assert producing == pytest.approx((profile["status"] == "operating").mean(), abs=0.01)


def test_every_column_holds_known_codes(mines):
    assert set(mines["state"]) == {"producing", "building", "stopped", "closed"}
    assert set(mines.filter(kind="underground_coal")["gas_grade"]) == {"low", "high", "outburst"}
    assert set(mines["direct_supervisor_level"]) == {"county", "city", "province"}
    assert mines["actual_controller"].null_count() == 0


def test_the_fleet_is_drawn_from_the_register(mines):
    chosen = fleet(seed=1, count=30, points=55)
    codes = [mine.code for mine in chosen]
    assert len(set(codes)) == 30
    rows = mines.filter(pl.col("code").is_in(codes))
    assert set(rows["state"]) == {"producing"}
    assert set(rows["kind"]) == {"underground_coal"}
    assert rows["county_code"].n_unique() == 30


def test_a_fleet_larger_than_the_counties_still_has_distinct_mines():
    assert len({mine.code for mine in fleet(seed=1, count=120, points=20)}) == 120
