"""What becomes of events about deceit: rows and sealed cases, never alerts, never a word to anybody else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.models import Case
from kuangan.base.clock import to_ms
from kuangan.base.deadlines.models import Deadline
from kuangan.base.notices.models import Notice
from kuangan.domains.alerts.models import Alert
from kuangan.domains.suspicions.models import Suspicion
from kuangan.domains.suspicions.sink import apply_suspicions
from kuangan.domains.suspicions.tests.conftest import event
from kuangan.library.warning.runners.sink import Changes
from kuangan.site.sink import DatabaseSink

pytestmark = pytest.mark.django_db


def test_the_engine_hands_suspicions_to_the_group_and_nothing_of_them_to_the_desk(
    cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kuangan.site.sink.close_old_connections", lambda: None)
    DatabaseSink().apply(Changes([event(moment)], [], [], {"g1": 5}, to_ms(moment)))
    assert (Suspicion.objects.count(), Alert.objects.count()) == (1, 0)
    assert not Notice.objects.exists()
    assert not Deadline.objects.exists()
    case = Case.objects.get()
    assert (case.kind, case.secrecy, case.state) == ("suspicion", "sealed:suspicion", "recommended")
    assert case.owner == cast.organisations["province"]


def test_what_is_only_watched_has_no_case_until_it_is_recommended_for_a_check(cast: Any, moment: datetime) -> None:
    apply_suspicions([event(moment, tier="watch", grade="blue")], moment)
    assert not Case.objects.exists()
    assert apply_suspicions([event(moment, rev=2)], moment) == 1
    assert Case.objects.get().suspicion == Suspicion.objects.get()
    end = to_ms(moment + timedelta(hours=4))
    apply_suspicions([event(moment, rev=3, end=end, status="cleared")], moment)
    row = Suspicion.objects.get()
    assert (row.status, row.case.state) == ("cleared", "recommended")
    assert Case.objects.count() == 1


def test_a_revision_that_is_known_changes_nothing(cast: Any, moment: datetime) -> None:
    apply_suspicions([event(moment), event(moment, rev=2)], moment)
    written = AuditEntry.objects.count()
    assert apply_suspicions([event(moment), event(moment, rev=2)], moment) == 0
    assert (Suspicion.objects.get().rev, AuditEntry.objects.count()) == (2, written)


def test_the_number_of_queries_does_not_depend_on_the_number_of_events(
    cast: Any, moment: datetime, django_assert_max_num_queries: Any
) -> None:
    many = [event(moment, id=f"g1.5.{number}") for number in range(40)]
    with django_assert_max_num_queries(16):
        assert apply_suspicions(many, moment) == 40
    assert Case.objects.count() == 40
