"""What is kept of rules: drafts, trials on past days, shadows, versions in force, and what overrides them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet

from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Mine
from kuangan.library.telemetry.fields import CODE_LENGTH

GRADE_LENGTH = 8


def person(word: str, null: bool = True) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=word, on_delete=models.PROTECT, null=null, related_name="+"
    )


class Draft(models.Model):
    """A changed part of the rule book that counts for nothing yet; `base` is the part as it stood when it was drafted.

    `standing`, a word and its colour, is put on the rows of a list."""

    standing: tuple[str, str]
    part = models.CharField("对象", max_length=48)
    title = models.CharField("名称", max_length=80)
    content = models.JSONField("草拟内容")
    base = models.JSONField("起草时内容")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    by = person("起草人")
    at = models.DateTimeField("起草时间")
    changed_at = models.DateTimeField("修改时间")
    dropped_at = models.DateTimeField("作废时间", null=True)

    class Meta:
        ordering = ("-changed_at", "-id")
        indexes = (models.Index(fields=("-changed_at", "-id"), name="draft_newest"),)

    def __str__(self) -> str:
        return self.title


class Trial(models.Model):
    """A draft tried on past days. What it was tried with and on stays with what came out."""

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        RUNNING = "running", "试算中"
        DONE = "done", "已完成"
        CANCELLED = "cancelled", "已取消"
        FAILED = "failed", "未完成"

    LIVE = (State.WAITING, State.RUNNING)

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="trials")
    part = models.CharField("对象", max_length=48)
    content = models.JSONField("试算内容")
    book = models.JSONField("对照规则")
    book_version = models.IntegerField("对照版本")
    mines = models.JSONField("矿山")
    first = models.DateField("起")
    last = models.DateField("止")
    warm_days = models.SmallIntegerField("预热天数")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    progress = models.SmallIntegerField("进度", default=0)
    asked_by = person("提交人")
    asked_at = models.DateTimeField("提交时间")
    started_at = models.DateTimeField("开始", null=True)
    beat_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    ended_at = models.DateTimeField("结束", null=True)
    sources = models.JSONField("数据来源", default=dict)
    summary = models.JSONField("结果", default=dict)
    cpu_seconds = models.FloatField("计算用时（秒）", default=0)
    readings = models.BigIntegerField("读数", default=0)
    fault = models.CharField("原因", max_length=300, blank=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        indexes = (
            models.Index(fields=("state", "id"), name="trial_waiting"),
            models.Index(fields=("-asked_at", "-id"), name="trial_newest"),
        )


class Finding(models.Model):
    """One alert that differs between the rule in force and the rule drafted."""

    class Kind(models.TextChoices):
        LOST = "lost", "不再产生"
        LOWERED = "lowered", "颜色降低"
        NEW = "new", "新产生"
        RAISED = "raised", "颜色升高"

    ORDER = {Kind.LOST: 0, Kind.LOWERED: 1, Kind.NEW: 2, Kind.RAISED: 3}

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="findings")
    order = models.SmallIntegerField(default=0)
    rank = models.SmallIntegerField(default=0)
    kind = models.CharField("变化", max_length=8, choices=Kind)
    rule = models.CharField("规则", max_length=40)
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="+", verbose_name="矿山")
    subject = models.CharField("对象", max_length=200)
    location = models.CharField("地点", max_length=200, blank=True)
    before = models.CharField("现行", max_length=GRADE_LENGTH, blank=True)
    after = models.CharField("草拟", max_length=GRADE_LENGTH, blank=True)
    onset = models.DateTimeField("起始")
    end = models.DateTimeField("结束", null=True)
    peak = models.FloatField("峰值", null=True)

    class Meta:
        ordering = ("order", "-rank", "id")
        indexes = (models.Index(fields=("trial", "order", "-rank", "id"), name="finding_order"),)


class Shadow(models.Model):
    """A draft that runs beside the rule in force and raises nothing; what it costs is counted."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="shadows")
    part = models.CharField("对象", max_length=48)
    content = models.JSONField("影子内容")
    mines = models.JSONField("矿山")
    warm_days = models.SmallIntegerField("预热天数")
    since = models.DateTimeField("起")
    until = models.DateTimeField("止")
    by = person("提交人")
    stopped_at = models.DateTimeField("停止时间", null=True)
    judged_until = models.DateTimeField("已判到", null=True)
    turns = models.IntegerField("轮次", default=0)
    cpu_seconds = models.FloatField("计算用时（秒）", default=0)
    readings = models.BigIntegerField("读数", default=0)
    fault = models.CharField("原因", max_length=300, blank=True)

    class Meta:
        ordering = ("-since", "-id")


class ShadowEvent(models.Model):
    """What a shadow would have raised: the newest revision of each event."""

    shadow = models.ForeignKey(Shadow, on_delete=models.CASCADE, related_name="events")
    event_id = models.CharField("事件编号", max_length=120)
    rev = models.IntegerField("修订号")
    rule = models.CharField("规则", max_length=40)
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="+", verbose_name="矿山")
    subject = models.CharField("对象", max_length=200)
    location = models.CharField("地点", max_length=200, blank=True)
    grade = models.CharField("颜色", max_length=GRADE_LENGTH)
    status = models.CharField("状态", max_length=8)
    merged = models.BooleanField("已并入", default=False)
    onset = models.DateTimeField("起始")
    end = models.DateTimeField("结束", null=True)
    peak = models.FloatField("峰值", null=True)
    raised_at = models.DateTimeField("产生时间")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("shadow", "event_id"), name="shadow_event_once"),)
        indexes = (models.Index(fields=("shadow", "raised_at"), name="shadow_raised"),)


class Version(models.Model):
    """A rule book proposed by one person and decided by another. Approved ones are numbered and never change."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.IntegerField("版本", null=True, unique=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED)
    part = models.CharField("对象", max_length=48, blank=True)
    content = models.JSONField("内容")
    base = models.JSONField("修改前")
    book = models.JSONField("规则表", null=True)
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, null=True, related_name="versions")
    restores = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField("理由", max_length=500)
    author = person("起草人")
    proposed_at = models.DateTimeField("提请时间")
    approver = person("批准人")
    decided_at = models.DateTimeField("决定时间", null=True)
    note = models.CharField("意见", max_length=500, blank=True)
    in_force_from = models.DateTimeField("生效时间")
    sha256 = models.CharField("摘要", max_length=64, blank=True)

    class Meta:
        ordering = ("-proposed_at", "-id")
        indexes = (
            models.Index(fields=("-proposed_at", "-id"), name="version_newest"),
            models.Index(fields=("in_force_from",), name="version_in_force", condition=Q(state="approved")),
        )


class Override(models.Model):
    """A departure from the book for a mine or one of its points; it names what it overrides, why, and until when.

    `standing`, a word and its colour, is put on the rows of a list."""

    standing: tuple[str, str]

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        IN_FORCE = "in_force", "已批准"
        REFUSED = "refused", "未批准"
        ENDED = "ended", "提前终止"

    rule = models.CharField("规则", max_length=40)
    setting = models.CharField("参数", max_length=24)
    quantity = models.CharField("对象", max_length=20, blank=True)
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="rule_overrides", verbose_name="矿山")
    point = models.CharField("测点编码", max_length=CODE_LENGTH, blank=True)
    value = models.FloatField("取值")
    overridden = models.CharField("原取值", max_length=120)
    reason = models.CharField("理由", max_length=500)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = person("提请人")
    proposed_at = models.DateTimeField("提请时间")
    decided_by = person("批准人")
    decided_at = models.DateTimeField("决定时间", null=True)
    valid_from = models.DateTimeField("起", null=True)
    valid_to = models.DateTimeField("止")
    ended_at = models.DateTimeField("终止时间", null=True)
    end_reason = models.CharField("终止理由", max_length=500, blank=True)

    class Meta:
        ordering = ("-proposed_at", "-id")
        indexes = (
            models.Index(fields=("-proposed_at", "-id"), name="override_newest"),
            models.Index(fields=("state", "valid_to"), name="override_in_force"),
        )


def overrides_in_force(at: datetime) -> QuerySet[Override]:
    """Rows that hold at a moment."""
    held = Override.objects.filter(state=Override.State.IN_FORCE, valid_from__lte=at, valid_to__gt=at)
    return held.order_by("id")
