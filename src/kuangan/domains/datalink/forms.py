"""Forms of sender accounts."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from kuangan.domains.datalink.models import ANY_CODE, Sender, SenderKind

CODE = re.compile(r"^\d{12}$")
SPLIT = re.compile(r"[\s,，;；、]+")


class CodesField(forms.CharField):
    """Mine codes, one a line or separated by commas; a lone * means every mine."""

    def __init__(self, **given: Any) -> None:
        help_text = "12 位编码，每行一个；转发平台可填 * 表示不限"
        super().__init__(label="允许的矿山编码", widget=forms.Textarea(attrs={"rows": 4}), help_text=help_text, **given)

    def clean(self, value: Any) -> list[str]:
        codes = list(dict.fromkeys(code for code in SPLIT.split(super().clean(value)) if code))
        if codes == [ANY_CODE]:
            return codes
        wrong = [code for code in codes if not CODE.match(code)]
        if wrong:
            raise forms.ValidationError(f"不是 12 位矿山编码：{'、'.join(wrong[:5])}")
        return codes


class SenderForm(forms.Form):
    """A new account."""

    name = forms.CharField(label="名称", max_length=80)
    kind = forms.ChoiceField(label="类别", choices=SenderKind.choices)
    codes = CodesField()

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Sender.objects.filter(name=name).exists():
            raise forms.ValidationError("已有同名账号。")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == SenderKind.MINE and (cleaned.get("codes") or [ANY_CODE]) == [ANY_CODE]:
            self.add_error("codes", "矿山账号必须写明编码。")
        return cleaned


class ReasonForm(forms.Form):
    """A dangerous act asks for its reason."""

    reason = forms.CharField(label="理由", max_length=200, min_length=2)


class CodesForm(ReasonForm):
    codes = CodesField()
    field_order = ("codes", "reason")
