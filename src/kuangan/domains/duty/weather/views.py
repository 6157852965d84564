"""Pages of weather warnings: the list, the board of one warning, one mine under it, its order on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kuangan.base.case.errors import MissingFields, WrongState
from kuangan.base.case.models import Case
from kuangan.base.case.panels import panels_of
from kuangan.base.case.performing import possible
from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.duty.calling import callouts
from kuangan.domains.duty.weather import acts, checks, joining
from kuangan.domains.duty.weather.flow import FLOW, ORDER_HOLDS, hindrance
from kuangan.domains.duty.weather.forms import STEP_FORMS, CancelForm, CheckForm, DrawForm, JoinForm, step_form
from kuangan.domains.duty.weather.lists import WarningFilter, WarningTable
from kuangan.domains.duty.weather.models import SpotCheck, Warning, Withdrawal
from kuangan.domains.duty.weather.people import DIFFERS, Below, Drawing, below_of, draw, total_of
from kuangan.domains.duty.weather.queries import cases, counts, mines_of, warnings
from kuangan.domains.duty.weather.rules import ACTIONS, COLOUR_WORDS, DEFAULT_MARK, EVENT_WORDS, RULES, basis_words

SHOWN = 400


class WarningList(Permitted, ListView):
    permission = "weather.view"
    title = "气象预警"
    order = ("-received_at", "-id")
    table_class = WarningTable
    filterset_class = WarningFilter
    template_name = "duty/weather/warnings.html"
    export_name = "气象预警"

    def queryset(self) -> QuerySet[Warning]:
        return warnings(self.request.user, now())

    def figures(self) -> Sequence[Figure]:
        at = now()
        live = self.queryset().filter(ended_at__isnull=True)
        rows = mines_of(self.request.user, at).filter(warning__in=live)
        return (
            Figure(live.count(), "生效中", href="?state=live"),
            Figure(rows.filter(case__state=FLOW.initial).count(), "待叫应", "矿次"),
            Figure(rows.filter(case__state__in=("ordered", "withdrawing")).count(), "撤人中", "矿次"),
        )

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        found = counts(self.request.user, [row.pk for row in rows], now())
        twins = joining.twins(self.queryset().filter(ended_at__isnull=True)) if self._enters() else set()
        for row in rows:
            row.counts, row.twin = found.get(row.pk, {}), row.pk in twins
        return rows

    def _enters(self) -> bool:
        return may(self.request.user, "weather.enter")

    def context(self) -> dict[str, Any]:
        return {"here": "weather", "enters": self._enters()}


@dataclass(frozen=True, slots=True)
class Line:
    """One mine of the board."""

    row: Withdrawal
    state: str
    below: Below
    spark: Drawing
    called: int
    reached: int

    @property
    def order(self) -> tuple[int, int, str]:
        """Most people still below first, then those of whom it is unknown, then the empty ones."""
        now_below = self.below.now
        if now_below is None:
            return (1, 0, self.row.mine_id)
        return (0, -now_below, self.row.mine_id) if now_below else (2, 0, self.row.mine_id)

    @property
    def differs(self) -> bool:
        return self.below.agreement == DIFFERS


def weather_warning(request: HttpRequest, pk: int) -> HttpResponse:
    """The board of a warning: its mines by the people still below."""
    user, at = require(request, "weather.view"), now()
    warning = get_object_or_404(warnings(user, at).select_related("typed_by", "joined_to"), pk=pk)
    rows = list(mines_of(user, at).filter(warning=warning).order_by("case_id")[:SHOWN])
    below = below_of(Path(settings.HOME), rows, at)
    lines = sorted(_lines(user, rows, below, at), key=lambda line: line.order)
    wanted = request.GET.get("only", "")
    total = total_of(below)
    first_order = min((row.ordered_at for row in rows if row.ordered_at), default=None)
    held = draw(total.held, total.start, [(first_order, "首次下令", "wx-order")]) if total.start else None
    sure = draw(total.sure, total.start, [], top=held.highest) if total.start and held else None
    context = {
        "title": warning.headline,
        "here": "weather",
        "warning": warning,
        "colour": COLOUR_WORDS[warning.colour],
        "event": EVENT_WORDS[warning.event],
        "icon": RULES.events[warning.event].icon,
        "lines": [line for line in lines if _chosen(line, wanted)],
        "only": wanted,
        "figures": _figures(lines, total.persons, total.unknown),
        "held": held,
        "sure": sure,
        "silent": total.silent,
        "said": warning.messages.select_related("offer").order_by("sent", "pk"),
        "draws": _draws(user, warning),
        "draw_form": DrawForm(),
        "check_form": CheckForm(),
        "calls": may(user, "weather.call") and may(user, "duty.call"),
        "checks": _checks(user) and any(line.row.case.state in ORDER_HOLDS for line in lines),
        "own": warning.live and warning.typed_by_id is not None and warning.typed_by_id == user.organisation_id,
        "enters": may(user, "weather.enter"),
        "cancel_form": CancelForm(),
        "pairs": _pairs(warning, user, at),
        "mark": DEFAULT_MARK,
    }
    return render(request, "duty/weather/warning.html", context)


def _pairs(warning: Warning, user: User, at: datetime) -> list[tuple[joining.Pair, Warning]]:
    """What may be the same warning, each with the one of both that is not this one, for whoever may join them."""
    found = joining.pairs(warning, user, at) if may(user, "weather.enter") else []
    return [(pair, pair.other if pair.kept.pk == warning.pk else pair.kept) for pair in found]


def _lines(user: User, rows: Sequence[Withdrawal], below: dict[str, Below], at: datetime) -> list[Line]:
    seen: dict[int | None, Any] = {
        row.about_id: row
        for row in callouts(Case.objects.visible_to(user, at))
        .filter(about__in=[row.case_id for row in rows])
        .order_by("pk")
    }
    lines = []
    for row in rows:
        one, call = below[row.mine_id], seen.get(row.case_id)
        spark = draw(one.minutes, one.start, [(row.ordered_at, "", "wx-order"), (row.out_at, "", "wx-out")], 120, 26)
        called, reached = (call.called, call.reached) if call else (0, 0)
        lines.append(Line(row, row.case.state_word, one, spark, called, reached))
    return lines


def _chosen(line: Line, wanted: str) -> bool:
    state = line.row.case.state
    return {
        "waiting": state == FLOW.initial,
        "proposed": line.row.action == "withdraw" and state in ("received", "called"),
        "ordered": state in ORDER_HOLDS,
        "below": bool(line.below.now),
        "unknown": line.below.now is None,
        "differs": line.differs,
    }.get(wanted, True)


def _figures(lines: Sequence[Line], persons: int, unknown: int) -> list[Figure]:
    def number(wanted: str) -> int:
        return sum(_chosen(line, wanted) for line in lines)

    differs = number("differs")
    return [
        Figure(len(lines), "受影响矿山", href="?"),
        Figure(number("waiting"), "待叫应", href="?only=waiting"),
        Figure(number("proposed"), "建议撤人未下令", href="?only=proposed"),
        Figure(number("ordered"), "指令执行中", href="?only=ordered"),
        Figure(
            "未知" if lines and unknown == len(lines) else persons,
            "仍在井下（人）",
            href="?only=below",
            level="red" if persons else "",
        ),
        Figure(unknown, "人数未知（矿）", href="?only=unknown", level="grey"),
        Figure(differs, "与监测数据不一致", href="?only=differs", level="red" if differs else ""),
    ]


def _checks(user: User) -> bool:
    return may(user, "weather.check") and user.organisation is not None and user.organisation.kind in PUBLIC_KINDS


def _draws(user: User, warning: Warning) -> list[SpotCheck]:
    """Spot checks of mines that the person sees."""
    rows = SpotCheck.objects.filter(draw__warning=warning, withdrawal__case__in=cases(user, now()))
    return list(
        rows.select_related("draw__organisation", "draw__by", "withdrawal__case", "withdrawal__mine", "by").order_by(
            "-draw_id", "place"
        )
    )


@require_POST
def weather_call(request: HttpRequest, pk: int) -> HttpResponse:
    """Call out the chosen mines; without a choice all that wait."""
    user, at = require(request, "weather.call"), now()
    warning = get_object_or_404(warnings(user, at), pk=pk)
    ids = [int(one) for one in request.POST.getlist("ids") if one.isdecimal() and len(one) < 16]
    rows = mines_of(user, at).filter(warning=warning).exclude(case__state__in=FLOW.final)
    rows = rows.filter(case__in=ids) if ids else rows.filter(case__state=FLOW.initial)
    means = "sms" if request.POST.get("means") == "sms" else "voice"
    try:
        made, missing = acts.call_out(list(rows[: acts.MOST_CALLED]), means, by=user, at=at)
    except MissingFields as fault:
        messages.error(request, str(fault))
    else:
        messages.success(request, f"已发出 {made} 个呼叫。")
        if missing:
            messages.error(request, "没有可呼叫的电话：" + "、".join(missing[:20]))
    return redirect("duty:weather_warning", pk=pk)


@require_POST
def weather_join(request: HttpRequest, pk: int) -> HttpResponse:
    """Join this warning with another that is the same; to the board of the one that goes on."""
    user, at = require(request, "weather.enter"), now()
    seen, form = warnings(user, at), JoinForm(request.POST)
    warning = get_object_or_404(seen, pk=pk)
    if not form.is_valid():
        messages.error(request, "请选择要合并的预警。")
        return redirect("duty:weather_warning", pk=pk)
    other = get_object_or_404(seen, pk=form.cleaned_data["other"])
    try:
        kept = joining.join(warning, other, by=user, at=at, reason=form.cleaned_data["reason"])
    except (joining.NotJoinable, MissingFields) as fault:
        messages.error(request, str(fault))
        return redirect("duty:weather_warning", pk=pk)
    messages.success(request, "已合并，记入审计；已叫应的矿山不再重复叫应。")
    return redirect("duty:weather_warning", pk=kept.pk)


@require_POST
def weather_draw(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = require(request, "weather.check"), now()
    warning, form = get_object_or_404(warnings(user, at), pk=pk), DrawForm(request.POST)
    try:
        made = checks.draw(warning, form.cleaned_data["number"] if form.is_valid() else 0, by=user, at=at)
        messages.success(request, f"已抽取 {made.checks.count()} 座，种子 {made.seed}。")
    except MissingFields as fault:
        messages.error(request, str(fault))
    return redirect(reverse("duty:weather_warning", args=[pk]) + "#checks")


@require_POST
def weather_check(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = require(request, "weather.check"), now()
    rows = SpotCheck.objects.filter(withdrawal__case__in=cases(user, at)).select_related("draw", "withdrawal__mine")
    check, form = get_object_or_404(rows, pk=pk), CheckForm(request.POST)
    if form.is_valid():
        try:
            checks.judge(check, **form.cleaned_data, by=user, at=at, home=Path(settings.HOME))
            messages.success(request, f"{check.withdrawal.mine} 抽查结果已记录。")
        except (MissingFields, WrongState) as fault:
            messages.error(request, str(fault))
    return redirect(reverse("duty:weather_warning", args=[check.draw.warning_id]) + "#checks")


def weather_case(request: HttpRequest, number: str) -> HttpResponse:
    require(request, "weather.view")
    return _case_page(request, _withdrawal(request, number), None, None, 200)


def _case_page(request: HttpRequest, row: Withdrawal, failed: str | None, form: Any, status: int) -> HttpResponse:
    user: Any = request.user
    at = now()
    below = below_of(Path(settings.HOME), [row], at)[row.mine_id]
    marks = [
        (row.ordered_at, "下令", "wx-order"),
        (row.out_at, "矿方报撤出", "wx-out"),
        (below.zero_at, "监测归零", "wx-zero"),
    ]
    steps, waiting = [], []
    for step in possible(row.case, user):
        if step.name in STEP_FORMS:
            why = hindrance(row.case, step)
            steps += [] if why else [step]
            waiting += [(step.label, why)] if why else []
    context: dict[str, Any] = {
        "title": f"{row.mine.name} 气象预警",
        "here": "weather",
        "row": row,
        "case": row.case,
        "warning": row.warning,
        "state": row.case.state_word,
        "action": ACTIONS[row.action],
        "colour": COLOUR_WORDS[row.colour],
        "bases": basis_words(row.bases),
        "below": below,
        "curve": draw(below.minutes, below.start, marks),
        "forms": [(step, form if step.name == failed else step_form(step.name, row)) for step in steps],
        "waiting": waiting,
        "timeline": row.case.steps.select_related("by", "organisation"),
        "labels": {step.name: step.label for step in FLOW.transitions},
        "checked": row.checks.exclude(verdict="").select_related("by", "draw__organisation"),
        "panels": panels_of(row.case),
        "holds": row.case.state in ORDER_HOLDS,
        "covered": row.warning.live and row.left_at is None,
        "mark": DEFAULT_MARK,
    }
    for step in context["timeline"]:
        step.label = context["labels"].get(step.name, step.name)
        step.said = step.reason or step.form.get("outcome") or step.form.get("conditions") or step.form.get("why") or ""
    return render(request, "duty/weather/case.html", context, status=status)


@require_POST
def weather_step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """One step, by whoever may take it."""
    user = require(request, "weather.view")
    row = _withdrawal(request, number)
    if name not in STEP_FORMS:
        raise Http404
    require(request, FLOW.transition(name).may)
    form = step_form(name, row, request.POST)
    if not form.is_valid():
        messages.error(request, "请补全必填项。")
        return _case_page(request, row, name, form, 422)
    try:
        said = form.cleaned_data
        acts.take(row.case, name, by=user, at=now(), form=said, reason=said.get("reason", ""))
    except MissingFields as fault:
        for field, words in fault.fields.items():
            form.add_error(field if field in form.fields else None, words)
        return _case_page(request, row, name, form, 422)
    except WrongState as late:
        messages.error(request, str(late))
        return _case_page(request, _withdrawal(request, number), None, None, 409)
    messages.success(request, f"{FLOW.transition(name).label}：已记录。")
    return redirect("duty:weather_case", number=number)


def weather_order(request: HttpRequest, number: str) -> HttpResponse:
    """The order on A4, as a record of the duty room: it says that it is no document of law enforcement."""
    require(request, "weather.view")
    row = _withdrawal(request, number)
    if row.ordered_at is None:
        raise Http404
    context = {
        "title": "停产撤人指令记录",
        "row": row,
        "case": row.case,
        "warning": row.warning,
        "colour": COLOUR_WORDS[row.colour],
        "state": row.case.state_word,
        "minutes": RULES.minutes[row.colour],
        "mark": DEFAULT_MARK,
        "printed_at": now(),
    }
    return render(request, "duty/weather/order.html", context)


def _withdrawal(request: HttpRequest, number: str) -> Withdrawal:
    rows = mines_of(request.user, now()).select_related("ordered_by")
    return get_object_or_404(rows, case__number=number)
