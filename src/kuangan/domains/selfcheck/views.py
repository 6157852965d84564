"""Pages of rounds and sheets: lists, progress of counties, one sheet with its differences first, its paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.case.errors import MissingFields
from kuangan.base.case.performing import possible
from kuangan.base.clock import beijing_day, now
from kuangan.base.documents.word import CONTENT_TYPE
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.selfcheck import hooks, rounds, signing
from kuangan.domains.selfcheck.filling import may_fill
from kuangan.domains.selfcheck.flow import SHEET
from kuangan.domains.selfcheck.forms import (
    AcceptForm,
    CheckSolvedForm,
    DecideForm,
    ExplainForm,
    OpinionForm,
    ReasonForm,
    RemedyForm,
    RoundForm,
    SignForm,
    SolveForm,
    StageForm,
    VerifyForm,
)
from kuangan.domains.selfcheck.guard import answered, faults_into, round_or_404, sheet_or_404
from kuangan.domains.selfcheck.judging import TAKEN, take
from kuangan.domains.selfcheck.kinds import DEFAULT_MARK, FILE, KIND_WORDS, ROUND_KINDS
from kuangan.domains.selfcheck.lists import RoundFilter, RoundTable, SheetFilter, SheetTable
from kuangan.domains.selfcheck.models import Proposal, Round, Sheet, Target
from kuangan.domains.selfcheck.paper import as_docx, words_of
from kuangan.domains.selfcheck.reading import (
    COUNTS,
    by_place,
    grouped,
    lines,
    rounds_of,
    sheets_of,
    stages,
    targets_of,
    totals,
)
from kuangan.domains.selfcheck.rules import INCONSISTENT, OPEN
from kuangan.domains.selfcheck.words import CSS, timeline
from kuangan.library.policy import shipped

STEP_FORMS: Mapping[str, type[forms.Form]] = {
    "submit": forms.Form,
    "accept": AcceptForm,
    "send_back": ReasonForm,
    "close": OpinionForm,
    "cancel": ReasonForm,
}
LISTED = 300


def home() -> Path:
    return Path(settings.HOME)


class RoundList(Permitted, ListView):
    permission = "selfcheck.view"
    title = "自查与全覆盖"
    order = ("-opens", "-id")
    table_class = RoundTable
    filterset_class = RoundFilter
    template_name = "selfcheck/rounds.html"
    export_name = "检查批次"

    def queryset(self) -> QuerySet[Round]:
        return rounds_of(self.request.user, now())

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        user: Any = self.request.user
        targets = Target.objects.filter(round__in=[row.pk for row in rows]).filter(_seen_by(user))
        found = {each["round"]: each for each in targets.values("round").annotate(**COUNTS)}
        for row in rows:
            row.counts = found.get(row.pk, dict.fromkeys(COUNTS, 0))
        return rows

    def figures(self) -> Sequence[Figure]:
        user: Any = self.request.user
        sheets, path = sheets_of(user, now()), reverse("selfcheck:sheets")
        rows = sheets.aggregate(
            missing=Count("pk", filter=Q(submitted_at=None, round__closed_at=None) & ~Q(case__state="cancelled")),
            waiting=Count("pk", filter=Q(case__state="submitted")),
            differing=Count("pk", filter=Q(differing__gt=0)),
        )
        found = [
            Figure(rows["missing"], "待提交", href=f"{path}?state=missing&running=yes"),
            Figure(rows["waiting"], "待审核", href=f"{path}?state=submitted", level=_orange(rows["waiting"])),
            Figure(
                rows["differing"], "有待核实的不一致", href=f"{path}?told=differing", level=_orange(rows["differing"])
            ),
        ]
        if may(user, "selfcheck.judge"):
            waiting = Proposal.objects.filter(decided_at=None, sheet__in=sheets.values("pk")).count()
            found.append(Figure(waiting, "处置建议待决定", href=f"{reverse('selfcheck:proposals')}?state=open"))
        return found

    def context(self) -> dict[str, Any]:
        user: Any = self.request.user
        return {
            "tab": "rounds",
            "judging": may(user, "selfcheck.judge"),
            "orders": any(rounds.may_order(user, kind) for kind in ROUND_KINDS),
        }


def _orange(count: int) -> str:
    return "orange" if count else ""


def _seen_by(user: User) -> Q:
    return Q(mine__in=visible_mines(user, now()).values("pk"))


def round_new(request: HttpRequest) -> HttpResponse:
    """Order a round."""
    user, at = require(request, "selfcheck.order"), now()
    kinds = {kind: word for kind, word in KIND_WORDS.items() if rounds.may_order(user, kind)}
    if not kinds:
        raise PermissionDenied
    initial = {"due": beijing_day(at) + timedelta(days=FILE.submit_days)}
    form = RoundForm(kinds, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            row = rounds.open_round(form.plan(), by=user, at=at, home=home())
            messages.success(request, f"已发起，涉及 {row.targets.count()} 座矿山。")
            return redirect("selfcheck:round", pk=row.pk)
    context = {
        "form": form,
        "title": "发起检查批次",
        "back": reverse("selfcheck:rounds"),
        "kinds": [(kind.label, kind) for kind in ROUND_KINDS.values()],
        "mark": DEFAULT_MARK,
    }
    return render(request, "selfcheck/round_form.html", context, status=422 if form.errors else 200)


@require_GET
def round_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a round has come: the whole, cities and counties, stages of a health check."""
    user, row = round_or_404(request, "selfcheck.view", pk)
    return _round(request, user, row, {})


def _round(request: HttpRequest, user: User, row: Round, bound: dict[str, forms.Form]) -> HttpResponse:
    at = now()
    targets = targets_of(user, at, row)
    sums = totals(targets)
    own = row.body_id == user.organisation_id and may(user, "selfcheck.order") and row.closed_at is None
    scope = scope_of(user)
    added, changed, gone = rounds.renewal(row, home()) if own else ([], [], [])
    unvisited = targets.filter(sheet=None).select_related("mine", "county").order_by("county", "mine")
    context = {
        "title": row.title,
        "row": row,
        "sums": sums,
        "figures": _round_figures(row, sums),
        "cities": by_place(targets, "city") if scope.province_wide else [],
        "counties": by_place(targets, "county") if scope.region_prefix else [],
        "stages": stages(targets, row),
        "clause": shipped().nodes[row.rules.clause],
        "own": own,
        "news": [("新增", added), ("有变化", changed), ("不再列入", gone)] if added or changed or gone else [],
        "close": bound.get("close") or ReasonForm(),
        "unvisited": list(unvisited[:LISTED]) if not row.rules.by_mine else [],
        "unvisited_total": unvisited.count() if not row.rules.by_mine else 0,
        "begins": may(user, "selfcheck.judge") and row.closed_at is None,
        "path": reverse("selfcheck:sheets"),
        "mark": DEFAULT_MARK,
    }
    return render(request, "selfcheck/round.html", context)


def _round_figures(row: Round, sums: Mapping[str, int]) -> list[Figure]:
    path = f"{reverse('selfcheck:sheets')}?round={row.pk}"
    owed = sums["mines"] - sums["excused"] - sums["handed_in"]
    by_mine = row.rules.by_mine
    return [
        Figure(sums["mines"], "应查矿山", href=path if by_mine else "#unvisited"),
        Figure(sums["begun"], "已开始", href=f"{path}&told=begun"),
        Figure(sums["handed_in"], "已提交", href=f"{path}&state=handed_in"),
        Figure(
            owed,
            "未提交" if by_mine else "未完成检查",
            href=f"{path}&state=missing" if by_mine else "#unvisited",
            level="orange" if owed else "",
        ),
        Figure(sums["unmet"], "有不符合", href=f"{path}&told=unmet"),
        Figure(
            sums["differing"],
            "有待核实的不一致",
            href=f"{path}&told=differing",
            level="orange" if sums["differing"] else "",
        ),
    ]


@require_POST
def round_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """End a round, or take over the present edition of the documents."""
    user, row = round_or_404(request, "selfcheck.order", pk)
    at, back = now(), reverse("selfcheck:round", args=[pk])
    if name == "close":
        form = ReasonForm(request.POST)
        return answered(
            request,
            form,
            lambda said: rounds.close_round(row, by=user, at=at, reason=said["reason"]),
            lambda bound: _round(request, user, row, bound),
            back,
            "close",
        )
    if name != "renew":
        raise Http404
    try:
        done = rounds.renew(row, by=user, at=at, home=home())
        messages.success(request, f"已按新版本更新 {done.sheets} 张未提交的表；未变化条款的答复保留。")
    except MissingFields as missing:
        messages.error(request, "；".join(missing.fields.values()))
    return redirect(back)


@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Inspectors are at a mine and begin its sheet."""
    user, row = round_or_404(request, "selfcheck.judge", pk)
    target = get_object_or_404(targets_of(user, now(), row), mine=request.POST.get("mine", ""))
    try:
        sheet = rounds.begin(target, by=user, at=now())
    except MissingFields as missing:
        messages.error(request, "；".join(missing.fields.values()))
        return redirect("selfcheck:round", pk=pk)
    return redirect("selfcheck:fill", number=sheet.case.number)


class SheetList(Permitted, ListView):
    permission = "selfcheck.view"
    title = "自查表"
    order = ("-opened_at", "-case")
    table_class = SheetTable
    filterset_class = SheetFilter
    template_name = "selfcheck/sheets.html"
    export_name = "自查表"

    def queryset(self) -> QuerySet[Sheet]:
        rows = sheets_of(self.request.user, now())
        return rows.filter(round__closed_at=None) if self.request.GET.get("running") == "yes" else rows

    def context(self) -> dict[str, Any]:
        asked = self.request.GET.get("round", "")
        row = rounds_of(self.request.user, now()).filter(pk=asked).first() if asked.isdigit() else None
        return {"tab": "sheets", "of_round": row, "judging": may(self.request.user, "selfcheck.judge")}


@require_GET
def sheet_page(request: HttpRequest, number: str) -> HttpResponse:
    user, sheet = sheet_or_404(request, "selfcheck.view", number)
    return show_sheet(request, user, sheet, {})


def show_sheet(request: HttpRequest, user: User, sheet: Sheet, bound: dict[str, forms.Form]) -> HttpResponse:
    """One sheet: what does not agree first, then what is not met, then everything; what this person may do beside it."""
    at, rules, case = now(), sheet.round.rules, sheet.case
    found = lines(sheet, at)
    judges = may(user, "selfcheck.judge") and hooks.judges(sheet, user)
    steps = [step for step in possible(case, user) if step.name in STEP_FORMS]
    posts = {post: rules.posts[post] for post in signing.posts_for(sheet, user)} if case.state in OPEN else {}
    live = list(sheet.signatures.filter(voided_at=None).select_related("by"))
    digest = signing.digest_of(sheet)
    later = {one.code: one.label for one in rules.stages if one.shown == "confirmed"}
    context = {
        "title": f"{sheet.mine.name} {sheet.round.title}",
        "sheet": sheet,
        "case": case,
        "rules": rules,
        "state": SHEET.states[case.state],
        "css": CSS.get(case.state, ""),
        "groups": grouped(found),
        "different": [line for line in found if line.inconsistent],
        "settled": [line for line in found if not line.inconsistent and line.differences],
        "unmet": [line for line in found if line.answer and line.answer.value == "unmet" and not line.again],
        "total": len(found),
        "late": sheet.submitted_at is None and case.due is not None and case.due < at,
        "fills": may_fill(sheet, user) and case.state in OPEN,
        "repairs": may_fill(sheet, user),
        "explains": user.organisation is not None and user.organisation.mine == sheet.mine_id,
        "judges": judges,
        "decides": judges and may(user, "selfcheck.decide"),
        "steps": [(step, bound.get(step.name) or STEP_FORMS[step.name]()) for step in steps],
        "sign": (bound.get("sign") or SignForm(posts)) if posts and sheet.answered >= sheet.asked else None,
        "signatures": [(rules.posts[row.post], row, row.digest == digest) for row in live],
        "voided": sheet.signatures.exclude(voided_at=None).count(),
        "digest": digest,
        "explain": bound.get("explain") or ExplainForm(),
        "verify": bound.get("verify") or VerifyForm(),
        "decide": bound.get("decide") or DecideForm(),
        "remedy": bound.get("remedy") or RemedyForm(initial={"due": beijing_day(at) + timedelta(days=30)}),
        "solve": bound.get("solve") or SolveForm(),
        "check": bound.get("check") or CheckSolvedForm(),
        "stage": (bound.get("stage") or StageForm(later)) if later and judges else None,
        "confirmed": [(later.get(row.stage, row.stage), row) for row in sheet.confirmations.select_related("by")],
        "proposals": sheet.proposals.select_related("decided_by").order_by("-id")
        if scope_of(user).mines is None
        else [],
        "timeline": timeline(SHEET, case),
        "inconsistent": INCONSISTENT,
        "mark": DEFAULT_MARK,
        "clause_titles": {line.node.id: line.node.title for line in found},
    }
    return render(request, "selfcheck/sheet.html", context)


@require_POST
def sheet_step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Sign, or take a step of the flow."""
    user, sheet = sheet_or_404(request, "selfcheck.view", number)
    at, back = now(), reverse("selfcheck:sheet", args=[number])
    if name == "sign":
        require(request, "selfcheck.fill")
        allowed = signing.posts_for(sheet, user)
        posts = {str(post): word for post, word in sheet.round.rules.posts.items() if post in allowed}
        if not posts:
            raise PermissionDenied
        return answered(
            request,
            SignForm(posts, request.POST),
            lambda said: signing.sign(sheet, said["post"], title=said["title"], by=user, at=at),
            lambda bound: show_sheet(request, user, sheet, bound),
            back,
            "sign",
        )
    if name not in TAKEN:
        raise Http404
    require(request, SHEET.transition(name).may)
    return answered(
        request,
        STEP_FORMS[name](request.POST),
        lambda said: take(sheet, name, by=user, at=at, form=_said(said), reason=str(said.get("reason", ""))),
        lambda bound: show_sheet(request, user, _again(sheet), bound),
        back,
        name,
    )


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value not in ("", None)}


def _again(sheet: Sheet) -> Sheet:
    return Sheet.objects.select_related("case", "mine", "round", "edition", "supervisor", "filler").get(pk=sheet.pk)


@require_GET
def sheet_print(request: HttpRequest, number: str) -> HttpResponse:
    """The sheet as A4 pages, to be signed by hand."""
    _, sheet = sheet_or_404(request, "selfcheck.view", number)
    context = {"p": words_of(sheet, now()), "title": f"{sheet.mine.name}{sheet.round.rules.short}"}
    return render(request, "selfcheck/print.html", context)


@require_GET
def sheet_docx(request: HttpRequest, number: str) -> HttpResponse:
    _, sheet = sheet_or_404(request, "selfcheck.view", number)
    answer = HttpResponse(as_docx(sheet, now()), content_type=CONTENT_TYPE)
    name = quote(f"{sheet.mine.name}-{sheet.round.title}-{sheet.case.number}.docx")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer
