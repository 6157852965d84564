"""Roles, kinds of organisations and their words. Codes are stable; the words are shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.core.exceptions import ValidationError
from django.db import models


class OrganisationKind(models.TextChoices):
    EMERGENCY = "emergency", "应急管理部门"
    MINE_SAFETY_BUREAU = "mine_safety_bureau", "矿山安全监察机构"
    ENERGY = "energy", "能源部门"
    NATURAL_RESOURCES = "natural_resources", "自然资源部门"
    PUBLIC_SECURITY = "public_security", "公安机关"
    MARKET_REGULATION = "market_regulation", "市场监管部门"
    POWER = "power", "电力企业"
    FIRE = "fire", "消防救援机构"
    METEOROLOGY = "meteorology", "气象部门"
    SAFETY_COMMITTEE = "safety_committee", "安全生产委员会"
    GOVERNMENT = "government", "人民政府"
    PARENT_COMPANY = "parent_company", "上级企业"
    MINE = "mine", "矿山"
    TRAINING_BODY = "training_body", "培训机构"
    SERVICE_BODY = "service_body", "技术服务机构"
    VENDOR = "vendor", "系统厂商"
    EXPERT_GROUP = "expert_group", "专家组"


PUBLIC_KINDS: Final = frozenset(
    {
        OrganisationKind.EMERGENCY,
        OrganisationKind.MINE_SAFETY_BUREAU,
        OrganisationKind.ENERGY,
        OrganisationKind.NATURAL_RESOURCES,
        OrganisationKind.PUBLIC_SECURITY,
        OrganisationKind.MARKET_REGULATION,
        OrganisationKind.FIRE,
        OrganisationKind.METEOROLOGY,
        OrganisationKind.SAFETY_COMMITTEE,
        OrganisationKind.GOVERNMENT,
    }
)
"""Organisations of the state: they have a territory, never an enterprise's scope."""


class SealedGroup(models.TextChoices):
    """Groups whose matters exist for their members alone, whatever their role."""

    SUSPICION = "suspicion", "监测疑点"


class Level(models.TextChoices):
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"
    PARENT = "parent", "上级企业"
    MINE = "mine", "矿山"


class Sector(models.TextChoices):
    COAL = "coal", "煤矿"
    NONCOAL = "noncoal", "非煤矿山"
    TAILINGS = "tailings", "尾矿库"


class Role(models.TextChoices):
    DUTY_OFFICER = "duty_officer", "值班员"
    INSPECTOR = "inspector", "执法人员"
    LEADER = "leader", "带班领导"
    MINE_DISPATCHER = "mine_dispatcher", "矿调度员"
    MINE_MANAGER = "mine_manager", "矿长"
    PARENT_DISPATCHER = "parent_dispatcher", "集团调度员"
    PARENT_MANAGER = "parent_manager", "集团负责人"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"
    INFORMANT_DESK = "informant_desk", "举报受理员"


SEPARATED: Final = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""Administrators that must be three different people."""


def validate_roles(roles: Iterable[str]) -> list[str]:
    """The roles, in the order of `Role`, each once.

    Raises ValidationError on an unknown code or when one person would hold two of the three administrator roles.
    """
    given = set(roles)
    if unknown := given - set(Role.values):
        raise ValidationError(f"未知角色：{'、'.join(sorted(unknown))}")
    if len(given & SEPARATED) > 1:
        raise ValidationError("系统管理员、安全管理员、审计管理员须由三人分别担任，一人不得兼任。")
    return [role for role in Role.values if role in given]
