"""What is stored of an alert beside its case row."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from kuangan.base.case.models import Case
from kuangan.base.people.models import Organisation
from kuangan.domains.alerts.rules import CAUSES, GRADE_WORDS, LEVEL_WORDS, STEP_WORDS, WITHDRAWN
from kuangan.library.telemetry.fields import CODE_LENGTH


class Alert(models.Model):
    """One event of the warning engine and what people did about it. Revisions of the event update the row."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="alert")
    event_id = models.CharField("事件编号", max_length=120, unique=True)
    rev = models.IntegerField("修订号")
    rule = models.CharField("规则", max_length=40)
    rule_version = models.IntegerField("规则版本")
    subject_kind = models.CharField("对象类别", max_length=12)
    subject = models.CharField("对象编码", max_length=200)
    point = models.CharField("测点编码", max_length=CODE_LENGTH, blank=True)
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
    merged_into = models.CharField("并入事件", max_length=120, blank=True)
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
            models.Index(fields=("rule", "-rank", "-case"), name="alert_rule_rank"),
            models.Index(fields=("raised_at", "reach"), name="alert_raised"),
            models.Index(fields=("changed_at",), name="alert_changed"),
            models.Index(fields=("subject", "-case"), name="alert_subject"),
            models.Index(fields=("rule", "-case"), condition=~models.Q(cause_code=""), name="alert_cause"),
            models.Index(fields=("rule", "end"), name="alert_rule_end"),
            models.Index(fields=("merged_into",), condition=~models.Q(merged_into=""), name="alert_merged"),
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
        indexes = (models.Index(fields=("kind", "at"), name="change_kind"),)


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


class Shelving(models.Model):
    """An alert that one organisation has put aside until a time, with a reason; for others it stays where it is.

    It is in force once agreed to where its colour wants a second person, and only while `until` lies ahead and the
    colour has not risen above `rank`: the list asks for that itself and waits for no job.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待第二人同意"
        IN_FORCE = "in_force", "搁置中"
        REFUSED = "refused", "未同意"
        EXPIRED = "expired", "到期返回"
        RISEN = "risen", "颜色升高返回"
        CHANGED = "changed", "告警变化返回"
        CLOSED = "closed", "告警已闭环"
        WITHDRAWN = "withdrawn", "提前取消"

    LIVE = (State.WAITING, State.IN_FORCE)

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="shelvings")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    level = models.CharField("层级", max_length=12, choices=tuple(LEVEL_WORDS.items()))
    grade = models.CharField("搁置时颜色", max_length=8, choices=tuple(GRADE_WORDS.items()))
    rank = models.SmallIntegerField("颜色序")
    reason = models.CharField("理由", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("申请时间")
    until = models.DateTimeField("返回时间")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("同意时间", null=True)
    state = models.CharField("状态", max_length=12, choices=State.choices)
    ended_at = models.DateTimeField("结束时间", null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("organisation", "state", "until"), name="shelving_in_force"),)
        constraints = (
            models.UniqueConstraint(
                fields=("alert", "organisation"),
                condition=models.Q(state__in=("waiting", "in_force")),
                name="shelving_one_live",
            ),
        )

    def __str__(self) -> str:
        return f"{self.alert_id} {self.state}"


class SavedView(models.Model):
    """Filters of the desk under a name: one's own, or shared with one's organisation."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("名称", max_length=20)
    parameters = models.JSONField("条件", default=dict)
    shared = models.BooleanField("本单位共享", default=False)
    at = models.DateTimeField("保存时间")

    class Meta:
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=("owner", "name"), name="saved_view_name"),)

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """What the desk keeps of one person: the view it opens with, and since when changes are told."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    view = models.ForeignKey(SavedView, on_delete=models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField("变化起算", null=True)


class Draw(models.Model):
    """A random draw of closed alerts. `seed` and `population` repeat it to the same alerts."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("抽取时间")
    start = models.DateTimeField("期间起")
    stop = models.DateTimeField("期间止")
    asked = models.IntegerField("抽取件数")
    seed = models.CharField("随机种子", max_length=32)
    population = models.JSONField("总体", default=list)

    class Meta:
        ordering = ("-id",)


class Drawn(models.Model):
    """One alert of a draw with the verdict on it."""

    VERDICTS = {"true": "属实", "untrue": "不实", "incomplete": "资料不全"}
    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="drawn")
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="+")
    place = models.IntegerField("序号")
    verdict = models.CharField("结论", max_length=12, blank=True, choices=tuple(VERDICTS.items()))
    note = models.CharField("说明", max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("时间", null=True)
    reopened = models.BooleanField("已退回重办", default=False)

    class Meta:
        ordering = ("draw", "place")
        constraints = (models.UniqueConstraint(fields=("draw", "alert"), name="drawn_once"),)
