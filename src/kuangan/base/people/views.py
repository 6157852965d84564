"""Pages of accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from kuangan.base.audit.models import AuditEntry
from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.administration import change_user, create_user, reset_password, set_active, set_groups
from kuangan.base.people.forms import ChangeUserForm, GroupsForm, NewUserForm, PasswordForm, ReasonForm
from kuangan.base.people.lists import UserFilter, UserTable
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import SealedGroup
from kuangan.base.people.scope import scope_of
from kuangan.base.people.visibility import visible_users
from kuangan.base.tables.listing import Figure, ListView

ACTIONS = {
    "account.created": "开通账号",
    "account.changed": "修改资料或角色",
    "account.groups_set": "设置密级组",
    "account.disabled": "停用账号",
    "account.enabled": "启用账号",
    "account.password_reset": "重置密码",
    "account.password_changed": "本人修改密码",
    "account.totp_added": "启用两步验证",
    "account.totp_removed": "停用两步验证",
    "account.recovery_codes_added": "生成恢复码",
    "account.recovery_codes_removed": "作废恢复码",
    "sign_in.succeeded": "登录",
    "sign_in.ended": "退出",
    "sign_in.failed": "登录失败",
    "sign_in.code_failed": "验证码错误",
    "sign_in.locked_out": "失败过多，锁定 10 分钟",
}


class UserList(Permitted, ListView):
    permission = "people.view"
    title = "用户"
    order = ("username",)
    table_class = UserTable
    filterset_class = UserFilter
    template_name = "people/users.html"
    export_name = "用户"

    def queryset(self) -> QuerySet[User]:
        return visible_users(self.request.user)

    def figures(self) -> Sequence[Figure]:
        counts = self.queryset().aggregate(
            on=Count("pk", filter=Q(is_active=True)),
            off=Count("pk", filter=Q(is_active=False)),
            never=Count("pk", filter=Q(is_active=True, last_login__isnull=True)),
        )
        return (
            Figure(counts["on"], "在用账号", href="?active=True"),
            Figure(counts["off"], "已停用", href="?active=False"),
            Figure(counts["never"], "从未登录", href="?active=never"),
        )


def user_page(request: HttpRequest, pk: int) -> HttpResponse:
    require(request, "people.view")
    subject = get_object_or_404(visible_users(request.user), pk=pk)
    entries = AuditEntry.objects.filter(kind="account", ident=subject.username).select_related("actor")
    manages = may(request.user, "people.manage")
    history = [
        {"word": ACTIONS.get(entry.action, entry.action), "entry": entry}
        for entry in (entries.order_by("-id")[:20] if manages or may(request.user, "audit.view") else ())
    ]
    groups = [SealedGroup(group).label for group in subject.sealed_groups if group in SealedGroup.values]
    context = {"subject": subject, "history": history, "manages": manages, "groups": groups if manages else []}
    return render(request, "people/user.html", context)


def user_new(request: HttpRequest) -> HttpResponse:
    """Open an account in the organisation named by `?organisation=<id>`."""
    by = require(request, "people.manage")
    organisation = get_object_or_404(_within_reach(by), pk=_number(request.GET.get("organisation")))
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = create_user(organisation=organisation, by=by, at=now(), **form.cleaned_data)
        messages.success(request, f"已开通账号 {user.username}。")
        return redirect("people:user", pk=user.pk)
    return _form_page(request, form, f"新建用户 · {organisation.name}", reverse("people:users"))


def user_edit(request: HttpRequest, pk: int) -> HttpResponse:
    subject, by = _managed(request, pk)
    initial = {"display_name": subject.display_name, "phone": subject.phone, "roles": subject.roles}
    form = ChangeUserForm(_within_reach(by), request.POST or None, initial=initial)
    return _change(
        request,
        form,
        subject,
        f"修改用户 · {subject}",
        lambda: change_user(subject, by=by, at=now(), **form.cleaned_data),
    )


def user_groups(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person into sealed groups, or out of them."""
    subject, by = _managed(request, pk)
    form = GroupsForm(request.POST or None, initial={"groups": subject.sealed_groups})
    return _change(
        request,
        form,
        subject,
        f"密级组 · {subject}",
        lambda: set_groups(subject, by=by, at=now(), **form.cleaned_data),
    )


def user_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Disable an account in use, enable a disabled one."""
    subject, by = _managed(request, pk)
    form = ReasonForm(request.POST or None)
    word = "停用" if subject.is_active else "启用"
    return _change(
        request,
        form,
        subject,
        f"{word}账号 · {subject}",
        lambda: set_active(subject, not subject.is_active, by=by, at=now(), **form.cleaned_data),
        danger=subject.is_active,
    )


def user_password(request: HttpRequest, pk: int) -> HttpResponse:
    subject, by = _managed(request, pk)
    form = PasswordForm(request.POST or None)
    return _change(
        request,
        form,
        subject,
        f"重置密码 · {subject}",
        lambda: reset_password(subject, by=by, at=now(), **form.cleaned_data),
    )


def _managed(request: HttpRequest, pk: int) -> tuple[User, User]:
    by = require(request, "people.manage")
    return get_object_or_404(visible_users(by), pk=pk), by


def _within_reach(by: User) -> QuerySet[Organisation]:
    scope = scope_of(by)
    if scope.region_prefix is None:
        return Organisation.objects.filter(Q(pk=scope.organisation_id) | Q(parent=scope.organisation_id))
    return Organisation.objects.filter(region__startswith=scope.region_prefix)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def _change(
    request: HttpRequest, form: forms.Form, subject: User, title: str, act: Callable[[], None], danger: bool = False
) -> HttpResponse:
    address = reverse("people:user", args=[subject.pk])
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, "已保存。")
            return redirect(address)
    return _form_page(request, form, title, address, danger)


def _form_page(request: HttpRequest, form: forms.Form, title: str, back: str, danger: bool = False) -> HttpResponse:
    return render(request, "people/form.html", {"form": form, "title": title, "back": back, "danger": danger})
