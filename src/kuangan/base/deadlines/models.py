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
    SUSPENDED = "suspended", "已中止"


class Counting(models.TextChoices):
    """How the length of a clock is counted: by the clock, or in working days."""

    CLOCK = "clock", "自然时间"
    WORKING_DAYS = "working_days", "工作日"


OPEN_STATES = (DeadlineState.RUNNING, DeadlineState.LAPSED, DeadlineState.SUSPENDED)
ASKED_STATES = (DeadlineState.RUNNING, DeadlineState.LAPSED)
"""Open and counted: somebody has to act by then."""


class Deadline(models.Model):
    """`rung` counts the rungs of `ladder` that have fired; `next_at` is when the next one fires (None: no more).

    A lapsed deadline keeps climbing until it is met or cancelled. An extension closes the row and opens another. A suspended one
    climbs nothing; `due` is what it was then, and moves when it is resumed.
    """

    subject_kind = models.CharField("事项类型", max_length=64)
    subject_id = models.CharField("事项编号", max_length=128)
    code = models.CharField("时限", max_length=64)
    owner = models.ForeignKey("people.Organisation", null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField("起算时间")
    due = models.DateTimeField("到期时间")
    state = models.CharField("状态", max_length=16, choices=DeadlineState.choices, default=DeadlineState.RUNNING)
    counting = models.CharField("计算方式", max_length=16, choices=Counting.choices, default=Counting.CLOCK)
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
                condition=Q(state__in=["running", "lapsed", "suspended"]),
                name="deadline_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="deadline_next"),
            models.Index(fields=["owner", "state", "due"], name="deadline_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id} {self.code} {self.due:%Y-%m-%d %H:%M}"


class Suspension(models.Model):
    """A span in which a deadline did not run. Open while `resumed_at` is empty; never deleted."""

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="suspensions")
    started_at = models.DateTimeField("中止时间")
    reason = models.TextField("中止理由")
    basis = models.CharField("依据", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_before = models.DateTimeField("原到期时间")
    resumed_at = models.DateTimeField("恢复时间", null=True)
    resumed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    resumed_reason = models.TextField("恢复理由", blank=True)
    due_after = models.DateTimeField("恢复后到期时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "时限中止"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["deadline"], condition=Q(resumed_at__isnull=True), name="suspension_one_open"
            )
        ]


class AnswerState(models.TextChoices):
    ASKED = "asked", "待同意"
    AGREED = "agreed", "已同意"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "已撤回"


class ExtensionRequest(models.Model):
    """One person asks for more time; another agrees or refuses. It ends as withdrawn when its deadline ends first."""

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="requests")
    due = models.DateTimeField("申请延至")
    reason = models.TextField("申请理由")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=16, choices=AnswerState.choices, default=AnswerState.ASKED)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField("答复时间", null=True)
    answer = models.TextField("答复意见", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["deadline"], condition=Q(state="asked"), name="extension_one_asked")
        ]
