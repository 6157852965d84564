"""The people of a mine: the same for the same seed, each in one place, and back at the end of the shift."""

from itertools import pairwise

from kuangan.library.simulate import below, build_mine, fleet, positions, snapshot_times, uploads
from kuangan.library.simulate.crew import REPEATED_S, SNAPSHOT_S, areas, crew

START = 1_773_100_800_000
HOUR = 3_600_000
MINE = build_mine("140105900001", "砚岫煤业", seed=7, points=40, gas_grade="high", crew=45)
SECONDS = snapshot_times(MINE, START, START + 24 * HOUR)


def kinds(files):
    return {name.split("_")[1] for _, name, _, _ in files}


def test_the_same_seed_gives_the_same_people_and_another_seed_others():
    again = build_mine("140105900001", "砚岫煤业", seed=7, points=40, gas_grade="high", crew=45)
    other = build_mine("140105900001", "砚岫煤业", seed=8, points=40, gas_grade="high", crew=45)
    assert uploads(MINE, START, START + HOUR, 60) == uploads(again, START, START + HOUR, 60)
    assert crew(MINE) == crew(again) != crew(other)


def test_windows_together_are_the_whole():
    whole = uploads(MINE, START, START + HOUR, 60)
    parts = [file for at in range(0, HOUR, HOUR // 8) for file in uploads(MINE, START + at, START + at + HOUR // 8, 60)]
    assert parts == whole


def test_a_snapshot_comes_every_five_minutes_and_a_mine_without_a_crew_sends_none():
    assert {b - a for a, b in pairwise(SECONDS)} == {SNAPSHOT_S}
    files = uploads(MINE, START, START + HOUR, 60, opening=True)
    assert kinds(files) >= {"RYQY", "RYJZ", "RYXX", "RYSS"}
    assert sum("_RYSS_" in file.name for file in files) == 12
    (bare,) = fleet(1, 1, 40)
    assert kinds(uploads(bare, START, START + HOUR, 60, opening=True)) == {"FZDY", "CDDY", "CDSS"}


def test_everybody_is_in_one_place_that_is_defined_and_nobody_in_the_sealed_area():
    stations = {area.code: {code for code, _ in area.stations} for area in areas(MINE)}
    for second in SECONDS[::7]:
        found = positions(MINE, second)
        assert len({p.person.card for p in found}) == len(found)
        for p in found:
            assert p.station in stations[p.area]
            assert p.entered <= p.area_since <= p.station_since <= second
            assert p.area != areas(MINE)[-1].code


def test_who_has_left_is_named_in_the_next_two_snapshots():
    left = {}
    for second in SECONDS:
        for p in positions(MINE, second):
            if p.left is not None:
                assert p.left <= second < p.left + REPEATED_S
                left.setdefault((p.person.card, p.left), []).append(second)
    inner = [times for (_, when), times in left.items() if SECONDS[0] < when < SECONDS[-3]]
    assert len(inner) > 30 and {len(times) for times in inner} == {2}


def test_a_shift_is_below_ground_at_any_hour_and_leaders_with_it():
    counts = [len(below(MINE, second)) for second in SECONDS]
    assert min(counts) > 0 and max(counts) <= 2 * len(crew(MINE)) // 3 + 2
    assert any(p.person.leader for second in SECONDS[::12] for p in below(MINE, second))
    assert {p.person.shift for second in SECONDS for p in below(MINE, second)} == {0, 1, 2}
