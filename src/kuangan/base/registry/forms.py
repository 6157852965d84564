"""Forms of the register; each asks for the reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from kuangan.base.people.forms import ReasonForm
from kuangan.base.people.models import Organisation
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.registry.models import Mine
from kuangan.base.registry.words import PLACE_WORDS
from kuangan.base.tables.choices import offer_rows


def authorities_over(mine: Mine) -> QuerySet[Organisation]:
    """Authorities in use of the mine's county, city and province."""
    region = mine.region_code
    codes = {region, f"{region[:4]}00", f"{region[:2]}0000"}
    return Organisation.objects.filter(Q(region__in=codes), kind__in=PUBLIC_KINDS, active=True).order_by("-region")


class SupervisorForm(ReasonForm):
    body = forms.ModelChoiceField(label="直接监管单位（自即日起）", queryset=Organisation.objects.none())
    field_order = ("body", "reason")

    def __init__(self, mine: Mine, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer_rows(self, "body", authorities_over(mine))


class PlaceForm(ReasonForm):
    name = forms.CharField(label="地点名称", max_length=120)
    place_class = forms.ChoiceField(
        label="地点类别",
        choices=(("", "请选择"), *PLACE_WORDS.items()),
        help_text="决定适用规程限值表的哪一行；同名地点的其他测点一并适用。",
    )
    field_order = ("name", "place_class", "reason")


class ContactsForm(ReasonForm):
    phone = forms.RegexField(
        r"^[0-9+\-]{0,20}$", label="值班电话", required=False, help_text="红色告警拨打此号码，橙色发短信。"
    )
    email = forms.EmailField(label="值班邮箱", required=False, max_length=120)
    webhook = forms.URLField(
        label="接口地址",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text="须在本系统的允许清单内，否则不发送。",
    )
    field_order = ("phone", "email", "webhook", "reason")
