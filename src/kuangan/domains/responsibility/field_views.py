"""Pages of assigned leaders and officers: who is late, one of them with visits, logs and problems, what is entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import Level, User
from kuangan.base.registry.models import Supervision, SupervisionRole
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.supervision import in_force
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.responsibility import access, acts, field
from kuangan.domains.responsibility.field_forms import ConfirmForm, LogForm, ProblemForm, SolveForm, VisitForm
from kuangan.domains.responsibility.field_lists import (
    CSS,
    PROBLEM_STATES,
    LeaderTable,
    NamedFilter,
    OfficerFilter,
    OfficerTable,
    ProblemFilter,
    ProblemTable,
    named_state,
    problem_state,
    state_of,
    with_problems,
)
from kuangan.domains.responsibility.fields import ReasonForm, local
from kuangan.domains.responsibility.kinds import ROOM
from kuangan.domains.responsibility.models import (
    STANDING,
    Confirmation,
    LeaderVisit,
    OfficerLog,
    Problem,
)
from kuangan.domains.responsibility.pages import form_page, shell, tally
from kuangan.domains.responsibility.rhythm import (
    LOOK_BACK,
    every_days,
    last_days,
    logged_days,
    missing_days,
    pulse,
    pulse_of,
    with_last,
)
from kuangan.domains.responsibility.rules import DAY
from kuangan.domains.responsibility.standing import person_of

SHOWN = 30
VOIDS: Mapping[str, Any] = {
    "visit": LeaderVisit,
    "log": OfficerLog,
    "confirmation": Confirmation,
    "problem": Problem,
}


class NamedList(Permitted, ListView):
    """Assignments of one role that are in force."""

    permission = "responsibility.view"
    order = ("-valid_from", "-id")
    template_name = "responsibility/list.html"
    role: ClassVar[str]
    here: ClassVar[str]
    words: ClassVar[tuple[str, str]]

    def queryset(self) -> QuerySet[Supervision]:
        at = now()
        rows = access.assignments(self.request.user, at, self.role).filter(in_force(at))
        return with_problems(with_last(rows, self.role), beijing_day(at))

    def figures(self) -> Sequence[Figure]:
        rows = self.queryset()
        counted = tally(rows, {name: named_state(name, self.role) for name in ("late", "never", "open", "unnamed")})
        word, never = self.words
        return (
            Figure(counted["all"], word, href="?"),
            Figure(counted["late"], "超期", href="?state=late", level="orange" if counted["late"] else ""),
            Figure(counted["never"], never, href="?state=never"),
            Figure(counted["open"], "有未解决问题", href="?state=open"),
            Figure(counted["unnamed"], "未登记姓名", href="?state=unnamed"),
        )

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        today = beijing_day(now())
        last = last_days(rows)
        year = dict(_this_year(rows, today.year, self.role))
        logged = logged_days(rows, today - (LOOK_BACK + 31) * DAY) if self.role == SupervisionRole.OFFICER else {}
        for row in rows:
            row.pulse, row.visits = pulse(row, last.get(row.pk), today), year.get(row.pk, 0)
            row.missing = len(missing_days(row, logged.get(row.pk, set()), today))
        return rows


def _this_year(rows: Sequence[Supervision], year: int, role: str) -> Any:
    model = LeaderVisit if role == SupervisionRole.LEADER else OfficerLog
    known = model.objects.filter(STANDING).filter(supervision__in=[row.pk for row in rows], day__year=year)
    return known.order_by().values("supervision").annotate(number=Count("pk")).values_list("supervision", "number")


class LeaderList(NamedList):
    title = "包保领导"
    role, here, words = SupervisionRole.LEADER, "leaders", ("包保关系", "从未到矿")
    table_class = LeaderTable
    filterset_class = NamedFilter
    export_name = "包保台账"

    def context(self) -> dict[str, Any]:
        spans = "、".join(f"{Level(level).label} {days} 日" for level, days in ROOM.leader_days.items())
        said = f"包保联系矿山、解决问题，不是行政检查，不代替执法；到矿间隔文件没有规定，{spans}为"
        return shell(self.here, said=said, default=True)


class OfficerList(NamedList):
    title = "驻矿、监管专员"
    role, here, words = SupervisionRole.OFFICER, "officers", ("在岗登记", "从无日志")
    table_class = OfficerTable
    filterset_class = OfficerFilter
    export_name = "驻矿和监管专员台账"

    def context(self) -> dict[str, Any]:
        spans = "、".join(f"{kind.label} {kind.log_days} 日" for kind in ROOM.officers.values())
        said = f"日志间隔文件没有规定，{spans}为"
        return shell(self.here, said=said, default=True)


class ProblemList(Permitted, ListView):
    permission = "responsibility.view"
    title = "发现问题"
    order = ("-found_on", "-id")
    table_class = ProblemTable
    filterset_class = ProblemFilter
    template_name = "responsibility/list.html"
    export_name = "包保驻矿发现问题"

    def queryset(self) -> QuerySet[Problem]:
        mines = visible_mines(self.request.user, now()).values("pk")
        return Problem.objects.filter(mine__in=mines).select_related("mine", "supervision__holder")

    def figures(self) -> Sequence[Figure]:
        today = beijing_day(now())
        counts = tally(self.queryset(), {name: problem_state(name, today) for name in PROBLEM_STATES})
        found = [Figure(counts["all"], "登记", href="?")]
        for name, word in PROBLEM_STATES.items():
            level = "red" if name == "overdue" and counts[name] else ""
            found.append(Figure(counts[name], word, href=f"?state={name}", level=level))
        return found

    def context(self) -> dict[str, Any]:
        return shell("problems", said="包保领导、驻矿人员发现并交办的问题；重大隐患另按隐患程序登记，不在这里销号。")


def _assignment(user: User, pk: int, at: datetime) -> Supervision:
    rows = Supervision.objects.filter(role__in=access.NAMED_ROLES, mine__in=visible_mines(user, at).values("pk"))
    return get_object_or_404(rows.select_related("mine", "body", "holder"), pk=pk)


@require_GET
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """One leader or officer of one mine."""
    user, at = access.seen(request), now()
    row, today = _assignment(user, pk, at), beijing_day(at)
    leader = row.role == SupervisionRole.LEADER
    problems = Problem.objects.filter(supervision=row).select_related("entered_by").order_by("-found_on", "-pk")
    context = shell(
        "leaders" if leader else "officers",
        title=f"{person_of(row) or row.get_role_display()} · {row.mine.name}",
        row=row,
        leader=leader,
        person=person_of(row),
        every=every_days(row),
        pulse=pulse_of(row, today),
        running=row.valid_to is None or row.valid_to > at,
        visits=LeaderVisit.objects.filter(supervision=row).select_related("entered_by").order_by("-day")[:SHOWN],
        logs=OfficerLog.objects.filter(supervision=row).select_related("entered_by").order_by("-day", "-pk")[:SHOWN],
        confirmations=Confirmation.objects.filter(supervision=row).order_by("-confirmed_at")[:SHOWN],
        missing=[] if leader else missing_days(row, logged_days([row], today - 60 * DAY).get(row.pk, set()), today),
        problems=[
            (each, PROBLEM_STATES[state], CSS.get(state, ""))
            for each in problems[:SHOWN]
            for state in [state_of(each, today)]
        ],
        reports=access.may_report(user, row, at),
        assigns=access.may_assign(user),
        back=LOOK_BACK,
    )
    return render(request, "responsibility/assignment.html", context)


def entry(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Enter a visit, a log, a confirmation or a problem of a leader or officer."""
    user, at = require(request, "responsibility.report"), now()
    row, today = _assignment(user, pk, at), beijing_day(at)
    if name not in ENTRIES:
        raise Http404
    if not access.may_report(user, row, at):
        raise PermissionDenied
    title, kind, act = ENTRIES[name]
    initial = {"day": today, "found_on": today, "confirmed_at": local(at)}
    form = kind(request.POST or None, initial=initial)
    return form_page(
        request,
        form,
        lambda given: act(row, dict(given), user, at),
        title=f"{title} · {person_of(row)} · {row.mine.name}",
        back=reverse("responsibility:assignment", args=[pk]),
        here="leaders" if row.role == SupervisionRole.LEADER else "officers",
        back_word=row.mine.name,
    )


Act = Callable[[Supervision, dict[str, Any], User, datetime], Any]
ENTRIES: Mapping[str, tuple[str, type[forms.Form], Act]] = {
    "visit": (
        "登记到矿",
        VisitForm,
        lambda row, given, by, at: field.enter_visit(
            row, given["day"], underground=given["underground"], said=given["said"], by=by, at=at
        ),
    ),
    "log": (
        "登记日志",
        LogForm,
        lambda row, given, by, at: field.write_log(row, given["day"], given["shift"], given["text"], by=by, at=at),
    ),
    "confirm": ("关键环节确认", ConfirmForm, lambda row, given, by, at: field.confirm(row, given, by=by, at=at)),
    "problem": ("登记问题", ProblemForm, lambda row, given, by, at: field.find(row, given, by=by, at=at)),
}


def solve(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a problem is solved."""
    user, at = require(request, "responsibility.report"), now()
    row = get_object_or_404(_problems(user, at), pk=pk)
    if not access.may_report(user, row.supervision, at):
        raise PermissionDenied
    form = SolveForm(request.POST or None, initial={"solved_on": beijing_day(at)})
    return form_page(
        request,
        form,
        lambda given: field.solve(row, given["solved_on"], given["said"], by=user, at=at),
        title=f"登记解决 · {row.mine.name}",
        back=reverse("responsibility:assignment", args=[row.supervision_id]),
        here="problems",
        said=row.text,
    )


def _problems(user: User, at: datetime) -> QuerySet[Problem]:
    return Problem.objects.filter(mine__in=visible_mines(user, at).values("pk")).select_related(
        "mine", "supervision__body"
    )


def void(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """An entry of a leader or officer was wrong."""
    user, at = require(request, "responsibility.report"), now()
    if name not in VOIDS:
        raise Http404
    rows: Any = VOIDS[name].objects
    mines = visible_mines(user, at).values("pk")
    row: Any = get_object_or_404(rows.filter(Q(mine__in=mines)).select_related("mine", "supervision"), pk=pk)
    if not access.may_report(user, row.supervision, at):
        raise PermissionDenied
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda given: acts.void(row, by=user, at=at, reason=given["reason"]),
        title=f"作废登记 · {row.mine.name}",
        back=reverse("responsibility:assignment", args=[row.supervision_id]),
        here="leaders",
        submit="作废",
        danger=True,
        said="作废的仍保留，不再计入。",
    )
