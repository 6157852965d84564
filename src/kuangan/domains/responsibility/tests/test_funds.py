"""Safety funds: classes from the register, exact amounts, replaced months, totals that add up, tables with preview."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.base.registry.models import Mine
from kuangan.domains.responsibility import funds
from kuangan.domains.responsibility.fund_sheets import Unreadable, read_sheet, rows_of_file
from kuangan.domains.responsibility.funds import Declared
from kuangan.domains.responsibility.models import STANDING, FundMonth
from kuangan.domains.responsibility.rules import DAY
from kuangan.domains.responsibility.tests.conftest import Make

MONTH = "2026-10"


def grade(mine: Mine, at: datetime, since: datetime, **values: str) -> None:
    record_facts([NewFact(mine.pk, name, value, since) for name, value in values.items()], at=at, basis="示例鉴定")


@pytest.fixture
def declared(cast: Any, moment: datetime) -> Make:
    def make(
        month: str = MONTH, output: str = "1000", drawn: str = "15000", fund_class: str = "", **more: Any
    ) -> FundMonth:
        said = Declared(month, Decimal(output), Decimal(drawn), fund_class, Decimal(more.pop("opening", "0")))
        return funds.declare_month(
            more.pop("mine", cast.mine_a), said, by=more.pop("by", cast.mine_a_manager), at=moment
        )

    return make


def test_a_month_owes_output_times_the_rate_of_its_class(declared: Make, cast: Any, moment: datetime) -> None:
    row = declared()
    assert (row.fund_class, row.required, row.shortfall) == ("underground", Decimal(15000), 0)
    grade(cast.mine_a, moment, moment - 400 * DAY, gas_grade="high", water_grade="complex")
    row = declared()
    assert (row.fund_class, row.rate, row.required, row.shortfall) == ("high_gas", 30, Decimal(30000), Decimal(15000))
    assert FundMonth.objects.filter(STANDING).count() == 1
    assert FundMonth.objects.count() == 2


def test_a_class_that_held_for_a_part_of_the_month_counts(declared: Make, cast: Any, moment: datetime) -> None:
    inside = datetime(2026, 10, 20, tzinfo=moment.tzinfo)
    grade(cast.mine_a, moment, moment - 400 * DAY, gas_grade="outburst")
    record_facts([NewFact(cast.mine_a.pk, "gas_grade", "low", inside)], at=moment, basis="示例鉴定")
    assert declared().rate == 50
    assert declared("2026-11").rate == 15


def test_a_lower_declaration_is_not_taken_and_a_class_of_another_kind_neither(
    declared: Make, cast: Any, moment: datetime
) -> None:
    grade(cast.mine_a, moment, moment - 400 * DAY, gas_grade="high")
    assert declared(fund_class="underground").fund_class == "high_gas"
    assert declared(fund_class="rock_burst").fund_class == "rock_burst"
    assert declared(fund_class="metal_open").fund_class == "high_gas"


def test_a_mine_without_a_class_in_the_register_must_say_one(declared: Make, cast: Any) -> None:
    Mine.objects.filter(pk=cast.mine_a.pk).update(kind="underground_noncoal", sector="noncoal")
    cast.mine_a.refresh_from_db()
    with pytest.raises(MissingFields, match="请选择"):
        declared()
    row = declared(fund_class="metal_underground")
    assert (row.fund_class, row.from_register) == ("metal_underground", False)


def test_only_the_mine_itself_declares_and_no_month_to_come(declared: Make, cast: Any) -> None:
    for person in (cast.county_leader, cast.parent_dispatcher, cast.mine_b_dispatcher):
        with pytest.raises(Forbidden):
            declared(by=person)
    with pytest.raises(MissingFields):
        declared("2026-12")
    with pytest.raises(MissingFields):
        declared(drawn="-1")


def test_the_balance_is_carried_over_and_exact_to_the_cent(declared: Make, cast: Any, moment: datetime) -> None:
    declared("2026-09", opening="100.10", drawn="0.20")
    with pytest.raises(MissingFields, match="最早"):
        declared(MONTH, opening="5")
    declared(MONTH, drawn="0.10")
    for amount in ("0.30", "0.05"):
        funds.spend(cast.mine_a, MONTH, "gas", Decimal(amount), 2, "", by=cast.mine_a_manager, at=moment)
    assert funds.balances([cast.mine_a.pk], "2026-09")[cast.mine_a.pk] == Decimal("100.30")
    assert funds.balances([cast.mine_a.pk], MONTH)[cast.mine_a.pk] == Decimal("100.05")
    with pytest.raises(MissingFields):
        funds.spend(cast.mine_a, MONTH, "gas", Decimal(0), 2, "", by=cast.mine_a_manager, at=moment)


def test_levels_add_up_and_a_mine_without_a_supervisor_stands_apart(
    declared: Make, cast: Any, moment: datetime
) -> None:
    declared()
    declared(mine=cast.mine_b, by=cast.mine_b_dispatcher, drawn="1")
    found = funds.sums_by_mine([cast.mine_a.pk, cast.mine_b.pk], MONTH, MONTH)
    bodies = {cast.mine_a.pk: cast.organisations["county"], cast.mine_b.pk: cast.organisations["neighbour"]}
    codes = [cast.mine_a.pk, cast.mine_b.pk, "140404900099"]
    for direct in (bodies, bodies | {cast.mine_b.pk: cast.organisations["city"]}, {}):
        groups = funds.by_owner_level(direct, codes, found, {"1404": "长治市"})
        first, parts = groups[0], [group for group in groups if group.depth == 1]
        assert first.sums.extracted == Decimal(15001) == sum(part.sums.extracted for part in parts)
        assert first.all_mines == 3 == sum(part.all_mines for part in parts)
        cities = [group for group in groups if group.name == "长治市"]
        below = [group for group in groups if group.depth == 2]
        assert sum(city.sums.extracted for city in cities) == sum(group.sums.extracted for group in below)
    companies = funds.by_company({cast.mine_a.pk: "示例集团", cast.mine_b.pk: ""}, found)
    assert [(row.name, row.sums.extracted) for row in companies] == [
        ("合计", 15001),
        ("没有上级企业", 1),
        ("示例集团", 15000),
    ]


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book, out = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


HEAD = ("月份", "产量（吨）", "提取金额（元）", "类别")


def test_every_row_of_a_table_is_taken_or_refused_with_a_reason() -> None:
    content = workbook(
        HEAD,
        (date(2026, 9, 1), 1234.5, "18,517.50", None),
        ("2026年10月", "1000", 15000, "高瓦斯"),
        ("2026-10", 1, 1, ""),
        ("十月", 1, 1, ""),
        ("2026-08", "多", 1, ""),
        ("2026-07", 1, -1, ""),
        ("2026-06", 1, 1, "没有的类别"),
    )
    sheet = read_sheet(rows_of_file("安全费用.xlsx", content))
    assert sheet.read == len(sheet.taken) + len(sheet.refused) == 7
    assert sheet.taken == [
        Declared("2026-09", Decimal("1234.50"), Decimal("18517.50")),
        Declared("2026-10", Decimal("1000.00"), Decimal("15000.00"), "high_gas"),
    ]
    assert [one.line for one in sheet.refused] == [4, 5, 6, 7, 8]


def test_text_tables_are_read_too_and_what_is_no_table_is_refused() -> None:
    text = "月份,产量,提取金额\n2026-10,10,150\n"
    for encoding in ("utf-8-sig", "gb18030"):
        assert len(read_sheet(rows_of_file("a.csv", text.encode(encoding))).taken) == 1
    for name, content in (("a.xlsx", b"no"), ("a.txt", b"x"), ("a.csv", b"\xff\xff\xff")):
        with pytest.raises(Unreadable):
            rows_of_file(name, content)
    with pytest.raises(Unreadable, match="缺少"):
        read_sheet([("月份",)])
