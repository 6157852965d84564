"""Deeds of people and dangers stand in the files as their labels say, and an orderly mine shows none of them by itself."""

import json
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from kuangan.library.simulate import snapshot_times
from kuangan.library.simulate.composing import BEGIN, DAY_MS, mine_of
from kuangan.library.simulate.crew import areas, positions
from kuangan.library.simulate.elsewhere import channel_of
from kuangan.library.simulate.labels import HOUR_MS
from kuangan.library.simulate.people_faults import disturbed
from kuangan.library.simulate.peopling import CREW, plants, traits
from kuangan.library.simulate.trials import Province
from kuangan.library.telemetry.decode import decode
from kuangan.library.telemetry.frames import UPLOAD, Frame, digest_of

LISTED = Province().keys()
INSTRUMENTS, CAMERAS = ([key for key in LISTED if re.match(f"{kind}/.*/first", key)] for kind in ("elsewhere", "video"))
DAY = BEGIN + DAY_MS
MINE = mine_of(3, "report", 1, "high_gas", **traits("area_over"))
PLACES = {
    code: np.array([140 * n, 40 * k]) for n, a in enumerate(areas(MINE)) for k, (code, _) in enumerate(a.stations)
}


def shown(kind, hours=(0.0, 48.0), mine=MINE):
    """(label, snapshot) for every snapshot inside a planted span, and all others with None."""
    planted = plants(kind, mine, DAY, np.random.Generator(np.random.Philox(5)))
    faults = [fault for plant in planted for fault in plant.faults]
    labels = [label for plant in planted for label in plant.labels if label.must]
    start, end = (DAY + round(hour * HOUR_MS) for hour in hours)
    for second in snapshot_times(mine, start, end):
        label = next((each for each in labels if each.onset <= second * 1000 < each.end), None)
        yield label, second, disturbed(mine, positions(mine, second), second, faults)


def below(found):
    return [p for p in found if p.left is None]


def test_an_orderly_mine_always_has_a_leader_below_and_nobody_in_the_sealed_area():
    for second in snapshot_times(MINE, DAY, DAY + DAY_MS):
        found = positions(MINE, second)
        assert any(p.person.leader for p in below(found))
        assert all(p.area != areas(MINE)[-1].code for p in found)


def test_nobody_passes_two_stations_faster_than_five_metres_a_second():
    passed = {}
    for second in snapshot_times(MINE, DAY, DAY + DAY_MS):
        for p in positions(MINE, second):
            passed.setdefault(p.person.card, {})[p.station_since] = p.station
    fastest = 0.0
    for track in passed.values():
        stops = sorted(track.items())
        for (at, here), (later, there) in pairwise(stops):
            fastest = max(fastest, float(np.linalg.norm(PLACES[there] - PLACES[here])) / (later - at))
    assert 0 < fastest < 5


def test_an_area_holds_more_than_it_may_only_while_that_is_planted():
    approved = {area.code: area.approved for area in areas(MINE) if area.approved}
    for label, _, found in shown("area_over"):
        crowded = {
            code for code, count in Counter(p.area for p in below(found)).items() if count > approved.get(code, 999)
        }
        assert crowded == ({label.subjects[0]} if label else set())


def test_more_are_below_than_the_mine_may_have_while_that_is_planted():
    counts = [(label is not None, len(below(found))) for label, _, found in shown("mine_over")]
    assert max(count for planted, count in counts if planted) > CREW
    assert min(count for planted, count in counts if not planted) < CREW / 2


def test_somebody_stays_below_for_fifteen_hours():
    longest = max(second - p.entered for _, second, found in shown("overtime") for p in below(found))
    assert longest > 14.5 * 3600


@pytest.mark.parametrize(
    ("kind", "holds"),
    [
        ("no_leader", lambda found: not any(p.person.leader for p in below(found))),
        ("special_post_missing", lambda found: not any(p.person.special for p in below(found))),
        ("restricted_area", lambda found: any(p.area == areas(MINE)[-1].code for p in found)),
    ],
)
def test_a_snapshot_shows_the_deed_exactly_while_it_is_planted(kind, holds):
    for label, _, found in shown(kind):
        assert holds(found) == (label is not None)


def test_a_card_that_lies_somewhere_does_not_move_for_hours():
    stops = Counter((p.person.card, p.station, p.station_since) for _, _, found in shown("no_movement") for p in found)
    assert stops.most_common(1)[0][1] * 300 > 4 * 3600


def test_cards_that_one_person_carries_pass_every_station_together():
    for label, _, found in shown("cards_together"):
        together = Counter((p.station, p.station_since, p.before) for p in below(found) if p.before)
        if label:
            assert max(together.values(), default=7) >= 7
        else:
            assert max(together.values(), default=0) < 4


def test_a_card_is_read_at_both_ends_of_the_mine_within_seconds():
    speeds = [
        float(np.linalg.norm(PLACES[p.station] - PLACES[p.before[0]])) / (p.station_since - p.before[1])
        for label, _, found in shown("speed")
        for p in found
        if label and p.person.card in label.subjects and p.before
    ]
    assert min(speeds) > 20


def test_everybody_leaves_within_seconds():
    left = [
        p.left
        for label, _, found in shown("mass_exit")
        if label
        for p in found
        if p.left and p.left < label.onset / 1000 + 60
    ]
    assert max(left) - min(left) < 2 * 86_400
    assert len([one for one in left if one - min(left) < 10]) >= 10


@pytest.mark.parametrize("key", INSTRUMENTS)
def test_an_instrument_of_another_family_leaves_its_usual_level_only_where_that_is_labelled(key):
    trial = Province().trial(3, "report", key)
    label = next(label for label in trial.labels if label.must)
    kind = channel_of(key.split("/")[1]).live
    live = [u for u in trial.uploads if f"_{kind}_" in u.name]
    quiet = [u for u in live if u.send_time < label.onset - HOUR_MS]
    wrong = [u for u in live if (label.onset + label.end) // 2 < u.send_time < label.end]
    assert len(live) == 9 * 144

    def level(upload):
        text = upload.payload.decode()
        if text.startswith("{"):
            return float(json.loads(text)["data"][0]["x_speed"])
        numbers = [float(f) for f in text.split("~")[1].split(";")[1:] if f.replace(".", "").isdigit() and "." in f]
        return numbers[0]

    usual = [level(u) for u in quiet]
    gone = [abs(level(u) - np.mean(usual)) for u in wrong]
    assert min(gone) > 10 * np.std(usual)


@pytest.mark.parametrize("key", [*INSTRUMENTS, *CAMERAS])
def test_files_of_other_families_are_read_whole(key):
    sent = [u for u in Province().trial(3, "report", key).uploads if "_CDSS_" not in u.name][:300]
    frames = [
        Frame(n, "", UPLOAD, u.name, "", u.send_time, digest_of(u.payload), u.payload) for n, u in enumerate(sent)
    ]
    outcome = decode(frames)
    assert {each.status for each in outcome.outcomes} == {"accepted"}
    assert not outcome.rejects


def test_head_counts_of_a_camera_agree_with_the_cards_except_where_that_is_labelled():
    trial = Province().trial(3, "report", "video/count_mismatch/first")
    inside_of = {
        u.send_time: sum(r.split(";")[2] == "1" for r in u.payload.decode().split("~")[1:-1])
        for u in trial.uploads
        if "_RYSS_" in u.name
    }
    labels = [label for label in trial.labels if label.rule == "people.count_mismatch" and label.must]
    counted = [
        (u.send_time, int(json.loads(u.payload)[0]["analysisCase"]))
        for u in trial.uploads
        if "undergroundCount" in u.name
    ]
    assert len(labels) == 2
    assert len(counted) == len(inside_of)
    for at, count in counted:
        differs = any(label.onset <= at < label.end for label in labels)
        assert (count != inside_of[at]) == differs
