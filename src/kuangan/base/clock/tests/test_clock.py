from datetime import UTC, datetime, timedelta, timezone

import pytest

from kuangan.base import clock

AT = datetime(2026, 11, 21, 16, 0, 0, 123_000, tzinfo=UTC)


def test_now_is_aware_and_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_a_fixed_clock_holds_inside_the_block_only() -> None:
    with clock.use(AT):
        assert clock.now() == AT
        with clock.use(AT + timedelta(days=1)):
            assert clock.now() == AT + timedelta(days=1)
        assert clock.now() == AT
    assert clock.now() != AT


def test_a_callable_clock_may_move_and_is_told_in_utc() -> None:
    moments = iter([AT.astimezone(clock.BEIJING), AT + timedelta(seconds=1)])
    with clock.use(lambda: next(moments)):
        assert (clock.now(), clock.now()) == (AT, AT + timedelta(seconds=1))


def test_a_moment_without_time_zone_is_refused() -> None:
    naive = datetime(2026, 11, 21)
    for call in (clock.to_ms, clock.beijing_day, clock.use(naive).__enter__):
        with pytest.raises(ValueError, match="time zone"):
            call(naive) if call in (clock.to_ms, clock.beijing_day) else call()


@pytest.mark.parametrize("ms", [0, 1, -1, 1_795_276_800_123])
def test_milliseconds_go_there_and_back(ms: int) -> None:
    assert clock.to_ms(clock.from_ms(ms)) == ms


def test_milliseconds_do_not_depend_on_the_time_zone() -> None:
    assert clock.to_ms(AT) == clock.to_ms(AT.astimezone(timezone(timedelta(hours=-5))))


def test_the_beijing_day_changes_at_sixteen_utc() -> None:
    assert clock.beijing_day(AT).isoformat() == "2026-11-22"
    assert clock.beijing_day(AT - timedelta(seconds=1)).isoformat() == "2026-11-21"
