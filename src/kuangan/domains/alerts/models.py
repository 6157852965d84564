"""What is stored of an alert beside its case row."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from kuangan.base.case.models import Case
from kuangan.base.people.models import Organisation
from kuangan.domains.alerts.rules import CAUSES, GRADE_WORDS, LEVEL_WORDS, STEP_WORDS, WITHDRAWN


class Alert(models.Model):
    """One event of the warning engine and what people did about it. Revisions of the event update the row."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="alert")
    event_id = models.CharField("事件编号", max_length=80, unique=True)
    rev = models.IntegerField("修订号")
    rule = models.CharField("规则", max_length=40)
    rule_version = models.IntegerField("规则版本")
    subject_kind = models.CharField("对象类别", max_length=12)
    subject = models.CharField("对象编码", max_length=40)
    point = models.CharField("测点编码", max_length=40, blank=True)
    location = models.CharField("地点", max_length=200, blank=True)
    mine_name = models.CharField("矿名", max_length=120, blank=True)
    grade = models.CharField("颜色", max_length=8, choices=tuple(GRADE_WORDS.items()))
    rank = models.SmallIntegerField("颜色序", default=0)
    graded_at = models.DateTimeField("达到该颜色的时间")
    onset = models.DateTimeField("起始")
    end = models.DateTimeField("结束", null=True)
    peak = models.FloatField("峰值", null=True)
    peak_at = models.DateTimeField("峰值时间", null=True)
    value = models.FloatField("数值", null=True)
    limit = models.FloatField("限值", null=True)
    unit = models.CharField("单位", max_length=16, blank=True)
    limit_source = models.CharField("限值来源", max_length=24, blank=True)
    event_status = models.CharField("事件状态", max_length=8)
    physically_cleared_at = models.DateTimeField("现场解除时间", null=True)
    late = models.BooleanField("迟到数据", default=False)
    told_late = models.BooleanField("补判", default=False)
    void = models.BooleanField("作废待确认", default=False)
    merged_into = models.CharField("并入事件", max_length=80, blank=True)
    raised_at = models.DateTimeField("产生时间")
    changed_at = models.DateTimeField("最近变化")
    reach = models.SmallIntegerField("已送达层级", default=0)
    inputs = models.JSONField("输入", default=dict)
    cause_code = models.CharField("原因", max_length=20, blank=True, choices=tuple(CAUSES.items()))
    withdrawn = models.CharField("撤人", max_length=12, blank=True, choices=tuple(WITHDRAWN.items()))
    drill = models.BooleanField("演练", default=False)
    organisations = models.JSONField("各级单位", default=dict)

    class Meta:
        indexes = (
            models.Index(fields=("-rank", "-case"), name="alert_rank"),
            models.Index(fields=("rule", "-case"), name="alert_rule"),
            models.Index(fields=("raised_at", "reach"), name="alert_raised"),
            models.Index(fields=("changed_at",), name="alert_changed"),
            models.Index(fields=("subject", "-case"), name="alert_subject"),
        )

    def __str__(self) -> str:
        return self.event_id


class Acknowledgement(models.Model):
    """One level has taken note of one colour of an alert."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="acknowledgements")
    level = models.CharField("层级", max_length=12, choices=tuple(LEVEL_WORDS.items()))
    grade = models.CharField("颜色", max_length=8, choices=tuple(GRADE_WORDS.items()))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")
    withdrawing = models.BooleanField("已开始撤人", default=False)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(fields=("alert", "level", "grade"), name="acknowledgement_once_per_colour"),
        )


class Change(models.Model):
    """What the engine or a breach did to an alert, one row each, never altered: the other half of the timeline."""

    KINDS = {
        "raised": "产生告警",
        "grade": "颜色升级",
        "void": "数据更正后不再成立，待人工确认",
        "restored": "作废撤销，告警恢复",
        "reopened": "再次超限，告警恢复",
        "merged": "并入另一告警",
        "climbed": "逾期未确认，升级至上一级",
        "lapsed": "逾期",
    }
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="changes")
    rev = models.IntegerField("修订号")
    kind = models.CharField("变化", max_length=12, choices=tuple(KINDS.items()))
    grade = models.CharField("颜色", max_length=8, blank=True)
    level = models.CharField("层级", max_length=12, blank=True)
    detail = models.CharField("说明", max_length=200, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ("at", "id")


class Evidence(models.Model):
    """A file handed in with a step; the bytes lie in the home under their digest."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="evidence")
    step = models.CharField("步骤", max_length=24)
    name = models.CharField("文件名", max_length=160)
    content_type = models.CharField("类型", max_length=80)
    size = models.IntegerField("字节")
    sha256 = models.CharField("摘要", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ("at", "id")


class RoutingTable(models.Model):
    """One imported routing table; the one whose dates hold the alert's raised date applies, the later import first."""

    name = models.CharField("名称", max_length=160)
    basis = models.CharField("依据", max_length=300)
    source = models.CharField("来源", max_length=16)
    in_force_from = models.DateField("施行日期")
    in_force_until = models.DateField("失效日期", null=True)
    climb_ack_minutes = models.IntegerField("升级后确认时限")
    ceiling = models.JSONField("升级上限")
    imported_at = models.DateTimeField("导入时间")
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField("文件摘要", max_length=64)

    class Meta:
        ordering = ("in_force_from", "imported_at")


class RoutingRow(models.Model):
    """One clock of an imported routing table."""

    table = models.ForeignKey(RoutingTable, on_delete=models.CASCADE, related_name="rows")
    colour = models.CharField("颜色", max_length=8)
    level = models.CharField("层级", max_length=12, choices=tuple(LEVEL_WORDS.items()))
    step = models.CharField("事项", max_length=20, choices=tuple(STEP_WORDS.items()))
    minutes = models.IntegerField("时限（分钟）")
    basis = models.CharField("依据", max_length=300)
    source = models.CharField("来源", max_length=16)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("table", "colour", "level", "step"), name="routing_row_once"),)
