"""Whose table holds when, and what a table must be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from kuangan.base.audit.models import AuditEntry
from kuangan.base.deadlines.models import Deadline
from kuangan.domains.alerts.models import RoutingTable
from kuangan.domains.alerts.routing import RoutingBook, default_routing, import_routing, parse_routing
from kuangan.domains.alerts.rules import (
    CAUSES,
    GRADES,
    acting,
    levels_of,
    missing_acknowledgements,
    next_level,
    number_words,
    tier_of,
)

Make = Callable[..., Any]
TEXT = (files("kuangan.domains.alerts") / "routing.yaml").read_text(encoding="utf-8")


def official(**changes: Any) -> str:
    table = (
        yaml.safe_load(TEXT) | {"source": "official", "name": "示例官方分级表", "in_force_from": "2026-11-21"} | changes
    )
    for row in table["rows"]:
        row["source"], row["basis"] = "official", "示例附件第1条"
        row["minutes"] = 7 if row["step"] == "acknowledge" else row["minutes"]
    return yaml.safe_dump(table, allow_unicode=True)


def test_every_value_of_the_shipped_table_is_marked_as_ours_and_has_a_basis() -> None:
    clocks = [clock for grade in GRADES for clock in default_routing().clocks[grade]]
    assert clocks and all(clock.is_default and clock.basis for clock in clocks)
    assert default_routing().is_default


def test_red_is_acknowledged_on_every_level_and_blue_by_the_mine_alone() -> None:
    assert default_routing().told("red") == ("mine", "parent", "direct", "city", "province")
    assert default_routing().told("blue") == ("mine",)


def test_an_imported_table_holds_from_its_date_on(cast: Any, moment: datetime) -> None:
    import_routing(official(), cast.system_admin, moment)
    book = RoutingBook()
    assert book.on(moment).name == "示例官方分级表" and not book.on(moment).is_default
    # 2026-11-20 16:00 UTC is midnight in Beijing: the day counts there.
    assert book.on(datetime(2026, 11, 20, 15, 59, tzinfo=UTC)).is_default
    assert not book.on(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)).is_default
    assert AuditEntry.objects.filter(action="import_routing", actor=cast.system_admin).count() == 1


def test_alerts_take_the_clocks_and_the_label_of_the_table_in_force(
    apply: Make, event: Make, cast: Any, moment: datetime, client_of: Make
) -> None:
    import_routing(official(), cast.system_admin, moment)
    [alert] = apply(event())
    assert Deadline.objects.get(subject_id=str(alert.pk), code="ack_mine").due == moment + timedelta(minutes=7)
    text = client_of(cast.county_officer).get(f"/alerts/{alert.case.number}/").content.decode()
    assert "示例官方分级表" in text and "示例附件第1条" in text


def test_of_two_tables_in_force_the_later_one_holds_until_it_ends(cast: Any, moment: datetime) -> None:
    import_routing(official(), cast.system_admin, moment)
    import_routing(
        official(name="修订", in_force_from="2026-11-22", in_force_until="2026-11-25"), cast.system_admin, moment
    )
    names = [RoutingBook().on(moment + timedelta(days=n)).name for n in (0, 1, 3, 4)]
    assert names == ["示例官方分级表", "修订", "修订", "示例官方分级表"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ceiling": {"red": "province"}},
        {"rows": []},
        {"in_force_until": "2026-11-21"},
        {"unknown": 1},
        {"ceiling": {"red": "mine", "orange": "province", "yellow": "city", "blue": "mine"}},
    ],
)
def test_a_file_that_is_no_whole_table_is_refused_and_leaves_nothing(
    cast: Any, moment: datetime, changes: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        import_routing(official(**changes), cast.system_admin, moment)
    assert not RoutingTable.objects.exists()


def test_a_clock_that_stands_twice_is_refused() -> None:
    table = yaml.safe_load(TEXT)
    table["rows"].append(table["rows"][0])
    with pytest.raises(ValidationError, match="stands twice"):
        parse_routing(yaml.safe_dump(table, allow_unicode=True))


def test_an_acknowledgement_of_a_higher_colour_counts_for_a_lower_one_only() -> None:
    assert missing_acknowledgements("yellow", ("mine", "direct"), [("mine", "red")]) == ("direct",)
    assert missing_acknowledgements("red", ("mine",), [("mine", "yellow")]) == ("mine",)


def test_a_breach_skips_levels_without_organisation_and_stops_at_the_ceiling() -> None:
    assert next_level("mine", {"mine", "direct"}, "city") == "direct"
    assert next_level("direct", {"mine", "direct", "province"}, "city") is None


def test_a_mine_without_account_is_answered_for_by_its_supervisor() -> None:
    assert acting({"direct": 3, "city": 4}) == {"direct": 3, "city": 4, "mine": 3}
    assert levels_of({"direct": 3, "city": 4}, 3) == ("mine", "direct")
    assert acting({"city": 4})["direct"] == 4
    assert levels_of({}, None) == ()


@pytest.mark.parametrize(
    ("peak", "tier"), [(0.9, ""), (1.0, "一级"), (1.99, "一级"), (2.0, "二级"), (2.99, "二级"), (3.0, "三级")]
)
def test_the_three_tiers_begin_at_limit_two_and_three_percent(peak: float, tier: str) -> None:
    assert tier_of(peak, 1.0, [2.0, 3.0]) == tier
    assert tier_of(peak, 1.0, []) == ""


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "%", "—"),
        (float("nan"), "%", "—"),
        (3.12, "%CH4", "3.12 %CH4"),
        (31.0, "ppm", "31 ppm"),
        (0.5, "", "0.50"),
    ],
)
def test_numbers_are_written_with_their_unit(value: float | None, unit: str, text: str) -> None:
    assert number_words(value, unit) == text


def test_causes_are_the_nine_codes_of_the_disposal_method() -> None:
    assert list(CAUSES.values()) == [
        "标校", "传感器故障冒大数", "计划停风排放", "爆破炮烟CO", "柴油车尾气CO", "氧焊", "真实超限", "人为造假", "未知",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("grade", "mine", "direct", "first", "onsite_h", "written_h", "close_h"),
    [
        ("red", 3, 10, 30, 4, 24, 72),
        ("orange", 5, 15, 60, 12, 24, 72),
        ("yellow", 10, 30, 120, None, 24, 48),
        ("blue", 30, None, None, None, 24, 24),
    ],
)
def test_the_shipped_minutes_are_the_inferred_ones_we_publish(
    grade: str, mine: int, direct: int | None, first: int | None, onsite_h: int | None, written_h: int, close_h: int
) -> None:
    ours = {(clock.level, clock.step): clock.minutes for clock in default_routing().clocks[grade]}
    assert ours["mine", "acknowledge"] == mine
    assert ours.get(("direct", "acknowledge")) == direct
    assert ours.get(("mine", "first_report")) == first
    assert ours.get(("mine", "onsite_verify")) == (onsite_h and onsite_h * 60)
    assert ours["mine", "written_feedback"] == written_h * 60
    assert ours["direct", "close"] == close_h * 60
