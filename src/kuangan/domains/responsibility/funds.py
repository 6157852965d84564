"""Safety funds of mines: declared month by month, spent by purpose, summed by mine, parent company and supervising body."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.people.models import Level, Organisation, User
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import Mine
from kuangan.domains.responsibility.access import may_declare
from kuangan.domains.responsibility.acts import note, void
from kuangan.domains.responsibility.funds_rules import (
    ZERO,
    Sums,
    class_in_force,
    classes_of,
    required,
    shortfall,
    total,
)
from kuangan.domains.responsibility.kinds import CATEGORY_WORDS, FUNDS
from kuangan.domains.responsibility.models import STANDING, FundMonth, FundSpending
from kuangan.domains.responsibility.rules import day_start, month_span

GRADES = ("gas_grade", "water_grade", "fire_grade")
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a mine says of a month; `fund_class` only counts where the register gives a lower class or none."""

    month: str
    output_t: Decimal
    extracted: Decimal
    fund_class: str = ""
    opening: Decimal = ZERO


def held_in(mines: Collection[str], month: str) -> dict[str, list[dict[str, Any]]]:
    """{mine: grades as the month began, grades as it ended}: a class that held for a part of it counts. Two queries."""
    span = month_span(month)
    assert span.until is not None
    moments = (day_start(span.first), day_start(span.until) - SECOND)
    known = [facts_as_of(mines, GRADES, moment) for moment in moments]
    return {mine: [facts.get(mine, {}) for facts in known] for mine in mines}


def class_for(mine: Mine, month: str, declared: str = "") -> tuple[str, bool]:
    """(class in force for the month, whether the register gives it); ('', False) where neither says any."""
    by_register = classes_of(FUNDS.classes, mine.kind, held_in([mine.pk], month)[mine.pk])
    allowed = declared if declared in FUNDS.classes and mine.kind in FUNDS.classes[declared].kinds else ""
    return class_in_force(FUNDS.classes, by_register, allowed)


@transaction.atomic
def declare_month(mine: Mine, said: Declared, *, by: User, at: datetime, file_name: str = "") -> FundMonth:
    """Enter a month; a former entry of it is voided and stays. Raises Forbidden or MissingFields."""
    if not may_declare(by, mine):
        raise Forbidden("只有本矿可以登记安全费用")
    if month_span(said.month).first > beijing_day(at):
        raise MissingFields({"month": "不登记以后的月份"})
    if min(said.output_t, said.extracted, said.opening) < 0:
        raise MissingFields({"extracted": "不能为负数"})
    found, by_register = class_for(mine, said.month, said.fund_class)
    if not found:
        raise MissingFields({"fund_class": "登记事项中没有可据以认定的类别，请选择"})
    Mine.objects.select_for_update().get(pk=mine.pk)
    if said.opening and FundMonth.objects.filter(STANDING).filter(mine=mine, month__lt=said.month).exists():
        raise MissingFields({"opening": "上期结转只在最早的月份填写"})
    for old in FundMonth.objects.filter(STANDING).filter(mine=mine, month=said.month):
        void(old, by=by, at=at, reason="重新登记")
    rate = FUNDS.classes[found].rate
    owed = required(said.output_t, rate)
    row = FundMonth.objects.create(
        mine=mine,
        month=said.month,
        output_t=said.output_t,
        fund_class=found,
        from_register=by_register,
        rate=rate,
        required=owed,
        extracted=said.extracted,
        shortfall=shortfall(owed, said.extracted),
        opening=said.opening,
        file_name=file_name,
        recorded_at=at,
        entered_by=by,
    )
    content = {name: str(getattr(row, name)) for name in ("month", "output_t", "fund_class", "required", "extracted")}
    note("responsibility.fund_declared", row, {"mine": mine.pk, **content}, by, at)
    return row


@transaction.atomic
def spend(
    mine: Mine, month: str, category: str, amount: Decimal, vouchers: int, said: str, *, by: User, at: datetime
) -> FundSpending:
    """Enter what was spent. Raises Forbidden or MissingFields."""
    if not may_declare(by, mine):
        raise Forbidden("只有本矿可以登记安全费用")
    if month_span(month).first > beijing_day(at):
        raise MissingFields({"month": "不登记以后的月份"})
    if category not in CATEGORY_WORDS:
        raise MissingFields({"category": "没有这种用途"})
    if amount <= 0:
        raise MissingFields({"amount": "须大于零"})
    row = FundSpending.objects.create(
        mine=mine,
        month=month,
        category=category,
        amount=amount,
        vouchers=vouchers,
        note=said,
        recorded_at=at,
        entered_by=by,
    )
    content = {"mine": mine.pk, "month": month, "category": category, "amount": str(amount), "vouchers": vouchers}
    note("responsibility.fund_spent", row, content, by, at)
    return row


def sums_by_mine(mines: Collection[str] | Any, first: str, last: str) -> dict[str, Sums]:
    """{mine: totals of the months first…last}, in exact decimals; mines without an entry are absent. Two queries."""
    found: dict[str, Sums] = {}
    months = FundMonth.objects.filter(STANDING).filter(mine__in=mines, month__gte=first, month__lte=last)
    for mine, *numbers in months.values_list("mine", "output_t", "required", "extracted", "shortfall", "opening"):
        output, owed, extracted, short, opening = numbers
        before = found.get(mine, Sums(mines=1))
        found[mine] = before + Sums(output, owed, extracted, short, opening=opening)
    spent = FundSpending.objects.filter(STANDING).filter(mine__in=mines, month__gte=first, month__lte=last)
    for mine, amount in spent.values_list("mine", "amount"):
        found[mine] = found.get(mine, Sums()) + Sums(spent=amount)
    return found


def balances(mines: Collection[str] | Any, last: str) -> dict[str, Decimal]:
    """{mine: what is left at the end of a month}."""
    return {mine: sums.balance for mine, sums in sums_by_mine(mines, "0000-00", last).items()}


@dataclass(frozen=True)
class Group:
    """A total: of a supervising body's own mines, of a city with its counties, of a parent company. Depth 1 adds up to depth 0."""

    name: str
    sums: Sums
    all_mines: int
    depth: int = 0


def by_owner_level(
    direct: Mapping[str, Organisation], mines: Collection[str], found: Mapping[str, Sums], cities: Mapping[str, str]
) -> list[Group]:
    """province = own + Σ cities (own + Σ counties), by the direct supervisor of each mine; mines without one stand apart.

    `cities` names the cities by the first four digits of their code.
    """
    members: dict[int, list[str]] = {}
    for mine in mines:
        if mine in direct:
            members.setdefault(direct[mine].pk, []).append(mine)
    bodies = sorted({body.pk: body for body in direct.values()}.values(), key=lambda one: (one.region, one.pk))
    groups = [_group("合计", mines, found, 0)]
    groups += [_group(body.name, members[body.pk], found, 1) for body in bodies if body.level == Level.PROVINCE]
    rest = [body for body in bodies if body.level != Level.PROVINCE and body.pk in members]
    for prefix in dict.fromkeys(body.region[:4] for body in rest):
        within = [body for body in rest if body.region[:4] == prefix]
        groups.append(_group(cities.get(prefix, prefix), [m for body in within for m in members[body.pk]], found, 1))
        groups += [_group(f"{body.name}（直接监管）", members[body.pk], found, 2) for body in within]
    if nobody := [mine for mine in mines if mine not in direct]:
        groups.append(_group("没有直接监管单位", nobody, found, 1))
    return groups


def _group(name: str, mines: Iterable[str], found: Mapping[str, Sums], depth: int) -> Group:
    codes = list(mines)
    return Group(name, total(found.get(mine, Sums()) for mine in codes), len(codes), depth)


def by_company(company: Mapping[str, str], found: Mapping[str, Sums]) -> list[Group]:
    """Totals of parent companies; `company` gives the name of each mine's, '' for none."""
    members: dict[str, list[str]] = {}
    for mine, name in company.items():
        members.setdefault(name, []).append(mine)
    rows = [_group(name or "没有上级企业", codes, found, 1) for name, codes in sorted(members.items())]
    return [_group("合计", company, found, 0), *rows]
