"""Making and changing accounts. Every change names who, when and why, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from kuangan.base import audit
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.roles import PUBLIC_KINDS, SealedGroup, validate_roles


def create_user(
    *,
    username: str,
    display_name: str,
    organisation: Organisation,
    roles: Iterable[str],
    password: str,
    phone: str = "",
    by: User | None,
    at: datetime,
    reason: str,
) -> User:
    """A new account. Raises ValidationError on roles that one person may not hold together."""
    user = User(
        username=username,
        display_name=display_name,
        organisation=organisation,
        phone=phone,
        roles=validate_roles(roles),
        date_joined=at,
    )
    user.set_password(password)
    with transaction.atomic():
        user.save()
        content = {"roles": user.roles, "organisation": organisation.name}
        _note("account.created", user, by, at, reason, content)
    return user


def change_user(
    user: User,
    *,
    display_name: str,
    phone: str,
    roles: Iterable[str],
    organisation: Organisation | None = None,
    by: User,
    at: datetime,
    reason: str,
) -> None:
    """New name, phone and roles, and another organisation (None: the same), with which membership of sealed groups ends.

    Raises ValidationError when someone changes roles or organisation of the own account.
    """
    wanted, body = validate_roles(roles), organisation or user.organisation
    if user.pk == by.pk and (wanted != user.roles or body != user.organisation):
        raise ValidationError("不能修改本人的角色或单位，须由另一名安全管理员办理。")
    before = _content(user)
    if body != user.organisation:
        user.sealed_groups = []
    user.display_name, user.phone, user.roles, user.organisation = display_name, phone, wanted, body
    with transaction.atomic():
        user.save(update_fields=["display_name", "phone", "roles", "organisation", "sealed_groups"])
        _note("account.changed", user, by, at, reason, {"before": before, "after": _content(user)})


def set_groups(user: User, groups: Iterable[str], *, by: User, at: datetime, reason: str) -> None:
    """The sealed groups that a person belongs to from now on.

    Raises ValidationError for an unknown group, for the own account, and for whoever does not stand in an organisation of the state:
    what such a group knows is about enterprises.
    """
    wanted = sorted(set(groups))
    if any(group not in SealedGroup.values for group in wanted):
        raise ValidationError("没有这个密级组。")
    if user.pk == by.pk:
        raise ValidationError("不能设置本人的密级组，须由另一名安全管理员办理。")
    if wanted and (user.organisation is None or user.organisation.kind not in PUBLIC_KINDS):
        raise ValidationError("密级组只能由监管监察机关的人员加入。")
    before, user.sealed_groups = user.sealed_groups, wanted
    with transaction.atomic():
        user.save(update_fields=["sealed_groups"])
        _note("account.groups_set", user, by, at, reason, {"before": before, "after": wanted})


def set_active(user: User, active: bool, *, by: User, at: datetime, reason: str) -> None:
    """Disable or enable an account; running sessions of a disabled one end with their next request."""
    if user.pk == by.pk:
        raise ValidationError("不能停用或启用本人的账号。")
    user.is_active = active
    with transaction.atomic():
        user.save(update_fields=["is_active"])
        _note("account.enabled" if active else "account.disabled", user, by, at, reason, {})


def reset_password(user: User, password: str, *, by: User, at: datetime, reason: str) -> None:
    """A new password set by the administrator; all running sessions of the account end."""
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        _note("account.password_reset", user, by, at, reason, {})


def _content(user: User) -> dict[str, object]:
    name = user.organisation.name if user.organisation else ""
    shown = {"display_name": user.display_name, "phone": user.phone, "roles": user.roles, "organisation": name}
    return shown | {"groups": user.sealed_groups}


def _note(action: str, user: User, by: User | None, at: datetime, reason: str, content: dict[str, object]) -> None:
    audit.record(actor=by, action=action, kind="account", ident=user.username, content=content, at=at, reason=reason)
