"""What people fill in about visits, logs, confirmations and problems."""

from __future__ import annotations

from django import forms

from kuangan.domains.responsibility.fields import day_field, moment_field, text_field
from kuangan.domains.responsibility.kinds import ROOM

BACK = f"可补登 {ROOM.back_days} 日内的。"


class VisitForm(forms.Form):
    day = day_field("到矿日期", help_text=f"到矿以后登记。{BACK}")
    underground = forms.BooleanField(label="下井或到作业现场", required=False)
    said = text_field("情况", 500, required=False, help_text="研究解决了什么；发现的问题另行登记。")


class LogForm(forms.Form):
    day = day_field("日期", help_text=BACK)
    shift = forms.ChoiceField(label="班次", choices=tuple(ROOM.shifts.items()))
    text = text_field("日志", 1000, rows=5)


class ConfirmForm(forms.Form):
    operation = forms.ChoiceField(label="关键环节", choices=tuple(ROOM.operations.items()))
    place = forms.CharField(label="地点", max_length=120)
    confirmed_at = moment_field("确认时间（北京时间）")
    fit = forms.TypedChoiceField(
        label="结论", choices=(("yes", "具备条件"), ("no", "不具备条件")), coerce=lambda value: value == "yes"
    )
    note = text_field("说明", 300, required=False, rows=2)


class ProblemForm(forms.Form):
    found_on = day_field("发现日期", help_text=BACK)
    text = text_field("问题", 500, help_text="不写举报人和线索来源。")
    owner = forms.CharField(label="由谁解决", max_length=80, help_text="单位和人员。")
    due = day_field("期限")


class SolveForm(forms.Form):
    solved_on = day_field("解决日期")
    said = text_field("解决情况", 500)
