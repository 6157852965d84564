"""What people fill in about safety funds."""

from __future__ import annotations

from typing import Any

from django import forms

from kuangan.base.tables.choices import offer
from kuangan.domains.responsibility.fields import month_field
from kuangan.domains.responsibility.kinds import CATEGORY_WORDS, FUNDS


def amount(label: str, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_digits=14, decimal_places=2, **more)


class MonthForm(forms.Form):
    """A month of a mine."""

    month = month_field()
    output_t = amount("产量（吨）", help_text="原煤或原矿；尾矿库为入库尾矿量。")
    fund_class = forms.ChoiceField(
        label="类别",
        required=False,
        help_text="煤矿按登记的灾害等级认定，申报较低的不降低标准；登记中没有的（如冲击地压、非煤）在此选择。",
    )
    extracted = amount("实际提取（元）")
    opening = amount("上期结转（元）", required=False, help_text="只在最早登记的月份填写。")

    def __init__(self, kind: str, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        fitting = [(code, f"{one.label} {one.rate} 元/吨") for code, one in FUNDS.classes.items() if kind in one.kinds]
        offer(self, "fund_class", [("", "按登记事项认定"), *fitting])


class SpendForm(forms.Form):
    month = month_field()
    category = forms.ChoiceField(label="用途", choices=tuple(CATEGORY_WORDS.items()))
    amount = forms.DecimalField(label="金额（元）", min_value=0, max_digits=14, decimal_places=2)
    vouchers = forms.IntegerField(label="凭证张数", min_value=0, max_value=100_000)
    note = forms.CharField(label="说明", max_length=200, required=False)


class SheetForm(forms.Form):
    file = forms.FileField(
        label="表格", help_text="xlsx 或 csv，第一行为表头：月份、产量（吨）、提取金额（元）、类别（可不填）。"
    )


class ConfirmForm(forms.Form):
    """What was previewed, handed back as text."""

    name = forms.CharField(max_length=160)
    rows = forms.CharField(max_length=100_000)
