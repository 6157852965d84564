"""The one place that reads the clock. Everything else is told the time.

>>> with use(datetime(2026, 11, 21, tzinfo=UTC)):
...     now()
datetime.datetime(2026, 11, 21, 0, 0, tzinfo=datetime.timezone.utc)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

BEIJING: tzinfo = timezone(timedelta(hours=8), "UTC+8")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

Source = Callable[[], datetime]
_source: ContextVar[Source | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The present moment, aware, UTC."""
    source = _source.get()
    return datetime.now(UTC) if source is None else source().astimezone(UTC)


@contextmanager
def use(clock: datetime | Source) -> Iterator[None]:
    """Within the block `now()` answers `clock`: a fixed aware moment, or what a callable says.

    Holds for the current thread or task only. ValueError for a moment without a time zone.
    """
    if isinstance(clock, datetime):
        fixed = _aware(clock)
        token = _source.set(lambda: fixed)
    else:
        token = _source.set(clock)
    try:
        yield
    finally:
        _source.reset(token)


def to_ms(at: datetime) -> int:
    """Milliseconds since the Unix epoch, rounded down. ValueError for a moment without a time zone."""
    return (_aware(at) - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """The aware UTC moment `ms` milliseconds after the Unix epoch."""
    return EPOCH + ms * MILLISECOND


def beijing_day(at: datetime) -> date:
    """The calendar day in Beijing at `at`."""
    return _aware(at).astimezone(BEIJING).date()


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at
