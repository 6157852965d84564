"""What is settled goes after the days that the installation set; what somebody still waits for never does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.models import Case
from kuangan.base.clock import now
from kuangan.domains.datalink.exchange.job import one
from kuangan.domains.datalink.exchange.leaving import folder_of
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Counterpart, Handling, Mode, Package, Platform, Reject
from kuangan.domains.datalink.exchange.retention import ACTION, Dropped, drop_settled
from kuangan.domains.datalink.exchange.tests.conftest import batch, handling

Make = Callable[..., Any]
DAYS = 30
LATER = timedelta(days=DAYS, hours=1)


def ack(number: int) -> dict[str, Any]:
    return {"id": f"a{number}", "kind": "ack", "package": f"warning-{number:010d}"}


def close(alert: Any, at: datetime) -> None:
    Case.objects.filter(pk=alert.pk).update(state="closed", closed=at)


@pytest.fixture
def sent(
    platform: Platform, mapping: Mapping, raised: Make, round_: Make, home: Path, moment: datetime
) -> Callable[..., Any]:
    """An alert whose package lies in the folder, and the file too."""

    def make(ident: str = "g1-1-1", **changes: Any) -> Any:
        alert = raised(ident, **changes)
        round_()
        one(home, Platform.objects.get(), mapping, moment)
        return alert

    return make


def test_a_package_goes_once_it_left_was_acknowledged_and_its_alert_has_been_closed_for_as_long(
    sent: Make, told: Make, home: Path, moment: datetime
) -> None:
    alert = sent()
    told(ack(1))
    close(alert, moment)
    assert drop_settled(home, DAYS, moment + LATER - timedelta(hours=2)) == {}
    assert drop_settled(home, DAYS, moment + LATER) == {"warning": Dropped(packages=1, handlings=1)}
    assert not Package.objects.exists() and not Handling.objects.exists()
    assert Counterpart.objects.get().acked_at == moment
    assert drop_settled(home, DAYS, moment + LATER) == {}


def test_without_a_limit_nothing_ever_goes(sent: Make, told: Make, home: Path, moment: datetime) -> None:
    close(sent(), moment)
    told(ack(1))
    assert drop_settled(home, 0, moment + 100 * LATER) == {}


def test_what_is_not_acknowledged_stays(sent: Make, home: Path, moment: datetime) -> None:
    close(sent(), moment)
    assert drop_settled(home, DAYS, moment + 100 * LATER) == {}


def test_what_did_not_leave_stays_though_they_acknowledged_the_alert(
    platform: Platform, raised: Make, round_: Make, told: Make, home: Path, moment: datetime
) -> None:
    Platform.objects.update(mode=Mode.SHADOW, folder=False)
    alert = raised()
    round_()
    told({"id": "a1", "kind": "ack", "alert_no": alert.case.number})
    close(alert, moment)
    assert drop_settled(home, DAYS, moment + LATER)["warning"].packages == 0
    assert Package.objects.get().left_at is None


def test_each_way_in_use_must_have_taken_it(sent: Make, told: Make, home: Path, moment: datetime) -> None:
    close(sent(), moment)
    told(ack(1))
    Platform.objects.update(push_url="http://127.0.0.1:9/in")
    assert drop_settled(home, DAYS, moment + LATER)["warning"].packages == 0
    Platform.objects.update(pushed_seq=1)
    assert drop_settled(home, DAYS, moment + LATER)["warning"].packages == 1


def test_of_an_open_alert_the_last_package_stays_and_those_before_it_go(
    sent: Make, told: Make, home: Path, moment: datetime
) -> None:
    sent()
    sent(rev=2, grade="orange", peak=1.6)
    told(ack(1), ack(2))
    assert drop_settled(home, DAYS, moment + LATER) == {"warning": Dropped(packages=1)}
    assert [row.seq for row in Package.objects.all()] == [2]
    assert Handling.objects.count() == 2


def test_what_only_they_have_stays(platform: Platform, told: Make, home: Path, moment: datetime) -> None:
    theirs = {"id": "t1", "kind": "handling", "official_no": "GF-1", "state": "20", "title": "对方独有"}
    told(theirs | {"handled_at": moment.isoformat()})
    assert drop_settled(home, DAYS, moment + 100 * LATER) == {}


def test_a_refused_record_goes_when_it_did_not_come_again(
    platform: Platform, told: Make, home: Path, moment: datetime
) -> None:
    told("no record")
    told("no record", at=moment + timedelta(days=2))
    assert drop_settled(home, DAYS, moment + LATER) == {}
    assert drop_settled(home, DAYS, moment + LATER + timedelta(days=2)) == {"warning": Dropped(rejects=1)}
    assert not Reject.objects.exists()


def test_files_go_when_their_rows_are_gone_and_no_other_file(
    sent: Make, told: Make, mapping: Mapping, home: Path, moment: datetime
) -> None:
    first, second = sent(), sent("g1-2-1")
    told(ack(1))
    close(first, moment)
    folder = folder_of(home, "warning")
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / "h.json").write_bytes(batch(handling(second, "20", moment)))
    (folder / "out" / "note.json").write_text("{}")
    one(home, Platform.objects.get(), mapping, moment)
    assert (folder / "in" / "done" / "h.json").exists()
    assert drop_settled(home, DAYS, now() + LATER)["warning"].files == 2
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["note.json", "warning-0000000002.json"]
    assert not list((folder / "in" / "done").iterdir())


def test_the_chain_says_what_went(sent: Make, told: Make, home: Path, moment: datetime) -> None:
    close(sent(), moment)
    told(ack(1))
    drop_settled(home, DAYS, moment + LATER)
    said = {json.loads(entry.content)["what"]: entry for entry in AuditEntry.objects.filter(action=ACTION)}
    assert set(said) == {"package", "handling"}
    entry, content = said["package"], json.loads(said["package"].content)
    assert (entry.ident, entry.actor_id, content["rows"]) == ("warning", None, 1)
    assert content["before"] == (moment + LATER - timedelta(days=DAYS)).isoformat()


def test_many_go_in_as_many_statements_as_one(
    platform: Platform, mapping: Mapping, raised: Make, round_: Make, told: Make, home: Path, moment: datetime
) -> None:
    def statements(start: int, count: int) -> int:
        alerts = [raised(f"g1-{number}-1") for number in range(start, start + count)]
        round_()
        one(home, Platform.objects.get(), mapping, moment)
        told(*(ack(number) for number in range(start, start + count)))
        Case.objects.filter(pk__in=[alert.pk for alert in alerts]).update(state="closed", closed=moment)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert drop_settled(home, DAYS, moment + LATER)["warning"].packages == count
        return len(queries)

    assert statements(1, 1) == statements(2, 9)
