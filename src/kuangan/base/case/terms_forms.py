"""What people fill in about a deadline."""

from __future__ import annotations

from typing import Final

from django import forms

STYLES: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


def _words(label: str, help_text: str = "", required: bool = True) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, max_length=500, help_text=help_text, required=required, widget=area)


class AskForm(forms.Form):
    due = forms.DateTimeField(
        label="申请延至（北京时间）",
        input_formats=STYLES,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=STYLES[0]),
        help_text="按工作日计的时限，延至所选日的二十四时。",
    )
    reason = _words("申请理由")


class AgreeForm(forms.Form):
    answer = _words("意见", required=False)


class RefuseForm(forms.Form):
    answer = _words("不同意的意见")


class SuspendForm(forms.Form):
    basis = forms.CharField(label="依据", max_length=200, help_text="中止计时所依据的条文或者文书编号。")
    reason = _words("中止理由")


class ResumeForm(forms.Form):
    reason = _words("恢复理由")


class WithdrawForm(forms.Form):
    pass
