"""The form of a mine, part by part: plain posts that keep what is filled in; a script sends each item as it is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.case.errors import MissingFields, WrongState
from kuangan.base.clock import now
from kuangan.base.documents.files import CONTENT_TYPES, intact, path_of
from kuangan.base.documents.views import damaged
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.domains.selfcheck import filling
from kuangan.domains.selfcheck.filling import FOLDER, may_fill
from kuangan.domains.selfcheck.forms import reply_form
from kuangan.domains.selfcheck.guard import sheet_or_404
from kuangan.domains.selfcheck.kinds import FILE
from kuangan.domains.selfcheck.models import Evidence, Sheet
from kuangan.domains.selfcheck.reading import Group, grouped, lines
from kuangan.domains.selfcheck.rules import OPEN, VALUE_WORDS
from kuangan.domains.selfcheck.words import minute


def _fillable(request: HttpRequest, number: str) -> tuple[User, Sheet]:
    """The sheet for whoever fills it in; others who see it are sent off."""
    user, sheet = sheet_or_404(request, "selfcheck.fill", number)
    if not may_fill(sheet, user):
        raise PermissionDenied
    return user, sheet


def fill(request: HttpRequest, number: str) -> HttpResponse:
    """One part of the form. A post keeps every item of the part and goes on to the next."""
    user, sheet = _fillable(request, number)
    if sheet.case.state not in OPEN:
        messages.info(request, "已提交，不能再修改；需要修改的由审核单位退回。")
        return redirect("selfcheck:sheet", number=number)
    groups = grouped(lines(sheet, now()))
    here = _part(groups, request.GET.get("part", ""))
    faults: dict[str, dict[str, str]] = {}
    if request.method == "POST":
        faults = _keep(request, user, sheet, here)
        if not faults:
            return redirect(_next(sheet, groups, here, request))
        sheet = Sheet.objects.select_related("case", "mine", "round", "edition").get(pk=sheet.pk)
        groups = grouped(lines(sheet, now()))
        here = _part(groups, here.code)
    place = [group.code for group in groups].index(here.code)
    context = {
        "title": f"填报 · {sheet.mine.name}",
        "sheet": sheet,
        "case": sheet.case,
        "groups": groups,
        "here": here,
        "rows": [(line, faults.get(line.node.id, {}), _typed(request, line, faults)) for line in here.lines],
        "last": place == len(groups) - 1,
        "values": VALUE_WORDS,
        "limits": FILE,
    }
    return render(request, "selfcheck/fill.html", context, status=422 if faults else 200)


def _part(groups: list[Group], code: str) -> Group:
    """The part that was asked for, else the first that is not complete."""
    if not groups:
        raise Http404
    named = next((group for group in groups if group.code == code), None)
    return named or next((group for group in groups if not group.complete), groups[0])


def _typed(request: HttpRequest, line: Any, faults: dict[str, dict[str, str]]) -> dict[str, str]:
    """What the fields of an item show: what was typed where it could not be kept, else what is kept."""
    node, row = line.node.id, line.answer
    if node in faults:
        return {name: request.POST.get(f"{name}-{node}", "") for name in ("value", "text", "valid_from", "valid_to")}
    if row is None:
        return {}
    return {
        "value": row.value,
        "text": row.text,
        "valid_from": row.valid_from.isoformat() if row.valid_from else "",
        "valid_to": row.valid_to.isoformat() if row.valid_to else "",
    }


def _keep(request: HttpRequest, user: User, sheet: Sheet, here: Group) -> dict[str, dict[str, str]]:
    """Keep every answered item and file of a part; {clause: {field: what is wrong}}."""
    faults: dict[str, dict[str, str]] = {}
    for line in here.lines:
        node = line.node.id
        try:
            if request.POST.get(f"value-{node}"):
                _keep_item(request, user, sheet, node, line)
            for file in request.FILES.getlist(f"file-{node}"):
                filling.attach(sheet, node, file, home=Path(settings.HOME), by=user, at=now())
        except MissingFields as missing:
            faults[node] = missing.fields
        except WrongState as late:
            faults[node] = {"value": str(late)}
    return faults


def _keep_item(request: HttpRequest, user: User, sheet: Sheet, node: str, line: Any) -> None:
    form = reply_form(request.POST, node)
    if not form.is_valid():
        raise MissingFields({name: str(errors[0]) for name, errors in form.errors.items()})
    reply, row = form.reply(), line.answer
    untouched = row is not None and (row.value, row.text, row.valid_from, row.valid_to) == (
        reply.value,
        reply.text,
        reply.valid_from,
        reply.valid_to,
    )
    if untouched and not request.POST.get(f"again-{node}") and (line.again or row.carried_from_id):
        return
    filling.answer(sheet, node, reply, by=user, at=now())


def _next(sheet: Sheet, groups: list[Group], here: Group, request: HttpRequest) -> str:
    codes = [group.code for group in groups]
    place = codes.index(here.code)
    number = sheet.case.number
    if "stay" in request.POST:
        return f"{reverse('selfcheck:fill', args=[number])}?part={here.code}"
    if place + 1 < len(codes):
        return f"{reverse('selfcheck:fill', args=[number])}?part={codes[place + 1]}"
    return reverse("selfcheck:sheet", args=[number])


@require_POST
def item(request: HttpRequest, number: str, node: str) -> HttpResponse:
    """Keep one item, as the script sends it: when it was kept, or what is wrong."""
    user, sheet = _fillable(request, number)
    form = reply_form(request.POST, node)
    if not form.is_valid():
        return JsonResponse({"faults": {name: str(errors[0]) for name, errors in form.errors.items()}}, status=422)
    try:
        row = filling.answer(sheet, node, form.reply(), by=user, at=now())
    except MissingFields as missing:
        return JsonResponse({"faults": dict(missing.fields)}, status=422)
    except WrongState as late:
        return JsonResponse({"faults": {"value": str(late)}}, status=409)
    kept = Sheet.objects.get(pk=sheet.pk)
    return JsonResponse({"kept": minute(row.at), "answered": kept.answered, "asked": kept.asked})


@require_GET
def history(request: HttpRequest, number: str, node: str) -> HttpResponse:
    """Everything that was ever answered and handed in to one item."""
    _, sheet = sheet_or_404(request, "selfcheck.view", number)
    line = next((line for line in lines(sheet, now()) if line.node.id == node), None)
    if line is None:
        raise Http404
    context = {
        "title": f"{node} {line.node.title}",
        "sheet": sheet,
        "case": sheet.case,
        "line": line,
        "answers": sheet.answers.filter(node=node).select_related("by", "carried_from__sheet__round").order_by("-id"),
        "files": sheet.evidence.filter(node=node).select_related("by", "withdrawn_by").order_by("-id"),
    }
    return render(request, "selfcheck/history.html", context)


@require_GET
def evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A copy of a file, always as a download; 404 when its bytes are gone or are others."""
    user = require(request, "selfcheck.view")
    row = get_object_or_404(Evidence.objects.select_related("sheet__case"), pk=pk)
    _, sheet = sheet_or_404(request, "selfcheck.view", row.sheet.case.number)
    path = path_of(Path(settings.HOME) / FOLDER, row.sha256)
    if not intact(path, row.sha256):
        back = reverse("selfcheck:sheet", args=[sheet.case.number])
        return damaged(request, "佐证材料", back, sheet.mine.name, row.name, row.sha256)
    filling.note_download(row, by=user, at=now())
    answer = FileResponse(
        path.open("rb"), as_attachment=True, filename=row.name, content_type=CONTENT_TYPES[row.format]
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def evidence_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file back; it stays on record."""
    require(request, "selfcheck.fill")
    row = get_object_or_404(Evidence.objects.select_related("sheet__case"), pk=pk)
    user, sheet = _fillable(request, row.sheet.case.number)
    try:
        filling.withdraw(row, by=user, at=now())
        messages.success(request, "已撤回，记入审计。")
    except MissingFields as missing:
        messages.error(request, "；".join(missing.fields.values()))
    except WrongState as late:
        messages.error(request, str(late))
    part = next((g.code for g in grouped(lines(sheet, now())) if any(one.node.id == row.node for one in g.lines)), "")
    return redirect(f"{reverse('selfcheck:fill', args=[sheet.case.number])}?part={part}#i-{row.node}")
