"""Locations are phrased as the shipped rule book expects, so that each point is judged by the limit its mine defines."""

import math

import pytest

from kuangan.library.simulate import build_mine
from kuangan.library.warning.limits import choose
from kuangan.library.warning.rulebook import shipped

PLACES = {
    "corner": "return_corner",
    "face": "coal_face",
    "face_return": {"face_return", "face_return_middle"},
    "machine": "shearer",
    "face_intake": "face_intake",
    "heading": "heading_face",
    "heading_return": {"heading_return", "heading_face"},
    "main_return": "main_return",
    "district_return": "district_return",
    "bunker": "coal_bunker",
}


def limit_of(mine, point):
    return choose(
        shipped(),
        sensor_type=point.type,
        value_type=point.value_type,
        location=point.location,
        own=math.nan if point.spec.alarm is None else point.spec.alarm,
        register_place=None,
        gas_grade=mine.gas_grade,
    )


@pytest.mark.parametrize("grade", ["low", "high", "outburst"])
def test_every_point_is_judged_by_its_own_limit(grade):
    mine = build_mine("140724900001", "穗埝煤矿", seed=9, points=150, gas_grade=grade)
    for point in mine.points:
        judged = limit_of(mine, point)
        if point.spec.alarm is None:
            assert math.isnan(judged.value), point.location
        else:
            assert judged.value == point.spec.alarm, point.location


def test_locations_fall_into_the_place_class_of_their_role():
    mine = build_mine("140724900001", "穗埝煤矿", seed=9, points=150, gas_grade="outburst")
    for point in mine.points:
        expected = PLACES.get(point.spec.role) if point.is_methane else None
        if expected is not None:
            assert shipped().place_of(point.location) in ({expected} if isinstance(expected, str) else expected)
