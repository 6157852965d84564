"""What people fill in at each step, and the checks that the flow's table cannot express."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile

from kuangan.domains.alerts.rules import CAUSES, WITHDRAWN

MAX_FILES: Final = 10
MAX_BYTES: Final = 8 << 20
ALLOWED: Final = frozenset(
    {"pdf", "jpg", "jpeg", "png", "docx", "xlsx", "doc", "xls", "wps", "et", "ofd", "txt", "csv"}
)


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each of an allowed kind and at most 8 MB."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given: Sequence[Any] = data if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > MAX_FILES:
            raise forms.ValidationError(f"一次最多上传 {MAX_FILES} 个文件。")
        return [self._one(super(FilesField, self).clean(item, initial)) for item in given]

    def _one(self, file: UploadedFile[bytes]) -> UploadedFile[bytes]:
        name = file.name or ""
        if name.rpartition(".")[2].lower() not in ALLOWED:
            raise forms.ValidationError(f"不支持的文件类型：{name}")
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(f"文件超过 8 MB：{name}")
        return file


def text(label: str, required: bool = True, rows: int = 2, hint: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "maxlength": 2000, "placeholder": hint})
    return forms.CharField(label=label, required=required, max_length=2000, widget=widget)


class AcknowledgeForm(forms.Form):
    withdrawing = forms.BooleanField(label="已开始撤人", required=False)
    note = forms.CharField(label="说明", required=False, max_length=200)


class FirstReportForm(forms.Form):
    withdrawn = forms.ChoiceField(label="撤人情况", choices=tuple(WITHDRAWN.items()))
    measures = text("已采取措施", hint="停电、停止作业、撤人、加强通风……")


class VerifyForm(forms.Form):
    cause_code = forms.ChoiceField(label="原因", choices=(("", "请选择"), *CAUSES.items()))
    withdrawn = forms.ChoiceField(label="撤人情况", choices=tuple(WITHDRAWN.items()))
    measures = text("现场措施", hint="停电、停止作业、撤人、加强通风……")


class ReportForm(forms.Form):
    report = text("处置情况反馈", rows=4, hint="原因分析、处置经过、防范措施")
    evidence = FilesField(label="证据材料（照片、记录、报告；每个不超过 8 MB）", required=False)


class ReturnForm(forms.Form):
    reason = text("退回理由")


class ReviewForm(forms.Form):
    opinion = text("复核意见")


class CloseForm(forms.Form):
    note = text("销警说明", required=False)


class EndDrillForm(forms.Form):
    note = text("演练小结", required=False)


class VoidForm(forms.Form):
    reason = text("作废理由", hint="数据更正的来源与核对情况")


FORMS: Final[dict[str, type[forms.Form]]] = {
    "acknowledge": AcknowledgeForm,
    "first_report": FirstReportForm,
    "verify": VerifyForm,
    "report": ReportForm,
    "return": ReturnForm,
    "review": ReviewForm,
    "close": CloseForm,
    "confirm_void": VoidForm,
    "end_drill": EndDrillForm,
}
