"""Pages of drawings: what a mine has, a form to hand in, the versions of one drawing, a copy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kuangan.base.clock import beijing_day, now
from kuangan.base.documents.access import (
    may_keep,
    may_take,
    mine_or_404,
    require_keeper,
    visible_drawings,
    visible_versions,
)
from kuangan.base.documents.acts import Offer, Refused, add_drawing, add_version, note_download, withdraw
from kuangan.base.documents.files import CONTENT_TYPES, FOLDER, intact, path_of
from kuangan.base.documents.forms import DrawingForm, VersionForm, WithdrawForm
from kuangan.base.documents.kinds import DEFAULT_MARK, KINDS
from kuangan.base.documents.models import DrawingVersion
from kuangan.base.documents.standing import Summary, in_force, lines
from kuangan.base.people.access import require


def drawings(request: HttpRequest, code: str) -> HttpResponse:
    """The drawings of a mine as they stood on a day, today unless `on` names another."""
    user, at = require(request, "drawing.view"), now()
    mine = mine_or_404(user, code, at)
    today = beijing_day(at)
    day = _day(request.GET.get("on", "")) or today
    rows = lines(mine, day, at)
    context = {
        "mine": mine,
        "day": day,
        "past": day != today,
        "rows": [(line, line.drawing is not None and may_take(user, line.drawing)) for line in rows],
        "sums": Summary(rows),
        "keeps": may_keep(user, mine, at),
        "mark": DEFAULT_MARK,
    }
    return render(request, "documents/drawings.html", context)


def drawing_new(request: HttpRequest, code: str) -> HttpResponse:
    """A drawing that the mine does not have yet."""
    user, at = require(request, "drawing.keep"), now()
    mine = mine_or_404(user, code, at)
    require_keeper(user, mine, at)
    kind = request.GET.get("kind", "")
    form = DrawingForm(
        mine, request.POST or None, request.FILES or None, initial={"kind": kind if kind in KINDS else ""}
    )
    back = reverse("documents:drawings", args=[code])
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        offer = Offer(given["file"], given["valid_from"], given["note"])
        said = {name: given[name] for name in ("kind", "title", "secrecy")}
        try:
            row = add_drawing(mine, offer=offer, home=Path(settings.HOME), by=user, at=at, **said)
        except Refused as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, "已登记第 1 版，记入审计。")
            return redirect("documents:drawing", pk=row.drawing_id)
    context = {"form": form, "mine": mine, "title": f"登记图纸 · {mine.name}", "back": back}
    return render(request, "documents/form.html", context)


def drawing(request: HttpRequest, pk: int) -> HttpResponse:
    """One drawing with all its versions."""
    user, at = require(request, "drawing.view"), now()
    subject = get_object_or_404(visible_drawings(user, at), pk=pk)
    versions = list(subject.versions.select_related("by", "organisation", "withdrawn_by"))
    today = beijing_day(at)
    current = in_force(versions, today)
    context = {
        "drawing": subject,
        "mine": subject.mine,
        "rule": KINDS.get(subject.kind),
        "versions": [(row, _mark(row, current, today)) for row in versions],
        "takes": may_take(user, subject),
        "keeps": may_keep(user, subject.mine, at),
    }
    return render(request, "documents/drawing.html", context)


def version_new(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version of a drawing."""
    user, at = require(request, "drawing.keep"), now()
    subject = get_object_or_404(visible_drawings(user, at), pk=pk)
    require_keeper(user, subject.mine, at)
    form = VersionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        offer = Offer(given["file"], given["valid_from"], given["note"])
        try:
            row = add_version(subject, offer, home=Path(settings.HOME), by=user, at=at)
        except Refused as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, f"已登记第 {row.number} 版，记入审计。")
            return redirect("documents:drawing", pk=pk)
    back = reverse("documents:drawing", args=[pk])
    context = {"form": form, "mine": subject.mine, "title": f"上传新版 · {subject.title}", "back": back}
    return render(request, "documents/form.html", context)


def version_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a version out of force, with a reason."""
    user, at = require(request, "drawing.keep"), now()
    row = get_object_or_404(visible_versions(user, at), pk=pk)
    require_keeper(user, row.drawing.mine, at)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw(row, reason=form.cleaned_data["reason"], by=user, at=at)
            messages.success(request, f"第 {row.number} 版已撤回，文件仍保存，记入审计。")
        except Refused as why:
            messages.error(request, str(why))
        return redirect("documents:drawing", pk=row.drawing_id)
    back = reverse("documents:drawing", args=[row.drawing_id])
    title = f"撤回第 {row.number} 版 · {row.drawing.title}"
    return render(
        request, "documents/form.html", {"form": form, "mine": row.drawing.mine, "title": title, "back": back}
    )


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A copy of a version, always as a download; 404 when the bytes are gone or no longer those that were handed in."""
    user, at = require(request, "drawing.view"), now()
    row = get_object_or_404(visible_versions(user, at), pk=pk)
    if not may_take(user, row.drawing):
        raise PermissionDenied
    path = path_of(Path(settings.HOME) / FOLDER, row.sha256)
    if not intact(path, row.sha256):
        back = reverse("documents:drawing", args=[row.drawing_id])
        return damaged(request, "图纸", back, row.drawing.title, f"第 {row.number} 版的文件", row.sha256)
    note_download(row, by=user, at=at)
    today = beijing_day(at)
    mark = _mark(row, in_force(row.drawing.versions.all(), today), today)
    name = f"{f'【{mark}】' if mark != '现行' else ''}第{row.number}版_{row.name}"
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=CONTENT_TYPES[row.format])
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def damaged(request: HttpRequest, title: str, back: str, back_text: str, file: str, sha256: str) -> HttpResponse:
    """The page in place of a file whose bytes are gone or are others."""
    told = {"title": title, "back": back, "back_text": back_text, "file": file, "sha256": sha256}
    return render(request, "documents/damaged.html", told, status=404)


def _mark(row: DrawingVersion, current: DrawingVersion | None, today: date) -> str:
    """现行, 旧版, 未生效 or 已撤回."""
    if row.withdrawn_at is not None:
        return "已撤回"
    if row.valid_from > today:
        return "未生效"
    return "现行" if current is not None and row.pk == current.pk else "旧版"


def _day(text: str) -> date | None:
    """A day as a form field gives it; None for anything else."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if 1990 <= found.year < 2100 else None
