"""Forms of account administration."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import QuerySet

from kuangan.base.people.models import Organisation, User
from kuangan.base.people.roles import Role, SealedGroup, validate_roles
from kuangan.base.tables.choices import offer_rows


class ReasonForm(forms.Form):
    reason = forms.CharField(label="事由（必填，记入审计）", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class RolesField(forms.MultipleChoiceField):
    def __init__(self) -> None:
        super().__init__(
            label="角色",
            choices=Role.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text="系统管理员、安全管理员、审计管理员须由三人分别担任。",
        )

    def clean(self, value: Any) -> list[str]:
        return validate_roles(super().clean(value))


class UserForm(ReasonForm):
    display_name = forms.CharField(label="姓名", max_length=40)
    phone = forms.RegexField(r"^[0-9+\-]{0,20}$", label="手机", required=False)
    roles = RolesField()

    field_order: tuple[str, ...] = ("username", "display_name", "phone", "password", "roles", "reason")


class ChangeUserForm(UserForm):
    organisation = forms.ModelChoiceField(
        label="调往单位", queryset=Organisation.objects.none(), required=False, empty_label="不变"
    )
    field_order = ("display_name", "phone", "organisation", "roles", "reason")

    def __init__(self, within: QuerySet[Organisation], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        offer_rows(self, "organisation", within.filter(active=True))


class NewUserForm(UserForm):
    username = forms.CharField(label="用户名", max_length=150, validators=[UnicodeUsernameValidator()])
    password = forms.CharField(
        label="初始密码", widget=forms.PasswordInput, help_text="至少 10 位，不能是常见密码；本人登录后应立即修改。"
    )

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError("该用户名已被使用。")
        return name

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class GroupsForm(ReasonForm):
    groups = forms.MultipleChoiceField(
        label="密级组",
        choices=SealedGroup.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="组内事项只对成员存在，其他人员不论角色都看不到。只能由监管监察机关的人员加入。",
    )

    field_order = ("groups", "reason")


class PasswordForm(ReasonForm):
    password = forms.CharField(label="新密码", widget=forms.PasswordInput)

    field_order = ("password", "reason")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password
