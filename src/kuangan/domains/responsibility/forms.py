"""What people fill in about persons and companies."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Company
from kuangan.base.tables.choices import offer, offer_rows
from kuangan.domains.responsibility.fields import basis_field, day_field, found_company
from kuangan.domains.responsibility.kinds import MATTERS, NATURE_WORDS, OFFICER_WORDS
from kuangan.domains.responsibility.models import MatterRole


class AssignForm(forms.Form):
    """A leader or an officer of a mine."""

    body = forms.ModelChoiceField(label="单位", queryset=Organisation.objects.none())
    kind = forms.ChoiceField(label="类别", choices=tuple(OFFICER_WORDS.items()))
    name = forms.CharField(label="姓名", max_length=40)
    post = forms.CharField(label="职务", max_length=60, required=False)
    phone = forms.CharField(label="电话", max_length=20, required=False)
    valid_from = day_field("自")
    basis = basis_field()

    def __init__(self, bodies: QuerySet[Organisation], leader: bool, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer_rows(self, "body", bodies)
        if leader:
            del self.fields["kind"]


class PostForm(forms.Form):
    """A person in a post."""

    post = forms.ChoiceField(label="职务")
    name = forms.CharField(label="姓名", max_length=40)
    acting = forms.BooleanField(label="代理", required=False)
    card = forms.CharField(
        label="定位卡号",
        max_length=40,
        required=False,
        help_text="用于与人员位置数据对照；不知道的留空，对照写“未知”。",
    )
    valid_from = day_field("任职日")
    valid_to = day_field("离任日", False, "在任的留空；补录已离任的填写。")
    basis = basis_field()

    def __init__(self, posts: dict[str, str], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "post", posts.items())


class NatureForm(forms.Form):
    nature = forms.ChoiceField(label="企业性质", choices=tuple(NATURE_WORDS.items()))
    valid_from = day_field("自")
    basis = basis_field()


class OwnerForm(forms.Form):
    """An owner of a company."""

    owner = forms.CharField(label="股东或上级企业", max_length=120, help_text="企业名称或编码，须已在登记中。")
    share = forms.DecimalField(
        label="持股比例（%）", max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False
    )
    controls = forms.BooleanField(label="实际控制人", required=False)
    valid_from = day_field("自")
    basis = basis_field()

    def clean_owner(self) -> Company:
        return found_company(self.cleaned_data["owner"].strip())


class MatterForm(forms.Form):
    """A department in a matter."""

    matter = forms.ChoiceField(label="事项", choices=[(code, each.label) for code, each in MATTERS.items()])
    body = forms.ModelChoiceField(label="部门", queryset=Organisation.objects.none())
    role = forms.ChoiceField(label="分工", choices=MatterRole.choices)
    valid_from = day_field("自")
    basis = basis_field()

    def __init__(self, bodies: QuerySet[Organisation], today: date, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer_rows(self, "body", bodies)
