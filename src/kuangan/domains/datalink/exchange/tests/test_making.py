"""What becomes a package, once, whatever happens in between."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base import audit
from kuangan.base.case.models import Case
from kuangan.domains.alerts.acts import acknowledge
from kuangan.domains.alerts.drill import raise_drill
from kuangan.domains.datalink.exchange import making, managing
from kuangan.domains.datalink.exchange.making import make
from kuangan.domains.datalink.exchange.managing import Setup, set_up
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Counterpart, Package, Platform
from kuangan.domains.datalink.exchange.tests.conftest import SETUP, data_of

pytestmark = pytest.mark.usefixtures("time_stands_still")
Make = Callable[..., Any]


def test_a_raised_alert_becomes_one_package_in_their_words(platform: Platform, raised: Make, round_: Make) -> None:
    alert = raised()
    [package] = round_()
    data = data_of(package)
    assert (package.ident, package.event) == ("warning-0000000001", "raised")
    assert (data["alert_no"], data["level"], data["state"], data["kind"]) == (alert.case.number, "3", "10", "0101")
    assert data["started_at"] == "2026-11-21T08:00:00.000+08:00"
    assert package.digest == hashlib.sha256(package.body.encode()).hexdigest()
    assert "系统默认" in package.body
    assert round_() == []


def test_a_step_of_a_person_becomes_a_package_and_a_look_does_not(
    platform: Platform, raised: Make, round_: Make, cast: Any, moment: datetime
) -> None:
    alert = raised()
    round_()
    audit.record(actor=None, action="looked", kind="alert", ident=alert.case.number, content={}, at=moment)
    assert round_() == []
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=moment)
    [package] = round_()
    assert (package.event, data_of(package)["state"]) == ("changed", "20")


def test_what_was_open_when_the_platform_was_set_up_follows(
    mapping: Mapping, raised: Make, round_: Make, cast: Any, moment: datetime
) -> None:
    open_one, closed_one = raised("g1-1-1"), raised("g1-2-1", mine=cast.mine_b.code)
    Case.objects.filter(pk=closed_one.pk).update(state="closed", closed=moment)
    audit.seal(moment)
    set_up(mapping, SETUP, by=cast.system_admin, at=moment, reason="接入")
    assert [package.case_id for package in round_()] == [open_one.pk]


def test_a_drill_never_leaves(platform: Platform, round_: Make, cast: Any, moment: datetime) -> None:
    raise_drill(cast.mine_a, "red", "x", moment)
    assert round_() == []


def test_a_sealed_case_never_leaves(platform: Platform, raised: Make, round_: Make) -> None:
    Case.objects.filter(pk=raised().pk).update(secrecy="sealed:x")
    assert round_() == []


def test_a_void_alert_is_withdrawn_once_if_they_know_of_it(
    platform: Platform, raised: Make, round_: Make, cast: Any, moment: datetime
) -> None:
    raised("g1-1-1")
    assert len(round_()) == 1
    raised("g1-1-1", rev=2, status="void", end=0)
    raised("g1-2-1", mine=cast.mine_b.code, status="void", end=0)
    [package] = round_()
    assert (package.event, data_of(package)["state"]) == ("withdrawn", "90")
    assert Counterpart.objects.get().withdrawn


def test_a_merged_alert_is_withdrawn_and_names_the_other(platform: Platform, raised: Make, round_: Make) -> None:
    elder = raised("g1-1-1")
    raised("g1-2-1")
    round_()
    raised("g1-2-1", rev=2, merged_into="g1-1-1", status="cleared", end=0)
    [package] = round_()
    assert (package.event, data_of(package)["merged_into"]) == ("withdrawn", elder.case.number)


def test_only_what_lies_in_the_platforms_region_and_sector_leaves(
    mapping: Mapping, raised: Make, round_: Make, cast: Any, moment: datetime
) -> None:
    narrow = Setup(enabled=True, region="140404", sectors=("coal",), folder=True)
    set_up(mapping, narrow, by=cast.system_admin, at=moment, reason="接入")
    mine_a = raised("g1-1-1")
    raised("g1-2-1", mine=cast.mine_b.code)
    assert [package.case_id for package in round_()] == [mine_a.pk]
    set_up(mapping, Setup(True, "140404", ("noncoal",), True), by=cast.system_admin, at=moment, reason="行业调整")
    assert [package.event for package in round_()] == ["withdrawn"]


def test_a_wider_reach_brings_what_is_open_there(
    mapping: Mapping, raised: Make, round_: Make, cast: Any, moment: datetime
) -> None:
    set_up(mapping, Setup(True, "140404", ("coal",), True), by=cast.system_admin, at=moment, reason="接入")
    other = raised("g1-2-1", mine=cast.mine_b.code)
    assert round_() == []
    set_up(mapping, SETUP, by=cast.system_admin, at=moment, reason="扩大")
    assert [package.case_id for package in round_()] == [other.pk]


def test_a_value_without_a_code_stays_here_with_its_reason_and_costs_no_other(
    platform: Platform, raised: Make, round_: Make, cast: Any
) -> None:
    raised("g1-1-1", rule="point.flat")
    strange = raised("g1-2-1", mine=cast.mine_b.code)
    type(strange).objects.filter(pk=strange.pk).update(rule="new.rule")
    assert len(round_()) == 1
    assert "代码表 rule 没有“new.rule”" in Counterpart.objects.get(case=strange.pk).stuck
    type(strange).objects.filter(pk=strange.pk).update(rule="gas.trend")
    platform.refresh_from_db()
    platform.filling = 0
    platform.save()
    assert [package.case_id for package in round_()] == [strange.pk]
    assert Counterpart.objects.get(case=strange.pk).stuck == ""


def test_what_dies_between_packages_and_position_leaves_nothing_and_comes_again(
    platform: Platform, raised: Make, round_: Make, mapping: Mapping, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised()
    audit.seal(moment)
    with monkeypatch.context() as patch:
        patch.setattr(Platform, "save", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            make(mapping, moment)
    platform.refresh_from_db()
    assert not Package.objects.exists() and not Counterpart.objects.exists() and platform.last_seq == 0
    assert [package.seq for package in round_()] == [1]
    platform.refresh_from_db()
    assert platform.last_seq == 1


def test_small_stretches_of_the_chain_lead_to_the_same_packages(
    platform: Platform, raised: Make, mapping: Mapping, cast: Any, moment: datetime
) -> None:
    for number in range(7):
        raised(f"g1-{number}-1", mine=(cast.mine_a, cast.mine_b)[number % 2].code)
    audit.seal(moment)
    while make(mapping, moment, links=2, fill=3).more:
        pass
    assert sorted(Package.objects.values_list("seq", flat=True)) == list(range(1, 8))
    assert Package.objects.values("case").distinct().count() == 7


def test_the_number_of_queries_does_not_follow_the_number_of_alerts(
    platform: Platform, raised: Make, mapping: Mapping, moment: datetime
) -> None:
    def queries(start: int, count: int) -> int:
        for number in range(start, start + count):
            raised(f"g1-{number}-1")
        audit.seal(moment)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert make(mapping, moment).packages == count
        return len(seen)

    queries(0, 1)
    assert queries(10, 2) == queries(100, 40) <= 13


def test_a_disabled_platform_makes_nothing_and_catches_up(
    platform: Platform, raised: Make, round_: Make, mapping: Mapping, cast: Any, moment: datetime
) -> None:
    off = Setup(enabled=False, region="14", sectors=SETUP.sectors, folder=True)
    managing.set_up(mapping, off, by=cast.system_admin, at=moment, reason="停用")
    raised()
    assert round_() == []
    managing.set_up(mapping, SETUP, by=cast.system_admin, at=moment + timedelta(hours=1), reason="恢复")
    assert len(round_()) == 1


def test_sending_again_makes_a_new_package_of_the_same_content_and_is_audited(
    platform: Platform, raised: Make, round_: Make, mapping: Mapping, cast: Any, moment: datetime
) -> None:
    alert = raised()
    [first] = round_()
    assert managing.send_again(platform, mapping, alert.case, by=cast.county_officer, at=moment, reason="对方丢失") == 1
    second = Package.objects.get(seq=2)
    assert second.again and data_of(second) == data_of(first) and second.ident != first.ident
    entry = audit.models.AuditEntry.objects.get(action="exchange.again")
    assert entry.reason == "对方丢失"
    drill = raise_drill(cast.mine_a, "red", "x", moment)
    assert managing.send_again(platform, mapping, drill, by=cast.county_officer, at=moment, reason="误点") == 0
    assert making.write(platform, mapping, [], moment) == 0
