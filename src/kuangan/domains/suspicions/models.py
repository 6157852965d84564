"""What the engine suspects of a mine's readings. A suspicion is no finding: people look, and decide elsewhere."""

from __future__ import annotations

from typing import Any

from django.db import models

from kuangan.base.case.models import Severity


class Suspicion(models.Model):
    """One event of a rule `tamper.*`. On the watch list it is a row; recommended for a check it has a sealed case besides."""

    class Tier(models.TextChoices):
        WATCH = "watch", "关注"
        CHECK = "check", "建议核查"

    event_id = models.CharField("事件", max_length=120, unique=True)
    rev = models.PositiveIntegerField("修订")
    rule = models.CharField("规则", max_length=40)
    rule_version = models.PositiveIntegerField("规则版本")
    tier = models.CharField("层级", max_length=8, choices=Tier)
    grade = models.CharField("级别", max_length=8, choices=Severity)
    mine = models.ForeignKey("registry.Mine", null=True, on_delete=models.PROTECT, related_name="suspicions")
    mine_code = models.CharField("矿山编码", max_length=21)
    subject_kind = models.CharField(max_length=8)
    subject = models.CharField("对象", max_length=80)
    location = models.CharField("地点", max_length=120, blank=True)
    maker = models.CharField("系统厂家", max_length=120, blank=True)
    system_model = models.CharField("系统型号", max_length=80, blank=True)
    onset = models.DateTimeField("起始")
    end = models.DateTimeField("结束", null=True)
    status = models.CharField("状态", max_length=8)
    raised_at = models.DateTimeField("发现时间")
    changed_at = models.DateTimeField("更新时间")
    inputs = models.JSONField("依据", default=dict)
    case = models.OneToOneField("case.Case", null=True, on_delete=models.PROTECT, related_name="suspicion")

    class Meta:
        verbose_name = verbose_name_plural = "监测疑点"
        ordering = ("-raised_at", "-id")
        indexes = (
            models.Index(fields=("-raised_at", "-id"), name="suspicion_raised"),
            models.Index(fields=("mine", "-raised_at"), name="suspicion_mine"),
        )

    def __str__(self) -> str:
        return f"{self.mine_code} {self.rule}"

    @property
    def signs(self) -> list[dict[str, Any]]:
        return list(self.inputs.get("signs", []))
