"""The row that every life cycle shares, and its timeline."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.urls import reverse

from kuangan.base import clock
from kuangan.base.case.flow import flow_of, page_of
from kuangan.base.case.visibility import OPEN, reach
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of


class Severity(models.TextChoices):
    RED = "red", "红色"
    ORANGE = "orange", "橙色"
    YELLOW = "yellow", "黄色"
    BLUE = "blue", "蓝色"
    NONE = "none", "未分级"


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User | AnonymousUser, at: datetime | None = None) -> CaseQuerySet:
        """The cases that exist for `user` at `at` (default: now), as one query without a join that repeats rows."""
        scope = scope_of(user)
        return self.none() if scope.empty else self.filter(reach(scope, at or clock.now()))


class Case(models.Model):
    """Anything with a life cycle and a clock. The table of its own kind has this row as primary key.

    `region` is a GB/T 2260 code; `secrecy` is `open` or `sealed:<group>`; `due` is the nearest open deadline.
    """

    kind = models.CharField("类型", max_length=32)
    number = models.CharField("编号", max_length=40, unique=True)
    mine = models.ForeignKey("registry.Mine", null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    region = models.CharField("区划", max_length=12, blank=True)
    sector = models.CharField("行业", max_length=16, blank=True)
    state = models.CharField("状态", max_length=32)
    severity = models.CharField("等级", max_length=8, choices=Severity.choices, default=Severity.NONE)
    owner = models.ForeignKey(
        "people.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="owned_cases"
    )
    due = models.DateTimeField("到期时间", null=True, blank=True)
    opened = models.DateTimeField("立案时间")
    closed = models.DateTimeField("办结时间", null=True, blank=True)
    title = models.CharField("标题", max_length=200)
    secrecy = models.CharField("密级", max_length=64, default=OPEN)
    origin = models.CharField("来源", max_length=128, blank=True)
    drill = models.BooleanField("演练", default=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案件"
        indexes = [
            models.Index(fields=["kind", "state", "-opened"], name="case_kind_state"),
            models.Index(fields=["-opened", "-id"], name="case_opened"),
            models.Index(fields=["mine", "-opened"], name="case_mine"),
            models.Index(fields=["region", "-opened"], name="case_region"),
            models.Index(fields=["owner", "state", "due"], name="case_owner"),
            models.Index(fields=["kind", "severity"], condition=models.Q(closed__isnull=True), name="case_open"),
            models.Index(fields=["due"], condition=models.Q(due__isnull=False), name="case_due"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def address(self) -> str:
        """Its page. KeyError for a kind without flow, ValueError for one without page."""
        return reverse(page_of(self.kind), args=[self.number])

    @property
    def state_word(self) -> str:
        """The name of its state in the flow of its kind. KeyError for a kind without flow."""
        return flow_of(self.kind).states[self.state]


class Step(models.Model):
    """One step of a case's timeline. Never changed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    name = models.CharField("步骤", max_length=32)
    from_state = models.CharField("原状态", max_length=32, blank=True)
    to_state = models.CharField("新状态", max_length=32)
    by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("people.Organisation", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")
    form = models.JSONField("填写内容", default=dict)
    reason = models.TextField("说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "办理步骤"
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.case_id} {self.name}"


class NumberSeries(models.Model):
    """The last serial given out for a prefix on a day (Beijing). Locked by whoever takes the next."""

    prefix = models.CharField(max_length=8)
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "day"], name="number_series_once")]


class VoidedNumber(models.Model):
    """A number that was given out and will not be used. It stays in the sequence, with the reason."""

    number = models.CharField("编号", max_length=40, unique=True)
    by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("作废时间")
    reason = models.TextField("作废理由")
