"""What people fill in about an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from kuangan.base.compliance.acts import SignedAct
from kuangan.base.tables.choices import offer


def _text(label: str, most: int, hint: str = "", required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3, "maxlength": most})
    return forms.CharField(label=label, max_length=most, widget=widget, help_text=hint, required=required)


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class DetermineForm(forms.Form):
    document = forms.CharField(
        label="文书编号", max_length=60, help_text="执法系统中的编号，如现场处理决定书、行政处罚决定书。"
    )
    title = forms.CharField(label="文书名称", max_length=120)
    signer = forms.CharField(label="签发人", max_length=40)
    signed_on = _day("签发日期")
    fact = _text("认定的事实", 500, "只写文书中认定的，不写推断。")

    def act(self) -> SignedAct:
        return SignedAct(**{name: self.cleaned_data[name] for name in SignedAct.__slots__})


class ProposeForm(forms.Form):
    measure = forms.ChoiceField(label="措施")
    grounds = _text("理由", 500, "事实和依据；是否采纳由有权的人决定。")

    def __init__(self, offered: Mapping[str, str], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "measure", [("", "请选择"), *offered.items()])


class ObjectForm(forms.Form):
    text = _text("异议", 1000, "哪里与事实不符。")
    evidence = _text("证据说明", 500, "文件、记录、数据的名称和所在处。", required=False)
    file = forms.FileField(label="证据文件", required=False, help_text="PDF、PNG、JPG，不超过 20 MB。")


class ReasonForm(forms.Form):
    reason = _text("理由", 500)


class OpinionForm(forms.Form):
    opinion = _text("意见", 500)


class AmendForm(forms.Form):
    change = _text("变更为", 300, "改用的措施、范围或者期限。")
    opinion = _text("意见", 500)


class LiftForm(forms.Form):
    document = forms.CharField(label="解除文书编号", max_length=60)
    reason = _text("理由", 500)


class DocumentForm(forms.Form):
    document = forms.CharField(label="文书编号", max_length=60, help_text="官方执法系统中的编号。")
    served_on = _day("送达日期")


class ConfirmForm(forms.Form):
    """Nothing to fill in."""


STEP_FORMS: Final[Mapping[tuple[str, str], type[forms.Form]]] = {
    ("determination", "confirm"): ConfirmForm,
    ("determination", "return"): ReasonForm,
    ("determination", "lift"): LiftForm,
    ("measure", "approve"): OpinionForm,
    ("measure", "amend"): AmendForm,
    ("measure", "reject"): ReasonForm,
    ("measure", "document"): DocumentForm,
    ("objection", "uphold"): ReasonForm,
    ("objection", "dismiss"): ReasonForm,
    ("objection", "withdraw"): ReasonForm,
}
"""(kind of case, step) → its form."""
