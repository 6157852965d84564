"""Forms of sender accounts."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from kuangan.base.registry.models import Mine
from kuangan.base.tables.choices import offer, offer_rows
from kuangan.domains.datalink import wording
from kuangan.domains.datalink.models import ANY_CODE, Carrier, Sender, SenderKind
from kuangan.domains.datalink.senders import LONGEST_CHANGEOVER_DAYS
from kuangan.library.telemetry.grammar import file_types
from kuangan.library.telemetry.names import MINE_CODE

SPLIT = re.compile(r"[\s,，;；、]+")


class CodesField(forms.CharField):
    """Mine codes, one a line or separated by commas; a lone * means every mine."""

    def __init__(self, **given: Any) -> None:
        help_text = "矿山上传所用编码（一般 12 位，也有 9 至 21 位），每行一个；转发平台可填 * 表示不限"
        super().__init__(label="允许的矿山编码", widget=forms.Textarea(attrs={"rows": 4}), help_text=help_text, **given)

    def clean(self, value: Any) -> list[str]:
        codes = list(dict.fromkeys(code for code in SPLIT.split(super().clean(value)) if code))
        if codes == [ANY_CODE]:
            return codes
        wrong = [code for code in codes if not MINE_CODE.fullmatch(code)]
        if wrong:
            raise forms.ValidationError(f"不是矿山编码（9 至 21 位数字或大写字母）：{'、'.join(wrong[:5])}")
        return codes


class SenderForm(forms.Form):
    """A new account."""

    name = forms.CharField(label="名称", max_length=80)
    kind = forms.ChoiceField(label="类别", choices=SenderKind.choices)
    codes = CodesField()

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if Sender.objects.filter(name=name).exists():
            raise forms.ValidationError("已有同名账号。")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == SenderKind.MINE and (cleaned.get("codes") or [ANY_CODE]) == [ANY_CODE]:
            self.add_error("codes", "矿山账号必须写明编码。")
        return cleaned


class ReasonForm(forms.Form):
    """A dangerous act asks for its reason."""

    reason = forms.CharField(label="理由", max_length=200, min_length=2)


class RotateForm(ReasonForm):
    """A changeover: how long the old token still holds."""

    days = forms.IntegerField(
        label="原令牌保留天数",
        min_value=0,
        max_value=LONGEST_CHANGEOVER_DAYS,
        initial=14,
        help_text="期间新旧令牌都有效，便于逐台更换；填 0 则原令牌立即失效",
    )
    field_order = ("days", "reason")


KEY = re.compile(r"^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/=]{40,}( \S.*)?$")


class EnrolmentForm(forms.Form):
    """What a mine's engineer says of a system that is to be connected."""

    mine = forms.ModelChoiceField(label="矿山", queryset=Mine.objects.none(), empty_label=None)
    system = forms.CharField(label="系统名称", max_length=60, help_text="如：安全监控系统")
    maker = forms.CharField(label="厂家与型号", max_length=80, required=False)
    carrier = forms.ChoiceField(label="接入方式", choices=Carrier.choices)
    types = forms.MultipleChoiceField(label="上传的文件类型", widget=forms.CheckboxSelectMultiple)
    contact = forms.CharField(label="联系人与电话", max_length=80)
    public_key = forms.CharField(
        label="SSH 公钥",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="仅 SFTP 需要，一行，如 ssh-ed25519 AAAA…",
    )

    def __init__(self, *given: Any, mines: Any, carriers: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        offer_rows(self, "mine", mines)
        offer(self, "carrier", [(c, word) for c, word in Carrier.choices if c in carriers])
        offer(self, "types", type_choices())

    def clean_public_key(self) -> str:
        key = " ".join(str(self.cleaned_data["public_key"]).split())
        if key and not KEY.match(key):
            raise forms.ValidationError("不是一行 SSH 公钥。")
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("carrier") == Carrier.SFTP and "public_key" in cleaned and not cleaned["public_key"]:
            self.add_error("public_key", "SFTP 凭密钥登录，请填写公钥。")
        return cleaned


def type_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The TYPEs that stand in names, by family, each with what it holds."""
    found: dict[str, dict[str, str]] = {}
    seen: set[str] = set()
    for name, kind in sorted(file_types().items(), key=lambda each: "." in each[0]):
        told = name.partition(".")[0]
        if told not in seen:
            seen.add(told)
            found.setdefault(kind.family, {})[told] = f"{told} {wording.type_word(name)}"
    order = list(wording.words()["families"])
    return [(wording.family_word(each), list(found[each].items())) for each in order if each in found]


class CheckForm(forms.Form):
    """One file to look at."""

    file = forms.FileField(label="文件", max_length=255, allow_empty_file=True)


class CodesForm(ReasonForm):
    codes = CodesField()
    field_order = ("codes", "reason")
