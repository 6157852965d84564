"""What messages do: warnings open, change and end; every affected mine stands on the list once, with the reason."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base import deadlines
from kuangan.base.case.models import Case
from kuangan.base.deadlines.models import Deadline
from kuangan.base.notices.models import Notice
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.base.registry.imports.storing import Offer as OfferedFile
from kuangan.base.registry.imports.storing import preview
from kuangan.base.registry.imports.writing import write_chunk
from kuangan.base.registry.models import Mine
from kuangan.base.registry.tests.workbooks import of_rows
from kuangan.domains.duty.weather.folder import watch
from kuangan.domains.duty.weather.intake import kept_path, take
from kuangan.domains.duty.weather.models import Message, Offer, Warning, Withdrawal
from kuangan.site.wiring import HANDLERS
from tests.duty.weather_wire import CITY, COUNTY, NEIGHBOUR, cap, hundred_mines, packed, plain, refer

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def offer(home: Path, payload: bytes, at: datetime, by: Any = None) -> Offer:
    return take(home, "warning.xml", payload, "upload" if by else "http", at=at, by=by)


def result(ident: str) -> str:
    return Message.objects.get(identifier=ident).result


def test_an_alert_opens_one_case_for_each_affected_mine(cast: Any, moment: datetime, tmp_path: Path) -> None:
    found = offer(tmp_path, cap(moment), moment)
    assert (found.outcome, found.records, found.taken, found.faults) == ("taken", 1, 1, [])
    warning = Warning.objects.get()
    assert (warning.event, warning.colour, warning.live, warning.places) == ("rainstorm", "red", True, "长治市上党区")
    row = Withdrawal.objects.select_related("case").get()
    assert (row.mine, row.colour, row.action, row.rule) == (cast.mine_a, "red", "withdraw", "W1")
    assert row.why[0] == "位于预警范围 长治市上党区" and "未登记" in row.why[1]
    case = row.case
    assert (case.kind, case.state, case.severity, case.owner) == (
        "weather",
        "received",
        "red",
        cast.organisations["county"],
    )
    assert case.number.startswith("QX-") and case.due == moment + 10 * MINUTE
    assert set(
        Deadline.objects.filter(subject_kind="case", subject_id=str(case.pk)).values_list("code", flat=True)
    ) == {"call", "decide"}
    told = Notice.objects.filter(subject_id=str(case.pk), channel="inbox").values_list("to", flat=True)
    assert set(told) == {f"organisation:{cast.organisations[key].pk}" for key in ("mine_a", "parent", "county")}


def test_the_bytes_are_kept_and_a_duplicate_changes_nothing(cast: Any, moment: datetime, tmp_path: Path) -> None:
    first = offer(tmp_path, cap(moment), moment)
    assert kept_path(tmp_path, first.sha256).read_bytes() == cap(moment)
    assert offer(tmp_path, cap(moment), moment + HOUR).outcome == "duplicate"
    assert (Warning.objects.count(), Case.objects.filter(kind="weather").count(), Message.objects.count()) == (1, 1, 1)
    other = offer(tmp_path, cap(moment, colour="橙", severity="Severe"), moment)
    assert other.outcome == "refused" and "不同内容" in other.faults[0]["reason"]
    assert Warning.objects.get().colour == "red"


def test_a_wider_code_takes_all_its_mines_and_each_once(cast: Any, moment: datetime, tmp_path: Path) -> None:
    offer(tmp_path, cap(moment, codes=(CITY, COUNTY, "140404100000", "140000")), moment)
    assert sorted(Withdrawal.objects.values_list("mine", flat=True)) == sorted([cast.mine_a.code, cast.mine_b.code])


def test_a_mine_whose_county_is_unknown_counts_with_its_city(cast: Any, moment: datetime, tmp_path: Path) -> None:
    Mine.objects.filter(pk=cast.mine_b.pk).update(county=None)
    offer(tmp_path, cap(moment), moment)
    row = Withdrawal.objects.get(mine=cast.mine_b)
    assert "所在县未登记" in row.why[0]


def test_a_polygon_takes_mines_by_coordinates_and_others_by_county(cast: Any, moment: datetime, tmp_path: Path) -> None:
    far = NewFact(cast.mine_a.code, "coordinates", {"lon": 110.0, "lat": 38.0}, moment - HOUR)
    record_facts([far], at=moment - HOUR, basis="登记", by=None)
    shape = "<circle>38.0,110.0 5</circle>"
    offer(tmp_path, cap(moment, area=shape, codes=()), moment)
    row = Withdrawal.objects.get(mine=cast.mine_a)
    assert row.why[0] == "矿山坐标在预警范围内：示例区"
    county = cast.mine_b.county
    shape = f"<circle>{county.lat},{county.lon} 1</circle>"
    offer(tmp_path, cap(moment, "QX-9", area=shape, codes=()), moment)
    row = Withdrawal.objects.get(mine=cast.mine_b)
    assert "矿山无坐标，按县判断" in row.why[0] and county.name in row.why[0]


def test_an_imported_register_places_a_mine_and_says_that_no_surface_water_threatens_it(
    cast: Any, moment: datetime, tmp_path: Path
) -> None:
    heads = ["矿山编码", "受地表水威胁", "坐标（CGCS2000）"]
    table = of_rows(heads, [[cast.mine_a.code, "不受威胁", "113.05,36.05"]])
    made = preview(OfferedFile("登记.xlsx", table, "登记", moment - HOUR), by=cast.system_admin, at=moment)
    write_chunk(made, by=cast.system_admin, at=moment, size=10)
    offer(tmp_path, cap(moment, area="<circle>36.05,113.05 5</circle>", codes=()), moment)
    row = Withdrawal.objects.get(mine=cast.mine_a)
    assert row.why[0] == "矿山坐标在预警范围内：示例区"
    assert row.action == "prepare" and "登记为不受地表水威胁" in row.why[1]


def test_a_mine_whose_coordinates_lie_outside_a_polygon_is_not_judged_by_its_county(
    cast: Any, moment: datetime, tmp_path: Path
) -> None:
    county = cast.mine_a.county
    outside = NewFact(cast.mine_a.code, "coordinates", {"lon": county.lon + 0.2, "lat": county.lat}, moment - HOUR)
    record_facts([outside], at=moment - HOUR, basis="登记", by=None)
    offer(tmp_path, cap(moment, area=f"<circle>{county.lat},{county.lon} 5</circle>", codes=()), moment)
    assert not Withdrawal.objects.filter(mine=cast.mine_a).exists()
    offer(tmp_path, cap(moment, "QX-2", area=f"<circle>{county.lat},{county.lon} 5</circle>"), moment)
    assert Withdrawal.objects.get(mine=cast.mine_a).why[0].startswith("位于预警范围"), "a code names the whole county"


def test_a_polygon_that_touches_nothing_says_so(cast: Any, moment: datetime, tmp_path: Path) -> None:
    offer(tmp_path, cap(moment, area="<circle>10.0,90.0 5</circle>", codes=()), moment)
    assert not Withdrawal.objects.exists()
    assert "无法判定县区" in Warning.objects.get().notes[0]


def test_closed_mines_and_those_of_other_counties_are_left_out(cast: Any, moment: datetime, tmp_path: Path) -> None:
    closed = NewFact(cast.mine_a.code, "state", "closed", moment - HOUR)
    record_facts([closed], at=moment - HOUR, basis="登记", by=None)
    offer(tmp_path, cap(moment), moment)
    assert not Withdrawal.objects.exists()


def test_an_update_replaces_what_the_warning_says(cast: Any, moment: datetime, tmp_path: Path) -> None:
    offer(tmp_path, cap(moment, colour="黄", severity="Moderate"), moment)
    row = Withdrawal.objects.get()
    assert row.action == "prepare"
    later = moment + HOUR
    update = cap(later, "QX-2", kind="Update", references=refer(moment), codes=(COUNTY, NEIGHBOUR))
    offer(tmp_path, update, later)
    warning = Warning.objects.get()
    assert (warning.colour, warning.first_sent, warning.sent) == ("red", moment, later)
    assert Withdrawal.objects.count() == 2
    row.refresh_from_db()
    assert (row.colour, row.action, row.case.severity) == ("red", "withdraw", "red")
    open_ = Deadline.objects.filter(subject_kind="case", subject_id=str(row.pk), state="running").values_list(
        "code", flat=True
    )
    assert sorted(open_) == ["call", "decide"]


def test_an_update_without_a_mine_lets_it_go(cast: Any, moment: datetime, tmp_path: Path) -> None:
    offer(tmp_path, cap(moment, codes=(COUNTY, NEIGHBOUR)), moment)
    offer(
        tmp_path, cap(moment + HOUR, "QX-2", kind="Update", references=refer(moment), codes=(NEIGHBOUR,)), moment + HOUR
    )
    gone = Case.objects.get(kind="weather", mine=cast.mine_a)
    assert (gone.state, gone.closed, gone.due) == ("closed", moment + HOUR, None)
    assert gone.steps.get().form == {"why": "预警范围不再包括本矿"}
    assert Case.objects.get(kind="weather", mine=cast.mine_b).state == "received"


def test_what_was_closed_begins_anew_when_the_warning_grows(cast: Any, moment: datetime, tmp_path: Path) -> None:
    offer(tmp_path, cap(moment, colour="黄", severity="Moderate", codes=(COUNTY, NEIGHBOUR)), moment)
    update = cap(moment + HOUR, "QX-2", kind="Update", references=refer(moment), codes=(NEIGHBOUR,))
    offer(tmp_path, update, moment + HOUR)
    more = cap(moment + 2 * HOUR, "QX-3", kind="Update", references=refer(moment, "QX-2"))
    offer(tmp_path, more, moment + 2 * HOUR)
    row = Withdrawal.objects.select_related("case").get(mine=cast.mine_a)
    assert (row.case.state, row.left_at, row.case.closed) == ("received", None, None)
    assert list(row.case.steps.values_list("name", flat=True)) == ["end", "raise_again"]


def test_a_cancellation_ends_the_warning(cast: Any, moment: datetime, tmp_path: Path) -> None:
    offer(tmp_path, cap(moment), moment)
    offer(tmp_path, cap(moment + HOUR, "QX-2", kind="Cancel", references=refer(moment)), moment + HOUR)
    warning = Warning.objects.get()
    assert (warning.ended_at, warning.ended_why) == (moment + HOUR, "cancelled")
    assert Case.objects.get(kind="weather").state == "closed"
    assert not Deadline.objects.filter(state="running").exists()


def test_messages_in_the_wrong_order_raise_nobody(cast: Any, moment: datetime, tmp_path: Path) -> None:
    cancel = cap(moment + HOUR, "QX-2", kind="Cancel", references=refer(moment))
    offer(tmp_path, cancel, moment + HOUR)
    offer(tmp_path, cap(moment), moment + HOUR)
    assert (result("QX-2"), result("QX-1")) == ("orphan", "old")
    assert not Warning.objects.exists()


def test_an_older_update_does_not_undo_a_newer_one(cast: Any, moment: datetime, tmp_path: Path) -> None:
    offer(tmp_path, cap(moment), moment)
    newer = cap(moment + 2 * HOUR, "QX-3", kind="Update", references=refer(moment), colour="橙", severity="Severe")
    offer(tmp_path, newer, moment + 2 * HOUR)
    offer(tmp_path, cap(moment + HOUR, "QX-2", kind="Update", references=refer(moment)), moment + 2 * HOUR)
    assert result("QX-2") == "old" and Warning.objects.get().colour == "orange"


def test_an_update_of_something_unknown_counts_as_a_warning(cast: Any, moment: datetime, tmp_path: Path) -> None:
    offer(tmp_path, cap(moment, "QX-2", kind="Update", references=refer(moment, "lost")), moment)
    assert result("QX-2") == "orphan" and Withdrawal.objects.count() == 1


def test_what_is_over_when_it_comes_raises_nobody(cast: Any, moment: datetime, tmp_path: Path) -> None:
    offer(tmp_path, cap(moment), moment + 7 * HOUR)
    assert result("QX-1") == "late" and not Warning.objects.exists()


def test_the_clock_ends_a_warning_in_time(cast: Any, moment: datetime, tmp_path: Path) -> None:
    offer(tmp_path, cap(moment), moment)
    deadlines.tick(moment + 6 * HOUR - MINUTE, HANDLERS)
    assert Warning.objects.get().live
    deadlines.tick(moment + 6 * HOUR, HANDLERS)
    warning = Warning.objects.get()
    assert (warning.ended_why, warning.ended_at) == ("expired", moment + 6 * HOUR)
    assert Case.objects.get(kind="weather").state == "closed"
    assert deadlines.tick(moment + 6 * HOUR, HANDLERS) == 0


def test_records_of_one_file_stand_or_fall_alone(cast: Any, moment: datetime, tmp_path: Path) -> None:
    file = packed(plain(moment), plain(moment, id="P-2", colour="紫"), plain(moment, id="P-3", sent="x", extra=1))
    found = offer(tmp_path, file, moment)
    assert (found.outcome, found.records, found.taken) == ("partial", 3, 1)
    assert [(one["record"], one["field"]) for one in found.faults] == [(2, "colour"), (3, "extra")]
    assert Warning.objects.count() == 1


@pytest.mark.parametrize("payload", [b"", b"<alert>", b"{", b"\xff\xfe\x00", b"[]", b"1"])
def test_what_is_no_warning_is_kept_with_the_reason(
    cast: Any, moment: datetime, tmp_path: Path, payload: bytes
) -> None:
    found = offer(tmp_path, payload, moment)
    assert found.outcome == "refused" and found.faults[0]["reason"]
    assert kept_path(tmp_path, found.sha256).read_bytes() == payload


def test_the_watched_folder_takes_settled_files_and_loses_none(cast: Any, moment: datetime, tmp_path: Path) -> None:
    inlet = tmp_path / "weather" / "in"
    inlet.mkdir(parents=True)
    for name, content in (("good.xml", cap(moment)), ("bad.xml", b"<alert>"), ("young.xml", cap(moment, "QX-5"))):
        (inlet / name).write_bytes(content)
        age = 1 if name == "young.xml" else 60
        os.utime(inlet / name, (moment.timestamp() - age,) * 2)
    (inlet / ".hidden").write_bytes(b"x")
    (inlet / "half.xml.part").write_bytes(b"x")
    (inlet / "link.xml").symlink_to("/etc/hostname")
    taken = watch(tmp_path, moment)
    assert sorted(one.outcome for one in taken) == ["refused", "taken"]
    assert sorted(path.name for path in inlet.iterdir()) == [".hidden", "half.xml.part", "link.xml", "young.xml"]
    [reason] = (tmp_path / "weather" / "refused").glob("*.reason.txt")
    assert "XML" in reason.read_text() and Warning.objects.count() == 1
    assert len(watch(tmp_path, moment + MINUTE)) == 1


def test_people_enter_warnings_for_their_own_territory(cast: Any, moment: datetime, tmp_path: Path) -> None:
    county, province = cast.county_officer, cast.province_officer
    wide = offer(tmp_path, cap(moment, codes=(CITY,)), moment, county)
    assert wide.outcome == "refused" and "辖区" in wide.faults[0]["reason"]
    shape = offer(tmp_path, cap(moment, area="<circle>36,113 5</circle>"), moment, county)
    assert shape.outcome == "refused"
    assert offer(tmp_path, cap(moment, codes=(CITY,)), moment).outcome == "taken"
    cancel = cap(moment + HOUR, "QX-2", kind="Cancel", references=refer(moment))
    assert "本单位" in offer(tmp_path, cancel, moment + HOUR, county).faults[0]["reason"]
    assert Warning.objects.get().live
    assert offer(tmp_path, cancel, moment + HOUR, province).outcome == "taken"
    assert not Warning.objects.get().live


def test_a_hundred_mines_cost_as_many_queries_as_two(cast: Any, moment: datetime, tmp_path: Path) -> None:
    def queries(ident: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            offer(tmp_path, cap(moment, ident, codes=(CITY,)), moment)
        return len(seen)

    few = queries("QX-1")
    hundred_mines()
    many = queries("QX-2")
    assert Withdrawal.objects.filter(warning__messages__identifier="QX-2").count() == 102
    assert many <= few + 12, (few, many)
