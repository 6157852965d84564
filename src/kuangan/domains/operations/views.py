"""Pages of announced work: today, list, form, one announcement; checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kuangan.base.case.models import Case
from kuangan.base.case.panels import panels_of
from kuangan.base.case.performing import perform
from kuangan.base.clock import BEIJING, beijing_day, now
from kuangan.base.deadlines.models import OPEN_STATES, Deadline
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.operations import acts
from kuangan.domains.operations.flow import ANNOUNCEMENT, CHECK
from kuangan.domains.operations.forms import CHECK_FORMS, STEP_FORMS, AmendForm, AnnouncementForm
from kuangan.domains.operations.guard import answer_step, case_or_404, faults_into, own_mine_or_404, step_forms
from kuangan.domains.operations.kinds import DEFAULT_MARK, FILE, KINDS
from kuangan.domains.operations.lists import (
    AnnouncementFilter,
    AnnouncementTable,
    CheckFilter,
    CheckTable,
    state_chip,
)
from kuangan.domains.operations.models import Announcement, Check
from kuangan.domains.operations.words import evidence_lines, part_word, parts_word, timeline

SHOWN = 50
CLOCK_WORDS = {
    "answer": "答复期限",
    "lapse": "未答复失效",
    "start": "到时开始",
    "end": "到时结束",
    "extension": "延期答复",
}


def announcements_of(user: Any, at: datetime) -> QuerySet[Announcement]:
    """The announcements that exist for the person, with all that a list needs."""
    cases = Case.objects.visible_to(user, at).filter(kind=ANNOUNCEMENT.kind)
    rows = Announcement.objects.filter(case__in=cases.values("pk"))
    return rows.select_related("case", "mine", "supervisor").prefetch_related("parts")


def checks_of(user: Any, at: datetime) -> QuerySet[Check]:
    cases = Case.objects.visible_to(user, at).filter(kind=CHECK.kind)
    rows = Check.objects.filter(case__in=cases.values("pk"))
    return rows.select_related("case", "announcement__mine", "announcement__case")


def today(request: HttpRequest) -> HttpResponse:
    """What runs, what asks for an answer, what was not ended, what begins today."""
    user, at = require(request, "announcement.view"), now()
    midnight = datetime.combine(beijing_day(at) + timedelta(days=1), time(), BEIJING)
    rows = announcements_of(user, at)
    sections = (
        ("overrun", "超期未结束", rows.filter(case__state="overrun").order_by("ends"), "?state=overrun"),
        ("asked", "请求答复", rows.filter(_asking()).order_by("starts"), "?state=open"),
        ("running", "进行中", rows.filter(case__state="running").order_by("ends"), "?state=running"),
        (
            "coming",
            "今日将开始",
            rows.filter(case__state__in=("agreed", "noted"), starts__lt=midnight).order_by("starts"),
            "?state=open",
        ),
    )
    shown = [
        {"code": code, "title": title, "rows": _lines(list(found[:SHOWN])), "total": found.count(), "query": query}
        for code, title, found, query in sections
    ]
    open_checks = checks_of(user, at).exclude(case__state__in=CHECK.final).count()
    context = {
        "title": "今日报备",
        "sections": shown,
        "figures": [_figure(section) for section in shown]
        + [Figure(open_checks, "待核查", href=reverse("operations:checks") + "?state=open")],
        "declares": may(user, "announcement.declare"),
        "at": at,
    }
    return render(request, "operations/today.html", context)


def _asking() -> Q:
    """What waits for somebody's answer: new announcements and extensions."""
    return Q(case__state__in=("declared", "asked"))


def _figure(section: dict[str, Any]) -> Figure:
    level = {"overrun": "red", "asked": "orange"}.get(section["code"], "") if section["total"] else ""
    return Figure(section["total"], section["title"], href=f"#{section['code']}", level=level)


def _lines(rows: Sequence[Announcement]) -> list[dict[str, Any]]:
    return [{"row": row, "scope": parts_word(row), "state": state_chip(ANNOUNCEMENT, row.case.state)} for row in rows]


class AnnouncementList(Permitted, ListView):
    permission = "announcement.view"
    title = "报备管理"
    order = ("-declared_at", "-case")
    table_class = AnnouncementTable
    filterset_class = AnnouncementFilter
    template_name = "operations/announcements.html"
    export_name = "作业报备"

    def queryset(self) -> QuerySet[Announcement]:
        return announcements_of(self.request.user, now())

    def figures(self) -> Sequence[Figure]:
        counts = announcements_of(self.request.user, now()).aggregate(
            all=Count("pk"),
            asking=Count("pk", filter=Q(case__state="declared")),
            running=Count("pk", filter=Q(case__state="running")),
            overrun=Count("pk", filter=Q(case__state="overrun")),
        )
        return (
            Figure(counts["all"], "报备", href="?"),
            Figure(counts["asking"], "待答复", href="?state=declared", level="orange" if counts["asking"] else ""),
            Figure(counts["running"], "进行中", href="?state=running"),
            Figure(counts["overrun"], "超期", href="?state=overrun", level="red" if counts["overrun"] else ""),
        )

    def context(self) -> dict[str, Any]:
        user: Any = self.request.user
        return {"declares": may(user, "announcement.declare")}


def new(request: HttpRequest) -> HttpResponse:
    """A mine declares work before it begins."""
    user, at = require(request, "announcement.declare"), now()
    mine = own_mine_or_404(user)
    form = AnnouncementForm(mine, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            row = acts.declare(form.draft(), mine=mine, by=user, at=at)
            messages.success(request, f"已报备，编号 {row.case.number}。")
            return redirect("operations:announcement", number=row.case.number)
    title, back = f"新报备 · {mine.name}", reverse("operations:announcements")
    return render(request, "operations/form.html", _form_context(form, title, back), status=_status(form))


def amend(request: HttpRequest, number: str) -> HttpResponse:
    """Change an announcement before it begins."""
    user, case = case_or_404(request, "announcement.declare", ANNOUNCEMENT.kind, number)
    row = Announcement.objects.select_related("mine").get(case=case)
    form, back = AmendForm(row, request.POST or None), reverse("operations:announcement", args=[number])
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            acts.amend(case, form.draft(), by=user, at=now(), reason=form.cleaned_data["why"])
            messages.success(request, "已修改，须重新答复。")
            return redirect(back)
    return render(
        request, "operations/form.html", _form_context(form, f"修改报备 {number}", back), status=_status(form)
    )


def _form_context(form: forms.Form, title: str, back: str) -> dict[str, Any]:
    return {"form": form, "title": title, "back": back, "kinds": KINDS.items(), "mark": DEFAULT_MARK}


def _status(form: forms.Form) -> int:
    return 422 if form.is_bound and form.errors else 200


def announcement(request: HttpRequest, number: str) -> HttpResponse:
    user, case = case_or_404(request, "announcement.view", ANNOUNCEMENT.kind, number)
    return _announcement(request, user, case, {})


def _announcement(request: HttpRequest, user: User, case: Case, bound: dict[str, forms.Form]) -> HttpResponse:
    at = now()
    row = announcements_of(user, at).select_related("declared_by").get(case=case)
    kind = KINDS[row.kind]
    clocks = Deadline.objects.filter(subject_kind="case", subject_id=str(case.pk), state__in=OPEN_STATES)
    forms_now = step_forms(case, user, STEP_FORMS | {"amend": forms.Form}, bound)
    context = {
        "case": case,
        "row": row,
        "kind": kind,
        "parts": [part_word(part) for part in row.parts.all()],
        "state": state_chip(ANNOUNCEMENT, row.case.state),
        "amends": row.starts > at and any(step.name == "amend" for step, _ in forms_now),
        "forms": [(step, form) for step, form in forms_now if _timely(row, step.name, at)],
        "timeline": timeline(ANNOUNCEMENT, case),
        "checks": [
            (check, state_chip(CHECK, check.case.state)) for check in checks_of(user, at).filter(announcement=row)
        ],
        "clocks": [(CLOCK_WORDS[clock.code], clock) for clock in clocks.select_related("owner").order_by("due")],
        "mark": DEFAULT_MARK,
        "at": at,
        "sees_alerts": may(user, "alert.view"),
    }
    return render(request, "operations/announcement.html", context)


def _timely(row: Announcement, name: str, at: datetime) -> bool:
    """Whether a button is shown; the act itself judges again."""
    if name == "amend":
        return False
    return row.starts > at if name == "withdraw" else row.starts <= at if name == "start" else True


@require_POST
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    user, case = case_or_404(request, "announcement.view", ANNOUNCEMENT.kind, number)
    return answer_step(
        request,
        name,
        STEP_FORMS,
        lambda name, said, reason: acts.take(case, name, by=user, at=now(), form=said, reason=reason),
        lambda bound: _announcement(request, user, case, bound),
        reverse("operations:announcement", args=[number]),
    )


class CheckList(Permitted, ListView):
    permission = "announcement.view"
    title = "报备核查"
    order = ("-found_at", "-case")
    table_class = CheckTable
    filterset_class = CheckFilter
    template_name = "operations/checks.html"
    export_name = "报备核查"

    def queryset(self) -> QuerySet[Check]:
        return checks_of(self.request.user, now())

    def figures(self) -> Sequence[Figure]:
        counts = checks_of(self.request.user, now()).aggregate(
            raised=Count("pk", filter=Q(case__state="raised")),
            answered=Count("pk", filter=Q(case__state="answered")),
            bad=Count("pk", filter=Q(case__state="unexplained")),
        )
        return (
            Figure(counts["raised"], "待说明", href="?state=raised"),
            Figure(counts["answered"], "待判断", href="?state=answered", level="orange" if counts["answered"] else ""),
            Figure(counts["bad"], "说明不成立", href="?state=unexplained"),
        )


def check(request: HttpRequest, number: str) -> HttpResponse:
    user, case = case_or_404(request, "announcement.view", CHECK.kind, number)
    return _check(request, user, case, {})


def _check(request: HttpRequest, user: User, case: Case, bound: dict[str, forms.Form]) -> HttpResponse:
    row = Check.objects.select_related("announcement__case", "announcement__mine").get(case=case)
    context = {
        "case": case,
        "row": row,
        "evidence": evidence_lines(row),
        "state": state_chip(CHECK, Case.objects.values_list("state", flat=True).get(pk=case.pk)),
        "forms": step_forms(case, user, CHECK_FORMS, bound),
        "timeline": timeline(CHECK, case),
        "panels": panels_of(case),
        "mark": DEFAULT_MARK,
        "hours": FILE.explain_hours,
    }
    return render(request, "operations/check.html", context)


@require_POST
def check_step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    user, case = case_or_404(request, "announcement.view", CHECK.kind, number)
    return answer_step(
        request,
        name,
        CHECK_FORMS,
        lambda name, said, reason: perform(case, name, by=user, at=now(), form=said, reason=reason),
        lambda bound: _check(request, user, case, bound),
        reverse("operations:check", args=[number]),
    )
