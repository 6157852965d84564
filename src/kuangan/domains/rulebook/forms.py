"""What people fill in at the workbench, besides the settings themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from kuangan.base.registry.models import Mine
from kuangan.base.tables.choices import offer_rows
from kuangan.domains.rulebook.drafting import LONGEST_SHADOW, MOST_DAYS
from kuangan.domains.rulebook.overriding import SETTINGS, Wish


def moment_field(label: str, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, help_text=help_text)


def day_field(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def reason_field(label: str = "理由") -> forms.CharField:
    return forms.CharField(label=label, max_length=500, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}))


class TitleForm(forms.Form):
    """The name a draft goes by."""

    title = forms.CharField(label="草案名称", max_length=80, help_text="一句话说明改什么")


class ReasonForm(forms.Form):
    reason = reason_field()


class WordsForm(forms.Form):
    words = forms.CharField(label="意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class MinesForm(forms.Form):
    """Mines of one's scope."""

    mines = forms.ModelMultipleChoiceField(
        queryset=Mine.objects.none(),
        label="矿山",
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text="按住 Ctrl 可多选；只列管辖范围内的矿山",
    )

    def __init__(self, mines: QuerySet[Mine], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer_rows(self, "mines", mines.order_by("name"))

    def codes(self) -> list[str]:
        return [mine.pk for mine in self.cleaned_data["mines"]]


class TrialForm(MinesForm):
    first = day_field("起")
    last = day_field("止")
    field_order = ("first", "last", "mines")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["last"].help_text = f"已过去的日期，一次最多 {MOST_DAYS} 天"


class ShadowForm(MinesForm):
    days = forms.IntegerField(label="天数", min_value=1, max_value=LONGEST_SHADOW, initial=7)
    field_order = ("days", "mines")


class ProposalForm(forms.Form):
    in_force_from = moment_field("生效时间（北京时间）", "批准晚于此时间的，自批准时生效。")
    reason = reason_field()


class OverrideForm(forms.Form):
    mine = forms.ModelChoiceField(queryset=Mine.objects.none(), label="矿山")
    point = forms.CharField(label="测点编码", max_length=80, required=False, help_text="留空表示全矿")
    chosen = forms.ChoiceField(label="参数", choices=tuple(SETTINGS.items()))
    value = forms.FloatField(label="取值", help_text="限值只可加严；不得宽于规程限值")
    valid_to = moment_field("止期（北京时间）", "到期自动恢复原规则。")
    reason = reason_field()

    def __init__(self, mines: QuerySet[Mine], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer_rows(self, "mine", mines.order_by("name"))

    def wish(self) -> Wish:
        return Wish(**self.cleaned_data)
