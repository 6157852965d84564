"""What is stored of responsibility. Rows are never deleted: what was wrong is voided with a reason, what ended has its end.

A dated row holds on the days [valid_from, valid_to) by the calendar of Beijing; `valid_to` empty means still in effect.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Company, Mine, Region, Supervision
from kuangan.domains.responsibility.kinds import (
    CATEGORY_WORDS,
    CLASS_WORDS,
    HOLDER_WORDS,
    MATTER_WORDS,
    NATURE_WORDS,
    POST_WORDS,
    ROOM,
)

STANDING = Q(voided_at__isnull=True)


def held_on(day: date, prefix: str = "") -> Q:
    """The condition that a dated row stands and covers `day`."""
    open_end = Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gt": day})
    return Q(**{f"{prefix}voided_at__isnull": True, f"{prefix}valid_from__lte": day}) & open_end


class Entered(models.Model):
    """Who entered a row and when; who voided it and why."""

    recorded_at = models.DateTimeField("登记时间")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField("作废时间", null=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    void_reason = models.CharField("作废理由", max_length=200, blank=True)

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("rows of responsibility are voided, never deleted")


class Dated(Entered):
    """A row with days of effect; its end is recorded too."""

    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True)
    end_recorded_at = models.DateTimeField(null=True)
    basis = models.CharField("依据", max_length=200)

    class Meta:
        abstract = True


class OfSubject(models.Model):
    """A mine or a company, one of both."""

    mine = models.ForeignKey(Mine, null=True, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name="矿山")
    company = models.ForeignKey(
        Company, null=True, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name="企业"
    )

    class Meta:
        abstract = True

    @property
    def subject(self) -> Mine | Company:
        found: Mine | Company | None = self.mine or self.company
        assert found is not None
        return found


ONE_SUBJECT = Q(mine__isnull=True, company__isnull=False) | Q(mine__isnull=False, company__isnull=True)


class Holder(models.Model):
    """The person behind a supervision in the role of leader or officer: the body stands in the register, the name here."""

    supervision = models.OneToOneField(
        Supervision, primary_key=True, on_delete=models.PROTECT, related_name="holder", verbose_name="关系"
    )
    kind = models.CharField("类别", max_length=16, choices=tuple(HOLDER_WORDS.items()))
    name = models.CharField("姓名", max_length=40)
    post = models.CharField("职务", max_length=60, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "包保和驻矿人员"


class LeaderVisit(Entered):
    """An assigned leader was at the mine. No inspection: nothing is ordered and nobody is fined by it."""

    supervision = models.ForeignKey(Supervision, on_delete=models.PROTECT, related_name="leader_visits")
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="leader_visits", verbose_name="矿山")
    day = models.DateField("到矿日期")
    underground = models.BooleanField("下井或到现场", default=False)
    note = models.CharField("情况", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "包保到矿"
        indexes = (models.Index(fields=("supervision", "-day"), name="leadervisit_day"),)
        constraints = (
            models.UniqueConstraint(fields=("supervision", "day"), condition=STANDING, name="leadervisit_once"),
        )


class OfficerLog(Entered):
    """What an officer wrote of one shift at a mine."""

    supervision = models.ForeignKey(Supervision, on_delete=models.PROTECT, related_name="officer_logs")
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="officer_logs", verbose_name="矿山")
    day = models.DateField("日期")
    shift = models.CharField("班次", max_length=8, choices=tuple(ROOM.shifts.items()))
    text = models.CharField("日志", max_length=1000)

    class Meta:
        verbose_name = verbose_name_plural = "驻矿日志"
        indexes = (models.Index(fields=("supervision", "-day"), name="officerlog_day"),)
        constraints = (
            models.UniqueConstraint(fields=("supervision", "day", "shift"), condition=STANDING, name="officerlog_once"),
        )


class Confirmation(Entered):
    """An officer saw the conditions of a key operation before it began."""

    supervision = models.ForeignKey(Supervision, on_delete=models.PROTECT, related_name="confirmations")
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="confirmations", verbose_name="矿山")
    operation = models.CharField("关键环节", max_length=16, choices=tuple(ROOM.operations.items()))
    place = models.CharField("地点", max_length=120)
    confirmed_at = models.DateTimeField("确认时间")
    fit = models.BooleanField("具备条件")
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "关键环节确认"
        indexes = (models.Index(fields=("supervision", "-confirmed_at"), name="confirmation_at"),)


class Problem(Entered):
    """Something a leader or an officer found that somebody is to solve."""

    supervision = models.ForeignKey(Supervision, on_delete=models.PROTECT, related_name="problems")
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="found_problems", verbose_name="矿山")
    found_on = models.DateField("发现日期")
    text = models.CharField("问题", max_length=500)
    owner = models.CharField("由谁解决", max_length=80)
    due = models.DateField("期限")
    solved_on = models.DateField("解决日期", null=True)
    solved_note = models.CharField("解决情况", max_length=500, blank=True)
    solved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    solved_at = models.DateTimeField("解决登记时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "包保驻矿问题"
        indexes = (
            models.Index(fields=("supervision", "due"), name="problem_due"),
            models.Index(fields=("-found_on", "-id"), name="problem_found"),
        )


class Post(OfSubject, Dated):
    """A person in a post of a mine or a company. Of one post and subject the rows never overlap."""

    post = models.CharField("职务", max_length=24, choices=tuple(POST_WORDS.items()))
    name = models.CharField("姓名", max_length=40)
    acting = models.BooleanField("代理", default=False)
    card = models.CharField("定位卡号", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        indexes = (
            models.Index(fields=("mine", "post", "valid_from"), name="post_mine"),
            models.Index(fields=("company", "post", "valid_from"), name="post_company"),
        )
        constraints = (
            models.CheckConstraint(condition=ONE_SUBJECT, name="post_one_subject"),
            models.UniqueConstraint(
                fields=("mine", "post"), condition=STANDING & Q(valid_to__isnull=True), name="post_one_open_mine"
            ),
            models.UniqueConstraint(
                fields=("company", "post"), condition=STANDING & Q(valid_to__isnull=True), name="post_one_open_company"
            ),
        )


class Nature(Dated):
    """Whether a company is owned by the state or privately."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="natures", verbose_name="企业")
    nature = models.CharField("性质", max_length=12, choices=tuple(NATURE_WORDS.items()))

    class Meta:
        verbose_name = verbose_name_plural = "企业性质"
        constraints = (
            models.UniqueConstraint(
                fields=("company",), condition=STANDING & Q(valid_to__isnull=True), name="nature_one_open"
            ),
        )


class MatterRole(models.TextChoices):
    LEAD = "lead", "牵头"
    ASSIST = "assist", "配合"


class MatterDuty(Dated):
    """A department that leads or assists in a matter of a region. Two that claim the lead are both kept: that is the overlap."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="matters", verbose_name="地区")
    matter = models.CharField("事项", max_length=24, choices=tuple(MATTER_WORDS.items()))
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="matters", verbose_name="部门")
    role = models.CharField("分工", max_length=8, choices=MatterRole)

    class Meta:
        verbose_name = verbose_name_plural = "一件事牵头"
        indexes = (models.Index(fields=("region", "matter"), name="matterduty_region"),)
        constraints = (
            models.UniqueConstraint(
                fields=("region", "matter", "body"),
                condition=STANDING & Q(valid_to__isnull=True),
                name="matterduty_one_open",
            ),
        )


class Meeting(OfSubject, Entered):
    """A safety office meeting of a mine or of its parent company."""

    day = models.DateField("日期")
    month = models.CharField("月份", max_length=7)
    chair_post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    chair_name = models.CharField("主持人", max_length=40)
    attendants = models.JSONField("参加人员", default=list)
    topics = models.CharField("议题", max_length=1000)
    file_name = models.CharField("纪要文件", max_length=160, blank=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    file_size = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "安全生产办公会议"
        indexes = (
            models.Index(fields=("mine", "month"), name="meeting_mine"),
            models.Index(fields=("company", "month"), name="meeting_company"),
            models.Index(fields=("-day", "-id"), name="meeting_day"),
        )
        constraints = (models.CheckConstraint(condition=ONE_SUBJECT, name="meeting_one_subject"),)

    @property
    def in_person(self) -> bool:
        """Whether a principal took the chair."""
        return self.chair_post is not None


class Reminder(models.Model):
    """That the reminder of a month was started for a mine: it is started once."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="+")
    month = models.CharField("月份", max_length=7)
    started_at = models.DateTimeField("起算时间")

    class Meta:
        verbose_name = verbose_name_plural = "会议提醒"
        constraints = (models.UniqueConstraint(fields=("month", "mine"), name="reminder_once"),)


class Resolution(models.Model):
    """What a meeting decided: who does it, until when, and whether it is done."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="resolutions")
    text = models.CharField("决定", max_length=500)
    owner = models.CharField("责任人", max_length=40)
    due = models.DateField("期限")
    done_on = models.DateField("完成日期", null=True)
    done_note = models.CharField("完成情况", max_length=300, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "会议决定"
        ordering = ("meeting", "id")


class Presence(Entered):
    """Days in a month on which a principal was at the mine, as the mine declares it."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="presences")
    month = models.CharField("月份", max_length=7)
    days = models.PositiveSmallIntegerField("在矿天数")
    underground = models.PositiveSmallIntegerField("下井天数")

    class Meta:
        verbose_name = verbose_name_plural = "在矿天数"
        constraints = (
            models.UniqueConstraint(fields=("post", "month"), condition=STANDING, name="presence_once"),
            models.CheckConstraint(condition=Q(underground__lte=models.F("days")), name="presence_below_within"),
        )


class FundMonth(Entered):
    """What a mine declares for a month: output, class, and the safety funds it drew. Amounts in yuan."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="fund_months", verbose_name="矿山")
    month = models.CharField("月份", max_length=7)
    output_t = models.DecimalField("产量（吨）", max_digits=14, decimal_places=2)
    fund_class = models.CharField("类别", max_length=24, choices=tuple(CLASS_WORDS.items()))
    from_register = models.BooleanField("按登记事项认定")
    rate = models.DecimalField("标准（元/吨）", max_digits=6, decimal_places=2)
    required = models.DecimalField("应提取", max_digits=16, decimal_places=2)
    extracted = models.DecimalField("实提取", max_digits=16, decimal_places=2)
    shortfall = models.DecimalField("少提取", max_digits=16, decimal_places=2)
    opening = models.DecimalField("上期结转", max_digits=16, decimal_places=2, default=0)
    file_name = models.CharField("导入文件", max_length=160, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "安全费用提取"
        indexes = (models.Index(fields=("month", "mine"), name="fundmonth_month"),)
        constraints = (
            models.UniqueConstraint(fields=("mine", "month"), condition=STANDING, name="fundmonth_once"),
            models.CheckConstraint(
                condition=Q(output_t__gte=0, extracted__gte=0, shortfall__gte=0), name="fundmonth_not_negative"
            ),
        )


class FundSpending(Entered):
    """Money spent in a month for one purpose, with its vouchers."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="fund_spendings", verbose_name="矿山")
    month = models.CharField("月份", max_length=7)
    category = models.CharField("用途", max_length=16, choices=tuple(CATEGORY_WORDS.items()))
    amount = models.DecimalField("金额", max_digits=16, decimal_places=2)
    vouchers = models.PositiveIntegerField("凭证张数")
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "安全费用使用"
        indexes = (models.Index(fields=("mine", "month"), name="fundspending_month"),)
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="fundspending_positive"),)
