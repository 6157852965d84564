"""Forms of the exchange."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings

from kuangan.base.clock import BEIJING, beijing_day
from kuangan.base.notices.adapters import allowed
from kuangan.base.people.roles import Sector
from kuangan.base.tables.choices import offer_rows
from kuangan.domains.datalink.exchange.models import Mode
from kuangan.domains.datalink.exchange.reconciling import Span
from kuangan.domains.datalink.forms import ReasonForm

REGION = r"^\d{2}(\d{2}){0,2}$"
LONGEST_SPAN_DAYS = 366
MODE_HELP = "影子：只比对，不外送；辅助：外送，回传作附注并提出建议；主用：回传按规则办理，规则不许的仍为建议"


class RegionField(forms.RegexField):
    def __init__(self, **given: Any) -> None:
        help_text = given.pop("help_text", "2、4 或 6 位，如 14、1404、140404")
        super().__init__(REGION, label="区划范围", max_length=6, help_text=help_text, **given)


class SetupForm(ReasonForm):
    """What the system administrator decides of a platform."""

    enabled = forms.BooleanField(label="启用", required=False)
    region = RegionField()
    sectors = forms.MultipleChoiceField(
        label="行业范围", choices=Sector.choices, widget=forms.CheckboxSelectMultiple, initial=Sector.values
    )
    folder = forms.BooleanField(
        label="文件交换", required=False, help_text="经系统数据目录下的 exchange 文件夹，一包一个文件"
    )
    push_url = forms.CharField(
        label="推送地址",
        max_length=300,
        required=False,
        help_text="留空则不推送；来源须在允许清单（KUANGAN_WEBHOOK_ALLOWED）内",
    )
    field_order = ("enabled", "region", "sectors", "folder", "push_url", "reason")

    def clean_push_url(self) -> str:
        address = str(self.cleaned_data["push_url"])
        if address and not allowed(address, settings.KUANGAN.webhook_allowed):
            raise forms.ValidationError("该地址的来源不在允许清单内。")
        return address


class KeyForm(forms.Form):
    """A new token."""

    name = forms.CharField(label="名称", max_length=60)
    may_fetch = forms.BooleanField(label="可取数", required=False, initial=True)
    may_hand_in = forms.BooleanField(label="可回传", required=False, initial=True)
    region = RegionField(required=False, help_text="可再收窄；留空与平台相同")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("may_fetch") and not cleaned.get("may_hand_in"):
            raise forms.ValidationError("至少选一项用途。")
        return cleaned


class ModeForm(ReasonForm):
    """The mode, and for whom the platform acts in primary mode."""

    mode = forms.ChoiceField(label="对接方式", choices=Mode.choices, help_text=MODE_HELP)
    acts_for: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label="代表的单位", queryset=None, required=False, empty_label="—", help_text="主用方式须填：按该单位的权限办理"
    )
    field_order = ("mode", "acts_for", "reason")

    def __init__(self, organisations: Any, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        offer_rows(self, "acts_for", organisations)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("mode") == Mode.PRIMARY and not cleaned.get("acts_for"):
            self.add_error("acts_for", "主用方式须写明代表的单位。")
        return cleaned


class NumberForm(forms.Form):
    """The number that the official system gave."""

    number = forms.RegexField(r"^[^\x00-\x1f\x7f]{1,64}$", label="官方系统编号", max_length=64)
    reason = forms.CharField(label="更正理由", max_length=200, required=False)


class SpanForm(forms.Form):
    """Days of the report, both included."""

    start = forms.DateField(label="自", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    stop = forms.DateField(label="至", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, stop = cleaned.get("start"), cleaned.get("stop")
        if start and stop and not timedelta(0) <= stop - start <= timedelta(days=LONGEST_SPAN_DAYS):
            raise forms.ValidationError(f"时段应在 {LONGEST_SPAN_DAYS} 天以内，止不早于起。")
        return cleaned


def span_of(start: date, stop: date) -> Span:
    """Both Beijing days included."""
    return Span(_midnight(start), _midnight(stop + timedelta(days=1)))


def last_week(at: datetime) -> tuple[date, date]:
    today = beijing_day(at)
    return today - timedelta(days=6), today


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)
