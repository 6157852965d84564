"""What a mine is, where it is, who owns and who supervises it; every changing fact with its dates.

An interval is [valid_from, valid_to); `valid_to` empty means still in effect.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from kuangan.base.people.models import Organisation
from kuangan.base.registry.pinyin import initials
from kuangan.library.telemetry.fields import CODE_LENGTH
from kuangan.library.telemetry.names import MINE_CODE_LENGTH


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
    """A mine or tailings pond by the code it sends under: 12 digits, in older and other schemes 9 to 21 characters.

    The code keeps the county code of the day it was given.
    """

    code = models.CharField("矿山编码", max_length=MINE_CODE_LENGTH, primary_key=True)
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
    """A body that supervises a mine in a role over an interval; the end is recorded too."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="supervision")
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="supervises")
    role = models.CharField("关系", max_length=12, choices=SupervisionRole)
    valid_from = models.DateTimeField("起")
    valid_to = models.DateTimeField("止", null=True)
    end_recorded_at = models.DateTimeField(null=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    recorded_at = models.DateTimeField("录入时间", null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

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

    code = models.CharField("分站编码", max_length=CODE_LENGTH, unique=True)
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="stations")
    location = models.CharField("安装地点", max_length=200, blank=True)


class CameraDuty(models.TextChoices):
    BY_RULE = "", "按规则"
    ALWAYS = "always", "始终覆盖"
    WORKING = "working", "作业时覆盖"
    NONE = "none", "不要求"


class Camera(models.Model):
    """A camera of a mine over an interval: where it looks and what is asked of it. A change closes the row and opens another."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="cameras")
    code = models.CharField("摄像机编码", max_length=CODE_LENGTH)
    other_code = models.CharField("国标编码", max_length=CODE_LENGTH, blank=True)
    place = models.CharField("地点", max_length=120)
    duty = models.CharField("覆盖要求", max_length=8, choices=CameraDuty, blank=True, default=CameraDuty.BY_RULE)
    seal = models.BooleanField("电子封条", default=False)
    valid_from = models.DateTimeField("起")
    valid_to = models.DateTimeField("止", null=True)
    basis = models.CharField("依据", max_length=200)
    recorded_at = models.DateTimeField("录入时间")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("mine", "code", "valid_from")
        constraints = (
            models.UniqueConstraint(
                fields=("mine", "code"), condition=models.Q(valid_to__isnull=True), name="camera_one_open_row"
            ),
        )


class PointChange(models.TextChoices):
    """What a row of a point changed against the row before it; of several, the gravest."""

    FIRST = "first", "首次出现"
    OWN = "own", "自设限值变更"
    JUDGED = "judged", "执行限值变更"
    TEXT = "text", "定义变更"


class Point(models.Model):
    """What held for a measuring point over an interval: its definition, its own limits and the limit it is judged at.

    Whatever changes closes a row and opens another; `gateway` and `frame` say which upload or configuration it came with.
    """

    code = models.CharField("测点编码", max_length=CODE_LENGTH)
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="points")
    station = models.CharField("分站编码", max_length=CODE_LENGTH, blank=True)
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
    defined = models.BooleanField("有定义", default=False)
    limit = models.FloatField("执行限值", null=True)
    limit_source = models.CharField("限值来源", max_length=24, blank=True)
    statutory = models.FloatField("规程限值", null=True)
    statutory_row = models.CharField("规程行", max_length=16, blank=True)
    article = models.CharField("条款", max_length=80, blank=True)
    confidence = models.CharField("依据标记", max_length=1, blank=True)
    place_class = models.CharField("判定地点类别", max_length=40, blank=True)
    own_above = models.BooleanField("自设高于规程", default=False)
    change = models.CharField("变更", max_length=8, choices=PointChange, default=PointChange.FIRST)
    gateway = models.CharField("网关", max_length=40, blank=True)
    frame = models.BigIntegerField("文件序号", null=True)
    recorded_at = models.DateTimeField("录入时间", null=True)
    valid_from = models.DateTimeField("起")
    valid_to = models.DateTimeField("止", null=True)

    class Meta:
        ordering = ("code", "valid_from")
        indexes = (
            models.Index(fields=("mine", "code"), name="point_of_mine"),
            models.Index(fields=("-valid_from", "-id"), name="point_newest_change"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("code",), condition=models.Q(valid_to__isnull=True), name="point_one_open_definition"
            ),
        )


class ImportState(models.TextChoices):
    PREVIEW = "preview", "待确认"
    WRITING = "writing", "写入中"
    WRITTEN = "written", "已写入"
    DISCARDED = "discarded", "已放弃"


class Verdict(models.TextChoices):
    ACCEPTED = "accepted", "可写入"
    QUESTIONED = "questioned", "待核对"
    REFUSED = "refused", "不接收"


class Decision(models.TextChoices):
    TAKE = "take", "按表写入"
    ALIAS = "alias", "记为别名"
    DROP = "drop", "不写入"


class RegisterImport(models.Model):
    """One workbook that somebody offered for the register, with what was found in it. Never changed once written."""

    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField("字节")
    sheets = models.JSONField("工作表", default=list)
    state = models.CharField("状态", max_length=10, choices=ImportState, default=ImportState.PREVIEW)
    basis = models.CharField("依据", max_length=200)
    valid_from = models.DateTimeField("自")
    read = models.PositiveIntegerField("读取", default=0)
    accepted = models.PositiveIntegerField("可写入", default=0)
    questioned = models.PositiveIntegerField("待核对", default=0)
    refused = models.PositiveIntegerField("不接收", default=0)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("上传时间")
    written_at = models.DateTimeField("写入时间", null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(read=models.F("accepted") + models.F("questioned") + models.F("refused")),
                name="register_import_balances",
            ),
        )


class ImportRow(models.Model):
    """One row of a workbook: what stood in it, what was made of it, and what a person decided."""

    imported = models.ForeignKey(RegisterImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField("序号")
    sheet = models.CharField("工作表", max_length=60)
    row = models.PositiveIntegerField("行")
    code = models.CharField("矿山编码", max_length=40, blank=True)
    name = models.CharField("名称", max_length=200, blank=True)
    verdict = models.CharField("结论", max_length=10, choices=Verdict)
    news = models.CharField("内容", max_length=8, blank=True)
    cells = models.JSONField("原文", default=list)
    values = models.JSONField("识别", default=dict)
    changes = models.JSONField("变化", default=list)
    reasons = models.JSONField("原因", default=list)
    alias_of = models.CharField("疑似别名", max_length=MINE_CODE_LENGTH, blank=True)
    decision = models.CharField("处理", max_length=8, choices=Decision, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("imported", "number")
        constraints = (models.UniqueConstraint(fields=("imported", "number"), name="import_row_number"),)
        indexes = (models.Index(fields=("imported", "verdict", "number"), name="import_row_verdict"),)
