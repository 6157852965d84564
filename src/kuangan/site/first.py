"""The first three administrators of an installation: without them nobody could open an account."""

from __future__ import annotations

from pathlib import Path

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
    paths = []
    for name, role, words in FIRST:
        secret = f"first_password_{name}"
        create_user(
            username=name,
            display_name=words,
            organisation=body,
            roles=[role.value],
            password=configuration.secret(secret),
            by=None,
            at=clock.now(),
            reason="首次安装",
        )
        paths.append(configuration.prepared_home() / "secrets" / secret)
    return paths
