"""Forms of drawings."""

from __future__ import annotations

from typing import Any

from django import forms

from kuangan.base.documents.files import ENDINGS
from kuangan.base.documents.kinds import KINDS, LAW, needed_by
from kuangan.base.documents.models import Secrecy
from kuangan.base.people.forms import ReasonForm
from kuangan.base.registry.models import Mine
from kuangan.base.tables.choices import offer


class VersionForm(forms.Form):
    file = forms.FileField(
        label="图纸文件",
        help_text=f"PDF、DWG、DXF、PNG、JPEG，不超过 {LAW.largest_mb} MB；按内容核对格式。",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(f".{ending}" for ending in ENDINGS)}),
        max_length=255,
    )
    valid_from = forms.DateField(
        label="自何日起有效",
        help_text="图上填绘的截止日期。超期按此日期计算。",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(label="说明（可不填）", max_length=200, required=False)


class DrawingForm(VersionForm):
    kind = forms.ChoiceField(label="种类")
    title = forms.CharField(
        label="名称", max_length=80, required=False, help_text="不填则用种类名；同类多张时请区分煤层、水平等。"
    )
    secrecy = forms.ChoiceField(
        label="密级",
        choices=Secrecy.choices,
        initial=Secrecy.RESTRICTED,
        help_text="内部：范围内的业务人员可下载；限制：仅监管人员和本矿人员可下载。属国家秘密的图纸不得上传本系统。",
    )
    field_order = ("kind", "title", "secrecy", "file", "valid_from", "note")

    def __init__(self, mine: Mine, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        needed = needed_by(mine.kind)
        offer(
            self,
            "kind",
            [
                ("", "请选择"),
                ("应有", [(code, KINDS[code].label) for code in needed]),
                ("其他", [(code, kind.label) for code, kind in KINDS.items() if code not in needed]),
            ],
        )

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not cleaned.get("title", "").strip() and cleaned.get("kind") in KINDS:
            cleaned["title"] = KINDS[cleaned["kind"]].label
        return cleaned


class WithdrawForm(ReasonForm):
    """Why a version does not hold."""
