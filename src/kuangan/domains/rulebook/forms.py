"""What people fill in at the workbench, besides the settings themselves."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from kuangan.base.registry.models import Mine, Point, Region
from kuangan.base.tables.choices import offer
from kuangan.domains.rulebook.drafting import LONGEST_SHADOW, MOST_DAYS
from kuangan.domains.rulebook.overriding import SETTINGS, Wish

EVERY: Final = "all"


def moment_field(label: str, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, help_text=help_text)


def day_field(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def reason_field(label: str = "理由") -> forms.CharField:
    return forms.CharField(label=label, max_length=500, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}))


class TitleForm(forms.Form):
    """The name a draft goes by."""

    title = forms.CharField(label="草案名称", max_length=80, help_text="一句话说明改什么")


class ReasonForm(forms.Form):
    reason = reason_field()


class WordsForm(forms.Form):
    words = forms.CharField(label="意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class MinesForm(forms.Form):
    """Mines of one's scope: all that ever sent, those of a city or county, or some by name or code."""

    region = forms.ChoiceField(label="地区", required=False, help_text="只含已上传过数据的矿山")
    mines = forms.CharField(
        label="或指定矿山",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="矿山名称或编码，每行一座；填写后不按地区",
    )

    def __init__(self, mines: QuerySet[Mine], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.known = mines
        offer(self, "region", [("", "请选择"), (EVERY, "全部管辖矿山"), *regions_of(mines)])

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        words = [word.strip() for word in str(said.get("mines", "")).splitlines() if word.strip()]
        region = said.get("region", "")
        if words:
            self.chosen = named_mines(self, "mines", self.known, words)
        elif region:
            rows = self.known if region == EVERY else self.known.filter(within(region))
            sent = Point.objects.filter(mine=OuterRef("pk"))
            self.chosen = list(rows.filter(Exists(sent)).order_by("pk").values_list("pk", flat=True))
            if not self.chosen:
                self.add_error("region", "没有上传过数据的矿山")
        else:
            self.add_error("region", "请选择地区或指定矿山")
        return said

    def codes(self) -> list[str]:
        return self.chosen


def regions_of(mines: QuerySet[Mine]) -> list[tuple[str, str]]:
    """The cities and counties in which the mines lie."""
    found = Region.objects.filter(Q(pk__in=mines.values("city")) | Q(pk__in=mines.values("county")))
    rows = found.order_by("code").values_list("code", "name", "level")
    return [(code, name if level == "city" else f"　{name}") for code, name, level in rows]


def within(region: str) -> Q:
    """Mines of a city (code ending in two noughts) or of a county."""
    return Q(city=region) if region.endswith("00") else Q(county=region)


def named_mines(form: forms.Form, field: str, known: QuerySet[Mine], words: list[str]) -> list[str]:
    """Codes of the mines that bear the names or codes; a word that fits none, or several, is told at the field."""
    rows = list(known.filter(Q(pk__in=words) | Q(name__in=words)).values_list("pk", "name"))
    found = []
    for word in words:
        codes = [code for code, name in rows if word in (code, name)]
        if len(codes) == 1:
            found += codes
        else:
            form.add_error(field, f"管辖范围内{'有多座' if codes else '没有'}“{word[:40]}”")
    return sorted(set(found))


class TrialForm(MinesForm):
    first = day_field("起")
    last = day_field("止")
    field_order = ("first", "last", "region", "mines")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["last"].help_text = f"已过去的日期，一次最多 {MOST_DAYS} 天"


class ShadowForm(MinesForm):
    days = forms.IntegerField(label="天数", min_value=1, max_value=LONGEST_SHADOW, initial=7)
    field_order = ("days", "region", "mines")


class ProposalForm(forms.Form):
    in_force_from = moment_field("生效时间（北京时间）", "批准晚于此时间的，自批准时生效。")
    reason = reason_field()


class OverrideForm(forms.Form):
    mine = forms.CharField(label="矿山", max_length=120, help_text="名称或编码")
    point = forms.CharField(label="测点编码", max_length=80, required=False, help_text="留空表示全矿")
    chosen = forms.ChoiceField(label="参数", choices=tuple(SETTINGS.items()))
    value = forms.FloatField(label="取值", help_text="限值只可加严；不得宽于规程限值")
    valid_to = moment_field("止期（北京时间）", "到期自动恢复原规则。")
    reason = reason_field()

    def __init__(self, mines: QuerySet[Mine], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.known = mines

    def clean_mine(self) -> Mine | None:
        found = named_mines(self, "mine", self.known, [str(self.cleaned_data["mine"]).strip()])
        return self.known.get(pk=found[0]) if found else None

    def wish(self) -> Wish:
        return Wish(**self.cleaned_data)
