"""Feeds that stay live, fire signs, oxygen, mains and pumps."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import FEED_LIVE, FIRE, ON_BATTERY, OXYGEN_LOW, POWER_LOST, PUMP
from tests.library.warning.danger.stage import HEADING, Stage, defined, point
from tests.library.warning.scene import MINE, moment, wire_time

GAS, FEED, OTHER = point("0043", 1), point("1015", 1), point("1011", 2)


def states(stage: Stage, at: float, **powers: int) -> None:
    stage.upload("FZSS", [f"{MINE}{name[1:]};0;{power};{wire_time(moment(at))}" for name, power in powers.items()], at)


def test_power_that_stays_on_after_the_cut_value_is_an_event(stage: Stage) -> None:
    stage.begin({"gas": (GAS, f"{HEADING}T1"), "feed": (FEED, f"{HEADING}馈电")}, gas=0.5, feed=1)
    stage.keep(0, 60)
    stage.keep(60, 100, gas=1.6)
    (event,) = stage.of(FEED_LIVE, 100)
    assert (event.subject, event.onset, event.grade, event.inputs["limit"]) == (GAS, moment(60), "orange", 1.5)
    assert [row["role"] for row in event.inputs["related"]] == ["methane", "feed"]
    stage.show(100, feed=0)
    assert [(e.status, e.end) for e in stage.of(FEED_LIVE, 110)] == [("cleared", moment(100))]


def test_power_that_is_cut_in_time_is_none(stage: Stage) -> None:
    stage.begin({"gas": (GAS, f"{HEADING}T1"), "feed": (FEED, f"{HEADING}馈电")}, gas=0.5, feed=1)
    stage.keep(0, 60, every=5)
    stage.show(60, gas=1.6)
    stage.keep(65, 200, every=5, feed=0)
    assert stage.of(FEED_LIVE, 200) == []


def test_the_definition_names_the_feed_and_the_cut_value(stage: Stage) -> None:
    relation = f"D-{GAS}-瓦斯:K-{OTHER}"
    points = {"gas": (GAS, f"{HEADING}T1"), "feed": (OTHER, "中央变电所馈电")}
    stage.upload("CDDY", [defined(*points["gas"], relation=relation, high=0.8, cut=0.9), defined(*points["feed"])], 0)
    stage.begin(points, gas=0.5, feed=1)
    stage.keep(10, 60)
    stage.keep(60, 100, gas=0.95)
    (event,) = stage.of(FEED_LIVE, 100)
    assert (event.inputs["limit"], event.inputs["limit_source"]) == (0.9, "own")


def test_smoke_alone_is_yellow_and_two_signs_are_orange(stage: Stage) -> None:
    points = {"smoke": (point("1008", 1), "主运输大巷机头烟雾"), "co": (point("0004", 1), "主运输大巷机头CO")}
    stage.begin(points, smoke=0, co=4)
    stage.keep(0, 60)
    stage.keep(60, 120, smoke=1)
    (event,) = stage.of(FIRE, 120)
    assert (event.grade, event.onset, event.inputs["signs"]) == ("yellow", moment(60), ["smoke"])
    stage.keep(120, 180, co=30)
    (event,) = stage.of(FIRE, 180)
    assert (event.grade, event.inputs["ladder_row"]) == ("orange", "2signs")
    assert (event.subject, len(event.inputs["events"])) == ("主运输大巷机头", 1)


def test_carbon_monoxide_alone_is_an_over_limit_and_no_fire(stage: Stage) -> None:
    stage.begin({"co": (point("0004", 1), "主运输大巷机头CO")}, co=4)
    stage.keep(0, 60)
    stage.keep(60, 200, co=30)
    assert {event.rule for event in stage.judge(200)} == {"gas.over_limit"}


def test_oxygen_falls_through_its_levels(stage: Stage) -> None:
    stage.begin({"o": (point("0012", 1), "永久避难硐室氧气")}, o=20.5)
    stage.keep(0, 60)
    stage.keep(60, 240, o=17.9)
    (event,) = stage.of(OXYGEN_LOW, 240)
    assert (event.grade, event.inputs["limit"]) == ("yellow", 18.0)
    stage.keep(240, 500, o=15.5)
    (event,) = stage.of(OXYGEN_LOW, 500)
    assert (event.grade, event.peak, event.inputs["limit"]) == ("red", 15.5, 16.0)


def test_a_base_station_on_its_battery_is_told_with_the_place_where_it_stands(stage: Stage) -> None:
    base = f"{MINE}00001"
    stage.begin({"gas": (GAS, f"{HEADING}T1")}, gas=0.3)
    stage.upload("RYJZ", [f"{base};东翼大巷基站;0;0;0;"], 0)
    stage.upload("JZSS", [f"{base};0;0;{wire_time(moment(60))}"], 60)
    stage.keep(70, 800)
    (event,) = stage.of(ON_BATTERY, 800)
    assert (event.subject, event.inputs["location"], event.inputs["base"]) == (base, "东翼大巷基站", True)


def test_a_sub_station_on_its_battery_is_told_after_its_time(stage: Stage) -> None:
    stage.begin({"gas": (GAS, f"{HEADING}T1")}, gas=0.3)
    states(stage, 0, s00001=1, s00002=1)
    stage.keep(10, 300)
    states(stage, 300, s00001=0, s00002=1)
    stage.keep(310, 1000)
    (event,) = stage.of(ON_BATTERY, 1000)
    assert (event.subject, event.onset, event.grade) == (f"{MINE}00001", moment(300), "blue")
    states(stage, 1000, s00001=1, s00002=1)
    assert [(e.status, e.end) for e in stage.of(ON_BATTERY, 1010)] == [("cleared", moment(1000))]


def test_many_sub_stations_at_once_are_one_loss_of_the_mains(stage: Stage) -> None:
    stage.begin({"gas": (GAS, f"{HEADING}T1")}, gas=0.3)
    states(stage, 0, s00001=1, s00002=1, s00003=1, s00004=1)
    stage.keep(10, 300)
    states(stage, 300, s00001=0, s00002=2, s00003=0, s00004=1)
    stage.keep(310, 420)
    (event,) = stage.of(POWER_LOST, 420)
    assert (event.subject, event.grade, event.onset) == (MINE, "orange", moment(300))
    assert event.inputs["children"] == [f"{MINE}0000{number}" for number in (1, 2, 3)]


def test_an_older_state_that_comes_late_changes_nothing(stage: Stage) -> None:
    stage.begin({"gas": (GAS, f"{HEADING}T1")}, gas=0.3)
    states(stage, 100, s00001=1)
    stage.keep(110, 200)
    stage.upload("FZSS", [f"{MINE}00001;0;0;{wire_time(moment(50))}"], 200)
    stage.keep(210, 1000)
    assert stage.of(ON_BATTERY, 1000) == []


def test_pumps_that_stand_while_their_sump_rises(stage: Stage) -> None:
    points = {"pump": (point("1004", 1), "中央水泵房1号水泵"), "sump": (point("0007", 1), "中央水泵房水仓水位")}
    stage.begin(points, pump=1, sump=2.0)
    stage.keep(0, 60)
    stage.keep(60, 600, pump=0)
    assert stage.of(PUMP, 600) == []
    stage.keep(600, 720, sump=2.4)
    (event,) = stage.of(PUMP, 720)
    assert (event.grade, event.onset, event.peak) == ("yellow", moment(60), 0.4)
