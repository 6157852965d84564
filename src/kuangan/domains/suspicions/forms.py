"""What the steps of a suspicion ask for."""

from __future__ import annotations

from typing import Final

from django import forms


class PlanForm(forms.Form):
    plan = forms.CharField(label="核查安排（人员、时间，不得提前通知矿方）", max_length=300)


class OpinionForm(forms.Form):
    opinion = forms.CharField(label="核查情况与意见", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


STEP_FORMS: Final[dict[str, type[forms.Form]]] = {"assign": PlanForm, "refute": OpinionForm, "confirm": OpinionForm}
