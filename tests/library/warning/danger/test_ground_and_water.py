"""Files of other families through the real decoder: water, pressure, slopes, ponds, events; and non-coal mines."""

from __future__ import annotations

import json

from kuangan.library.telemetry.frames import UPLOAD
from kuangan.library.warning.danger import settings as law
from kuangan.library.warning.rulebook import shipped
from tests.library.warning.danger.stage import Stage
from tests.library.warning.scene import MINE, moment, stamp, wire_time

POND, PIT, IRON = "140926900003", "140602900102", "140121900020"


def level(stage: Stage, at: float, value: float) -> None:
    stage.upload("CGKCDSS", [f"{MINE}05MN05020104;0;{value};14.2;{wire_time(moment(at))}"], at)


def inflow(stage: Stage, at: float, value: float) -> None:
    stage.upload("YSLCDSS", [f"{MINE}05MN05030201;0;{value};{wire_time(moment(at))}"], at)


def slope(stage: Stage, at: float, kind: str, **fields: object) -> None:
    said = {"equip_no": f"{PIT}01A7KQ", **fields}
    text = json.dumps({"send_time": wire_time(moment(at)), "open_pit_no": PIT, "data": [said]}, ensure_ascii=False)
    stage.put(UPLOAD, f"{PIT}_{kind}_{stamp(moment(at))}_0042.json", text.encode(), at)


def speed(stage: Stage, at: float, value: float) -> None:
    axes = {f"{axis}_{what}": "0.0" for axis in "xyz" for what in ("disp", "speed", "acc_speed")}
    slope(stage, at, "gnssrealtime", monitor_time=wire_time(moment(at)), **(axes | {"x_speed": str(value)}))


def pond(stage: Stage, at: float, **beaches: float) -> None:
    records = [f"{POND}GT01{name[1:]};{wire_time(moment(at))};{value};57.2;0" for name, value in beaches.items()]
    stage.upload("GTXSS", records, at, POND)


def test_a_hole_level_far_from_its_own_past_is_graded_by_its_steps(stage: Stage) -> None:
    book = shipped().model_dump(mode="json")
    book["rules"][law.WATER_LEVEL] |= {"least_days": 2}
    stage.config("rulebook", book, 0)
    for day in range(3):
        for hour in range(0, 24, 6):
            level(stage, 60 + day * 86_400 + hour * 3600, 560.0 + 0.1 * (hour % 12 == 0))
    assert stage.judge(3 * 86_400) == []
    level(stage, 3 * 86_400, 560.3)
    (event,) = stage.of(law.WATER_LEVEL, 3 * 86_400 + 120)
    assert (event.grade, event.inputs["factor"], event.inputs["step"]) == ("red", 2.0, 0.1)
    level(stage, 3 * 86_400 + 600, 560.06)
    assert [e.status for e in stage.of(law.WATER_LEVEL, 3 * 86_400 + 720)] == ["cleared"]


def test_an_hour_of_inflow_above_the_mean_hour(stage: Stage) -> None:
    book = shipped().model_dump(mode="json")
    book["rules"][law.INFLOW] |= {"least_days": 2}
    stage.config("rulebook", book, 0)
    for hour in range(0, 72, 2):
        inflow(stage, 60 + hour * 3600, 80.0)
    assert stage.judge(72 * 3600) == []
    for minute in (0, 20, 40, 61):
        inflow(stage, 74 * 3600 + minute * 60, 130.0)
    (event,) = stage.of(law.INFLOW, 74 * 3600 + 3800)
    assert (event.grade, event.inputs["span"], event.inputs["value"], event.inputs["mean"]) == (
        "yellow",
        "hour",
        130.0,
        80.0,
    )


def test_support_resistance_and_roof_separation_against_levels(stage: Stage) -> None:
    for at in range(0, 1300, 60):
        high = at >= 300
        load, deep = (43.0, 120) if high else (28.4, 35)
        at_ = wire_time(moment(at))
        stage.upload("ZJSS", [f"{MINE}11MN11010035Z01;1101;35;1102面35#架;{load};0;{at_}"], at)
        stage.upload("LCSS", [f"{MINE}14MN14010007DBLC;1401;1103掘进巷320m;12;{deep};0;{at_}"], at)
    (load,) = stage.of(law.PRESSURE, 1400)
    (roof,) = stage.of(law.ROOF_SEPARATION, 1400)
    assert (load.grade, load.inputs["limit"], load.inputs["location"]) == ("yellow", 42, "1102面35#架")
    assert (roof.grade, roof.inputs["limit"], roof.onset) == ("yellow", 100, moment(300))


def test_a_slope_that_moves_faster_either_way_rises_through_its_colours(stage: Stage) -> None:
    for at in range(0, 3000, 300):
        speed(stage, at, -0.2 if at < 600 else -2.5)
    (event,) = stage.of(law.SLOPE, 3010)
    assert (event.grade, event.inputs["low"], event.peak) == ("yellow", True, -2.5)


def test_an_alarm_of_the_pit_is_mirrored_and_ends_when_the_pit_says_so(stage: Stage) -> None:
    began = wire_time(moment(10))
    told = {"horizontal_displacement": 11, "horizontal_velocity": 1.5, "horizontal_acceleration": 1, "duration": 1}
    slope(stage, 20, "gnssalarm", alarm_time=began, alarm_level=2, warning_parameters=told, alarm_value=told)
    (event,) = stage.of(law.REPORTED, 30)
    assert (event.grade, event.onset, event.status, event.inputs["level"]) == ("orange", moment(10), "open", "2")
    slope(stage, 600, "clearalarm", alarm_time=began, handle_time=wire_time(moment(590)), description="已撤人")
    (event,) = stage.of(law.REPORTED, 610)
    assert (event.status, event.end, event.inputs["text"]) == ("cleared", moment(590), "已撤人")


def test_a_pond_above_the_first_level_of_its_definition_is_told(stage: Stage) -> None:
    code, day = f"{POND}KSW020001", wire_time(moment(0))
    place = "尾矿坝;3.5;厂家;SW-1;4G;0.01;112.5254;39.1610;1240.0"
    stage.upload("KSWDY", [f"{code};库水位;{day};{place};1247.5;1248.2;1249.0;1"], 0, POND)
    for at, level in ((300, 1247.4), (600, 1247.5)):
        stage.upload("KSWSS", [f"{code};{wire_time(moment(at))};{level}"], at, POND)
    (event,) = stage.of(law.TAILINGS, 610)
    assert (event.grade, event.onset, event.inputs["limit_source"]) == ("yellow", moment(600), "own")


def test_two_orange_beaches_make_a_pond_red(stage: Stage) -> None:
    pond(stage, 0, p0001=120.0, p0002=120.0, p0003=120.0)
    pond(stage, 300, p0001=60.0, p0002=120.0, p0003=120.0)
    events = stage.of(law.TAILINGS, 310)
    assert [(e.subject_kind, e.grade) for e in events] == [("point", "orange")]
    pond(stage, 600, p0001=60.0, p0002=65.0, p0003=120.0)
    events = stage.of(law.TAILINGS, 610)
    assert sorted((e.subject_kind, e.grade) for e in events) == [
        ("mine", "red"),
        ("point", "orange"),
        ("point", "orange"),
    ]
    (together,) = [e for e in events if e.subject_kind == "mine"]
    assert (together.inputs["count"], together.inputs["points"], together.inputs["ladder_row"]) == (2, 3, "2orange")


def level_defined(stage: Stage, at: float, *warnings: float) -> None:
    record = f"{POND}KSW020001;库水位;2025-05-01;尾矿坝;3.5;厂家;SW-1;4G;0.01;112.5;39.1;1240.0;{';'.join(map(str, warnings))};1"
    stage.upload("KSWDY", [record], at, POND)


def pond_level(stage: Stage, at: float, value: float) -> None:
    stage.upload("KSWSS", [f"{POND}KSW020001;{wire_time(moment(at))};{value}"], at, POND)


def test_a_pond_level_is_held_against_the_levels_that_the_pond_itself_sets(stage: Stage) -> None:
    level_defined(stage, 0, 1247.5, 1248.2, 1249.0)
    told = []
    for number, value in enumerate((1246.3, 1247.4, 1247.5, 1248.3, 1249.0)):
        at = 300 * (number + 1)
        pond_level(stage, at, value)
        told += [event for event in stage.of(law.TAILINGS, at + 10) if event.subject_kind == "point"]
    assert [event.grade for event in told] == ["yellow", "orange", "red"]
    assert {event.inputs["limit_source"] for event in told} == {"own"}


def test_levels_in_no_order_say_nothing(stage: Stage) -> None:
    level_defined(stage, 0, 1249.0, 1247.5, 1248.2)
    for number, value in enumerate((1246.3, 1250.0)):
        pond_level(stage, 300 * (number + 1), value)
    assert stage.of(law.TAILINGS, 1800) == []


def test_levels_are_kept_by_a_checkpoint(stage: Stage) -> None:
    level_defined(stage, 0, 1247.5, 1248.2, 1249.0)
    pond_level(stage, 300, 1246.3)
    stage.judge(600)
    state = stage.pipeline.state
    assert [point.levels for point in state.points] == [(1247.5, 1248.2, 1249.0)]
    assert [point.levels for point in state.copied().points] == [(1247.5, 1248.2, 1249.0)]


def test_ground_sound_that_comes_thick_is_one_event_of_the_mine(stage: Stage) -> None:
    for number in range(5):
        at = 60 * number
        stage.upload("DYSS", [f"{MINE}17{stamp(moment(at))};01;12000;1102面超前60m;{wire_time(moment(at))}"], at)
    (event,) = stage.of(law.GROUND_SOUND, 400)
    assert (event.grade, event.inputs["count"], event.peak) == ("orange", 5, 12000.0)
    assert [e.status for e in stage.of(law.GROUND_SOUND, 240 + 7300)] == ["cleared"]


def test_a_non_coal_mine_is_judged_by_its_own_types(stage: Stage) -> None:
    """1005 is smoke there and a switch of coal mines, 0008 hydrogen sulphide and a coal level."""
    for at in range(0, 200, 20):
        when = wire_time(moment(at))
        rows = [
            f"{IRON}01MN00080A01;0008;850中段采场;9;ppm;0;{when}",
            f"{IRON}01KG10060A01;1006;主扇;{int(at < 40)};;0;{when}",
        ]
        text = "^".join([f"{IRON};示例铁矿;{when}", *rows, "]]]"])
        stage.put(UPLOAD, f"{IRON}_NCDSS_{stamp(moment(at))}.txt", text.encode(), at)
    found = {event.rule: event for event in stage.judge(200)}
    assert set(found) == {law.GAS_LEVEL, law.FAN_STOPPED}
    assert (found[law.GAS_LEVEL].inputs["limit"], found[law.FAN_STOPPED].inputs["kind"]) == (6.6, "main_fan")
