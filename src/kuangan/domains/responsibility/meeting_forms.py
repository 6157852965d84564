"""What people fill in about meetings and days at the mine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from kuangan.base.tables.choices import offer
from kuangan.domains.responsibility.fields import day_field, month_field, text_field
from kuangan.domains.responsibility.models import Post

MOST_NAMES = 200


class MeetingForm(forms.Form):
    """A meeting that took place."""

    day = day_field("召开日期", help_text="召开以后登记。")
    chair = forms.ChoiceField(
        label="主持人", required=False, help_text="主要负责人亲自主持的选本人；由他人代为主持的选“他人”并填姓名。"
    )
    chair_name = forms.CharField(label="代为主持的人", max_length=40, required=False)
    attendants = text_field("参加人员", 4000, help_text="每行一人，或用顿号隔开。")
    topics = text_field("议题", 1000)
    file = forms.FileField(label="会议纪要", required=False, help_text="PDF、PNG、JPEG，不超过 20 MB。")

    def __init__(self, principals: Sequence[Post], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.principals = {str(row.pk): row for row in principals}
        words = [(ident, f"{row.name}（{row.get_post_display()}）") for ident, row in self.principals.items()]
        offer(self, "chair", [*words, ("", "他人代为主持")])

    def clean_chair(self) -> Post | None:
        return self.principals.get(self.cleaned_data["chair"])


class ResolutionForm(forms.Form):
    text = text_field("决定", 500)
    owner = forms.CharField(label="责任人", max_length=40)
    due = day_field("期限")


class DoneForm(forms.Form):
    done_on = day_field("完成日期")
    said = text_field("完成情况", 300)


class PresenceForm(forms.Form):
    month = month_field()
    days = forms.IntegerField(label="在矿天数", min_value=0, max_value=31)
    underground = forms.IntegerField(label="其中下井天数", min_value=0, max_value=31)
