"""What people fill in about readings and baselines."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms

from kuangan.base.compliance.readings_standing import Standing
from kuangan.base.compliance.readings_words import called, read, shown
from kuangan.base.tables.choices import offer
from kuangan.library.policy.tables import Baseline

DEFAULT, OWN = "default", "own"
PREFIX: Final = "value_"


def _text(label: str, hint: str = "", required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2, "maxlength": 500})
    return forms.CharField(label=label, max_length=500, widget=widget, help_text=hint, required=required)


def _day(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), help_text=hint
    )


class ReadingForm(forms.Form):
    """Another reading: the shipped one, an alternative, or words of one's own, with the values that checks go by."""

    option = forms.ChoiceField(label="改为", widget=forms.RadioSelect)
    own = _text("自定口径", "选“自定”的须填写。", required=False)

    def __init__(self, standing: Standing, today: date, *given: Any, **named: Any) -> None:
        named.setdefault("initial", {"valid_from": today, "option": DEFAULT})
        super().__init__(*given, **named)
        self.standing, reading = standing, standing.reading
        words = [(f"{n}", text) for n, text in enumerate(reading.alternatives)]
        offer(self, "option", [(DEFAULT, f"系统默认：{reading.reading}"), *words, (OWN, "自定")])
        for key, value in standing.settings.items():
            name = f"{PREFIX}{key}"
            self.fields[name] = forms.CharField(
                label=called(key),
                max_length=200,
                required=value is not None,
                initial=shown(value) if value is not None else "",
            )
        self.fields["valid_from"] = _day("生效日", "不早于今日；批准晚于该日的，自批准日起生效。")
        self.fields["reason"] = _text("理由")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("option") == OWN and not said.get("own", "").strip():
            self.add_error("own", "必填")
        said["settings"] = {key: self._read(key, like, said) for key, like in self.standing.reading.settings.items()}
        return said

    def _read(self, key: str, like: Any, said: dict[str, Any]) -> Any:
        """The value typed for a setting; under the shipped reading its shipped value."""
        if said.get("option") == DEFAULT:
            return like
        try:
            return read(said.get(f"{PREFIX}{key}", ""), like)
        except ValueError as fault:
            self.add_error(f"{PREFIX}{key}", str(fault))
            return like

    @property
    def text(self) -> str:
        option, reading = self.cleaned_data["option"], self.standing.reading
        if option == DEFAULT:
            return reading.reading
        return str(self.cleaned_data["own"]) if option == OWN else reading.alternatives[int(option)]


class AnswerForm(forms.Form):
    """The value of a baseline with its source."""

    value = forms.CharField(label="数值", max_length=40)
    source = forms.CharField(label="来源", max_length=200, help_text="文件名称和文号，或者统计表名称。")
    source_date = _day("来源日期")
    valid_from = _day("生效日", "不早于今日；批准晚于该日的，自批准日起生效。")
    reason = _text("说明")

    def __init__(self, baseline: Baseline, today: date, *given: Any, **named: Any) -> None:
        named.setdefault("initial", {"valid_from": today})
        super().__init__(*given, **named)
        field = self.fields["value"]
        field.label = baseline.question + (f"（{baseline.unit}）" if baseline.unit else "")
        if baseline.kind == "date":
            field.widget = forms.DateInput(attrs={"type": "date"})
        else:
            field.widget = forms.NumberInput(attrs={"step": "1" if baseline.kind == "year" else "any"})


class DecideForm(forms.Form):
    opinion = _text("意见", "不批准的须写明。", required=False)
