"""Organisations and the people in them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models

from kuangan.base.people.roles import Level, OrganisationKind, Role, Sector, validate_roles
from kuangan.library.telemetry.names import MINE_CODE_LENGTH

__all__ = ["Level", "Organisation", "OrganisationKind", "Role", "Sector", "User"]


def all_sectors() -> list[str]:
    return list(Sector.values)


class Organisation(models.Model):
    """A department, company, mine or body that people belong to and that duties are addressed to."""

    kind = models.CharField("类别", max_length=24, choices=OrganisationKind)
    name = models.CharField("名称", max_length=120)
    short_name = models.CharField("简称", max_length=40, blank=True)
    level = models.CharField("层级", max_length=12, choices=Level)
    region = models.CharField("行政区划", max_length=6, blank=True)
    sectors = models.JSONField("行业", default=all_sectors)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级单位"
    )
    mine = models.CharField("矿山编码", max_length=MINE_CODE_LENGTH, blank=True)
    company_code = models.CharField("企业编码", max_length=32, blank=True)
    phone = models.CharField("值班电话", max_length=20, blank=True)
    email = models.EmailField("值班邮箱", max_length=120, blank=True)
    webhook = models.URLField("接口地址", max_length=300, blank=True)
    active = models.BooleanField("在用", default=True)

    class Meta:
        ordering = ("region", "kind", "id")
        indexes = (models.Index(fields=("kind", "level", "region"), name="organisation_place"),)
        constraints = (
            models.UniqueConstraint(fields=("mine",), condition=~models.Q(mine=""), name="organisation_one_per_mine"),
            models.UniqueConstraint(
                fields=("company_code",), condition=~models.Q(company_code=""), name="organisation_one_per_company"
            ),
        )

    def __str__(self) -> str:
        return self.short_name or self.name


class User(AbstractUser):
    """A person who signs in. Rights come from `roles`, reach comes from the organisation."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="people", verbose_name="单位"
    )
    display_name = models.CharField("姓名", max_length=40)
    phone = models.CharField("手机", max_length=20, blank=True)
    roles = models.JSONField("角色", default=list, blank=True)
    sealed_groups = models.JSONField("密级组", default=list, blank=True)

    class Meta(AbstractUser.Meta):
        ordering = ("username",)

    def __str__(self) -> str:
        return self.display_name or self.username

    def clean(self) -> None:
        super().clean()
        self.roles = validate_roles(self.roles)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.roles = validate_roles(self.roles)
        super().save(*args, **kwargs)

    @property
    def role_words(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]
