"""What is kept of the exchange: platforms, what left, what came, what was refused, and one row a case and platform."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from kuangan.base.case.models import Case
from kuangan.base.people.models import Organisation, all_sectors
from kuangan.base.registry.models import Mine


class Mode(models.TextChoices):
    SHADOW = "shadow", "影子"
    ASSIST = "assist", "辅助"
    PRIMARY = "primary", "主用"


class Platform(models.Model):
    """A declared platform once somebody has set it up. Cursors only grow; each is moved in the transaction of its work.

    `position` is the last link of the audit chain whose consequences are packages; `filling` the last open case taken
    over when it was set up or got another mapping (None: done); `filed_seq` and `pushed_seq` the last package in the folder and pushed.
    """

    code = models.CharField("平台", max_length=24, primary_key=True)
    enabled = models.BooleanField("启用", default=False)
    mode = models.CharField("方式", max_length=8, choices=Mode, default=Mode.ASSIST)
    region = models.CharField("区划范围", max_length=6, default="14")
    sectors = models.JSONField("行业范围", default=all_sectors)
    folder = models.BooleanField("文件交换", default=True)
    push_url = models.CharField("推送地址", max_length=300, blank=True)
    acts_for = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="代表的单位"
    )
    position = models.BigIntegerField(default=0)
    filling = models.BigIntegerField(null=True)
    mapping_version = models.IntegerField("对照表版本", default=0)
    last_seq = models.BigIntegerField(default=0)
    filed_seq = models.BigIntegerField(default=0)
    pushed_seq = models.BigIntegerField(default=0)
    push_attempts = models.PositiveIntegerField(default=0)
    push_next_at = models.DateTimeField(null=True)
    error = models.CharField("最近错误", max_length=300, blank=True)
    error_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField("启用时间", null=True)
    changed_at = models.DateTimeField("最近变更")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "datalink_exchange_platform"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class Key(models.Model):
    """A token of a platform: it may fetch, hand in or both, within a region. Only its hash is kept."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="keys")
    name = models.CharField("名称", max_length=60)
    sha256 = models.CharField(max_length=64, unique=True)
    tail = models.CharField("尾号", max_length=4)
    may_fetch = models.BooleanField("取数", default=True)
    may_hand_in = models.BooleanField("回传", default=True)
    region = models.CharField("区划范围", max_length=6, blank=True)
    disabled = models.BooleanField("停用", default=False)
    made_at = models.DateTimeField("建立时间")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    used_at = models.DateTimeField("最近使用", null=True)

    class Meta:
        db_table = "datalink_exchange_key"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class Package(models.Model):
    """One state of one case as it is sent: `body` is the canonical JSON, `digest` its SHA-256. Never changed."""

    EVENTS = {"raised": "新增", "changed": "变化", "withdrawn": "撤回"}

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="packages")
    seq = models.BigIntegerField("序号")
    ident = models.CharField("包编号", max_length=48, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    event = models.CharField("内容", max_length=12, choices=tuple(EVENTS.items()))
    region = models.CharField("区划", max_length=12, blank=True)
    again = models.BooleanField("重发", default=False)
    body = models.TextField()
    digest = models.CharField("摘要", max_length=64)
    made_at = models.DateTimeField("生成时间")
    left_at = models.DateTimeField("送出时间", null=True)

    class Meta:
        db_table = "datalink_exchange_package"
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("platform", "seq"), name="exchange_package_seq"),)
        indexes = (
            models.Index(fields=("platform", "case", "-seq"), name="exchange_package_case"),
            models.Index(fields=("platform", "seq"), condition=Q(left_at__isnull=True), name="exchange_package_waits"),
        )

    def __str__(self) -> str:
        return self.ident


class Counterpart(models.Model):
    """How a case stands on both sides: our state in their code as last sent, theirs as last told, the official number.

    `case` None: something they have and we do not.
    """

    SOURCES = {"typed": "人工填写", "read_back": "平台回传"}

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="counterparts")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="counterparts")
    official_number = models.CharField("官方系统编号", max_length=64, blank=True)
    number_source = models.CharField("编号来源", max_length=12, blank=True, choices=tuple(SOURCES.items()))
    number_at = models.DateTimeField("编号时间", null=True)
    number_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    our_state = models.CharField("我方状态", max_length=16, blank=True)
    our_digest = models.CharField(max_length=64, blank=True)
    withdrawn = models.BooleanField("已撤回", default=False)
    stuck = models.CharField("未能生成的原因", max_length=200, blank=True)
    last_seq = models.BigIntegerField(default=0)
    sent_at = models.DateTimeField("首次送出", null=True)
    acked_at = models.DateTimeField("对方签收", null=True)
    acked_seq = models.BigIntegerField(default=0)
    their_state = models.CharField("对方状态", max_length=16, blank=True)
    their_at = models.DateTimeField("对方办理时间", null=True)
    told_at = models.DateTimeField("对方首次回传", null=True)
    proposal = models.CharField("建议步骤", max_length=32, blank=True)
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, null=True, related_name="+")
    title = models.CharField("标题", max_length=200, blank=True)

    class Meta:
        db_table = "datalink_exchange_counterpart"
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("platform", "case"), condition=Q(case__isnull=False), name="exchange_counterpart_case"
            ),
            models.UniqueConstraint(
                fields=("platform", "official_number"),
                condition=~Q(official_number=""),
                name="exchange_counterpart_number",
            ),
        )

    def __str__(self) -> str:
        return f"{self.platform_id} {self.case_id or self.official_number}"


class Handling(models.Model):
    """One record of theirs that was taken, with what we did. `record` is their id: the same comes once."""

    EFFECTS = {
        "noted": "已记录",
        "compared": "仅比对",
        "remark": "附注",
        "proposed": "附注并建议",
        "done": "已办理",
        "refused": "未办理，附注",
        "older": "早于已知状态，仅留存",
        "theirs": "对方独有，已登记",
    }

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="handlings")
    record = models.CharField("记录编号", max_length=64)
    kind = models.CharField("类别", max_length=10, choices=(("ack", "签收"), ("handling", "处置")))
    digest = models.CharField(max_length=64)
    content = models.JSONField("内容")
    source = models.CharField("来源", max_length=160)
    place = models.IntegerField("第几条")
    received_at = models.DateTimeField("收到时间")
    counterpart = models.ForeignKey(Counterpart, on_delete=models.PROTECT, null=True, related_name="handlings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    mode = models.CharField("当时方式", max_length=8, choices=Mode)
    effect = models.CharField("结果", max_length=10, choices=tuple(EFFECTS.items()))
    step = models.CharField("步骤", max_length=32, blank=True)
    detail = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        db_table = "datalink_exchange_handling"
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("platform", "record"), name="exchange_handling_once"),)
        indexes = (models.Index(fields=("case", "-id"), name="exchange_handling_case"),)

    def __str__(self) -> str:
        return f"{self.platform_id} {self.record}"


class Reject(models.Model):
    """A record or file of theirs that was not taken, kept aside with the reason. The same again only counts."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="rejects")
    digest = models.CharField(max_length=64)
    source = models.CharField("来源", max_length=160)
    place = models.IntegerField("第几条")
    reason = models.CharField("原因", max_length=24)
    detail = models.CharField("说明", max_length=300, blank=True)
    excerpt = models.TextField("内容", blank=True)
    received_at = models.DateTimeField("首次收到")
    last_at = models.DateTimeField("最近收到")
    times = models.PositiveIntegerField("次数", default=1)

    class Meta:
        db_table = "datalink_exchange_reject"
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("platform", "digest"), name="exchange_reject_once"),)

    def __str__(self) -> str:
        return f"{self.platform_id} {self.source}:{self.place} {self.reason}"
