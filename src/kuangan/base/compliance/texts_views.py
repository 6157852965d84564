"""Pages of official texts: what is missing, which editions there are, and handing one in: read, shown, then kept or thrown away."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.clock import now
from kuangan.base.compliance.texts_import import (
    ENDINGS,
    Draft,
    Understood,
    Unreadable,
    draft_of,
    drop_draft,
    keep,
    may_import,
    put_draft,
    understand,
)
from kuangan.base.compliance.texts_reading import LARGEST
from kuangan.base.compliance.texts_rows import text_rows
from kuangan.base.compliance.words import DEFAULT_MARK
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.library.policy import editions, shipped

COUNTS: Final = {
    "clauses": "条款",
    "hard_measures": "硬措施",
    "targets": "目标",
    "organisation": "组织领导",
    "safeguards": "保障措施",
    "notice": "印发通知",
    "clauses_with_authority": "写明责任单位的条款",
}


class TextForm(forms.Form):
    """A file and why it is handed in."""

    file = forms.FileField(
        label="文件原文",
        help_text="txt（UTF-8 或 GB 18030）或者 docx，不超过 8 MB。",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ENDINGS)}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError("文件超过 8 MB")
        return file


class KeepForm(forms.Form):
    reason = forms.CharField(label="来源说明", max_length=200, help_text="如：省安委办来文，何日收到。")


def _home() -> Path:
    return Path(settings.HOME)


def _importer(request: HttpRequest) -> User:
    user = require(request, "text.import")
    if not may_import(user):
        raise PermissionDenied
    return user


@require_GET
def texts(request: HttpRequest) -> HttpResponse:
    """Official texts that nobody handed in, what rests on each, and what is not to be issued until then."""
    require(request, "clause.view")
    context = {"title": "尚未取得原文的依据", "tab": "texts", "rows": text_rows(shipped()), "mark": DEFAULT_MARK}
    return render(request, "compliance/texts.html", context)


@require_GET
def editions_page(request: HttpRequest) -> HttpResponse:
    user = require(request, "clause.view")
    return _editions(request, user, TextForm())


def _editions(request: HttpRequest, user: User, form: forms.Form, status: int = 200) -> HttpResponse:
    documents = [
        (document.document, list(reversed(editions.editions(_home(), name))))
        for name, document in shipped().documents.items()
    ]
    context = {
        "title": "文件原文",
        "tab": "editions",
        "documents": documents,
        "imports": may_import(user),
        "form": form,
    }
    return render(request, "compliance/editions.html", context, status=status)


@require_GET
def edition(request: HttpRequest, document: str, number: int) -> HttpResponse:
    """What was understood of an edition, and how it differs from the one before."""
    require(request, "clause.view")
    known = editions.editions(_home(), document) if document in shipped().documents else []
    row = next((one for one in known if one.row.edition == number), None)
    if row is None:
        raise Http404
    context: dict[str, Any] = {"title": f"第 {number} 次导入", "row": row.row, "fault": ""}
    try:
        context |= _read(row.row.name, row.content, number)
    except (OSError, ValueError):
        context["fault"] = "存档的原文缺失或与登记的摘要不符，未显示。"
    return render(request, "compliance/edition.html", context)


def _read(name: str, content: bytes, before: int | None = None) -> dict[str, Any]:
    """What the pages show of a text."""
    _, understood = understand(_home(), name, content, before)
    return {
        "understood": understood,
        "counts": [(word, understood.counts[key]) for key, word in COUNTS.items()],
        "remarks": _remarks(understood),
        "document": shipped().documents[understood.document].document if understood.document else None,
    }


def _remarks(understood: Understood) -> list[tuple[str, list[str]]]:
    counts = understood.counts
    rows = (
        ("没有位置的文字", [f"{row['near']} 附近：{row['text']}" for row in counts["unplaced"]]),
        ("本系统有、原文没有的条款", counts["nodes_without_text"]),
        ("原文有、本系统没有的条款", counts["places_without_node"]),
        ("责任单位与本系统登记不同", counts["other_authorities"]),
        ("没有写明部门的条款", counts["without_department"]),
    )
    return [(word, list(found)) for word, found in rows if found]


@require_POST
def edition_new(request: HttpRequest) -> HttpResponse:
    """Hand in a text: it is read and shown, nothing is kept yet."""
    user = _importer(request)
    form = TextForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            digest = put_draft(_home(), file.name or "", file.read(), by=user, at=now())
        except Unreadable as fault:
            form.add_error("file", str(fault))
        else:
            return redirect("compliance:draft", digest=digest)
    return _editions(request, user, form, 422)


def _draft(digest: str, user: User) -> Draft:
    """What the person handed in; nobody decides on a text that another person looked at."""
    found = draft_of(_home(), digest)
    if found is None or found.by != user.pk:
        raise Http404
    return found


@require_GET
def draft(request: HttpRequest, digest: str) -> HttpResponse:
    user = _importer(request)
    return _preview(request, _draft(digest, user), KeepForm())


def _preview(request: HttpRequest, row: Draft, form: forms.Form, status: int = 200) -> HttpResponse:
    context = {"title": "核对导入的原文", "row": row, "form": form} | _read(row.name, row.content)
    return render(request, "compliance/draft.html", context, status=status)


@require_POST
def draft_step(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """Keep the text as an edition, or throw it away."""
    user = _importer(request)
    row = _draft(digest, user)
    if name == "discard":
        drop_draft(_home(), digest)
        messages.success(request, "已放弃，未导入。")
        return redirect("compliance:editions")
    if name != "keep":
        raise Http404
    form = KeepForm(request.POST)
    tree, understood = understand(_home(), row.name, row.content)
    if understood.document is None:
        form.add_error(None, "本系统没有该文件的数据，不能导入")
    if not form.is_valid():
        return _preview(request, row, form, 422)
    kept, new = keep(_home(), tree, row.name, row.content, by=user, at=now(), reason=form.cleaned_data["reason"])
    drop_draft(_home(), digest)
    messages.success(request, f"已导入，第 {kept.row.edition} 次。" if new else "该原文早已导入，未重复保存。")
    return redirect("compliance:edition", document=kept.row.document, number=kept.row.edition)
