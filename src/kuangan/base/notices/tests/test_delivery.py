from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from kuangan.base import notices
from kuangan.base.notices.adapters import Failed, Refused
from kuangan.base.notices.delivery import BACK_OFF, LEASE
from kuangan.base.notices.models import Channel, Delivery, Notice, NoticeState

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
Queue = Callable[..., Notice]


@dataclass
class Line:
    """A channel that answers as it is told."""

    error: Exception | None = None
    up: bool = True
    taken: list[str] = field(default_factory=list)

    def ready(self) -> bool:
        return self.up

    def send(self, notice: Notice) -> str:
        if self.error:
            raise self.error
        self.taken.append(notice.key)
        return "ok"


def deliver(line: Line, at: datetime = AT, limit: int = 50) -> int:
    return notices.deliver(at, limit, dict.fromkeys(Channel, line))


def test_a_notice_is_sent_once_and_logged(queue: Queue) -> None:
    queue()
    line = Line()
    assert deliver(line) == 1
    assert deliver(line, AT + timedelta(days=1)) == 0
    notice = Notice.objects.get()
    assert (notice.state, notice.sent_at, notice.next_at, notice.attempts) == (NoticeState.SENT, AT, None, 1)
    assert list(Delivery.objects.values_list("at", "ok", "detail")) == [(AT, True, "ok")]


def test_oldest_leave_first_and_not_more_than_the_limit(queue: Queue) -> None:
    for minute in (3, 1, 2):
        queue(key=str(minute), at=AT + timedelta(minutes=minute))
    line = Line()
    assert deliver(line, AT + timedelta(hours=1), limit=2) == 2
    assert line.taken == ["1", "2"]


def test_failures_are_retried_by_the_table_and_given_up_at_its_end(queue: Queue) -> None:
    queue()
    line, at = Line(Failed("busy")), AT
    for wait in BACK_OFF:
        assert deliver(line, at) == 0
        assert Notice.objects.get().next_at == at + wait
        deliver(line, at + wait - timedelta(seconds=1))
        at += wait
    deliver(line, at)
    assert Notice.objects.get().state == NoticeState.FAILED
    assert Delivery.objects.filter(ok=False).count() == len(BACK_OFF) + 1


def test_it_leaves_when_the_line_is_back(queue: Queue) -> None:
    queue()
    line = Line(Failed("busy"))
    deliver(line)
    line.error = None
    assert deliver(line, AT + BACK_OFF[0]) == 1


def test_a_refused_address_is_not_tried_again(queue: Queue) -> None:
    queue()
    deliver(Line(Refused("no")))
    assert Notice.objects.get().state == NoticeState.FAILED


def test_one_that_breaks_does_not_keep_the_others(queue: Queue) -> None:
    queue(Channel.SMS, key="bad")
    queue(Channel.INBOX, key="good")
    lines = {Channel.SMS: Line(ValueError("broken")), Channel.INBOX: Line()}
    assert notices.deliver(AT, adapters=lines) == 1
    assert Notice.objects.get(key="bad").state == NoticeState.QUEUED


def test_two_workers_never_send_the_same_notice(queue: Queue) -> None:
    queue()
    other = Line()

    class Slow(Line):
        def send(self, notice: Notice) -> str:
            assert deliver(other) == 0
            return super().send(notice)

    assert deliver(Slow()) == 1
    assert other.taken == []


def test_a_claim_whose_worker_died_is_taken_over(queue: Queue) -> None:
    queue()

    class Killed(Line):
        def send(self, notice: Notice) -> str:
            raise SystemExit

    with pytest.raises(SystemExit):
        deliver(Killed())
    line = Line()
    assert deliver(line, AT + LEASE - timedelta(seconds=1)) == 0
    assert deliver(line, AT + LEASE) == 1


def test_without_a_gateway_a_notice_is_kept_and_leaves_when_there_is_one(queue: Queue) -> None:
    queue()
    line = Line(up=False)
    assert deliver(line) == 0
    kept = Notice.objects.get()
    assert (kept.state, kept.attempts, kept.next_at) == (NoticeState.UNCONFIGURED, 0, None)
    line.up = True
    assert deliver(line, AT + timedelta(days=30)) == 1
