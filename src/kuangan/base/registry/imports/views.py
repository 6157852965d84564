"""Pages of imports: offer a workbook, look at every row, decide, write, look at it again later."""

from __future__ import annotations

from collections import Counter
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from kuangan.base import audit
from kuangan.base.clock import BEIJING, now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.registry.imports.forms import DecisionForm, OfferForm
from kuangan.base.registry.imports.sheets import Unreadable
from kuangan.base.registry.imports.storing import NotPossible, Offer, allowed, decide, discard, preview
from kuangan.base.registry.imports.words import (
    DECISION_FAULTS,
    FILE_WORDS,
    NEWS_WORDS,
    REASON_WORDS,
    change_word,
    reason_word,
    sheet_word,
)
from kuangan.base.registry.imports.writing import undecided, writable, write
from kuangan.base.registry.models import Decision, ImportRow, ImportState, Region, RegisterImport, Verdict
from kuangan.base.registry.pauses import Pace
from kuangan.base.tables.excel import CONTENT_TYPE, write_sheet
from kuangan.base.tables.keyset import BadMark, keyset_page
from kuangan.base.tables.listing import Figure

PAGE = 50
LISTED = 100
NEWS = ("new", "changed", "same")
REPORT_HEADS = (
    "工作表",
    "行",
    "矿山编码",
    "名称",
    "结论",
    "内容",
    "变化",
    "原因",
    "处理",
    "处理人",
    "写入时间",
    "原文",
)


def visible_imports(user: User) -> QuerySet[RegisterImport]:
    """Imports of one's own organisation."""
    return RegisterImport.objects.filter(organisation=user.organisation_id).select_related("by")


def imports(request: HttpRequest) -> HttpResponse:
    """The form for a new workbook, and those offered before."""
    user, at = require(request, "mine.edit"), now()
    form = OfferForm(request.POST or None, request.FILES or None, initial={"valid_from": at.astimezone(BEIJING).date()})
    if request.method == "POST" and form.is_valid():
        try:
            made = preview(_offer(form), by=user, at=at)
        except Unreadable as fault:
            form.add_error("file", FILE_WORDS[fault.code])
        else:
            return redirect("registry:import", pk=made.pk)
    return render(
        request, "registry/imports.html", {"form": form, "imports": visible_imports(user)[:LISTED], "title": "登记导入"}
    )


def _offer(form: OfferForm) -> Offer:
    given = form.cleaned_data
    day = given["valid_from"]
    began = (
        now()
        .astimezone(BEIJING)
        .replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0)
    )
    return Offer(given["file"].name, given["file"].read(), given["reason"], began)


def imported(request: HttpRequest, pk: int) -> HttpResponse:
    """Every row of an import with its verdict, and the ways to go on."""
    user = require(request, "mine.edit")
    made = get_object_or_404(visible_imports(user), pk=pk)
    verdict, news, group = (request.GET.get(name, "") for name in ("verdict", "news", "group"))
    rows = made.rows.all()
    if verdict in Verdict.values:
        rows = rows.filter(verdict=verdict)
    if news in NEWS:
        rows = rows.filter(news=news)
    if group in REASON_WORDS:
        rows = rows.filter(pk__in=_of_group(made, group))
    if request.GET.get("open"):
        rows = rows & undecided(made)
    try:
        page = keyset_page(rows, ("number",), PAGE, after=request.GET.get("after"), before=request.GET.get("before"))
    except BadMark as fault:
        raise Http404 from fault
    shown = {"verdict": verdict, "news": news, "group": group, "open": request.GET.get("open", "")}
    groups = _groups(made)
    open_count = undecided(made).count()
    return render(
        request,
        "registry/import.html",
        {
            "made": made,
            "sheets": [sheet_word(sheet) for sheet in made.sheets],
            "figures": _figures(made, open_count),
            "page": page,
            "rows": [_shown(row, region_words()) for row in page.rows],
            "total": rows.count(),
            "query": urlencode({name: value for name, value in shown.items() if value}),
            "groups": [(code, REASON_WORDS.get(code, code), number) for code, number in groups.most_common()],
            "decisions": Decision.choices,
            "writable": writable(made).count(),
            "undecided": open_count,
            "closed": made.state in (ImportState.WRITTEN, ImportState.DISCARDED),
        },
    )


def _figures(made: RegisterImport, open_count: int) -> list[Figure]:
    news = dict(made.rows.order_by().exclude(verdict=Verdict.REFUSED).values_list("news").annotate(Count("pk")))
    return [
        Figure(made.read, "读取", f"{len(made.sheets)} 个工作表", href="?"),
        Figure(made.accepted, "可写入", href="?verdict=accepted"),
        Figure(made.questioned, "待核对", href="?verdict=questioned", level="orange" if made.questioned else ""),
        Figure(made.refused, "不接收", href="?verdict=refused", level="red" if made.refused else ""),
        *(Figure(news.get(code, 0), NEWS_WORDS[code], href=f"?news={code}") for code in NEWS),
        Figure(open_count, "尚未处理", href="?open=1"),
    ]


def _groups(made: RegisterImport) -> Counter[str]:
    """Reasons of the questioned rows, each with the number of rows it holds back."""
    rows = made.rows.filter(verdict=Verdict.QUESTIONED).values_list("reasons", flat=True)
    return Counter(code for reasons in rows for code in {found["code"] for found in reasons})


def _of_group(made: RegisterImport, group: str) -> list[int]:
    rows = made.rows.values_list("pk", "reasons")
    return [pk for pk, reasons in rows if any(found["code"] == group for found in reasons)]


def region_words() -> dict[str, str]:
    return dict(Region.objects.values_list("code", "name"))


def _shown(row: ImportRow, regions: dict[str, str]) -> dict[str, Any]:
    return {
        "row": row,
        "verdict": Verdict(row.verdict).label,
        "news": NEWS_WORDS.get(row.news, row.news),
        "changes": [change_word(change, regions) for change in row.changes],
        "reasons": [reason_word(found) for found in row.reasons],
        "decision": Decision(row.decision).label if row.decision else "",
        "allowed": [(code, Decision(code).label) for code in allowed(row)],
        "cells": " | ".join(text for text in row.cells if text),
    }


@require_POST
def import_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide about rows, one by one or all that a reason holds back."""
    user = require(request, "mine.edit")
    made = get_object_or_404(visible_imports(user), pk=pk)
    form = DecisionForm(request.POST)
    back = redirect(f"{request.path.removesuffix('decide/')}?{request.POST.get('query', '')[:300]}")
    if not form.is_valid():
        messages.error(request, DECISION_FAULTS["nothing_to_decide"])
        return back
    given = form.cleaned_data
    try:
        count = decide(made, given["decision"], by=user, at=now(), numbers=given["rows"], group=given["group"])
    except NotPossible as fault:
        messages.error(request, DECISION_FAULTS[fault.code])
    else:
        messages.success(request, f"已处理 {count} 行，记入审计。")
    return back


@require_POST
def import_write(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what may be written. Cut off, it goes on when it is asked for again."""
    user = require(request, "mine.edit")
    made = get_object_or_404(visible_imports(user), pk=pk)
    count = write(made, by=user, at=now(), pace=Pace())
    messages.success(request, f"写入 {count} 行，记入审计。")
    return redirect("registry:import", pk=pk)


@require_POST
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an import without writing what is left of it."""
    user = require(request, "mine.edit")
    made = get_object_or_404(visible_imports(user), pk=pk)
    try:
        discard(made, by=user, at=now())
    except NotPossible as fault:
        messages.error(request, DECISION_FAULTS[fault.code])
    else:
        messages.success(request, "已放弃，未写入的行不再写入。")
    return redirect("registry:import", pk=pk)


def import_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The import with its verdicts as a workbook."""
    user = require(request, "mine.edit")
    made = get_object_or_404(visible_imports(user), pk=pk)
    regions = region_words()
    rows = made.rows.select_related("decided_by").iterator(chunk_size=2000)
    with SpooledTemporaryFile(max_size=8 << 20) as out, transaction.atomic():
        count = write_sheet(out, "导入结果", REPORT_HEADS, (_reported(row, regions) for row in rows))
        content = {"rows": count, "sha256": made.sha256}
        audit.record(actor=user, action="import.reported", kind="import", ident=str(pk), content=content, at=now())
        out.seek(0)
        answer = HttpResponse(out.read(), content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'导入结果-{pk}')}.xlsx"
    return answer


def _reported(row: ImportRow, regions: dict[str, str]) -> list[Any]:
    shown = _shown(row, regions)
    return [
        row.sheet,
        row.row,
        row.code,
        row.name,
        shown["verdict"],
        shown["news"],
        "；".join(shown["changes"]),
        "；".join(shown["reasons"]),
        shown["decision"],
        str(row.decided_by or ""),
        row.written_at,
        shown["cells"],
    ]
