"""Forms of imports."""

from __future__ import annotations

from typing import Any

from django import forms

from kuangan.base.people.forms import ReasonForm
from kuangan.base.registry.imports.sheets import KINDS, LARGEST
from kuangan.base.registry.models import Decision
from kuangan.base.tables.choices import offer


class OfferForm(ReasonForm):
    file = forms.FileField(
        label="工作簿或 CSV",
        help_text="xlsx、xlsm、xls、csv，不超过 8 MB、5,000 行；公式取已算出的值，宏不执行。",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(KINDS)}),
    )
    valid_from = forms.DateField(
        label="自何日起有效",
        help_text="表中没有“有效期起”列的行按此日期。",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    field_order = ("file", "valid_from", "reason")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["reason"].label = "依据（必填，如文号；记入每条事项和审计）"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("文件过大。")
        return file


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(choices=(("", "撤回"), *Decision.choices), required=False)
    group = forms.CharField(max_length=40, required=False)
    rows = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        posted = self.data.getlist("rows") if hasattr(self.data, "getlist") else []
        offer(self, "rows", [(text, text) for text in posted if text.isdecimal() and len(text) < 9])
