"""What they hand in: record by record, once, with a clear reason for each that is not taken."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kuangan.domains.alerts.drill import raise_drill
from kuangan.domains.datalink.exchange.folder import take_folder
from kuangan.domains.datalink.exchange.job import turn
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Counterpart, Handling, Key, Mode, Package, Platform, Reject
from kuangan.domains.datalink.exchange.numbers import NumberTaken, ReasonNeeded, type_number
from kuangan.domains.datalink.exchange.shapes import IN
from kuangan.domains.datalink.exchange.taking import REASONS, take
from kuangan.domains.datalink.exchange.tests.conftest import batch, data_of, handling

pytestmark = pytest.mark.usefixtures("time_stands_still")
Make = Callable[..., Any]


def reasons(answer: Any) -> list[str]:
    return [row.reason for row in answer.rejected]


def test_an_acknowledgement_is_noted_for_its_package(alert: Any, told: Make, moment: datetime) -> None:
    answer = told({"id": "a1", "kind": "ack", "package": "warning-0000000001"})
    assert (answer.accepted, answer.rejected) == (1, [])
    row = Counterpart.objects.get()
    assert (row.acked_at, row.acked_seq) == (moment, 1)


def test_the_same_record_comes_once_and_another_content_under_its_id_is_refused(
    alert: Any, told: Make, moment: datetime
) -> None:
    record = handling(alert, "20", moment)
    assert told(record).accepted == 1
    again = told(record, record)
    assert (again.accepted, again.repeated, again.rejected) == (0, 2, [])
    assert Handling.objects.count() == 1
    assert reasons(told(record | {"note": "改了"})) == ["conflict"]


def test_every_fault_has_its_reason_and_costs_no_neighbour(
    alert: Any, told: Make, raised: Make, cast: Any, moment: datetime
) -> None:
    good = handling(alert, "20", moment, "good")
    drill = raise_drill(cast.mine_a, "red", "x", moment)
    ahead = (moment + timedelta(hours=1)).isoformat()
    faults = [
        ("bad_record", "text"),
        ("bad_record", good | {"id": ""}),
        ("bad_record", good | {"id": "x" * 65}),
        ("bad_record", good | {"id": "1", "surprise": 1}),
        ("bad_record", good | {"id": "2", "note": "a\x00b"}),
        ("bad_record", good | {"id": "3", "note": "\ud800"}),
        ("bad_record", good | {"id": "4", "handled_at": "2026-11-21T08:00:00"}),
        ("unknown_state", good | {"id": "5", "state": "77"}),
        ("unknown_code", good | {"id": "6", "cause": "77"}),
        ("no_time", good | {"id": "7", "handled_at": None}),
        ("in_future", good | {"id": "8", "handled_at": ahead}),
        ("unknown_alert", good | {"id": "9", "alert_no": "GJ-20200101-0001"}),
        ("unknown_alert", good | {"id": "10", "alert_no": drill.number}),
        ("unknown_package", {"id": "11", "kind": "ack", "package": "warning-0000000099"}),
        ("no_subject", {"id": "12", "kind": "ack"}),
        ("unknown_alert", {"id": "13", "kind": "ack", "official_no": "GF-9"}),
    ]
    answer = told(*(record for _, record in faults), good)
    assert reasons(answer) == [reason for reason, _ in faults]
    assert (answer.received, answer.accepted) == (len(faults) + 1, 1)
    assert answer.received == answer.accepted + answer.repeated + len(answer.rejected)
    assert Reject.objects.count() == len(faults)
    assert {row.reason for row in Reject.objects.all()} <= set(REASONS)
    told(faults[7][1])
    assert Reject.objects.get(reason="unknown_state").times == 2
    assert Reject.objects.count() == len(faults)


def test_package_and_number_must_name_the_same_alert(
    alert: Any, raised: Make, round_: Make, told: Make, cast: Any
) -> None:
    other = raised("g1-2-1", mine=cast.mine_b.code)
    round_()
    record = {"id": "m", "kind": "ack", "package": "warning-0000000001", "alert_no": other.case.number}
    assert reasons(told(record)) == ["mismatch"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"schema":"kuangan.exchange.in/1","records":[NaN]}', "not_json"),
        (b"[]", "wrong_schema"),
        (b'{"schema":"x","records":[]}', "wrong_schema"),
        (b'{"schema":"kuangan.exchange.in/1","records":{}}', "wrong_schema"),
        (b'{"schema":"kuangan.exchange.in/1","records":[],"more":1}', "wrong_schema"),
        (json.dumps({"schema": IN, "records": [0] * 501}).encode(), "too_many"),
        (b" " * ((4 << 20) + 1), "too_large"),
    ],
)
def test_what_is_no_batch_is_refused_whole(
    platform: Platform, mapping: Mapping, moment: datetime, content: bytes, reason: str
) -> None:
    answer = take(platform, mapping, content, "http:测试", moment)
    assert [(row.record, row.reason) for row in answer.rejected] == [(0, reason)]
    assert answer.received == 0 and Reject.objects.get().reason == reason


def test_a_key_of_another_county_cannot_speak_of_the_alert(alert: Any, told: Make, moment: datetime) -> None:
    assert reasons(told(handling(alert, "20", moment), key=Key(region="140403"))) == ["unknown_alert"]


def test_their_number_is_read_back_and_goes_out_with_the_next_package(
    alert: Any, told: Make, round_: Make, raised: Make, cast: Any, moment: datetime
) -> None:
    told(handling(alert, "20", moment, official_no="GF-1"))
    row = Counterpart.objects.get()
    assert (row.official_number, row.number_source) == ("GF-1", "read_back")
    [package] = round_()
    assert data_of(package)["official_no"] == "GF-1"
    assert reasons(told(handling(alert, "20", moment, "n2", official_no="GF-2"))) == ["number_conflict"]
    other = raised("g1-2-1", mine=cast.mine_b.code)
    assert reasons(told(handling(other, "20", moment, "n3", official_no="GF-1"))) == ["number_taken"]
    by_number = {"id": "n4", "kind": "handling", "official_no": "GF-1", "state": "30", "handled_at": moment.isoformat()}
    assert told(by_number).accepted == 1
    assert Handling.objects.get(record="n4").case_id == alert.pk


def test_a_typed_number_joins_what_they_had_told_under_it(
    alert: Any, platform: Platform, told: Make, raised: Make, cast: Any, moment: datetime
) -> None:
    own = {"id": "t1", "kind": "handling", "official_no": "GF-7", "state": "30", "handled_at": moment.isoformat()}
    assert told(own | {"title": "对方的告警", "mine_code": cast.mine_a.code}).accepted == 1
    assert Counterpart.objects.get(case__isnull=True).title == "对方的告警"
    row = type_number(platform, alert.case, "GF-7", by=cast.county_officer, at=moment)
    assert (row.their_state, row.number_source) == ("30", "typed")
    assert not Counterpart.objects.filter(case__isnull=True).exists()
    assert Handling.objects.get(record="t1").case_id == alert.pk
    with pytest.raises(ReasonNeeded):
        type_number(platform, alert.case, "GF-8", by=cast.county_officer, at=moment)
    type_number(platform, alert.case, "GF-8", by=cast.county_officer, at=moment, reason="抄错")
    with pytest.raises(NumberTaken):
        type_number(platform, raised("g1-2-1").case, "GF-8", by=cast.county_officer, at=moment)


def test_an_older_record_does_not_set_their_state_back(alert: Any, told: Make, moment: datetime) -> None:
    late = handling(alert, "20", moment - timedelta(hours=1), "late")
    told(handling(alert, "30", moment, "new"), late)
    assert Counterpart.objects.get().their_state == "30"
    assert Handling.objects.get(record="late").effect == "older"


def test_files_are_taken_put_away_and_their_bad_records_explained(
    alert: Any, platform: Platform, mapping: Mapping, home: Path, moment: datetime
) -> None:
    folder = home / "exchange" / "warning" / "in"
    folder.mkdir(parents=True)
    (folder / "1.json").write_bytes(batch(handling(alert, "20", moment), {"id": "b"}))
    (folder / "half.json").write_bytes(b'{"schema"')
    (folder / "readme.txt").write_text("x")
    fresh = moment.timestamp() - 5
    os.utime(folder / "half.json", (fresh, fresh))
    assert take_folder(home, platform, mapping, moment) == 1
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == ["half.json", "readme.txt"]
    [bad] = json.loads((folder / "rejected" / "1.reasons.json").read_text())["rejected"]
    assert (bad["file"], bad["record"], bad["reason"]) == ("1.json", 2, "bad_record")
    assert (folder / "done" / "1.json").exists()
    assert take_folder(home, platform, mapping, moment + timedelta(minutes=5)) == 1
    assert (folder / "rejected" / "half.json").exists() and (folder / "rejected" / "half.reasons.json").exists()


def test_a_file_that_comes_again_after_a_kill_changes_nothing(
    alert: Any, platform: Platform, mapping: Mapping, home: Path, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / "exchange" / "warning" / "in"
    folder.mkdir(parents=True)
    (folder / "1.json").write_bytes(batch(handling(alert, "20", moment)))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *a: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            take_folder(home, platform, mapping, moment)
    assert (folder / "1.json").exists() and Handling.objects.count() == 1
    assert turn(home, moment)["taken"] == 1
    assert Handling.objects.count() == 1 and not Reject.objects.exists()


def test_a_record_that_dies_halfway_leaves_nothing(
    alert: Any, told: Make, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Handling, "save", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            told(handling(alert, "30", moment, official_no="GF-1"))
    row = Counterpart.objects.get()
    assert (row.their_state, row.official_number) == ("", "")
    assert told(handling(alert, "30", moment, official_no="GF-1")).accepted == 1


def test_in_shadow_mode_they_are_only_compared(alert: Any, told: Make, moment: datetime) -> None:
    Platform.objects.update(mode=Mode.SHADOW)
    told(handling(alert, "20", moment))
    alert.case.refresh_from_db()
    assert (Handling.objects.get().effect, Counterpart.objects.get().proposal) == ("compared", "")
    assert alert.case.state == "raised" and Package.objects.count() == 1
