"""What people fill in about texts, lists and records."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms

from kuangan.base.clock import BEIJING
from kuangan.base.people.roles import Role
from kuangan.base.registry.models import MineKind
from kuangan.base.tables.choices import offer
from kuangan.domains.selfcheck.publicity.acts import Wish
from kuangan.domains.selfcheck.publicity.library import names
from kuangan.domains.selfcheck.publicity.rules import FORM_WORDS, KIND_WORDS, SIDES, Question, questions_of

READERS = (
    Role.MINE_MANAGER,
    Role.MINE_DISPATCHER,
    Role.PARENT_MANAGER,
    Role.PARENT_DISPATCHER,
    Role.INSPECTOR,
    Role.DUTY_OFFICER,
    Role.LEADER,
)


def day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class TextForm(forms.Form):
    kind = forms.ChoiceField(label="类别", choices=tuple(KIND_WORDS.items()))
    name = forms.CharField(label="名称", max_length=160)
    version = forms.CharField(label="版本", max_length=80, required=False, help_text="如“2025年版”。")
    number = forms.CharField(label="文号 / 标准号", max_length=80, required=False)
    issuer = forms.CharField(label="发布单位", max_length=120, required=False)
    first = forms.DateField(label="施行日期", required=False, widget=day())
    until = forms.DateField(label="失效日期", required=False, widget=day())
    about = forms.CharField(label="内容提要", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class ListForm(forms.Form):
    title = forms.CharField(label="名称", max_length=120)
    texts = forms.MultipleChoiceField(
        label="法规标准", widget=forms.SelectMultiple(attrs={"size": 10}), help_text="可多选（按住控制键）。"
    )
    sides = forms.MultipleChoiceField(
        label="对象", choices=tuple(SIDES.items()), widget=forms.CheckboxSelectMultiple, initial=["mine"]
    )
    roles = forms.MultipleChoiceField(
        label="岗位",
        choices=[(role.value, role.label) for role in READERS],
        widget=forms.CheckboxSelectMultiple,
        initial=[Role.MINE_MANAGER.value],
    )
    mine_kinds = forms.MultipleChoiceField(
        label="矿种",
        choices=MineKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="不选为全部。",
    )
    due = forms.DateField(label="截止日期", widget=day(), help_text="当日 24 时止。")
    note = forms.CharField(label="学习要点", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    questions = forms.CharField(
        label="测试题",
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="每题一段，题间空一行：首行为题目，以下每行一个选项，正确选项前加 *。不填则只签收。",
    )
    pass_mark = forms.IntegerField(label="合格分", min_value=1, max_value=100, initial=80)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "texts", [(name, name) for name in names()])

    def clean_questions(self) -> tuple[Question, ...]:
        try:
            return tuple(questions_of(self.cleaned_data["questions"]))
        except ValueError as why:
            raise forms.ValidationError(str(why)) from None

    def wish(self) -> Wish:
        given = self.cleaned_data
        due = datetime.combine(given["due"], time(23, 59), BEIJING)
        return Wish(
            title=given["title"],
            texts=tuple(given["texts"]),
            sides=tuple(given["sides"]),
            roles=tuple(given["roles"]),
            mine_kinds=tuple(given["mine_kinds"]),
            due=due,
            note=given["note"],
            questions=given["questions"],
            pass_mark=given["pass_mark"],
        )


class GroupForm(forms.Form):
    on = forms.DateField(label="日期", widget=day())
    group = forms.CharField(label="班组 / 区队", max_length=80)
    expected = forms.IntegerField(label="应到", min_value=1, max_value=5000)
    attended = forms.IntegerField(label="实到", min_value=0, max_value=5000)
    text = forms.CharField(label="方式与内容", max_length=300)


class RecordForm(forms.Form):
    form = forms.ChoiceField(label="方式", choices=tuple(FORM_WORDS.items()))
    texts = forms.MultipleChoiceField(label="宣讲内容", widget=forms.SelectMultiple(attrs={"size": 8}))
    audience = forms.IntegerField(label="听讲人数", min_value=1, max_value=5000)
    text = forms.CharField(label="情况", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "texts", [(name, name) for name in names()])
