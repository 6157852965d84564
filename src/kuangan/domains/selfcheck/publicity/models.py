"""What is stored of texts, reading lists, receipts, tests and what inspections told mines of the law."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Mine
from kuangan.domains.selfcheck.publicity.rules import FORM_WORDS, KIND_WORDS

_PERSON = settings.AUTH_USER_MODEL


class OwnText(models.Model):
    """A law, standard or notice that somebody entered beside those that come with the system. Withdrawn, never deleted."""

    name = models.CharField("名称", max_length=160)
    version = models.CharField("版本", max_length=80, blank=True)
    number = models.CharField("文号 / 标准号", max_length=80, blank=True)
    issuer = models.CharField("发布单位", max_length=120, blank=True)
    kind = models.CharField("类别", max_length=12, choices=tuple(KIND_WORDS.items()))
    first = models.DateField("施行日期", null=True)
    until = models.DateField("失效日期", null=True)
    about = models.CharField("内容提要", max_length=300, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    withdrawn_by = models.ForeignKey(_PERSON, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "selfcheck"
        verbose_name = verbose_name_plural = "法规标准"
        constraints = (
            models.UniqueConstraint(fields=("name", "version"), condition=Q(withdrawn_at=None), name="own_text_once"),
        )


class ReadingList(models.Model):
    """Texts that people must read by a day, and be tested on. `roles` and `sides` say who: people of mines, companies, authorities."""

    title = models.CharField("名称", max_length=120)
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="发布单位")
    texts = models.JSONField("法规标准", default=list)
    note = models.TextField("学习要点", blank=True)
    sides = models.JSONField("对象", default=list)
    roles = models.JSONField("岗位", default=list)
    mine_kinds = models.JSONField("矿种", default=list)
    questions = models.JSONField("测试题", default=list)
    pass_mark = models.PositiveSmallIntegerField("合格分", default=80)
    issued_at = models.DateTimeField("发布时间")
    due = models.DateTimeField("截止")
    by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        app_label = "selfcheck"
        verbose_name = verbose_name_plural = "必学清单"
        ordering = ("-issued_at", "-id")

    def __str__(self) -> str:
        return self.title


class Reading(models.Model):
    """A person says to have read a list."""

    reading_list = models.ForeignKey(ReadingList, on_delete=models.PROTECT, related_name="readings")
    user = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("签收时间")

    class Meta:
        app_label = "selfcheck"
        constraints = (models.UniqueConstraint(fields=("reading_list", "user"), name="text_reading_once"),)


class Attempt(models.Model):
    """One test of a person, with what was answered and the score. Never changed."""

    reading_list = models.ForeignKey(ReadingList, on_delete=models.PROTECT, related_name="attempts")
    user = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField("作答", default=list)
    score = models.PositiveSmallIntegerField("得分")
    passed = models.BooleanField("合格")
    at = models.DateTimeField("测试时间")

    class Meta:
        app_label = "selfcheck"
        ordering = ("id",)
        indexes = (models.Index(fields=("reading_list", "user"), name="attempt_of"),)


class GroupReading(models.Model):
    """A mine told a list to its shifts: how many should have heard it and how many did. The mine's own entry."""

    reading_list = models.ForeignKey(ReadingList, on_delete=models.PROTECT, related_name="groups")
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="+")
    on = models.DateField("日期")
    group = models.CharField("班组 / 区队", max_length=80)
    expected = models.PositiveSmallIntegerField("应到")
    attended = models.PositiveSmallIntegerField("实到")
    text = models.CharField("方式与内容", max_length=300)
    by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        app_label = "selfcheck"
        ordering = ("-on", "-id")


class Publicity(models.Model):
    """What inspectors told a mine of the law at one visit (`visit` is its number in the ledger of inspections)."""

    visit = models.BigIntegerField("检查登记")
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="+", verbose_name="矿山")
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="普法单位")
    on = models.DateField("日期")
    form = models.CharField("方式", max_length=12, choices=tuple(FORM_WORDS.items()))
    texts = models.JSONField("宣讲内容", default=list)
    audience = models.PositiveSmallIntegerField("听讲人数")
    text = models.CharField("情况", max_length=300, blank=True)
    by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")
    voided_at = models.DateTimeField("作废时间", null=True)
    voided_by = models.ForeignKey(_PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    void_reason = models.CharField("作废理由", max_length=200, blank=True)

    class Meta:
        app_label = "selfcheck"
        verbose_name = verbose_name_plural = "普法记录"
        indexes = (models.Index(fields=("-on", "-id"), name="publicity_on"),)
        constraints = (models.UniqueConstraint(fields=("visit",), condition=Q(voided_at=None), name="publicity_once"),)
