"""What a mine is, where it is, who owns and who supervises it; every changing fact with its dates.

An interval is [valid_from, valid_to); `valid_to` empty means still in effect.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from kuangan.base.people.models import Organisation
from kuangan.base.registry.pinyin import initials


class RegionLevel(models.TextChoices):
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县"


class MineKind(models.TextChoices):
    UNDERGROUND_COAL = "underground_coal", "井工煤矿"
    OPEN_PIT_COAL = "open_pit_coal", "露天煤矿"
    UNDERGROUND_NONCOAL = "underground_noncoal", "地下非煤矿山"
    OPEN_PIT_NONCOAL = "open_pit_noncoal", "露天非煤矿山"
    TAILINGS_POND = "tailings_pond", "尾矿库"


SECTOR_OF_KIND = {
    "underground_coal": "coal",
    "open_pit_coal": "coal",
    "underground_noncoal": "noncoal",
    "open_pit_noncoal": "noncoal",
    "tailings_pond": "tailings",
}


class SupervisionRole(models.TextChoices):
    DIRECT = "direct", "直接监管"
    UPPER = "upper", "上级监管"
    MINE_SAFETY = "mine_safety", "矿山安全监察"
    INDUSTRY = "industry", "行业管理"
    OFFICER = "officer", "驻矿监管专员"
    LEADER = "leader", "包保领导"


class Region(models.Model):
    """An administrative region by its GB/T 2260 code."""

    code = models.CharField("区划码", max_length=6, primary_key=True)
    name = models.CharField("名称", max_length=40)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    level = models.CharField("级别", max_length=8, choices=RegionLevel)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Company(models.Model):
    """An enterprise that owns mines or other enterprises."""

    code = models.CharField("企业编码", max_length=32, unique=True)
    name = models.CharField("名称", max_length=120)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Mine(models.Model):
    """A mine or tailings pond by its 12-digit code. The code keeps the county code of the day it was given."""

    code = models.CharField("矿山编码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=120)
    pinyin = models.CharField("拼音首字母", max_length=120, blank=True, db_index=True)
    county = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="county_mines")
    city = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="city_mines")
    sector = models.CharField("行业", max_length=8)
    kind = models.CharField("类型", max_length=20, choices=MineKind)
    old_region_code = models.BooleanField("旧区划码", default=False)
    provisional = models.BooleanField("未登记", default=False)
    parent_company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, related_name="mines")
    first_seen = models.DateTimeField("首次上传", null=True)

    class Meta:
        ordering = ("code",)
        indexes = (models.Index(fields=("city", "county"), name="mine_place"),)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pinyin = initials(self.name)
        self.sector = SECTOR_OF_KIND[self.kind]
        super().save(*args, **kwargs)

    @property
    def region_code(self) -> str:
        """The narrowest known region: county, else city, else province."""
        return self.county_id or self.city_id or "140000"


class MineFact(models.Model):
    """One attribute of a mine over an interval. Rows are never changed but for their end, which is recorded too."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="facts")
    attribute = models.CharField("事项", max_length=32)
    value = models.JSONField("内容")
    valid_from = models.DateTimeField("起")
    valid_to = models.DateTimeField("止", null=True)
    end_recorded_at = models.DateTimeField(null=True)
    basis = models.CharField("依据", max_length=200)
    recorded_at = models.DateTimeField("录入时间")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("mine", "attribute", "valid_from", "recorded_at")
        indexes = (models.Index(fields=("mine", "attribute", "valid_from"), name="minefact_effect"),)


class MineAlias(models.Model):
    """Another code under which the same mine uploads."""

    alias = models.CharField("别名编码", max_length=32, unique=True)
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="aliases")


class Ownership(models.Model):
    """Owner of a company, or of a mine, over an interval."""

    child = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="owners")
    owner = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="holdings")
    share = models.DecimalField("持股比例 %", max_digits=5, decimal_places=2, null=True)
    actual_controller = models.BooleanField("实际控制人", default=False)
    valid_from = models.DateTimeField("起")
    valid_to = models.DateTimeField("止", null=True)

    class Meta:
        ordering = ("child", "valid_from")


class Supervision(models.Model):
    """A body that supervises a mine in a role over an interval."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="supervision")
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="supervises")
    role = models.CharField("关系", max_length=12, choices=SupervisionRole)
    valid_from = models.DateTimeField("起")
    valid_to = models.DateTimeField("止", null=True)

    class Meta:
        ordering = ("mine", "role", "valid_from")
        indexes = (models.Index(fields=("body", "role"), name="supervision_body"),)
        constraints = (
            models.UniqueConstraint(
                fields=("mine",),
                condition=models.Q(role="direct", valid_to__isnull=True),
                name="supervision_one_open_direct",
            ),
        )


class Place(models.Model):
    """A working place of a mine with its class in the statutory tables."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="places")
    name = models.CharField("地点", max_length=120)
    place_class = models.CharField("地点类别", max_length=40)
    valid_from = models.DateTimeField("起")
    valid_to = models.DateTimeField("止", null=True)

    class Meta:
        ordering = ("mine", "name")


class SubStation(models.Model):
    """A sub-station of the monitoring system."""

    code = models.CharField("分站编码", max_length=40, unique=True)
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="stations")
    location = models.CharField("安装地点", max_length=200, blank=True)


class Point(models.Model):
    """One definition of a measuring point over an interval; changed limits close a row and open another."""

    code = models.CharField("测点编码", max_length=40)
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="points")
    station = models.CharField("分站编码", max_length=40, blank=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="points")
    sensor_type = models.CharField("传感器类型", max_length=16, blank=True)
    value_type = models.CharField("数值类型", max_length=8, blank=True)
    unit = models.CharField("单位", max_length=16, blank=True)
    location = models.CharField("安装位置", max_length=200, blank=True)
    range_high = models.FloatField("高量程", null=True)
    range_low = models.FloatField("低量程", null=True)
    alarm_high = models.FloatField("上限报警", null=True)
    release_high = models.FloatField("上限解报", null=True)
    alarm_low = models.FloatField("下限报警", null=True)
    release_low = models.FloatField("下限解报", null=True)
    cut_high = models.FloatField("上限断电", null=True)
    restore_high = models.FloatField("上限复电", null=True)
    cut_low = models.FloatField("下限断电", null=True)
    restore_low = models.FloatField("下限复电", null=True)
    upload_mode = models.CharField("上传方式", max_length=12, blank=True)
    valid_from = models.DateTimeField("起")
    valid_to = models.DateTimeField("止", null=True)

    class Meta:
        ordering = ("code", "valid_from")
        indexes = (models.Index(fields=("mine", "code"), name="point_of_mine"),)
        constraints = (
            models.UniqueConstraint(
                fields=("code",), condition=models.Q(valid_to__isnull=True), name="point_one_open_definition"
            ),
        )
