"""A clock that runs on something, named by kind and id."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class DeadlineState(models.TextChoices):
    RUNNING = "running", "计时中"
    MET = "met", "已完成"
    LAPSED = "lapsed", "已逾期"
    CANCELLED = "cancelled", "已取消"
    EXTENDED = "extended", "已延期"


OPEN_STATES = (DeadlineState.RUNNING, DeadlineState.LAPSED)


class Deadline(models.Model):
    """`rung` counts the rungs of `ladder` that have fired; `next_at` is when the next one fires (None: no more).

    A lapsed deadline keeps climbing until it is met or cancelled. An extension closes the row and opens another.
    """

    subject_kind = models.CharField("事项类型", max_length=64)
    subject_id = models.CharField("事项编号", max_length=128)
    code = models.CharField("时限", max_length=64)
    owner = models.ForeignKey("people.Organisation", null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField("起算时间")
    due = models.DateTimeField("到期时间")
    state = models.CharField("状态", max_length=16, choices=DeadlineState.choices, default=DeadlineState.RUNNING)
    ladder = models.CharField("升级阶梯", max_length=64)
    rung = models.PositiveSmallIntegerField("已到级", default=0)
    next_at = models.DateTimeField("下一级时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    extends = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="extended_by")
    reason = models.TextField("延期理由", blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "时限"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "code"],
                condition=Q(state__in=["running", "lapsed"]),
                name="deadline_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="deadline_next"),
            models.Index(fields=["owner", "state", "due"], name="deadline_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id} {self.code} {self.due:%Y-%m-%d %H:%M}"
