"""Forms of this room."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django import forms
from django.db.models import QuerySet

from kuangan.base.clock import BEIJING
from kuangan.base.people.forms import ReasonForm
from kuangan.base.registry.models import Mine
from kuangan.base.tables.choices import offer
from kuangan.domains.duty.contacts import Line
from kuangan.domains.duty.rosters import Entry
from kuangan.domains.duty.rules import GRADE_WORDS, LONGEST_SHIFT, MEANS
from kuangan.library.telemetry.names import MINE_CODE_LENGTH

PHONE: Final = r"^[0-9+\-]{3,20}$"
STYLES: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


def phone_field(label: str, required: bool = False) -> forms.RegexField:
    return forms.RegexField(PHONE, label=label, required=required, error_messages={"invalid": "电话只含数字、+ 和 -"})


def name_field(label: str, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=40)


def text_field(label: str, required: bool = True, rows: int = 3, longest: int = 1000) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "maxlength": longest})
    return forms.CharField(label=label, required=required, max_length=longest, widget=widget)


def moment_field(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, input_formats=STYLES, widget=widget)


class ShiftForm(forms.Form):
    start, end = moment_field("起（北京时间）"), moment_field("止")
    officer_name, officer_phone = name_field("值班员", True), phone_field("值班员电话")
    deputy_name, deputy_phone = name_field("副班"), phone_field("副班电话")
    leader_name, leader_phone = name_field("带班领导"), phone_field("带班领导电话")
    phone = phone_field("值班电话")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        start, end = said.get("start"), said.get("end")
        if start and end and end <= start:
            self.add_error("end", "结束时间须晚于开始时间。")
        if start and end and end - start > LONGEST_SHIFT:
            self.add_error("end", "一个班次不超过 72 小时。")
        return said

    @property
    def entry(self) -> Entry:
        return Entry(**{field: self.cleaned_data[field] for field in Entry.__dataclass_fields__})


class CorrectShiftForm(ReasonForm, ShiftForm):
    field_order = (*Entry.__dataclass_fields__, "reason")


class ImportForm(forms.Form):
    table = forms.CharField(
        label="粘贴表格（第一行为表头）", required=False, widget=forms.Textarea(attrs={"rows": 8}), max_length=500_000
    )
    file = forms.FileField(label="或上传 .xlsx / .csv 文件（不超过 2 MB）", required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if bool(said.get("table")) == bool(said.get("file")):
            raise forms.ValidationError("请粘贴表格或上传文件，二者选一。")
        return said


class ContactForm(ReasonForm):
    post = forms.ChoiceField(label="岗位")
    name = name_field("姓名")
    phone = phone_field("电话", True)
    note = forms.CharField(label="备注", required=False, max_length=200)
    field_order = ("post", "name", "phone", "note", "reason")

    def __init__(self, posts: list[tuple[str, str]], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "post", posts)

    @property
    def line(self) -> Line:
        return Line(**{field: self.cleaned_data[field] for field in Line.__dataclass_fields__})


class MineForm(forms.Form):
    """A form with a mine typed by its code, so that a province's thousand need no list."""

    mine = forms.CharField(label="矿山编码", max_length=MINE_CODE_LENGTH)

    def __init__(self, mines: QuerySet[Mine], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.mines = mines

    def clean_mine(self) -> Mine | None:
        code = self.cleaned_data["mine"].strip()
        if not code:
            return None
        found = self.mines.filter(pk=code).first()
        if found is None:
            raise forms.ValidationError("没有这座矿山，或不在您的范围内。")
        return found


class CallOutForm(MineForm):
    matter = forms.CharField(label="叫应事项", max_length=200)
    field_order = ("matter", "mine")

    def __init__(self, mines: QuerySet[Mine], needed: bool, *given: Any, **named: Any) -> None:
        super().__init__(mines, *given, **named)
        self.fields["mine"].required = needed
        self.fields["mine"].help_text = "" if needed else "与某座矿山有关时填写"


class CallForm(forms.Form):
    means = forms.ChoiceField(label="方式", choices=tuple(MEANS.items()))
    post = forms.CharField(label="岗位", required=False, max_length=40)
    name = name_field("姓名")
    phone = phone_field("电话", True)
    note = forms.CharField(label="备注", required=False, max_length=200)


class MarkForm(forms.Form):
    what = forms.ChoiceField(choices=(("answered_at", "已接通"), ("acted_at", "已响应")))
    note = forms.CharField(required=False, max_length=200)


class OutcomeForm(forms.Form):
    outcome = text_field("结果", longest=400)


class VoidForm(forms.Form):
    reason = text_field("作废理由", longest=400)


class SignForm(forms.Form):
    remarks = text_field("补充说明", required=False, longest=2000)


class ReturnForm(forms.Form):
    reason = text_field("退回理由", longest=400)


class InstructionForm(forms.Form):
    leader = name_field("批示领导", True)
    given_at = moment_field("批示时间（北京时间）")
    text = text_field("批示内容")


class DoneForm(forms.Form):
    result = text_field("落实情况")


class BulletinForm(forms.Form):
    day = forms.DateField(
        label="日期（统计至当日 8 时）", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    remarks = text_field("值班情况说明", required=False, longest=2000)


class DrillForm(MineForm):
    grade = forms.ChoiceField(
        label="级别", choices=[(code, f"{GRADE_WORDS[code]}色") for code in ("red", "orange", "yellow", "blue")]
    )
    purpose = forms.CharField(label="演练目的", required=False, max_length=200)
    field_order = ("mine", "grade", "purpose")


def local(at: datetime) -> str:
    """A moment for a field of `moment_field`."""
    return f"{at.astimezone(BEIJING):%Y-%m-%dT%H:%M}"
