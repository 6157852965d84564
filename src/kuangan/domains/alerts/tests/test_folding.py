"""How alerts fold to lines: nothing is lost, nothing graver is hidden, over-limits never lie under silence."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kuangan.domains.alerts.folding import CAUSE, COUNTY, FLAPPING, PARENT, SINGLE, Item, fold
from kuangan.domains.alerts.tuning import TUNING

LAW = TUNING.folding
ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
OVER, OUTAGE, SENSOR, STATION = "gas.over_limit", "link.network_outage", "link.sensor_offline", "link.station_offline"

PLACES = [(mine, region) for mine in ("m1", "m2", "m3") for region in ("140404", "140403", "")]
SUBJECTS = [(rule, subject) for rule in (OVER, OUTAGE, SENSOR, STATION) for subject in ("p1", "p2")]
STATES = [(False, False), (False, False), (True, False), (False, True)]


def numbered(drawn: list[tuple[int, int, int, int, int]]) -> list[Item]:
    """Alerts from small numbers: colour, rule and subject, place, minute, void or drill."""
    found = []
    for pk, (rank, subject, place, minute, state) in enumerate(drawn, 1):
        (rule, code), (mine, region), (void, drill) = SUBJECTS[subject], PLACES[place], STATES[state]
        found.append(Item(pk, rank, rule, mine, region, code, minute * 60.0, void, drill))
    return found


items = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 7), st.integers(0, 8), st.integers(0, 60), st.integers(0, 3)),
    max_size=24,
).map(numbered)
links = st.dictionaries(st.integers(1, 24), st.integers(1, 24), max_size=8)
pairs = st.sets(st.sampled_from(SUBJECTS), max_size=3)


def item(pk: int, rule: str = OVER, **changes: object) -> Item:
    given_ = {"rank": 1, "mine": "m1", "region": "140404", "subject": f"p{pk}", "at": 0.0} | changes
    return Item(pk=pk, rule=rule, **given_)


@ANY_SPEED
@given(items, pairs, links)
def test_each_alert_stands_on_exactly_one_line(
    found: list[Item], flapping: set[tuple[str, str]], up: dict[int, int]
) -> None:
    lines = fold(found, LAW, flapping, up)
    assert Counter(member.pk for line in lines for member in line.members) == Counter(i.pk for i in found)


@ANY_SPEED
@given(items, pairs, links)
def test_a_line_has_the_colour_of_its_gravest_and_lines_stand_by_colour(
    found: list[Item], flapping: set[tuple[str, str]], up: dict[int, int]
) -> None:
    lines = fold(found, LAW, flapping, up)
    assert all(line.head.rank == max(member.rank for member in line.members) for line in lines)
    assert [line.head.rank for line in lines] == sorted((line.head.rank for line in lines), reverse=True)


@ANY_SPEED
@given(items, pairs, links)
def test_over_limits_fold_only_with_over_limits_and_red_ones_never(
    found: list[Item], flapping: set[tuple[str, str]], up: dict[int, int]
) -> None:
    for line in fold(found, LAW, flapping, up):
        rules = {member.rule for member in line.members}
        assert OVER not in rules or rules == {OVER}
        assert len(line.members) == 1 or not any(m.rule == OVER and m.rank == 3 for m in line.members)


@ANY_SPEED
@given(items, pairs, links)
def test_void_ones_and_drills_fold_among_themselves(
    found: list[Item], flapping: set[tuple[str, str]], up: dict[int, int]
) -> None:
    for line in fold(found, LAW, flapping, up):
        assert len({(member.void, member.drill) for member in line.members}) == 1


@ANY_SPEED
@given(items, pairs, links)
def test_the_lines_do_not_depend_on_the_order_of_the_list(
    found: list[Item], flapping: set[tuple[str, str]], up: dict[int, int]
) -> None:
    told = [(line.kind, line.members) for line in fold(found, LAW, flapping, up)]
    assert told == [(line.kind, line.members) for line in fold(found[::-1], LAW, flapping, up)]


def test_nothing_stands_under_a_red_over_limit() -> None:
    found = [item(1, OVER, rank=0), item(2, OVER, rank=3)]
    assert [line.members for line in fold(found, LAW, parent_of={1: 2})] == [(found[1],), (found[0],)]


def test_three_mines_of_a_county_that_lose_their_link_are_one_line_with_first_and_last() -> None:
    lost = [item(n, OUTAGE, mine=f"m{n}", at=n * 60.0) for n in range(1, 4)]
    [line] = fold(lost, LAW)
    assert (line.kind, line.mines, line.first, line.last) == (COUNTY, 3, 60.0, 180.0)


def test_two_mines_another_county_or_a_later_hour_are_no_county_outage() -> None:
    two = [item(n, OUTAGE, mine=f"m{n}") for n in range(1, 3)]
    elsewhere = [*two, item(3, OUTAGE, mine="m3", region="140403")]
    later = [*two, item(3, OUTAGE, mine="m3", at=LAW.county_outage_minutes * 60 + 1.0)]
    assert {line.kind for found in (two, elsewhere, later) for line in fold(found, LAW)} == {SINGLE}


def test_an_over_limit_stands_above_a_flood_of_a_lower_colour() -> None:
    flood = [item(n, OUTAGE, mine=f"m{n}", rank=1) for n in range(2, 202)]
    lines = fold([*flood, item(1, rank=2)], LAW)
    assert [(line.head.rule, len(line.members)) for line in lines] == [(OVER, 1), (OUTAGE, 200)]


def test_the_same_mine_and_rule_fold_within_ten_minutes_of_the_first() -> None:
    limit = LAW.same_cause_minutes * 60.0
    lines = fold([item(1), item(2, at=limit), item(3, at=limit + 1)], LAW)
    assert [(line.kind, {m.pk for m in line.members}) for line in lines] == [(SINGLE, {3}), (CAUSE, {1, 2})]


def test_a_flapping_subject_is_one_line_however_far_apart() -> None:
    again = [item(n, SENSOR, subject="p1", at=n * 3000.0) for n in range(1, 4)]
    [line] = fold(again, LAW, {(SENSOR, "p1")})
    assert (line.kind, len(line.members)) == (FLAPPING, 3)


def test_children_stand_under_their_parent_and_go_with_it_but_a_graver_child_stays_apart() -> None:
    station, mild, grave = item(1, STATION), item(2, SENSOR), item(3, SENSOR, rank=2)
    lines = fold([station, mild, grave], LAW, (), {2: 1, 3: 1})
    assert [(line.kind, [m.pk for m in line.members]) for line in lines] == [(SINGLE, [3]), (PARENT, [1, 2])]
