"""What people fill in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.db.models import Q, QuerySet

from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Mine
from kuangan.base.tables.choices import offer, offer_rows
from kuangan.domains.campaign.models import Project, Task
from kuangan.domains.campaign.progress import Sheet
from kuangan.domains.campaign.words import ROLES, choices

NAMED: Final = 8


def day_field(label: str, required: bool = True, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def text_field(
    label: str, most: int = 300, required: bool = True, rows: int = 2, help_text: str = ""
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, required=required, widget=widget, help_text=help_text)


def money_field(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=0, max_digits=12, decimal_places=2)


class NoForm(forms.Form):
    """A step that only wants a press."""


class ReasonForm(forms.Form):
    reason = text_field("理由", 200)


class TellForm(forms.Form):
    text = text_field("进展", 600, rows=3, help_text="做了什么、还差什么；没有进展的写明原因。")


class DoneForm(forms.Form):
    done_on = day_field("实际完成日期", help_text="真实日期，可以早于今日；不得晚于今日。")
    proof = text_field("依据", 300, help_text="文号、验收单、公告等，能据以核对。")


class ChangeForm(forms.Form):
    due = day_field("新期限")
    person = forms.CharField(label="责任人", max_length=40, required=False)
    reason = text_field("理由", 200)


class DisputeForm(forms.Form):
    text = text_field("异议", 300, rows=3)


class AnswerForm(forms.Form):
    answer = text_field("答复", 300, rows=3)


class ItemForm(forms.Form):
    """A line of a list; `owners` are whom the person may give it to."""

    text = text_field("事项", 300)
    goal = text_field("工作目标", 200, False)
    owner = forms.ModelChoiceField(label="责任单位", queryset=Organisation.objects.none())
    person = forms.CharField(label="责任人", max_length=40, required=False)
    start = day_field("开始")
    due = day_field("期限")

    def __init__(self, owners: QuerySet[Organisation], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer_rows(self, "owner", owners.order_by("region", "kind", "pk"))


class TaskItemForm(ItemForm):
    """A line below a task."""

    task = forms.ModelChoiceField(
        label="任务", queryset=Task.objects.none(), required=False, empty_label="不属于某项任务"
    )
    field_order = ("task",)

    def __init__(self, tasks: QuerySet[Task], owners: QuerySet[Organisation], *given: Any, **named: Any) -> None:
        super().__init__(owners, *given, **named)
        offer_rows(self, "task", tasks)


class PersonForm(forms.Form):
    role = forms.ChoiceField(label="职责", choices=choices(ROLES))
    organisation = forms.ModelChoiceField(
        label="单位", queryset=Organisation.objects.none(), required=False, empty_label="机构登记中没有，填下一栏"
    )
    unit = forms.CharField(label="单位名称", max_length=80, required=False, help_text="选了单位的可以不填。")
    name = forms.CharField(label="姓名", max_length=40)
    position = forms.CharField(label="职务", max_length=60, required=False)
    phone = forms.CharField(label="联系方式", max_length=40, required=False)
    valid_from = day_field("自")
    basis = forms.CharField(label="依据", max_length=120, required=False)

    def __init__(self, bodies: QuerySet[Organisation], roles: Iterable[str], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer_rows(self, "organisation", bodies.order_by("region", "kind", "pk"))
        offer(self, "role", [(role, ROLES[role]) for role in roles])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("organisation") is not None:
            given["unit"] = given["organisation"].name
        elif not given.get("unit"):
            self.add_error("unit", "选择单位或者填写名称")
        return given


class EndForm(forms.Form):
    valid_to = day_field("离任日期")


class MeetingForm(forms.Form):
    title = forms.CharField(label="会议", max_length=120)
    held_on = day_field("日期")
    chair = forms.CharField(label="主持", max_length=60)
    attended = text_field("参加", 300, False)
    summary = text_field("纪要摘要", 2000, False, 4)


class ValueForm(forms.Form):
    on = day_field("数据日期")
    value = forms.DecimalField(label="数值", required=False, max_digits=14, decimal_places=4)
    words = text_field("说明", 300, False)
    source = forms.CharField(label="来源", max_length=120, help_text="哪个单位的哪份统计或者文件。")


class BaselineForm(forms.Form):
    on = day_field("基准日期")
    value = forms.DecimalField(label="基准值", max_digits=14, decimal_places=4)
    source = forms.CharField(label="来源和确定依据", max_length=120)


class ProjectForm(forms.Form):
    """A project; the mine is typed by code or whole name and looked for within scope."""

    name = forms.CharField(label="项目", max_length=120)
    mine = forms.CharField(label="矿山", max_length=120, required=False, help_text="编码或者矿名；不属于某座矿的留空。")
    owner = forms.ModelChoiceField(label="责任单位", queryset=Organisation.objects.none())
    started_on = day_field("开工", False)
    accepted_on = day_field("验收", False)
    connected_on = day_field("联网", False)
    central = money_field("中央补助（万元）")
    local = money_field("地方资金（万元）")
    own = money_field("企业自筹（万元）")
    paid = money_field("已支付（万元）")
    excluded = forms.CharField(
        label="不计入的批准", max_length=200, required=False, help_text="批准单位和文号，由办公室登记。"
    )
    source = forms.CharField(label="来源", max_length=120)

    def __init__(self, owners: QuerySet[Organisation], mines: QuerySet[Mine], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.mines = mines
        offer_rows(self, "owner", owners.order_by("region", "kind", "pk"))

    def clean_mine(self) -> Mine | None:
        text = self.cleaned_data["mine"].strip()
        if not text:
            return None
        found = list(self.mines.filter(Q(pk=text) | Q(name=text))[:2])
        if len(found) != 1:
            raise forms.ValidationError("没有这座矿山、不止一座，或者不在您的范围内，请填编码。")
        return found[0]

    def sheet(self) -> Sheet:
        return Sheet(**{name: self.cleaned_data[name] for name in Sheet.__dataclass_fields__})

    @staticmethod
    def initial_of(row: Project) -> dict[str, Any]:
        return {name: getattr(row, name) for name in Sheet.__dataclass_fields__} | {"mine": row.mine_id or ""}


class SendForm(forms.Form):
    sent_on = day_field("实际报送日期", help_text="真实日期；补录的填当时报送的日期。")
    official_number = forms.CharField(label="文号", max_length=60, required=False)
    text = text_field("内容摘要", 4000, rows=5, help_text="正式文件按公文渠道报送，这里填摘要、主要数据和来源。")


class DraftForm(forms.Form):
    as_of = day_field("数据截至")


class RemarksForm(forms.Form):
    remarks = text_field("情况说明和下步工作", 4000, False, 6)


class IssueForm(forms.Form):
    issued_on = day_field("印发日期")
    official_number = forms.CharField(label="文号", max_length=60)


class HandForm(forms.Form):
    """To which document the open items go."""

    code = forms.ChoiceField(label="下一行动方案", required=False)
    number = forms.CharField(
        label="文号", max_length=60, required=False, help_text="方案尚未作为数据装入的，填文号、名称和起止日期。"
    )
    title = forms.CharField(label="名称", max_length=120, required=False)
    since = day_field("开始", False)
    until = day_field("结束", False)
    due = day_field("移交事项的新期限", help_text="原期限更晚的保留原期限。")
    reason = text_field("理由", 200)

    def __init__(self, known: Iterable[tuple[str, str]], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "code", [("", "新开一个，填写下面各栏"), *known])
