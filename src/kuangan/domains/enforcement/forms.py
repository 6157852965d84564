"""What people fill in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django import forms
from django.db.models import Q, QuerySet

from kuangan.base.clock import BEIJING
from kuangan.base.registry.models import Mine
from kuangan.domains.enforcement.kinds import FILE, KIND_WORDS
from kuangan.domains.enforcement.rules import MOST, Draft

NAMED: Final = 8
STYLES: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


def moment_field(label: str, required: bool = True, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=STYLES[0])
    return forms.DateTimeField(label=label, required=required, input_formats=STYLES, widget=widget, help_text=help_text)


def local(at: datetime) -> str:
    """A moment for a field of `moment_field`, to the minute that has begun."""
    return f"{at.astimezone(BEIJING):%Y-%m-%dT%H:%M}"


class VisitForm(forms.Form):
    """An arrival. The mine is typed by code, name or initials and looked for among `mines`, those within scope."""

    mine = forms.CharField(label="矿山", max_length=120, help_text="编码、矿名或拼音首字母，须能确定一座矿。")
    kind = forms.ChoiceField(label="检查方式", choices=tuple(KIND_WORDS.items()))
    lead = forms.CharField(label="带队执法人员", max_length=40)
    team = forms.IntegerField(label="人数", min_value=1, max_value=MOST)
    arrived_at = moment_field("到矿（北京时间）", help_text=f"已经到矿方可登记；可补登 {FILE.back_days} 日内的。")
    left_at = moment_field("离矿（北京时间）", False, "尚未离矿的留空。")
    official_number = forms.CharField(
        label="官方系统编号", max_length=60, required=False, help_text="执法系统中的检查编号，便于核对。"
    )
    note = forms.CharField(
        label="说明",
        max_length=300,
        required=False,
        help_text="不写线索来源和举报人信息。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, mines: QuerySet[Mine], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.mines = mines

    def clean_mine(self) -> Mine:
        return found_mine(self.mines, self.cleaned_data["mine"].strip())

    def draft(self) -> Draft:
        return Draft(**{name: self.cleaned_data[name] for name in Draft.__dataclass_fields__})


def found_mine(mines: QuerySet[Mine], text: str) -> Mine:
    """The one mine that `text` names: by code, whole name, or a part of name or initials. ValidationError for none or several."""
    exact = mines.filter(Q(pk=text) | Q(name=text))[:2]
    found = list(exact) or list(
        mines.filter(Q(name__icontains=text) | Q(pinyin__contains=text.lower())).order_by("code")[: NAMED + 1]
    )
    if not found:
        raise forms.ValidationError("没有这座矿山，或不在您的范围内。")
    if len(found) > 1:
        names = "、".join(f"{mine.name}（{mine.code}）" for mine in found[:NAMED])
        more = "等" if len(found) > NAMED else ""
        raise forms.ValidationError(f"不止一座矿符合，请填编码：{names}{more}")
    return found[0]


class LeaveForm(forms.Form):
    left_at = moment_field("离矿（北京时间）")


class VoidForm(forms.Form):
    reason = forms.CharField(label="作废理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
