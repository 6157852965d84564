"""The first three administrators of an installation: without them nobody could open an account."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from kuangan.base import clock
from kuangan.base.people.administration import create_user
from kuangan.base.people.models import Organisation, OrganisationKind, User
from kuangan.base.people.roles import Role
from kuangan.site.configuration import Configuration

FIRST = (
    ("system", Role.SYSTEM_ADMIN, "系统管理员"),
    ("security", Role.SECURITY_ADMIN, "安全管理员"),
    ("audit", Role.AUDIT_ADMIN, "审计管理员"),
)


def enter_first(configuration: Configuration) -> list[Path]:
    """Open the three accounts where there is none at all; their passwords are files in `secrets/`, which are returned."""
    if User.objects.exists():
        return []
    body = Organisation.objects.get(kind=OrganisationKind.EMERGENCY, level="province")
    with transaction.atomic():
        for name, role, words in FIRST:
            create_user(
                username=name,
                display_name=words,
                organisation=body,
                roles=[role.value],
                password=configuration.secret(_secret(name)),
                by=None,
                at=clock.now(),
                reason="首次安装",
            )
    return [configuration.prepared_home() / "secrets" / _secret(name) for name, _, _ in FIRST]


def _secret(name: str) -> str:
    return f"first_password_{name}"
