from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from kuangan.base import deadlines, notices
from kuangan.base.audit.models import AuditEntry
from kuangan.base.deadlines.ladders import Rung
from kuangan.base.deadlines.models import Deadline, DeadlineState

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DUE = AT + 5 * DAY
RUNGS = ["remind", "overdue", "letter", "circular", "interview", "exposure"]
pytestmark = pytest.mark.django_db


class Diary:
    """A handler that notes what fired, in order, and fails for the subjects it is told to."""

    def __init__(self, fails_for: str = "") -> None:
        self.fired: list[tuple[str, str]] = []
        self.fails_for = fails_for

    def __call__(self, rows: Sequence[Deadline], rung: Rung, at: datetime) -> None:
        if self.fails_for in [row.subject_id for row in rows]:
            raise RuntimeError("handler fails")
        self.fired += [(row.subject_id, rung.code) for row in rows]

    def of(self, subject: str) -> list[str]:
        return [code for ident, code in self.fired if ident == subject]

    @property
    def handlers(self) -> dict[str, Diary]:
        return dict.fromkeys(("remind", "overdue", "propose", "climb"), self)


def start(subject: str = "1", due: datetime = DUE) -> Deadline:
    return deadlines.set_deadline(
        subject_kind="thing", subject_id=subject, code="rectify", due=due, ladder="supervision", at=AT
    )


def test_nothing_fires_early_and_each_rung_fires_at_its_time() -> None:
    start()
    diary = Diary()
    for day, expected in ((1, 0), (2, 1), (4, 1), (5, 2), (7, 2), (8, 3), (15, 4), (25, 5), (35, 6), (99, 6)):
        deadlines.tick(AT + day * DAY, diary.handlers)
        assert diary.of("1") == RUNGS[:expected], day


def test_the_same_moment_twice_fires_once() -> None:
    start()
    diary = Diary()
    assert deadlines.tick(DUE, diary.handlers) == 2
    assert deadlines.tick(DUE, diary.handlers) == 0
    assert diary.of("1") == RUNGS[:2]


def test_after_a_standstill_every_missed_rung_fires_once_and_in_order() -> None:
    start("1")
    start("2", DUE + 8 * DAY)
    diary = Diary()
    assert deadlines.tick(DUE + 12 * DAY, diary.handlers) == 4 + 3
    assert diary.of("1") == RUNGS[:4]
    assert diary.of("2") == RUNGS[:3]
    assert deadlines.tick(DUE + 12 * DAY, diary.handlers) == 0


def test_it_lapses_at_the_rung_that_says_so_and_stays_open() -> None:
    deadline = start()
    deadlines.tick(DUE - DAY, Diary().handlers)
    deadline.refresh_from_db()
    assert deadline.state == DeadlineState.RUNNING
    deadlines.tick(DUE, Diary().handlers)
    deadline.refresh_from_db()
    assert (deadline.state, deadline.next_at) == (DeadlineState.LAPSED, DUE + 3 * DAY)
    assert deadlines.meet("thing", "1", "rectify", at=DUE + DAY) == 1


@pytest.mark.parametrize("end", ["meet", "cancel"])
def test_what_has_ended_climbs_no_more(end: str) -> None:
    start()
    if end == "meet":
        deadlines.meet("thing", "1", "rectify", at=AT)
    else:
        deadlines.cancel("thing", "1", at=AT)
    assert deadlines.tick(DUE + 99 * DAY, Diary().handlers) == 0


def test_a_failing_handler_keeps_only_its_own_deadline_and_tries_again() -> None:
    for subject in ("1", "2", "3"):
        start(subject)
    diary = Diary(fails_for="2")
    deadlines.tick(DUE - 3 * DAY, diary.handlers)
    assert [diary.of(subject) for subject in ("1", "2", "3")] == [RUNGS[:1], [], RUNGS[:1]]
    stuck = Deadline.objects.get(subject_id="2")
    assert (stuck.rung, stuck.failures, stuck.next_at) == (0, 1, DUE - 3 * DAY + timedelta(minutes=1))
    diary.fails_for = ""
    deadlines.tick(DUE - 2 * DAY, diary.handlers)
    assert diary.of("2") == RUNGS[:1]


def test_a_rung_and_what_its_handler_wrote_stand_or_fall_together() -> None:
    start()

    def writes_then_fails(rows: Sequence[Deadline], rung: Rung, at: datetime) -> None:
        deadlines.cancel("thing", "other", at=at)
        start("other")
        raise RuntimeError

    deadlines.tick(DUE - 3 * DAY, Diary().handlers | {"remind": writes_then_fails})
    assert not Deadline.objects.filter(subject_id="other").exists()
    assert not AuditEntry.objects.filter(action="rung").exists()


def test_an_action_without_handler_is_an_error() -> None:
    start()
    with pytest.raises(KeyError, match="overdue"):
        deadlines.tick(DUE, {"remind": Diary()})


def test_the_owner_is_told_once_for_each_rung(cast) -> None:
    deadline = start()
    Deadline.objects.filter(pk=deadline.pk).update(owner=cast.organisations["county"])
    start("2")
    for at in (DUE, DUE + 3 * DAY, DUE + 3 * DAY):
        deadlines.tick(at, dict.fromkeys(("remind", "overdue", "propose"), deadlines.tell))
    told = notices.inbox(cast.county_officer).order_by("pk")
    assert [notice.subject for notice in told] == ["时限提醒：即将到期", "时限提醒：已逾期", "时限提醒：建议函告"]
    assert notices.inbox(cast.neighbour_officer).count() == 0


def test_the_number_of_queries_does_not_grow_with_the_deadlines(django_assert_max_num_queries) -> None:
    for subject in range(60):
        start(str(subject))
    with django_assert_max_num_queries(65):
        assert deadlines.tick(DUE + 99 * DAY, Diary().handlers) == 360
