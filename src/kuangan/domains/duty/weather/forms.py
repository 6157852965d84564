"""Forms of weather warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms

from kuangan.base.registry.models import MineKind
from kuangan.base.tables.choices import offer
from kuangan.domains.duty.forms import moment_field, name_field, text_field
from kuangan.domains.duty.weather.models import MEANS, VERDICTS, Withdrawal
from kuangan.domains.duty.weather.reading import COLOURS, LONGEST_STRETCH
from kuangan.domains.duty.weather.rules import COLOUR_WORDS, RULES

SCOPES: Final = {
    MineKind.UNDERGROUND_COAL: "井下全部作业人员",
    MineKind.UNDERGROUND_NONCOAL: "井下全部作业人员",
    MineKind.OPEN_PIT_COAL: "采场、排土场全部作业人员",
    MineKind.OPEN_PIT_NONCOAL: "采场、排土场全部作业人员",
    MineKind.TAILINGS_POND: "库区及下游影响范围全部作业人员",
}


def whole(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=20_000)


class TypedForm(forms.Form):
    """A warning that came by telephone or paper."""

    event = forms.ChoiceField(
        label="种类", choices=[(event.label, event.label) for code, event in RULES.events.items() if code != "other"]
    )
    colour = forms.ChoiceField(label="颜色", choices=[(code, COLOUR_WORDS[code]) for code in reversed(COLOURS)])
    issuer = forms.CharField(label="发布单位", max_length=200, required=False, help_text="如 长治市气象台")
    regions = forms.MultipleChoiceField(label="范围", help_text="可多选；选市即为全市")
    onset = moment_field("开始（北京时间）")
    expires = moment_field("失效")
    description = text_field("内容（发布单位、原文）")

    def __init__(self, regions: Sequence[tuple[str, str]], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "regions", regions)
        self.fields["regions"].widget.attrs["size"] = 8

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("onset") and said.get("expires") and said["expires"] <= said["onset"]:
            self.add_error("expires", "失效时间须晚于开始时间。")
        elif said.get("onset") and said.get("expires") and said["expires"] - said["onset"] > LONGEST_STRETCH:
            self.add_error("expires", "预警不能超过 30 天。")
        return said


class UploadForm(forms.Form):
    file = forms.FileField(label="预警文件", help_text="CAP 1.2（XML）或本系统 JSON，不超过 1 MB")


class CancelForm(forms.Form):
    reason = text_field("解除说明", longest=400)


class JoinForm(forms.Form):
    other = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = forms.CharField(label="核对情况", max_length=400, required=False)


class AnswerForm(forms.Form):
    name = name_field("应答人", True)


class OrderForm(forms.Form):
    basis = forms.MultipleChoiceField(label="依据", widget=forms.CheckboxSelectMultiple)
    scope = forms.CharField(label="撤人范围", max_length=200)

    def __init__(self, row: Withdrawal, *given: Any, **named: Any) -> None:
        sure = [code for code in row.bases if code in RULES.bases and RULES.bases[code].source == "official"]
        named.setdefault("initial", {"basis": sure, "scope": SCOPES.get(MineKind(row.mine.kind), "全部作业人员")})
        super().__init__(*given, **named)
        codes = dict.fromkeys([*row.bases, "AQF-65"])
        offer(self, "basis", [(code, RULES.bases[code].text) for code in codes if code in RULES.bases])

    def clean_basis(self) -> str:
        """The chosen grounds in words: they stand in the order as they were then."""
        return "；".join(RULES.bases[code].text for code in self.cleaned_data["basis"])[:400]


class DeclineForm(forms.Form):
    reason = text_field("不下令的理由", longest=400)


class CloseForm(forms.Form):
    outcome = text_field("处置结果", longest=400)


class BeginForm(forms.Form):
    below = whole("此刻井下（现场）人数")


class OutForm(forms.Form):
    out = whole("撤出人数")
    remaining = whole("留守人数")
    out_at = moment_field("撤完时间（北京时间）")
    stay_reason = forms.CharField(label="留守岗位和理由", max_length=200, required=False)


class ReturnForm(forms.Form):
    reason = text_field("退回理由", longest=400)


class RevokeForm(forms.Form):
    reason = text_field("撤销理由", longest=400)


class LiftForm(forms.Form):
    conditions = text_field("解除条件核实情况", longest=400)


class DrawForm(forms.Form):
    number = forms.IntegerField(label="抽取矿数", min_value=1, max_value=100, initial=3)


class CheckForm(forms.Form):
    means = forms.ChoiceField(label="方式", choices=tuple(MEANS.items()))
    verdict = forms.ChoiceField(label="结果", choices=tuple(VERDICTS.items()))
    note = forms.CharField(label="说明", max_length=400, required=False)


STEP_FORMS: Final[dict[str, type[forms.Form]]] = {
    "answer": AnswerForm,
    "call": forms.Form,
    "order": OrderForm,
    "decline": DeclineForm,
    "close": CloseForm,
    "begin": BeginForm,
    "report_out": OutForm,
    "return": ReturnForm,
    "revoke": RevokeForm,
    "lift": LiftForm,
}


def step_form(name: str, row: Withdrawal, data: Any = None) -> forms.Form:
    """The form of a step. KeyError for steps that nobody takes by hand."""
    return OrderForm(row, data) if name == "order" else STEP_FORMS[name](data)
