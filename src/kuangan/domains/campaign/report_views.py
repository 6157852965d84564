"""Pages of the office's documents, their templates, and the hand-over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from jinja2 import TemplateError

from kuangan.base.clock import beijing_day, now
from kuangan.base.documents.word import CONTENT_TYPE
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.domains.campaign import handing, reporting
from kuangan.domains.campaign.acts import note
from kuangan.domains.campaign.definition import definitions
from kuangan.domains.campaign.forms import DraftForm, HandForm, IssueForm, RemarksForm
from kuangan.domains.campaign.lists import shown
from kuangan.domains.campaign.models import Programme, Report
from kuangan.domains.campaign.paging import Panel, chosen, frame, nothing, step
from kuangan.domains.campaign.rules import due_state
from kuangan.domains.campaign.scope import leads, runs
from kuangan.domains.campaign.words import REPORT_KINDS, REPORT_STATES

FORMS: Mapping[str, type[forms.Form]] = {"draft": DraftForm, "remarks": RemarksForm, "issue": IssueForm}
TITLES = {"draft": "按某日数据生成草稿", "remarks": "填写情况说明和下步工作", "issue": "签发"}
NEW_SPAN = timedelta(days=365)


def _state(row: Report, today: Any) -> str:
    programme = row.programme
    return due_state(row.due, row.issued_on, today, near=programme.near_days, loaded_on=programme.loaded_on)


@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """What the office writes: due, drafted, issued."""
    user, today = require(request, "campaign.view"), beijing_day(now())
    programme = chosen(request)
    if programme is None:
        return nothing(request)
    rows = Report.objects.filter(programme=programme).select_related("programme")
    if not runs(user, programme):
        rows = rows.filter(state="issued")
    context = {
        "title": "通报与总结",
        "rows": [(row, REPORT_STATES[row.state], shown(_state(row, today))) for row in rows],
        "office": runs(user, programme),
        "kinds": REPORT_KINDS.items(),
        **frame(request, "reports", programme),
    }
    return render(request, "campaign/reports.html", context)


def _row(user: User, pk: int) -> Report:
    """Drafts exist for the office alone; what was issued, for every authority."""
    row = get_object_or_404(Report.objects.select_related("programme__office", "drafted_by", "issued_by"), pk=pk)
    if row.state != "issued" and not runs(user, row.programme):
        raise Http404
    return row


@require_GET
def report(request: HttpRequest, pk: int) -> HttpResponse:
    user = require(request, "campaign.view")
    return _shown(request, user, _row(user, pk), {})


def _steps(user: User, row: Report) -> list[str]:
    if row.state == "issued" or row.programme.handed_at is not None or not runs(user, row.programme):
        return []
    sign = ["issue"] if row.state == "draft" and leads(user, row.programme) else []
    return ["draft", *(["remarks"] if row.state == "draft" else []), *sign]


def _shown(request: HttpRequest, user: User, row: Report, bound: Mapping[str, forms.Form]) -> HttpResponse:
    today = beijing_day(now())
    starts: Mapping[str, dict[str, Any]] = {
        "draft": {"as_of": row.as_of or today},
        "remarks": {"remarks": row.remarks},
        "issue": {"issued_on": today},
    }
    context = {
        "title": row.title,
        "row": row,
        "state": REPORT_STATES[row.state],
        "chip": shown(_state(row, today)),
        "content": row.content,
        "panels": [
            Panel(
                name,
                TITLES[name],
                bound.get(name) or FORMS[name](initial=starts[name]),
                reverse("campaign:report_step", args=[row.pk, name]),
            )
            for name in _steps(user, row)
        ],
        **frame(request, "reports", row.programme),
    }
    return render(request, "campaign/report.html", context)


@require_POST
def report_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    user, at = require(request, "campaign.work"), now()
    row = _row(user, pk)
    if name not in FORMS:
        raise Http404
    form = FORMS[name](request.POST)
    acts: Mapping[str, Callable[[dict[str, Any]], object]] = {
        "draft": lambda given: reporting.draft(row, as_of=given["as_of"], by=user, at=at),
        "remarks": lambda given: reporting.remark(row, given["remarks"], by=user, at=at),
        "issue": lambda given: reporting.issue(
            row, on=given["issued_on"], number=given["official_number"], by=user, at=at
        ),
    }
    onward = reverse("campaign:report", args=[pk])
    return step(request, form, acts[name], onward, lambda: _shown(request, user, _row(user, pk), {name: form}))


@require_GET
def report_docx(request: HttpRequest, pk: int) -> HttpResponse:
    """The document as a Word file; the audit tells who took it."""
    from kuangan.domains.campaign.writing import as_docx

    user, at = require(request, "campaign.view"), now()
    row = _row(user, pk)
    if row.state == "planned":
        raise Http404
    try:
        content = as_docx(row, Path(settings.HOME))
    except TemplateError as fault:
        return HttpResponse(f"本单位的模板不能使用：{fault}", status=422, content_type="text/plain; charset=utf-8")
    note("report_taken", "report", row.pk, {"state": row.state}, by=user, at=at)
    return _file(content, f"{row.title}{'' if row.state == 'issued' else '（草稿）'}")


@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The template in use, to be edited in Word or WPS."""
    from kuangan.domains.campaign.writing import template_of

    user = require(request, "campaign.work")
    programme = chosen(request)
    if kind not in REPORT_KINDS:
        raise Http404
    if programme is None or not runs(user, programme):
        raise PermissionDenied
    return _file(template_of(kind, Path(settings.HOME)), f"模板-{REPORT_KINDS[kind]}")


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.docx"
    return answer


def handover(request: HttpRequest) -> HttpResponse:
    """What is still open, and the one act that gives it to the next document."""
    user, at = require(request, "campaign.view"), now()
    programme = chosen(request)
    if programme is None:
        return nothing(request)
    office, signs = runs(user, programme), leads(user, programme) and programme.handed_at is None
    known = [(plan.id, plan.title) for plan in definitions().values() if plan.id != programme.code]
    known += [
        (one.code, one.title)
        for one in Programme.objects.exclude(pk=programme.pk).filter(handed_at=None)
        if one.code not in definitions()
    ]
    start = programme.until + timedelta(days=1)
    initial = {"since": start, "until": start + NEW_SPAN, "due": start + NEW_SPAN}
    form = HandForm(known, request.POST or None, initial=initial) if signs else None
    if request.method == "POST":
        require(request, "campaign.sign")
        if form is None:
            raise PermissionDenied

        def act(given: dict[str, Any]) -> object:
            into = handing.Next(given["code"], given["number"], given["title"], given["since"], given["until"])
            return handing.hand_over(programme, into, given["due"], by=user, at=at, reason=given["reason"])

        return step(
            request, form, act, reverse("campaign:handover"), lambda: _handover(request, programme, form, office)
        )
    return _handover(request, programme, form, office)


def _handover(request: HttpRequest, programme: Programme, form: forms.Form | None, office: bool) -> HttpResponse:
    today = beijing_day(now())
    items = handing.open_items(programme) if office else []
    reached = handing.open_milestones(programme)
    context = {
        "title": "移交下一行动方案",
        "form": form,
        "items": items[:200],
        "items_total": len(items),
        "milestones": [
            (
                one,
                shown(due_state(one.due, one.done_on, today, near=programme.near_days, loaded_on=programme.loaded_on)),
            )
            for one in reached
        ],
        "office": office,
        **frame(request, "handover", programme),
    }
    return render(request, "campaign/handover.html", context)
