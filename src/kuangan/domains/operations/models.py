"""What is stored of announcements, of what was found about them, of caretakers and of safety systems."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from kuangan.base.case.models import Case
from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Mine
from kuangan.domains.operations.kinds import KIND_WORDS, SYSTEM_WORDS
from kuangan.domains.operations.rules import CHECK_WORDS, PART_WORDS, TEST_WORDS


class Announcement(models.Model):
    """Work that a mine declared before it began.

    `covers_from` and `covers_to` say when alerts inside are marked (None: never); they follow from the other fields
    (`rules.covered`) and are written with every step. `supervisor` is the body that answers.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="announcement")
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="announcements", verbose_name="矿山")
    kind = models.CharField("类型", max_length=24, choices=tuple(KIND_WORDS.items()))
    supervisor = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    starts = models.DateTimeField("开始")
    ends = models.DateTimeField("结束")
    reason = models.TextField("事由")
    measures = models.TextField("安全措施")
    protected = models.TextField("保安负荷", blank=True)
    responsible = models.CharField("负责人", max_length=40)
    phone = models.CharField("联系电话", max_length=20, blank=True)
    short_notice = models.BooleanField("临时报备", default=False)
    declared_at = models.DateTimeField("报备时间")
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField("知悉时间", null=True)
    agreed_at = models.DateTimeField("同意时间", null=True)
    started_at = models.DateTimeField("实际开始", null=True)
    ended_at = models.DateTimeField("实际结束", null=True)
    overrun_at = models.DateTimeField("超期时间", null=True)
    asked_ends = models.DateTimeField("申请延至", null=True)
    extensions = models.PositiveSmallIntegerField("延期次数", default=0)
    covers_from = models.DateTimeField(null=True)
    covers_to = models.DateTimeField(null=True)
    checked_at = models.DateTimeField("数据核对时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "报备"
        indexes = (
            models.Index(fields=("mine", "covers_to", "covers_from"), name="announcement_cover"),
            models.Index(fields=("-declared_at", "-case"), name="announcement_declared"),
            models.Index(fields=("covers_to",), condition=models.Q(checked_at=None), name="announcement_unchecked"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.mine_id}"


class Part(models.Model):
    """What an announcement is about: a point or sub-station by its code, a place by its name, or the whole mine."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="parts")
    kind = models.CharField("范围", max_length=8, choices=tuple(PART_WORDS.items()))
    ident = models.CharField("对象", max_length=200)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("announcement", "kind", "ident"), name="part_once"),)
        indexes = (models.Index(fields=("kind", "ident"), name="part_ident"),)


class Check(models.Model):
    """Something about an announcement that a person must look at; it accuses nobody. The same `key` is found once."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="announcement_check")
    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField("核查事项", max_length=12, choices=tuple(CHECK_WORDS.items()))
    evidence = models.JSONField("依据", default=dict)
    found_at = models.DateTimeField("发现时间")
    key = models.CharField(max_length=120, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "报备核查"
        indexes = (models.Index(fields=("-found_at", "-case"), name="check_found"),)


class Caretakers(models.Model):
    """Who may be in a stopped mine: approved by the direct supervisor for an interval, never changed but for its end."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="caretakers", verbose_name="矿山")
    areas = models.CharField("区域", max_length=300)
    most = models.PositiveSmallIntegerField("同时最多人数")
    valid_from = models.DateTimeField("起")
    valid_to = models.DateTimeField("止")
    basis = models.CharField("依据", max_length=200)
    recorded_at = models.DateTimeField("录入时间")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField("批准时间", null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approving = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("提前终止", null=True)
    end_reason = models.CharField("终止事由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "看护人员"
        indexes = (models.Index(fields=("mine", "valid_from"), name="caretakers_mine"),)


class Caretaker(models.Model):
    """One person on the list."""

    caretakers = models.ForeignKey(Caretakers, on_delete=models.CASCADE, related_name="people")
    name = models.CharField("姓名", max_length=40)
    post = models.CharField("岗位", max_length=40)
    shift = models.CharField("班次", max_length=40)
    area = models.CharField("区域", max_length=80)
    card = models.CharField("定位卡号", max_length=64, blank=True, default="")

    class Meta:
        ordering = ("id",)


class SafetySystem(models.Model):
    """One of the underground safety systems of a mine."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="safety_systems", verbose_name="矿山")
    kind = models.CharField("系统", max_length=16, choices=tuple(SYSTEM_WORDS.items()))
    built_on = models.DateField("建成日期")
    model = models.CharField("型号与厂家", max_length=120, blank=True)
    tested_on = models.DateField("最近试验", null=True)
    next_test = models.DateField("下次应试验")

    class Meta:
        verbose_name = verbose_name_plural = "安全避险系统"
        constraints = (models.UniqueConstraint(fields=("mine", "kind"), name="safety_system_once"),)


class SystemTest(models.Model):
    """One test of a system, with what proves it. Never changed."""

    system = models.ForeignKey(SafetySystem, on_delete=models.PROTECT, related_name="tests")
    tested_on = models.DateField("试验日期")
    result = models.CharField("结果", max_length=8, choices=tuple(TEST_WORDS.items()))
    evidence = models.CharField("凭证", max_length=200)
    note = models.CharField("说明", max_length=300, blank=True)
    at = models.DateTimeField("录入时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-tested_on", "-id")


class SystemFault(models.Model):
    """A fault of a system: a case with a clock until it is repaired and verified."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="system_fault")
    system = models.ForeignKey(SafetySystem, on_delete=models.PROTECT, related_name="faults")
    found_at = models.DateTimeField("发现时间")
    text = models.CharField("故障情况", max_length=300)
    measures = models.CharField("临时措施", max_length=300)
    repaired_at = models.DateTimeField("修复时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "系统故障"
