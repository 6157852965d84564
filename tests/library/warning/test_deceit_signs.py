"""Each rule about deceit speaks of its deed and is silent of what honestly looks like it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit.window import Facts
from kuangan.library.warning.settings import MINUTE
from tests.library.warning import gassy
from tests.library.warning.gassy import MINUTES, Deed, found, gas, numbers, said, window

SINCE = MINUTES - 200


def done(deed: Deed, name: str = "T1", since: int = SINCE) -> dict[str, Array]:
    values = gas()
    deed(values[name], since)
    return values


@pytest.mark.parametrize("seed", range(12))
def test_a_mine_that_does_nothing_is_not_spoken_of(seed: int) -> None:
    assert found(window(gas(seed=seed))) == {}


def test_a_wrapped_sensor_is_told_by_fall_neighbours_and_stillness() -> None:
    told = found(window(done(gassy.wrap)))
    assert set(told) == {("blocked", "T1")}
    verdict = told["blocked", "T1"]
    assert verdict.tier == "check"
    assert said(verdict) == dict.fromkeys(("drop", "neighbours", "flat", "neighbours_move"), "spoke")
    assert abs(verdict.onset - window(gas()).at(SINCE)) <= 3 * MINUTE
    assert 0.35 <= numbers(verdict, "drop")["share"] <= 0.75


def test_a_wrapped_sensor_is_told_though_work_stops_and_its_neighbours_come_down_to_it() -> None:
    values = done(gassy.wrap)
    for name in ("T0", "T2"):
        values[name][SINCE + 60 :] = np.round(values[name][SINCE + 60 :] * 0.4, 2)
    assert ("blocked", "T1") in found(window(values))


def test_a_wrapped_sensor_may_waver_between_two_values_far_from_its_floor() -> None:
    values = done(gassy.wrap)
    values["T1"][SINCE + 20 :] = np.where(np.arange(MINUTES - SINCE - 20) % 3 == 0, 0.06, 0.07)
    assert ("blocked", "T1") in found(window(values))


def test_a_sensor_that_fails_where_it_stood_is_no_wrapped_one() -> None:
    values = gas()
    values["T1"][SINCE:] = values["T1"][SINCE]
    assert ("blocked", "T1") not in found(window(values))


def test_a_sensor_in_fresh_air_is_told_by_course_level_and_order() -> None:
    told = found(window(done(gassy.hang_in_intake, since=MINUTES - 300)))
    assert set(told) == {("moved", "T1")}
    verdict = told["moved", "T1"]
    assert verdict.tier == "check"
    spoken = {name for name, state in said(verdict).items() if state == "spoke"}
    assert {"drop", "neighbours", "coupling", "intake"} <= spoken


def test_a_face_at_rest_falls_to_its_floor_while_the_goaf_goes_on_behind_it() -> None:
    values, quiet = gas(), gas(still=True)
    values["T1"][SINCE:] = quiet["T1"][SINCE:]
    assert values["T0"][SINCE:].mean() > 1.5 * values["T1"][SINCE:].mean()
    assert found(window(values)) == {}


def test_the_order_is_not_judged_where_the_air_does_not_go_in_a_u() -> None:
    values = done(gassy.hang_in_intake, since=MINUTES - 300)
    told = found(window(values, facts=Facts(ventilation={"1102": "Y"})))
    order = next(each for each in told["moved", "T1"].signs if each.name == "order")
    assert (order.state, order.why) == ("unknown", "ventilation")


def test_compressed_air_makes_it_lower_and_rougher() -> None:
    told = found(window(done(gassy.blow, "T0")))
    assert set(told) == {("blown", "T0")}
    assert told["blown", "T0"].tier == "check"
    assert numbers(told["blown", "T0"], "rougher")["factor"] >= 2


def more_air(values: dict[str, Array]) -> None:
    for name in ("T0", "T1", "T2"):
        values[name][SINCE:] = np.round(values[name][SINCE:] * 0.5, 2)


def end_of_cutting(values: dict[str, Array]) -> None:
    for name, quiet in gas(still=True).items():
        values[name][SINCE:] = quiet[SINCE:]


def new_face(values: dict[str, Array]) -> None:
    for name, other in gas(seed=99, quiet=0.6).items():
        if name.startswith("T"):
            values[name][SINCE:] = other[SINCE:]


def gas_beside_it(values: dict[str, Array]) -> None:
    values["T2"][SINCE:] = np.round(values["T2"][SINCE:] + np.linspace(0, 0.5, MINUTES - SINCE), 2)


def a_gap(values: dict[str, Array]) -> None:
    for value in values.values():
        value[SINCE : SINCE + 60] = np.nan


@pytest.mark.parametrize("change", [more_air, end_of_cutting, new_face, gas_beside_it, a_gap])
def test_what_air_work_and_loss_do_to_all_is_no_deed(change: Callable[[dict[str, Array]], None]) -> None:
    values = gas()
    change(values)
    assert found(window(values)) == {}


def test_a_sensor_that_reads_lower_after_its_calibration_is_not_spoken_of() -> None:
    values = gas()
    values["T1"][SINCE:] = np.round(values["T1"][SINCE:] * 0.5, 2)
    assert ("moved", "T1") in found(window(values))
    assert found(window(values, calibrating={"T1": slice(SINCE - 12, SINCE)})) == {}


def test_readings_held_under_the_limit_pile_up_there() -> None:
    values = {name: np.round(value * 1.9, 2) for name, value in gas().items()}
    gassy.hold_below(values["T0"], 0)
    told = found(window(values))
    assert set(told) == {("clipped", "T0")}
    verdict = told["clipped", "T0"]
    assert verdict.tier == "check"
    assert said(verdict)["neighbours_over"] == "spoke"


def test_gas_that_comes_near_its_limit_and_thins_out_is_not_clipped() -> None:
    assert found(window({name: np.round(value * 1.45, 2) for name, value in gas().items()})) == {}


def test_an_earlier_day_sent_again_is_told_with_its_day() -> None:
    values, before = gas(), {days: gas(day=days) for days in (1, 2, 3)}
    values["T1"][-180:] = before[2]["T1"][-180:]
    earlier = {d: np.array([v[n][-240:] for n, *_ in gassy.PLACES]) for d, v in before.items()}
    told = found(window(values), earlier)
    verdict = told["replayed", "T1"]
    assert set(told) == {("replayed", "T1")}
    assert verdict.numbers["days_before"] == 2
    assert said(verdict) == dict.fromkeys(("equal", "course", "varied", "neighbours_differ"), "spoke")
    assert abs(verdict.onset - window(values).at(MINUTES - 180)) <= 12 * MINUTE


def test_days_that_are_honestly_the_same_and_hardly_move_are_not_replayed() -> None:
    flat = np.round(0.01 + 0.01 * (np.arange(MINUTES) % 90 < 30), 2)
    values = {name: flat.copy() for name in gas()}
    earlier = {1: np.array([flat[-240:] for _ in gassy.PLACES])}
    assert found(window(values), earlier) == {}


def cover(values: dict[str, Array], names: str, start: int = SINCE) -> None:
    for number, name in enumerate(names.split()):
        gassy.wrap(values[name], start + 2 * number)


def test_sensors_covered_together_are_one_event_and_one_for_each() -> None:
    values = gas()
    cover(values, "T0 T1 T2 H1")
    told = found(window(values))
    assert told["group_event", ""].tier == "check"
    assert set(told) == {("group_event", ""), *(("blocked", name) for name in ("T0", "T1", "T2", "H1"))}
    assert said(told["group_event", ""])["several_stations"] == "spoke"


def test_sensors_covered_while_gas_rises_are_a_group_though_they_stand_as_high_as_before() -> None:
    values = gas()
    for name in ("T0", "T1", "T2", "H1"):
        before = values[name][SINCE - 60 : SINCE - 20].mean()
        values[name][SINCE - 20 : SINCE] = np.round(np.linspace(before, 1.9 * before, 20), 2)
    cover(values, "T0 T1 T2 H1")
    assert found(window(values))["group_event", ""].tier == "check"


@pytest.mark.parametrize(("rest", "told"), [(0.08, False), (0.2, True)])
def test_sensors_that_rest_where_they_rested_before_are_no_group(rest: float, told: bool) -> None:
    values = gas()
    for name in ("T0", "T1", "T2", "H1"):
        values[name][300:420] = rest
        values[name][SINCE:] = 0.08
    assert (("group_event", "") in found(window(values))) is told


def test_a_whole_system_that_stands_still_is_only_watched() -> None:
    values = gas()
    for value in values.values():
        value[SINCE:] = value[SINCE]
    told = found(window(values))
    assert {key: verdict.tier for key, verdict in told.items()} == {("group_event", ""): "watch"}


def test_a_calibration_is_told_when_it_is_long_or_hides_a_neighbour() -> None:
    values = gas()
    assert found(window(values, calibrating={"T1": slice(600, 612)})) == {}
    told = found(window(values, calibrating={"T1": slice(600, 645)}))
    assert (told["calibration_abuse", "T1"].tier, said(told["calibration_abuse", "T1"])["long"]) == ("watch", "spoke")
    values["T2"][610:630] = 1.2
    told = found(window(values, calibrating={"T1": slice(600, 645)}))
    assert told["calibration_abuse", "T1"].tier == "check"
