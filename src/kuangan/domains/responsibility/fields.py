"""Fields that the forms of the room share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.db.models import Q, QuerySet

from kuangan.base.clock import BEIJING
from kuangan.base.registry.models import Company, Mine

MOMENT: Final = "%Y-%m-%dT%H:%M"
NAMED: Final = 8


def day_field(label: str, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def moment_field(label: str, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
    return forms.DateTimeField(
        label=label, input_formats=[MOMENT, "%Y-%m-%d %H:%M"], widget=widget, help_text=help_text
    )


def month_field(label: str = "月份") -> forms.CharField:
    return forms.RegexField(
        r"^20\d\d-(0[1-9]|1[0-2])$",
        label=label,
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-10"}),
        error_messages={"invalid": "写作 2026-10"},
    )


def text_field(label: str, length: int, required: bool = True, rows: int = 3, help_text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=length, required=required, widget=widget, help_text=help_text)


def basis_field() -> forms.CharField:
    return forms.CharField(label="依据", max_length=200, help_text="文件名称、文号或任免通知。")


def local(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):{MOMENT}}"


class ReasonForm(forms.Form):
    """Why something that was entered is wrong."""

    reason = text_field("理由", 200, rows=2)


class EndForm(forms.Form):
    """The day on which something ends, and why."""

    valid_to = day_field("结束日", help_text="自该日起不再有效。")
    reason = text_field("依据或理由", 200, rows=2)

    def __init__(self, today: date, *given: Any, **named: Any) -> None:
        super().__init__(*given, **({"initial": {"valid_to": today}} | named))


def found_company(text: str) -> Company:
    """The one company that `text` names by code or name. ValidationError for none or several."""
    rows = Company.objects.filter(Q(code=text) | Q(name=text))[:2]
    found = list(rows) or list(Company.objects.filter(name__icontains=text).order_by("code")[: NAMED + 1])
    if not found:
        raise forms.ValidationError("没有这个企业。")
    if len(found) > 1:
        raise forms.ValidationError(f"不止一个企业符合：{'、'.join(row.name for row in found[:NAMED])}")
    return found[0]


def found_mine(mines: QuerySet[Mine], text: str) -> Mine:
    """The one mine that `text` names: by code, name, or a part of name or initials. ValidationError for none or several."""
    exact = list(mines.filter(Q(pk=text) | Q(name=text))[:2])
    found = exact or list(
        mines.filter(Q(name__icontains=text) | Q(pinyin__contains=text.lower())).order_by("code")[: NAMED + 1]
    )
    if not found:
        raise forms.ValidationError("没有这座矿山，或不在您的范围内。")
    if len(found) > 1:
        raise forms.ValidationError(
            f"不止一座矿符合：{'、'.join(f'{row.name}（{row.code}）' for row in found[:NAMED])}"
        )
    return found[0]
