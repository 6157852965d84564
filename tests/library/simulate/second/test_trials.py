"""The second generator: deterministic, streams apart, bytes that any reader accepts, labels that agree with the bytes."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest

from kuangan.library.simulate.second import Workings
from kuangan.library.simulate.second.workings import KINDS
from kuangan.library.telemetry.decode import decode
from kuangan.library.telemetry.frames import UPLOAD, Frame, digest_of

MAKER = Workings()
FIVE_MINUTES, TEN_MINUTES = 300_000, 600_000
SURGES = [
    "surges/deep_outburst/plain",
    *(
        f"surges/lossy/{character}/{link}"
        for character, link in (("wide_shallow", "changes"), ("drained_thick", "bursts"))
    ),
    "surges/lossy/drained_thick/filled",
]
BREAKS = [f"breaks/drained_thick/{link}" for link in ("plain", "bursts", "filled")]


def made(key, seed=3, stream="report"):
    return MAKER.trial(seed, stream, key)


def frames(trial):
    return [
        Frame(n, "", UPLOAD, one.name, "", one.send_time, digest_of(one.payload), one.payload)
        for n, one in enumerate(trial.uploads)
    ]


@pytest.mark.parametrize("key", ["surges/lossy/wide_shallow/bursts", "folk/cards_together/thin_blasted/plain"])
def test_equal_seeds_give_equal_trials_and_other_seeds_other_bytes(key):
    one, again, other = made(key), made(key), made(key, seed=4)
    assert one.uploads == again.uploads
    assert (one.labels, one.register) == (again.labels, again.register)
    assert [u.payload for u in one.uploads] != [u.payload for u in other.uploads]


def test_report_and_tuning_share_no_mine():
    report, tuning = (
        {code for key in MAKER.keys(small=True)[:3] for code in made(key, stream=stream).characters}
        for stream in ("report", "tuning")
    )
    assert report and tuning and not report & tuning


def test_no_two_trials_share_a_mine():
    from kuangan.library.simulate.second.workings import SERIALS

    assert len(MAKER.keys()) < SERIALS
    assert len(set(MAKER.keys())) == len(MAKER.keys())
    assert made(MAKER.keys()[0]).characters != made(MAKER.keys()[1]).characters


def test_a_trial_that_is_not_listed_is_refused():
    with pytest.raises(KeyError):
        made("surges/nowhere/plain")
    with pytest.raises(KeyError):
        made(MAKER.keys()[0], stream="both")


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_of_wire_text_is_read_without_a_reject(kind):
    trial = made(next(key for key in MAKER.keys(small=True) if key.rpartition("/")[0].rpartition("/")[0] == kind))
    decoded = decode(frames(trial))
    assert not decoded.rejects
    assert {outcome.status for outcome in decoded.outcomes} == {"accepted"}
    assert len(decoded.points) and len(decoded.stations)
    assert [u.send_time for u in trial.uploads] == sorted(u.send_time for u in trial.uploads)
    if kind.startswith("folk/"):
        assert all(len(decoded.kept[name]) for name in ("positions", "areas", "base_stations", "persons"))


@pytest.mark.parametrize("key", SURGES)
def test_over_limits_agree_with_a_count_of_the_bytes(key):
    trial = made(key)
    decoded = decode(frames(trial))
    limits = {row["code"]: row["alarm_high"] for row in decoded.points.iter_rows(named=True)}
    read = defaultdict(dict)
    for row in decoded.readings.iter_rows(named=True):
        code = str(row["code"])
        if code[14:20] in ("MN0043", "MN0001", "MN0004") and not row["status"] & (4 | 128):
            read[code].setdefault(row["time"], row["value"])
    counted = set()
    for code, series in read.items():
        spans = []
        since = None
        for time in sorted(series):
            if series[time] >= limits[code] and since is None:
                since = time
            if series[time] < limits[code] and since is not None:
                spans.append((since, time))
                since = None
        joined = []
        for onset, end in spans:
            if joined and onset - joined[-1][1] <= TEN_MINUTES:
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((onset, end))
        counted |= {(code, onset, end) for onset, end in joined}
    labels = {(one.subjects[0], one.onset, one.end) for one in trial.labels if one.rule == "gas.over_limit"}
    assert labels == counted
    assert len(labels) > 5


@pytest.mark.parametrize("key", BREAKS)
def test_outages_agree_with_a_count_of_arrivals(key):
    trial = made(key)
    arrived = [one.send_time for one in trial.uploads]
    gaps = {(a, b) for a, b in pairwise(arrived) if b - a > FIVE_MINUTES}
    labels = {(one.onset, one.end) for one in trial.labels if one.rule == "link.network_outage" and one.must}
    (flapping,) = (one for one in trial.labels if one.rule == "link.flapping")
    assert labels == {gap for gap in gaps if gap[0] < flapping.onset - 60_000}
    assert len(labels) >= 2
    assert len(gaps) - len(labels) >= 6


def test_what_is_not_planted_in_calm_trials_is_not_labelled():
    trial = made("calm/wide_shallow/plain")
    assert not [one for one in trial.labels if one.must and one.rule != "gas.over_limit"]


def test_electricity_goes_off_with_gas_at_the_cut_value():
    trial = made("surges/drained_thick/plain")
    decoded = decode(frames(trial))
    feeds, gas = defaultdict(set), defaultdict(set)
    cuts = {row["code"]: row["cut_high"] for row in decoded.points.iter_rows(named=True)}
    for row in decoded.readings.iter_rows(named=True):
        code = str(row["code"])
        if code[14:20] == "KG1011" and row["value"] == 0:
            feeds[code[20:23]].add(row["time"])
        elif code[14:20] == "MN0043" and not row["status"] & 4 and cuts[code] and row["value"] >= cuts[code]:
            gas[code[20:23]].add(row["time"])
    assert feeds and all(times <= feeds[working] for working, times in gas.items() if working in feeds)
