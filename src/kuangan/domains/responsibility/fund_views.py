"""Pages of safety funds: mines of a month, one mine over its months, totals by level and company, import with preview."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kuangan.base.case.errors import MissingFields
from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import Permitted, require
from kuangan.base.registry.models import Mine, MineKind, Region
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.supervision import direct_supervisor
from kuangan.base.tables.bases import NUMBERS, FilterSet, Table, chip
from kuangan.base.tables.listing import Figure, ListView, sheet_answer
from kuangan.domains.responsibility import access, acts, funds
from kuangan.domains.responsibility.fields import ReasonForm
from kuangan.domains.responsibility.fund_forms import MonthForm, SheetForm, SpendForm
from kuangan.domains.responsibility.fund_sheets import Unreadable, read_sheet, rows_of_file
from kuangan.domains.responsibility.funds_rules import ZERO, required, shortfall
from kuangan.domains.responsibility.kinds import CATEGORY_WORDS, CLASS_WORDS, FROM_MEMORY, FUNDS
from kuangan.domains.responsibility.lists import MONTH, by_mine, cities, two_lines
from kuangan.domains.responsibility.models import STANDING, FundMonth, FundSpending
from kuangan.domains.responsibility.pages import form_page, shell, tally
from kuangan.domains.responsibility.rules import month_of, month_span, months_before

HERE = "funds"
SALT = "responsibility.funds"
STATES = {"told": "已登记", "untold": "未登记", "short": "少提取", "overspent": "结余为负"}


def asked_month(request: HttpRequest, at: datetime) -> str:
    """The month in the address, else the last full one."""
    try:
        return month_of(month_span(request.GET.get("month", "").strip()).first)
    except ValueError:
        return months_before(month_of(beijing_day(at)), 1)


def state(name: str) -> Q:
    """The condition of a key of STATES on mines of `with_month`; `overspent` is found apart."""
    return {
        "told": Q(owed__isnull=False),
        "untold": Q(owed__isnull=True),
        "short": Q(short__gt=0),
    }[name]


def with_month(mines: QuerySet[Mine], month: str) -> QuerySet[Mine]:
    row = FundMonth.objects.filter(STANDING).filter(mine=OuterRef("pk"), month=month)
    return mines.annotate(owed=Subquery(row.values("required")[:1]), short=Subquery(row.values("shortfall")[:1]))


class FundFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码")
    month = filters.CharFilter(method="as_it_is", label="月份", widget=MONTH)
    city = filters.ModelChoiceFilter(queryset=cities, label="市", empty_label="全部")
    kind = filters.ChoiceFilter(choices=MineKind.choices, label="类型", empty_label="全部")
    state = filters.ChoiceFilter(method="by_state", label="状态", empty_label="全部", choices=tuple(STATES.items()))

    def search(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        return by_mine(rows, value, "")

    def as_it_is(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        return rows

    def by_state(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        if value != "overspent":
            return rows.filter(state(value))
        assert self.request is not None
        return rows.filter(pk__in=overspent(rows.values("pk"), asked_month(self.request, now())))


def overspent(mines: Any, month: str) -> list[str]:
    return [mine for mine, left in funds.balances(mines, month).items() if left < 0]


def money(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:,.2f}"


class FundTable(Table):
    name = tables.Column("矿山", linkify=("responsibility:fund_mine", {"code": tables.A("pk")}))
    output = tables.Column("产量（吨）", accessor="fund", empty_values=(), attrs=NUMBERS)
    fund_class = tables.Column("类别", accessor="fund", empty_values=())
    required = tables.Column("应提取（元）", accessor="fund", empty_values=(), attrs=NUMBERS)
    extracted = tables.Column("实提取（元）", accessor="fund", empty_values=(), attrs=NUMBERS)
    shortfall = tables.Column("少提取（元）", accessor="fund", empty_values=(), attrs=NUMBERS)
    spent = tables.Column("本月使用（元）", accessor="spent", empty_values=(), attrs=NUMBERS)
    balance = tables.Column("结余（元）", accessor="balance", empty_values=(), attrs=NUMBERS)
    state = tables.Column("状态", accessor="pk", empty_values=())

    always = ("name",)

    def render_name(self, record: Any) -> Any:
        return two_lines(record.name, f"{record.county or record.city or ''} {record.get_kind_display()}")

    def value_name(self, record: Any) -> str:
        return f"{record.name} {record.pk}"

    def render_output(self, record: Any) -> str:
        return money(record.fund.output_t) if record.fund else "未登记"

    def render_fund_class(self, record: Any) -> Any:
        if record.fund is None:
            return "—"
        return two_lines(CLASS_WORDS[record.fund.fund_class], f"{record.fund.rate:g} 元/吨")

    def value_fund_class(self, record: Any) -> str:
        return CLASS_WORDS[record.fund.fund_class] if record.fund else ""

    def render_required(self, record: Any) -> str:
        return money(record.fund.required) if record.fund else "—"

    def render_extracted(self, record: Any) -> str:
        return money(record.fund.extracted) if record.fund else "—"

    def render_shortfall(self, record: Any) -> str:
        return money(record.fund.shortfall) if record.fund else "—"

    def render_spent(self, record: Any) -> str:
        return money(record.spent)

    def render_balance(self, record: Any) -> str:
        return money(record.balance)

    def render_state(self, record: Any) -> Any:
        word = fund_word(record)
        return chip(word, "ka-chip-ok" if word == "足额提取" else "ka-chip-warn")

    def value_state(self, record: Any) -> str:
        return fund_word(record)


def fund_word(record: Any) -> str:
    if record.fund is None:
        return STATES["untold"]
    if record.fund.shortfall > 0:
        return STATES["short"]
    return STATES["overspent"] if record.balance is not None and record.balance < 0 else "足额提取"


class FundList(Permitted, ListView):
    permission = "responsibility.view"
    title = "安全费用"
    order = ("code",)
    table_class = FundTable
    filterset_class = FundFilter
    template_name = "responsibility/list.html"
    export_name = "安全费用提取使用"

    def queryset(self) -> QuerySet[Mine]:
        at = now()
        mines = visible_mines(self.request.user, at).select_related("county", "city")
        return with_month(mines, asked_month(self.request, at))

    def figures(self) -> Sequence[Figure]:
        month, rows = asked_month(self.request, now()), self.queryset()
        names = ("told", "untold", "short")
        counts = tally(rows, {name: state(name) for name in names})
        counts["overspent"] = len(overspent(visible_mines(self.request.user, now()).values("pk"), month))
        found = [Figure(counts["all"], "矿山", note=month, href=f"?month={month}")]
        for name, word in STATES.items():
            level = "orange" if name in ("short", "overspent") and counts[name] else ""
            found.append(Figure(counts[name], word, href=f"?month={month}&state={name}", level=level))
        return found

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        month = asked_month(self.request, now())
        pks = [row.pk for row in rows]
        known = {one.mine_id: one for one in FundMonth.objects.filter(STANDING).filter(mine__in=pks, month=month)}
        spent, left = funds.sums_by_mine(pks, month, month), funds.balances(pks, month)
        for row in rows:
            row.fund = known.get(row.pk)
            row.spent = spent[row.pk].spent if row.pk in spent else None
            row.balance = left.get(row.pk)
        return rows

    def context(self) -> dict[str, Any]:
        month = asked_month(self.request, now())
        links = [("按监管层级、上级企业合计", f"{reverse('responsibility:fund_sums')}?month={month}")]
        said = f"{month}，依据 {FUNDS.basis}：按产量逐月提取，几类兼有的取最高；产量、提取、使用均为矿山填报。未登记不等于未提取。"
        return shell(HERE, links=links, said=said)


@require_GET
def fund_mine(request: HttpRequest, code: str) -> HttpResponse:
    """The months of one mine."""
    user, at = access.seen(request), now()
    mine = access.mine_or_404(user, code, at)
    months = list(FundMonth.objects.filter(STANDING).filter(mine=mine).order_by("-month")[:36])
    spendings = list(
        FundSpending.objects.filter(mine=mine).select_related("entered_by").order_by("-month", "-pk")[:120]
    )
    by_category: dict[str, Decimal] = {}
    for row in FundSpending.objects.filter(STANDING).filter(mine=mine):
        by_category[row.category] = by_category.get(row.category, ZERO) + row.amount
    here = month_of(beijing_day(at))
    found, by_register = funds.class_for(mine, here)
    every = funds.sums_by_mine([code], "0000-00", "9999-99").get(code)
    context = shell(
        HERE,
        title=f"安全费用 · {mine.name}",
        mine=mine,
        months=[(row, CLASS_WORDS[row.fund_class], _spent(spendings, row.month)) for row in months],
        spendings=spendings,
        categories=[(CATEGORY_WORDS[name], by_category[name]) for name in CATEGORY_WORDS if name in by_category],
        sums=every,
        fund_class=FUNDS.classes[found] if found else None,
        from_memory=FROM_MEMORY if found and FUNDS.classes[found].conf == "M" else "",
        by_register=by_register,
        basis=FUNDS.basis,
        voided=FundMonth.objects.filter(mine=mine, voided_at__isnull=False).order_by("-recorded_at")[:20],
        declares=access.may_declare(user, mine),
    )
    return render(request, "responsibility/fund_mine.html", context)


def _spent(rows: Sequence[FundSpending], month: str) -> Decimal:
    return sum((row.amount for row in rows if row.month == month and row.voided_at is None), ZERO)


def fund_new(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Declare a month, or enter spending, of one's own mine."""
    user, at = require(request, "responsibility.declare"), now()
    mine = access.mine_or_404(user, code, at)
    if name not in ("month", "spend"):
        raise Http404
    if not access.may_declare(user, mine):
        raise PermissionDenied
    month = name == "month"
    initial = {"month": months_before(month_of(beijing_day(at)), 1)}
    form: Any = (
        MonthForm(mine.kind, request.POST or None, initial=initial)
        if month
        else SpendForm(request.POST or None, initial=initial)
    )

    def act(given: Any) -> None:
        if month:
            said = funds.Declared(
                given["month"], given["output_t"], given["extracted"], given["fund_class"], given["opening"] or ZERO
            )
            funds.declare_month(mine, said, by=user, at=at)
        else:
            funds.spend(
                mine,
                given["month"],
                given["category"],
                given["amount"],
                given["vouchers"],
                given["note"],
                by=user,
                at=at,
            )

    return form_page(
        request,
        form,
        act,
        title=f"{'登记月提取' if month else '登记使用'} · {mine.name}",
        back=reverse("responsibility:fund_mine", args=[code]),
        here=HERE,
        said="同一月份重新登记的，原登记作废并保留。" if month else "",
        back_word=mine.name,
    )


def fund_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Spending that was entered wrongly."""
    user, at = require(request, "responsibility.declare"), now()
    row = get_object_or_404(
        FundSpending.objects.filter(mine__in=visible_mines(user, at).values("pk")).select_related("mine"), pk=pk
    )
    if not access.may_declare(user, row.mine):
        raise PermissionDenied
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda given: acts.void(row, by=user, at=at, reason=given["reason"]),
        title=f"作废使用登记 · {row.month} · {row.get_category_display()}",
        back=reverse("responsibility:fund_mine", args=[row.mine_id]),
        here=HERE,
        submit="作废",
        danger=True,
    )


@require_GET
def fund_sums(request: HttpRequest) -> HttpResponse:
    """Totals of a month, or of the year up to it, by supervising level and by parent company."""
    user, at = access.seen(request), now()
    month = asked_month(request, at)
    year = request.GET.get("span") == "year"
    mines = list(visible_mines(user, at).select_related("parent_company").order_by("pk"))
    codes = [mine.pk for mine in mines]
    found = funds.sums_by_mine(visible_mines(user, at).values("pk"), f"{month[:4]}-01" if year else month, month)
    names = {code[:4]: name for code, name in Region.objects.filter(level="city").values_list("code", "name")}
    levels = funds.by_owner_level(direct_supervisor(visible_mines(user, at).values("pk"), at), codes, found, names)
    companies = funds.by_company(
        {mine.pk: mine.parent_company.name if mine.parent_company else "" for mine in mines}, found
    )
    if request.GET.get("export") == "xlsx":
        return _sums_sheet(request, month, levels, companies)
    context = shell(
        HERE, title="安全费用合计", month=month, year=year, levels=levels, companies=companies, basis=FUNDS.basis
    )
    return render(request, "responsibility/fund_sums.html", context)


def _sums_sheet(
    request: HttpRequest, month: str, levels: Sequence[funds.Group], companies: Sequence[funds.Group]
) -> HttpResponse:
    heads = (
        "分组",
        "单位",
        "矿山",
        "已登记",
        "产量（吨）",
        "应提取（元）",
        "实提取（元）",
        "少提取（元）",
        "使用（元）",
    )
    rows = [
        (
            word,
            f"{'　' * row.depth}{row.name}",
            row.all_mines,
            row.sums.mines,
            *(str(getattr(row.sums, name)) for name in SUMMED),
        )
        for word, groups in (("监管层级", levels), ("上级企业", companies))
        for row in groups
    ]
    return sheet_answer(request, f"安全费用合计 {month}", "FundSums", heads, rows, f"month={month}")


SUMMED = ("output_t", "required", "extracted", "shortfall", "spent")


def fund_import(request: HttpRequest, code: str) -> HttpResponse:
    """Months of one's own mine from a table: read, shown, written when confirmed."""
    user, at = require(request, "responsibility.declare"), now()
    mine = access.mine_or_404(user, code, at)
    if not access.may_declare(user, mine):
        raise PermissionDenied
    if request.method == "POST" and "rows" in request.POST:
        return _write(request, mine, at)
    form = SheetForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            sheet = read_sheet(rows_of_file(file.name, file.read()))
        except Unreadable as fault:
            form.add_error("file", str(fault))
        else:
            said = [[str(one.month), str(one.output_t), str(one.extracted), one.fund_class] for one in sheet.taken]
            context = {
                "sheet": sheet,
                "file_name": file.name,
                "rows": signing.dumps({"mine": code, "name": file.name[:160], "rows": said}, salt=SALT),
                "shown": [_preview(mine, one) for one in sheet.taken],
            }
    context |= shell(HERE, title=f"导入安全费用 · {mine.name}", mine=mine, form=form)
    return render(request, "responsibility/fund_import.html", context, status=422 if form.errors else 200)


def _preview(mine: Mine, said: funds.Declared) -> dict[str, Any]:
    """A row as it would be written."""
    found, by_register = funds.class_for(mine, said.month, said.fund_class)
    rate = FUNDS.classes[found].rate if found else None
    owed = required(said.output_t, rate) if rate is not None else None
    return {
        "said": said,
        "word": CLASS_WORDS.get(found, "未知：登记中没有类别"),
        "rate": rate,
        "owed": owed,
        "short": shortfall(owed, said.extracted) if owed is not None else None,
        "before": FundMonth.objects.filter(STANDING).filter(mine=mine, month=said.month).exists(),
        "by_register": by_register,
    }


def _write(request: HttpRequest, mine: Mine, at: datetime) -> HttpResponse:
    """All rows that were shown, or none."""
    user: Any = request.user
    try:
        held = signing.loads(request.POST["rows"], salt=SALT, max_age=3600)
        if held["mine"] != mine.pk:
            raise Http404
        with transaction.atomic():
            for month, output, extracted, fund_class in held["rows"]:
                said = funds.Declared(month, Decimal(output), Decimal(extracted), fund_class)
                funds.declare_month(mine, said, by=user, at=at, file_name=held["name"])
    except signing.BadSignature:
        messages.error(request, "预览已过期，请重新上传。")
        return redirect("responsibility:fund_import", code=mine.pk)
    except MissingFields as missing:
        messages.error(request, f"没有写入：{'；'.join(missing.fields.values())}")
        return redirect("responsibility:fund_import", code=mine.pk)
    messages.success(request, f"已写入 {len(held['rows'])} 个月，记入审计。")
    return redirect("responsibility:fund_mine", code=mine.pk)
