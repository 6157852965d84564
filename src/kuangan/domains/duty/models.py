"""What is kept of duty. Shifts and contacts are facts with dates: a correction adds a row and ends the one before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet

from kuangan.base.case.models import Case
from kuangan.base.notices.models import Notice
from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Mine
from kuangan.domains.duty.rules import MEANS, POST_WORDS, PRINTED_AT

# Django looks for the models of an app here.
from kuangan.domains.duty.weather.models import Withdrawal  # noqa: F401


def person(word: str) -> models.ForeignKey[Any, Any]:
    """The account of somebody, where there is one."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=word, on_delete=models.PROTECT, null=True, related_name="+"
    )


def standing(at: datetime, known_at: datetime | None = None) -> Q:
    """Rows that stood in the records at a moment: recorded by then and not yet replaced."""
    known = known_at or at
    return Q(recorded_at__lte=known) & (Q(replaced_at__isnull=True) | Q(replaced_at__gt=known))


class Shift(models.Model):
    """Who is on duty for an organisation from `start` up to `end`. Rows are never changed but for being replaced."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="shifts", verbose_name="单位")
    start = models.DateTimeField("起")
    end = models.DateTimeField("止")
    officer_name = models.CharField("值班员", max_length=40)
    officer_phone = models.CharField("值班员电话", max_length=20, blank=True)
    officer = person("值班员账号")
    deputy_name = models.CharField("副班", max_length=40, blank=True)
    deputy_phone = models.CharField("副班电话", max_length=20, blank=True)
    deputy = person("副班账号")
    leader_name = models.CharField("带班领导", max_length=40, blank=True)
    leader_phone = models.CharField("带班领导电话", max_length=20, blank=True)
    leader = person("带班领导账号")
    phone = models.CharField("值班电话", max_length=20, blank=True)
    basis = models.CharField("依据", max_length=200)
    recorded_at = models.DateTimeField("录入时间")
    recorded_by = person("录入人")
    replaced_at = models.DateTimeField("更正时间", null=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replacement")

    class Meta:
        ordering = ("start", "id")
        indexes = (
            models.Index(fields=("organisation", "start", "end"), name="shift_of_organisation"),
            models.Index(fields=("-start", "-id"), name="shift_start"),
        )
        constraints = (models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="shift_ends_after_start"),)

    def __str__(self) -> str:
        return f"{self.organisation} {self.officer_name}"


class Contact(models.Model):
    """One line of an organisation's phone book, in force from `valid_from` up to `valid_to`."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="contacts", verbose_name="单位"
    )
    post = models.CharField("岗位", max_length=24, choices=tuple(POST_WORDS.items()))
    name = models.CharField("姓名", max_length=40, blank=True)
    phone = models.CharField("电话", max_length=20)
    note = models.CharField("备注", max_length=200, blank=True)
    valid_from = models.DateTimeField("起")
    valid_to = models.DateTimeField("止", null=True)
    recorded_at = models.DateTimeField("录入时间")
    recorded_by = person("录入人")
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replacement")

    class Meta:
        ordering = ("organisation", "post", "id")
        indexes = (models.Index(fields=("organisation", "valid_to"), name="contact_of_organisation"),)


class CallOut(models.Model):
    """叫应: the calls made about an alert or another matter."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="callout")
    about = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="callouts", verbose_name="关于")
    matter = models.CharField("事项", max_length=200)
    opened_by = person("发起人")


class Call(models.Model):
    """One person called. Times are filled as they become known; what the voice gateway tells is written back."""

    callout = models.ForeignKey(CallOut, on_delete=models.PROTECT, related_name="calls")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    post = models.CharField("岗位", max_length=40, blank=True)
    name = models.CharField("姓名", max_length=40, blank=True)
    phone = models.CharField("电话", max_length=20)
    means = models.CharField("方式", max_length=8, choices=tuple(MEANS.items()))
    notice = models.OneToOneField(Notice, on_delete=models.PROTECT, null=True, related_name="call")
    called_at = models.DateTimeField("呼叫时间")
    called_by = person("呼叫人")
    answered_at = models.DateTimeField("接通时间", null=True)
    key = models.CharField("按键", max_length=8, blank=True)
    pressed_at = models.DateTimeField("按键时间", null=True)
    acted_at = models.DateTimeField("响应时间", null=True)
    note = models.CharField("备注", max_length=400, blank=True)

    class Meta:
        ordering = ("called_at", "id")


class Instruction(models.Model):
    """批示: what a leader asked for, and whether it was done."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    leader = models.CharField("批示领导", max_length=40)
    text = models.CharField("批示内容", max_length=1000)
    given_at = models.DateTimeField("批示时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = person("登记人")
    done_at = models.DateTimeField("办结时间", null=True)
    done_by = person("办结登记人")
    result = models.CharField("落实情况", max_length=1000, blank=True)

    class Meta:
        ordering = ("-given_at", "-id")
        indexes = (models.Index(fields=("organisation", "done_at"), name="instruction_open"),)


class Frozen(Exception):
    """A handover that was accepted does not change any more."""


class Handover(models.Model):
    """交接班: what is handed over, frozen when it is signed. `digest` is SM3 over the content."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="handover")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="handovers")
    since = models.DateTimeField("本班起")
    until = models.DateTimeField("本班止")
    content = models.JSONField("交接内容", default=dict)
    remarks = models.CharField("补充说明", max_length=2000, blank=True)
    digest = models.CharField("摘要", max_length=64, blank=True)
    outgoing = person("交班人")
    signed_at = models.DateTimeField("交班时间", null=True)
    incoming = person("接班人")
    accepted_at = models.DateTimeField("接班时间", null=True)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and Handover.objects.filter(pk=self.pk, accepted_at__isnull=False).exists():
            raise Frozen(self.pk)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.accepted_at is not None:
            raise Frozen(self.pk)
        return super().delete(*args, **kwargs)


class Bulletin(models.Model):
    """值班日报: figures of a period with the cases they count, as they stood when it was made."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    day = models.DateField("日期")
    since = models.DateTimeField("起")
    until = models.DateTimeField("止")
    content = models.JSONField("内容", default=dict)
    remarks = models.CharField("值班情况说明", max_length=2000, blank=True)
    made_at = models.DateTimeField("生成时间")
    made_by = person("生成人")

    class Meta:
        ordering = ("-day", "-id")
        indexes = (models.Index(fields=("-day", "-id"), name="bulletin_day"),)

    def __str__(self) -> str:
        return f"{self.organisation} {self.day:{PRINTED_AT}}"


class Drill(models.Model):
    """One drill: the marked alert that was raised for it."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="duty_drill")
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="+", verbose_name="矿山")
    grade = models.CharField("颜色", max_length=8)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="发起单位")
    started_by = person("发起人")
    started_at = models.DateTimeField("发起时间")
    purpose = models.CharField("演练目的", max_length=200, blank=True)

    class Meta:
        ordering = ("-started_at",)


def current_shifts(at: datetime) -> QuerySet[Shift]:
    """The shifts that stand in the records at a moment, whenever they take place."""
    return Shift.objects.filter(standing(at))
