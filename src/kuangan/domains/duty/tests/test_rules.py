"""Gaps, overlaps, periods and words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kuangan.base.clock import BEIJING
from kuangan.domains.duty.rules import (
    CHANNELS,
    POSTS,
    SHIFT_POSTS,
    Span,
    bulletin_period,
    gaps,
    overlaps,
    posts_of,
    span_words,
)

START = datetime(2026, 11, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)


def span(first: int, last: int) -> Span:
    return Span(START + first * HOUR, START + last * HOUR)


SPANS = st.lists(st.tuples(st.integers(-5, 30), st.integers(1, 12)).map(lambda pair: span(pair[0], pair[0] + pair[1])))


def covered(spans: list[Span], hour: int) -> int:
    at = START + hour * HOUR
    return sum(one.start <= at < one.end for one in spans)


@given(SPANS)
def test_an_hour_is_a_gap_exactly_when_no_shift_covers_it(spans: list[Span]) -> None:
    found = gaps(spans, START, START + 24 * HOUR)
    assert [covered(found, hour) for hour in range(24)] == [int(covered(spans, hour) == 0) for hour in range(24)]


@given(SPANS)
def test_an_hour_is_an_overlap_exactly_when_two_shifts_cover_it(spans: list[Span]) -> None:
    found = overlaps(spans)
    assert [covered(found, hour) for hour in range(-5, 45)] == [int(covered(spans, hour) > 1) for hour in range(-5, 45)]


def test_shifts_that_meet_leave_neither_gap_nor_overlap() -> None:
    spans = [span(0, 12), span(12, 24)]
    assert gaps(spans, START, START + 24 * HOUR) == [] and overlaps(spans) == []


def test_a_bulletin_ends_at_eight_in_the_morning_of_its_day() -> None:
    boundary = datetime(2026, 11, 30, 8, tzinfo=BEIJING)
    period = bulletin_period(date(2026, 11, 21), boundary)
    assert (period.start, period.end) == (
        datetime(2026, 11, 20, 8, tzinfo=BEIJING),
        datetime(2026, 11, 21, 8, tzinfo=BEIJING),
    )


def test_every_colour_has_its_channels_and_every_book_its_posts() -> None:
    assert set(CHANNELS) == {"red", "orange", "yellow", "blue", "none"}
    assert len({post.code for post in POSTS}) == len(POSTS)
    assert {"dispatch", "manager", "chief_engineer", "parent_dispatch", "rescue_team"} <= {
        c for c, _ in posts_of("mine")
    }
    assert set(SHIFT_POSTS) == {"officer", "deputy", "leader"}


def test_a_span_is_said_in_the_units_that_matter() -> None:
    assert [span_words(value) for value in (None, 7, 187, 7500)] == ["—", "7 秒", "3 分 07 秒", "2 小时 05 分"]
