"""The reconciliation report: page and exports."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import quote, urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kuangan.base import audit
from kuangan.base.tables.excel import CONTENT_TYPE, write_sheet
from kuangan.base.tables.keyset import BadMark, keyset_page
from kuangan.base.tables.listing import Figure
from kuangan.domains.datalink.exchange.forms import SpanForm, last_week, span_of
from kuangan.domains.datalink.exchange.guard import view_or_404
from kuangan.domains.datalink.exchange.reconciling import HEADS, NOTES, WORDS, Reconciliation

LISTED = 30
COLOURS = {"ours": "yellow", "theirs": "orange", "differs": "red", "late": "yellow", "unsent": "yellow"}


@require_GET
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Counts of a span, each a link to its rows; each row leads to its alert."""
    found, form = _asked(request, code)
    show = request.GET.get("show", "all")
    if show not in WORDS:
        raise Http404
    try:
        marks = {name: request.GET.get(name) for name in ("after", "before")}
        rows, order = (found.theirs(), ("-id",)) if show == "theirs" else (found.cases(show), ("-opened", "-id"))
        page = keyset_page(rows, order, LISTED, **marks)
    except BadMark as fault:
        raise Http404 from fault
    lines = [found.line_of_theirs(row) for row in page.rows] if show == "theirs" else found.lines(page.rows)
    span = urlencode({name: form[name].value() or "" for name in ("start", "stop")})
    counts = found.counts()
    context = {
        "title": f"{found.mapping.short}对账",
        "platform": found.platform,
        "mapping": found.mapping,
        "form": form,
        "show": show,
        "word": WORDS[show],
        "note": NOTES.get(show, ""),
        "total": counts[show],
        "figures": [
            Figure(
                number,
                WORDS[name],
                "",
                f"?{span}&show={name}",
                COLOURS.get(name, "") if number else "",
            )
            for name, number in counts.items()
        ],
        "lines": [
            (
                line,
                line.case.address if line.case else "",
                [WORDS[v] for v in line.verdicts],
            )
            for line in lines
        ],
        "page": page,
        "span": span,
    }
    return render(request, "datalink/exchange/report.html", context, status=422 if form.errors else 200)


@require_GET
def export(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The rows of a category as a workbook, or the whole report as JSON. Recorded."""
    found, _ = _asked(request, code)
    show = request.GET.get("show", "all")
    if show not in WORDS or kind not in ("xlsx", "json"):
        raise Http404
    answer = (
        _workbook(found, show)
        if kind == "xlsx"
        else JsonResponse(found.as_json(), json_dumps_params={"ensure_ascii": False})
    )
    name = f"{found.mapping.short}对账-{found.span.start:%Y%m%d}.{kind}"
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    content: dict[str, Any] = {"kind": kind, "show": show, "from": found.span.start, "to": found.span.stop}
    audit.record(
        actor=found.user, action="exchange.exported", kind="exchange", ident=code, content=content, at=found.at
    )
    return answer


def _workbook(found: Reconciliation, show: str) -> HttpResponse:
    with SpooledTemporaryFile(max_size=8 << 20) as out, transaction.atomic():
        write_sheet(out, WORDS[show], HEADS, found.values(show))
        out.seek(0)
        return HttpResponse(out.read(), content_type=CONTENT_TYPE)


def _asked(request: HttpRequest, code: str) -> tuple[Reconciliation, SpanForm]:
    """The report of the days asked for; of the last seven when nothing, or nothing lawful, was asked."""
    view = view_or_404(request, code)
    start, stop = last_week(view.at)
    given = {"start": request.GET.get("start") or start, "stop": request.GET.get("stop") or stop}
    form = SpanForm(given)
    if form.is_valid():
        start, stop = form.cleaned_data["start"], form.cleaned_data["stop"]
    return Reconciliation(view.platform, view.mapping, span_of(start, stop), view.at, view.user), form
