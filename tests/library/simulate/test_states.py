"""Five-minute files: our own decoder takes them, statistics are those of the readings that are sent, states follow the faults."""

from hashlib import sha256
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from kuangan.library.simulate import build_mine, fleet, outage, positions, ramp, sample_times, truths, uploads
from kuangan.library.simulate.crew import areas
from kuangan.library.simulate.readings import station_dropouts
from kuangan.library.simulate.states import on_battery
from kuangan.library.telemetry.decode import decode
from kuangan.library.telemetry.frames import UPLOAD, Frame
from kuangan.library.telemetry.names import parse_name

START = 1_773_100_800_000
MINUTE, HOUR = 60_000, 3_600_000
SLOT = 5 * MINUTE
NEW = ("FZSS", "JZSS", "TJSJ")


def mine(states=True, crew=30):
    return build_mine("140524900001", "岑汀煤业", seed=4, points=60, gas_grade="outburst", crew=crew, states=states)


MINE = mine()
STATION = MINE.stations[1][0]
BASE = areas(MINE)[2].stations[1][0]
FAULTS = [
    ramp(MINE, MINE.find("corner"), START + 5 * MINUTE, peak=2.2, rise_s=120, hold_s=300),
    outage(MINE, START + 12 * MINUTE, minutes=16, subject=MINE.find("main_return").code),
    outage(MINE, START + 21 * MINUTE, minutes=14, subject=STATION),
    outage(MINE, START + 33 * MINUTE, minutes=20, subject=BASE),
    outage(MINE, START + 72 * MINUTE, minutes=11),
]


def kind(file):
    return parse_name(file.name).type


def files(rhythm=30, hours=2, faults=FAULTS, of=MINE, start=START):
    return uploads(of, start, start + hours * HOUR, rhythm, faults, opening=True)


def decoded(sent):
    frames = [
        Frame(i, one.mine, UPLOAD, one.name, "test", one.send_time, sha256(one.payload).digest(), one.payload)
        for i, one in enumerate(sent)
    ]
    return decode(frames)


def statistics(sent):
    return decoded([one for one in sent if kind(one) == "TJSJ"]).kept["statistics"]


@pytest.mark.parametrize("rhythm", [10, 60, 120])
def test_our_own_decoder_takes_every_file(rhythm):
    result = decoded(files(rhythm))
    assert {outcome.status for outcome in result.outcomes} == {"accepted"}
    assert result.rejects == []
    assert {outcome.type for outcome in result.outcomes} >= set(NEW)
    assert {table for table, rows in result.kept.items() if rows.height} >= {"statistics", "station_states"}


@pytest.mark.parametrize("rhythm", [10, 60, 120, 300])
def test_statistics_are_those_of_the_readings_that_were_sent(rhythm):
    sent = files(rhythm)
    readings = decoded([one for one in sent if kind(one) == "CDSS"]).readings
    by_slot = (
        readings.with_columns(pl.col("code").cast(pl.String), slot=pl.col("time") // SLOT * SLOT)
        .filter(pl.col("value").is_not_nan() & pl.col("code").str.contains("MN"))
        .sort("time")
        .group_by("code", "slot")
        .agg(
            pl.col("value").max().alias("max"),
            pl.col("time").get(pl.col("value").arg_max()).alias("max_at"),
            pl.col("value").min().alias("min"),
            pl.col("time").get(pl.col("value").arg_min()).alias("min_at"),
            pl.col("value").mean().alias("average"),
        )
    )
    told = statistics(sent).filter(pl.col("start") >= START)
    both = told.join(by_slot, left_on=["code", "start"], right_on=["code", "slot"], how="full", suffix="_read")
    assert set(both.filter(pl.col("code").is_null())["slot"]) == _untold(rhythm) & set(by_slot["slot"])
    known = both.filter(pl.col("code").is_not_null())
    assert known.height > 20 * MINE.crew
    for name in ("max", "max_at", "min", "min_at"):
        assert known[name].equals(known[f"{name}_read"], null_equal=True, check_names=False), name
    assert (known["average"] - known["average_read"]).abs().max() <= 0.005 + 1e-9
    assert (known["end"] - known["start"]).unique().to_list() == [SLOT]


def _untold(rhythm):
    """Five minutes of which nobody tells: the last ones, and those whose file fell into the outage of the link."""
    cut = FAULTS[-1]
    first = {}
    for second in sample_times(MINE, START, START + 2 * HOUR, rhythm).tolist():
        first.setdefault(second * 1000 // SLOT * SLOT, second * 1000)
    lost = {slot - SLOT for slot, sent in first.items() if cut.start <= sent < cut.end}
    return lost | {START + 2 * HOUR - SLOT}


def test_a_switch_and_a_silent_sensor_have_no_statistics():
    told = statistics(files())
    silent = FAULTS[1]
    assert not told.filter(pl.col("code").str.contains("KG")).height
    within = told.filter((pl.col("start") >= silent.start) & (pl.col("end") <= silent.end))
    assert within.height and silent.subject not in set(within["code"])
    assert silent.subject in set(told["code"])


@pytest.mark.parametrize(("wanted", "fault"), [("FZSS", FAULTS[2]), ("JZSS", FAULTS[3])])
def test_a_station_is_out_of_contact_exactly_while_it_is(wanted, fault):
    told = 0
    for one in files():
        if kind(one) == wanted:
            rows = decoded([one]).kept["station_states"].select("code", "run", "power", "time").rows()
            assert {time for *_, time in rows} == {one.send_time}
            out = {code for code, run, power, _ in rows if (run, power) == (1, 9)}
            assert out == {code for code, run, *_ in rows if run != 0}
            gone = out - _dropped(one.send_time // 1000)
            assert gone == ({fault.subject} if fault.start <= one.send_time < fault.end else set())
            told += bool(gone)
    assert told >= 2


def _dropped(second):
    lost = station_dropouts(MINE, np.array([second]))[:, 0]
    return {code for (code, _), gone in zip(MINE.stations, lost, strict=True) if gone}


def test_a_station_without_mains_is_on_its_battery_and_sends_on():
    codes = [code for code, _ in MINE.stations]
    seconds = range(START // 1000, START // 1000 + 120 * 86_400, 300)
    dark = {second: codes_ for second in seconds if (codes_ := on_battery(MINE, codes, second))}
    assert 0.002 < len(dark) / len(seconds) * len(codes) / 10 < 0.03
    second = next(iter(dark))
    start = second // 300 * 300_000
    sent = uploads(MINE, start, start + SLOT, 10)
    (states,) = [one for one in sent if kind(one) == "FZSS"]
    at = states.send_time // 1000
    rows = decoded([states]).kept["station_states"].rows(named=True)
    battery = on_battery(MINE, codes, at)
    assert {row["code"] for row in rows if row["power"] == 0} == battery - _dropped(at)
    assert {row["run"] for row in rows if row["power"] == 0} <= {0}


def test_nobody_is_seen_by_a_base_station_that_is_out():
    fault = outage(MINE, START, minutes=120, subject=BASE)
    seconds = range(START // 1000 + 1_500, START // 1000 + 7_200, 300)
    usual = [p for second in seconds for p in positions(MINE, second)]
    with_it = [p for second in seconds for p in positions(MINE, second, [fault])]
    assert any(p.station == BASE and p.station_since * 1000 >= START for p in usual)
    assert not any(p.station == BASE and p.station_since * 1000 >= START for p in with_it)
    assert [(p.person.card, p.area) for p in usual] == [(p.person.card, p.area) for p in with_it]
    (label,) = truths(MINE, [fault], 30)
    assert label.rule == ""


def test_they_come_every_five_minutes_and_are_the_only_difference():
    plain = files(of=mine(states=False))
    with_states = files()
    assert [one for one in with_states if kind(one) not in NEW] == plain
    for wanted in NEW:
        times = [one.send_time for one in with_states if kind(one) == wanted]
        assert {b - a for a, b in pairwise(times) if b < FAULTS[-1].start} == {SLOT}
        assert set(times) <= {one.send_time for one in plain if kind(one) == "CDSS"}


def test_windows_together_are_the_whole():
    whole = uploads(MINE, START, START + HOUR, 30, FAULTS)
    parts = [
        file
        for at in range(0, HOUR, HOUR // 16)
        for file in uploads(MINE, START + at, START + at + HOUR // 16, 30, FAULTS)
    ]
    assert sorted(parts) == sorted(whole)
    assert {kind(one) for one in whole} >= set(NEW)


def test_a_mine_without_a_crew_has_no_base_stations_and_no_other_mine_has_them_unasked():
    assert {kind(one) for one in files(of=mine(crew=0), faults=())} == {"FZDY", "CDDY", "CDSS", "FZSS", "TJSJ"}
    (bare,) = fleet(1, 1, 40, 12)
    assert not {kind(one) for one in files(of=bare, faults=())} & set(NEW)
    with pytest.raises(LookupError):
        outage(mine(crew=0), START, minutes=5, subject=BASE)
