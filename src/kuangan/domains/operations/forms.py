"""What people fill in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django import forms

from kuangan.base.registry.models import Mine, Point, SubStation
from kuangan.base.tables.choices import offer
from kuangan.domains.operations.caretakers import Person, parse_people
from kuangan.domains.operations.kinds import KIND_WORDS
from kuangan.domains.operations.models import Announcement
from kuangan.domains.operations.rules import PART_WORDS, TEST_WORDS, Draft, Part

SEPARATOR = ":"


def text(label: str, required: bool = True, rows: int = 2, hint: str = "", help_text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "maxlength": 2000, "placeholder": hint})
    return forms.CharField(label=label, required=required, max_length=2000, widget=widget, help_text=help_text)


def moment_field(label: str, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, help_text=help_text)


def day_field(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class AnnouncementForm(forms.Form):
    """A new announcement, or one before it begins."""

    kind = forms.ChoiceField(label="类型", choices=(("", "请选择"), *KIND_WORDS.items()))
    starts = moment_field("开始（北京时间）", "须在开始之前报备。")
    ends = moment_field("结束（北京时间）", "到时未结束且未延期的，列为超期。")
    parts = forms.MultipleChoiceField(
        label="范围",
        widget=forms.SelectMultiple(attrs={"size": 10}),
        help_text="按住 Ctrl 可多选；标校须逐个选测点。",
    )
    reason = text("事由")
    measures = text("安全措施", hint="停电、警戒、通风、专人监护……")
    protected = text(
        "保安负荷",
        required=False,
        help_text="停电、排放瓦斯、停产检修必填：主通风、主排水、抽采、监控通信、升降人员如何保持供电运转。",
    )
    responsible = forms.CharField(label="现场负责人", max_length=40)
    phone = forms.RegexField(r"^[0-9+\-]{0,20}$", label="联系电话", required=False)

    def __init__(self, mine: Mine, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "parts", part_choices(mine))

    def draft(self) -> Draft:
        said = {name: value for name, value in self.cleaned_data.items() if name not in ("parts", "why")}
        return Draft(parts=tuple(_part(value) for value in self.cleaned_data["parts"]), **said)


class AmendForm(AnnouncementForm):
    """The kind stays; the change has a reason."""

    why = forms.CharField(label="修改理由", max_length=200)

    def __init__(self, row: Announcement, *given: Any, **named: Any) -> None:
        names = ("kind", "starts", "ends", "reason", "measures", "protected", "responsible", "phone")
        initial: dict[str, Any] = {name: getattr(row, name) for name in names}
        initial["parts"] = [f"{part.kind}{SEPARATOR}{part.ident}" for part in row.parts.all()]
        super().__init__(row.mine, *given, initial=initial, **named)
        offer(self, "kind", [(row.kind, KIND_WORDS[row.kind])])


def _part(value: str) -> Part:
    kind, _, ident = value.partition(SEPARATOR)
    return kind, ident


def part_choices(mine: Mine) -> Iterable[tuple[str, Any]]:
    """The whole mine, its sub-stations, its places, and its points by place."""
    yield f"mine{SEPARATOR}{mine.code}", PART_WORDS["mine"]
    points = Point.objects.filter(mine=mine, valid_to=None).select_related("place").order_by("location", "code")
    rows = list(points)
    stations = dict(SubStation.objects.filter(mine=mine).order_by("code").values_list("code", "location"))
    stations |= {row.station: "" for row in rows if row.station and row.station not in stations}
    if stations:
        yield "分站", [(f"station{SEPARATOR}{code}", f"{code} {where}".strip()) for code, where in stations.items()]
    places = sorted({row.place.name if row.place else row.location for row in rows} - {""})
    if places:
        yield "地点", [(f"place{SEPARATOR}{name}", name) for name in places]
    if rows:
        yield "测点", [(f"point{SEPARATOR}{row.code}", f"{row.location or '—'} · {row.code}") for row in rows]


class NoteForm(forms.Form):
    """Nothing to fill in."""


class ReasonForm(forms.Form):
    reason = text("理由")


class ExtensionForm(forms.Form):
    ends = moment_field("延至（北京时间）")
    reason = text("延期理由")


class EndForm(forms.Form):
    outcome = text("完成情况", hint="作业结果、恢复情况")


class StatementForm(forms.Form):
    statement = text("情况说明", rows=4)


class OpinionForm(forms.Form):
    opinion = text("判断意见")


class RepairForm(forms.Form):
    evidence = text("修复情况与凭证", hint="处理经过；记录、照片、试验单编号")


STEP_FORMS: Final[dict[str, type[forms.Form]]] = {
    "note": NoteForm,
    "note_late": NoteForm,
    "agree": NoteForm,
    "refuse": ReasonForm,
    "withdraw": ReasonForm,
    "start": NoteForm,
    "ask_extension": ExtensionForm,
    "grant_extension": NoteForm,
    "refuse_extension": ReasonForm,
    "end": EndForm,
}
CHECK_FORMS: Final[dict[str, type[forms.Form]]] = {
    "answer": StatementForm,
    "accept": OpinionForm,
    "reject": OpinionForm,
}
FAULT_FORMS: Final[dict[str, type[forms.Form]]] = {"repair": RepairForm, "reopen": ReasonForm, "verify": OpinionForm}


class CaretakersForm(forms.Form):
    areas = forms.CharField(label="允许进入的区域", max_length=300)
    most = forms.IntegerField(label="同时最多人数", min_value=1, max_value=500)
    valid_from = moment_field("起（北京时间）")
    valid_to = moment_field("止（北京时间）")
    basis = forms.CharField(label="依据（停产文件、看护方案）", max_length=200)
    people = text(
        "名单",
        rows=8,
        hint="张三,瓦斯检查工,八点班,主井底",
        help_text="一人一行：姓名、岗位、班次、区域，可加定位卡号，用逗号隔开；可从表格粘贴。",
    )

    def clean_people(self) -> list[Person]:
        try:
            found = parse_people(self.cleaned_data["people"])
        except ValueError as fault:
            raise forms.ValidationError(str(fault)) from fault
        if not found:
            raise forms.ValidationError("名单为空。")
        return found


class BuiltForm(forms.Form):
    built_on = day_field("建成日期")
    model = forms.CharField(label="型号与厂家", max_length=120, required=False)


class TestForm(forms.Form):
    __test__ = False
    tested_on = day_field("试验日期")
    result = forms.ChoiceField(label="结果", choices=tuple(TEST_WORDS.items()))
    evidence = forms.CharField(label="凭证（记录、报告编号）", max_length=200)
    note = forms.CharField(label="说明", max_length=300, required=False)


class FaultForm(forms.Form):
    text = forms.CharField(label="故障情况", max_length=300)
    measures = forms.CharField(label="临时措施", max_length=300)
