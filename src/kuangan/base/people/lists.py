"""The list of accounts: its filter and columns."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.html import format_html

from kuangan.base.people.models import User
from kuangan.base.people.roles import OrganisationKind, Role
from kuangan.base.tables.bases import FilterSet, Table, chip


class UserFilter(FilterSet):
    q = filters.CharFilter(method="search", label="姓名 / 用户名 / 单位")
    role = filters.ChoiceFilter(choices=Role.choices, method="with_role", label="角色", empty_label="全部")
    kind = filters.ChoiceFilter(
        field_name="organisation__kind", choices=OrganisationKind.choices, label="单位类别", empty_label="全部"
    )
    active = filters.ChoiceFilter(
        method="by_state",
        choices=(("True", "在用"), ("False", "已停用"), ("never", "在用而从未登录")),
        label="状态",
        empty_label="全部",
    )

    def search(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return rows.filter(
            Q(username__icontains=value) | Q(display_name__icontains=value) | Q(organisation__name__icontains=value)
        )

    def by_state(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        rows = rows.filter(is_active=value != "False")
        return rows.filter(last_login__isnull=True) if value == "never" else rows

    def with_role(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Roles are a list of codes in JSON; a code never is part of another one's quoted text."""
        return rows.filter(roles__icontains=f'"{value}"')


class UserTable(Table):
    display_name = tables.Column("姓名", linkify=("people:user", {"pk": tables.A("pk")}))
    username = tables.Column("用户名")
    organisation = tables.Column("单位", empty_values=())
    roles = tables.Column("角色", accessor="role_words")
    phone = tables.Column("手机")
    is_active = tables.Column("状态")
    last_login = tables.DateTimeColumn(verbose_name="最近登录", format="Y-m-d H:i", default="从未登录")

    always = ("display_name",)

    def render_organisation(self, record: User) -> Any:
        if record.organisation is None:
            return "—"
        return format_html("{}<small>{}</small>", record.organisation.name, record.organisation.get_kind_display())

    def value_organisation(self, record: User) -> str:
        return record.organisation.name if record.organisation else ""

    def render_roles(self, value: list[str]) -> str:
        return "、".join(value) or "—"

    def render_is_active(self, value: bool) -> Any:
        css, word = ("ka-chip-ok", "在用") if value else ("ka-chip-bad", "已停用")
        return chip(word, css)

    def value_is_active(self, value: bool) -> str:
        return "在用" if value else "已停用"
