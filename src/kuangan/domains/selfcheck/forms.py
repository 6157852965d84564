"""What people fill in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final

from django import forms
from django.http import QueryDict

from kuangan.base.clock import BEIJING
from kuangan.base.registry.models import MineKind
from kuangan.base.tables.choices import offer
from kuangan.domains.selfcheck.kinds import FILE, KIND_WORDS
from kuangan.domains.selfcheck.rounds import Plan
from kuangan.domains.selfcheck.rules import DECISION_WORDS, RESULT_WORDS, Reply
from kuangan.domains.selfcheck.solving import Remedy

END_OF_DAY: Final = time(23, 59)


def lines(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class RoundForm(forms.Form):
    """A round as a body orders it; the day of the end counts whole."""

    kind = forms.ChoiceField(label="类别", choices=tuple(KIND_WORDS.items()))
    title = forms.CharField(label="名称", max_length=120)
    mine_kinds = forms.MultipleChoiceField(
        label="矿种", choices=MineKind.choices, widget=forms.CheckboxSelectMultiple, initial=list(MineKind.values)
    )
    due = forms.DateField(
        label="截止日期", widget=day(), help_text=f"当日 24 时止；一般 {FILE.submit_days} 天（系统默认）。"
    )
    basis = forms.CharField(label="依据", max_length=200, required=False, help_text="文件名称、文号。")

    def __init__(self, kinds: Mapping[str, str], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "kind", list(kinds.items()))

    def plan(self) -> Plan:
        given = self.cleaned_data
        due = datetime.combine(given["due"], END_OF_DAY, BEIJING)
        return Plan(given["kind"], given["title"], due, tuple(given["mine_kinds"]), given["basis"])


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=200, widget=lines())


class OpinionForm(forms.Form):
    opinion = forms.CharField(label="意见", max_length=500, widget=lines())


class AcceptForm(OpinionForm):
    official_number = forms.CharField(
        label="官方系统编号", max_length=60, required=False, help_text="已在其他平台登记的填其编号，便于核对。"
    )


class SignForm(forms.Form):
    """One person signs for a post; the box says what signing means."""

    post = forms.ChoiceField(label="签字岗位")
    title = forms.CharField(label="职务", max_length=40)
    sure = forms.BooleanField(label="我已逐条核对，对内容的真实性负责")

    def __init__(self, posts: Mapping[str, str], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "post", list(posts.items()))


class ExplainForm(forms.Form):
    explanation = forms.CharField(label="企业说明", max_length=1000, widget=lines(3))


class VerifyForm(forms.Form):
    result = forms.ChoiceField(label="核实结果", choices=(("", "请选择"), *RESULT_WORDS.items()))
    opinion = forms.CharField(label="核实情况", max_length=1000, widget=lines(3))


class DecideForm(forms.Form):
    decision = forms.ChoiceField(label="决定", choices=(("", "请选择"), *DECISION_WORDS.items()))
    text = forms.CharField(label="理由与安排", max_length=1000, widget=lines(3))


class RemedyForm(forms.Form):
    measures = forms.CharField(label="整改措施", max_length=1000, widget=lines())
    responsible = forms.CharField(label="责任人", max_length=40)
    due = forms.DateField(label="整改期限", widget=day())

    def remedy(self) -> Remedy:
        given = self.cleaned_data
        return Remedy(given["measures"], given["responsible"], given["due"])


class SolveForm(forms.Form):
    text = forms.CharField(label="整改情况", max_length=1000, widget=lines())


class CheckSolvedForm(forms.Form):
    good = forms.ChoiceField(label="结果", choices=(("yes", "已整改到位"), ("no", "未到位，退回")))
    text = forms.CharField(label="核验意见", max_length=500, widget=lines())


class StageForm(forms.Form):
    stage = forms.ChoiceField(label="阶段")
    reached = forms.ChoiceField(label="结果", choices=(("yes", "达到"), ("no", "未达到")))
    basis = forms.CharField(label="依据", max_length=500, widget=lines())

    def __init__(self, stages: Mapping[str, str], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "stage", list(stages.items()))


class ReplyForm(forms.Form):
    """The answer to one item, posted as `value-SX34-1` and so on."""

    value = forms.CharField(required=False)
    text = forms.CharField(required=False)
    valid_from = forms.DateField(required=False)
    valid_to = forms.DateField(required=False)

    def reply(self) -> Reply:
        given = self.cleaned_data
        return Reply(given["value"], given["text"], given["valid_from"], given["valid_to"])


def reply_form(posted: QueryDict, node: str) -> ReplyForm:
    """The fields of one item out of a whole form."""
    names = ReplyForm.base_fields
    return ReplyForm({name: posted.get(f"{name}-{node}", "").strip() for name in names})
