"""What is kept of programmes of action. Nothing is deleted: what was wrong is voided or ended with a reason, values add rows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Mine
from kuangan.domains.campaign.words import (
    ITEM_STATES,
    MEASURES,
    REPORT_KINDS,
    REPORT_STATES,
    ROLES,
    SUBMISSION_STATES,
    choices,
    plain,
)


def someone(**more: Any) -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **more)


class Kept(models.Model):
    """Entered once and never removed; `id` is its only key."""

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("what a programme knows is ended with a reason, never deleted")


class Programme(Kept):
    """An action plan of some years. `code` names a definition of `data/`, or is that of a successor that was opened by hand.

    `loaded_on` is the day since which this system keeps it: what was due before is history, not overdue.
    """

    code = models.CharField("编号", max_length=40, unique=True)
    document = models.CharField("文件", max_length=16, blank=True)
    number = models.CharField("文号", max_length=60)
    title = models.CharField("名称", max_length=120)
    since = models.DateField("开始")
    until = models.DateField("结束")
    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="办公室所在单位")
    stale_days = models.PositiveSmallIntegerField("久未更新（日）")
    near_days = models.PositiveSmallIntegerField("临期（日）")
    loaded_on = models.DateField("装入日期")
    loaded_at = models.DateTimeField("装入时间")
    loaded_by = someone(null=True)
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="predecessors")
    handed_at = models.DateTimeField("移交时间", null=True)
    handed_by = someone(null=True)

    class Meta:
        ordering = ("-since", "-id")

    def __str__(self) -> str:
        return self.title


class Part(Kept):
    """Belongs to one programme and has a code in it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    code = models.CharField("编号", max_length=40)
    title = models.CharField("名称", max_length=120)
    node = models.CharField("条款", max_length=16, blank=True)
    ours = models.BooleanField("我方判读", default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class Post(Kept):
    """A person in the leading group, the task force or as liaison officer, from a day on; a change adds a row."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="posts")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField("单位", max_length=80)
    role = models.CharField("职责", max_length=16, choices=choices(ROLES))
    name = models.CharField("姓名", max_length=40)
    position = models.CharField("职务", max_length=60, blank=True)
    phone = models.CharField("联系方式", max_length=40, blank=True)
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True)
    basis = models.CharField("依据", max_length=120, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = someone(null=True)

    class Meta:
        ordering = ("role", "unit", "-valid_from", "id")


class Meeting(Kept):
    """A meeting of the leading group or the task force. It dispatches and urges; it inspects nobody (国办发〔2024〕54号)."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="meetings")
    title = models.CharField("会议", max_length=120)
    held_on = models.DateField("日期")
    chair = models.CharField("主持", max_length=60)
    attended = models.CharField("参加", max_length=300, blank=True)
    summary = models.TextField("纪要摘要", blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = someone(null=True)
    voided_at = models.DateTimeField("作废时间", null=True)
    void_reason = models.CharField("作废理由", max_length=200, blank=True)

    class Meta:
        ordering = ("-held_on", "-id")

    def __str__(self) -> str:
        return self.title


class Task(Part):
    """A clause of the document as a task with the unit that leads it."""

    area = models.CharField("领域", max_length=8)
    area_title = models.CharField("领域", max_length=40)
    order = models.PositiveSmallIntegerField("序号")
    summary = models.CharField("摘要", max_length=200, blank=True)
    lead = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="牵头单位"
    )
    units = models.CharField("责任单位", max_length=200, blank=True)

    class Meta:
        ordering = ("programme", "order")
        constraints = (models.UniqueConstraint(fields=("programme", "code"), name="campaign_task_once"),)


class Milestone(Part):
    """A day of the document. `since` marks one from which something counts. `done_on` is the true day, whenever it was entered."""

    task = models.ForeignKey(Task, null=True, on_delete=models.PROTECT, related_name="milestones")
    due = models.DateField("期限")
    since = models.BooleanField("起算", default=False)
    said = models.CharField("原文期限", max_length=40, blank=True)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="责任单位")
    done_on = models.DateField("完成日期", null=True)
    proof = models.CharField("依据", max_length=300, blank=True)
    done_at = models.DateTimeField("登记时间", null=True)
    done_by = someone(null=True)

    class Meta:
        ordering = ("due", "id")
        constraints = (models.UniqueConstraint(fields=("programme", "code"), name="campaign_milestone_once"),)


class Item(Kept):
    """A line of a list of what is to be got done (攻坚清单), of one organisation."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="items")
    task = models.ForeignKey(Task, null=True, on_delete=models.PROTECT, related_name="items", verbose_name="任务")
    decision = models.OneToOneField("Decision", null=True, on_delete=models.PROTECT, related_name="item")
    origin = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="taken_over")
    year = models.PositiveSmallIntegerField("年度")
    text = models.CharField("事项", max_length=300)
    goal = models.CharField("工作目标", max_length=200, blank=True)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="责任单位")
    person = models.CharField("责任人", max_length=40, blank=True)
    start = models.DateField("开始")
    due = models.DateField("期限")
    state = models.CharField("状态", max_length=12, choices=choices(ITEM_STATES), default="open")
    done_on = models.DateField("完成日期", null=True)
    proof = models.CharField("完成依据", max_length=300, blank=True)
    told_on = models.DateField("最近更新")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = someone(null=True)

    class Meta:
        ordering = ("due", "id")
        indexes = (
            models.Index(fields=("programme", "state", "due"), name="campaign_item_state"),
            models.Index(fields=("owner", "state", "due"), name="campaign_item_owner"),
        )

    def __str__(self) -> str:
        return self.text


class Entry(Kept):
    """One line of the history of an item, a milestone, a project, a submission or a target. Never changed."""

    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="entries")
    milestone = models.ForeignKey(Milestone, null=True, on_delete=models.PROTECT, related_name="entries")
    project = models.ForeignKey("Project", null=True, on_delete=models.PROTECT, related_name="entries")
    submission = models.ForeignKey("Submission", null=True, on_delete=models.PROTECT, related_name="entries")
    act = models.CharField("办理", max_length=16)
    text = models.CharField("内容", max_length=600, blank=True)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    by = someone(null=True)
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=(
                    Q(item__isnull=False, milestone=None, project=None, submission=None)
                    | Q(item=None, milestone__isnull=False, project=None, submission=None)
                    | Q(item=None, milestone=None, project__isnull=False, submission=None)
                    | Q(item=None, milestone=None, project=None, submission__isnull=False)
                ),
                name="campaign_entry_of_one",
            ),
        )


class Decision(Kept):
    """What a meeting decided: it becomes an item of whoever is to carry it out, or is carried out at once."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField("序号")
    text = models.CharField("议定事项", max_length=300)

    class Meta:
        ordering = ("meeting", "number")
        constraints = (models.UniqueConstraint(fields=("meeting", "number"), name="campaign_decision_once"),)


class Target(Part):
    """A quantified target: how it is measured and what the text asks for. `baseline_year` None: the text names none."""

    definition = models.CharField("口径", max_length=300)
    unit = models.CharField("单位", max_length=16, blank=True)
    measure = models.CharField("比较方式", max_length=12, choices=choices(MEASURES))
    op = models.CharField("关系", max_length=2, blank=True)
    wanted = models.DecimalField("要求", max_digits=14, decimal_places=4, null=True)
    needs_baseline = models.BooleanField("须有基准", default=False)
    baseline_year = models.PositiveSmallIntegerField("基准年", null=True)
    until = models.DateField("期限")
    reading = models.CharField("口径编号", max_length=32, blank=True)
    asks_year = models.CharField("基准年编号", max_length=64, blank=True)
    asks_value = models.CharField("基准值编号", max_length=64, blank=True)
    order = models.PositiveSmallIntegerField("序号")

    class Meta:
        ordering = ("programme", "order")
        constraints = (models.UniqueConstraint(fields=("programme", "code"), name="campaign_target_once"),)


class Value(Kept):
    """A value of a target with source and date, or its baseline; a correction adds a row, the newest of a day stands."""

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="values")
    baseline = models.BooleanField("基准", default=False)
    on = models.DateField("数据日期")
    value = models.DecimalField("数值", max_digits=14, decimal_places=4, null=True)
    words = models.CharField("说明", max_length=300, blank=True)
    source = models.CharField("来源", max_length=120)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = someone(null=True)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("on", "recorded_at", "id")
        indexes = (models.Index(fields=("target", "baseline", "on"), name="campaign_value_on"),)

    @property
    def number(self) -> str:
        return plain(self.value)


class Dispute(Kept):
    """Somebody disagrees with a target's value or with an item; it is answered by a date."""

    target = models.ForeignKey(Target, null=True, on_delete=models.PROTECT, related_name="disputes")
    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="disputes")
    text = models.CharField("异议", max_length=300)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = someone(null=True)
    at = models.DateTimeField("提出时间")
    answer_due = models.DateField("答复期限")
    answer = models.CharField("答复", max_length=300, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = someone(null=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(target__isnull=False, item=None) | Q(target=None, item__isnull=False),
                name="campaign_dispute_of_one",
            ),
        )


class Ledger(Part):
    """A list of things that are counted one by one. `planned` None: the text names no number."""

    unit = models.CharField("单位", max_length=8)
    planned = models.PositiveIntegerField("文本数量", null=True)
    mines = models.PositiveIntegerField("文本矿数", null=True)
    due = models.DateField("期限")
    final = models.CharField("以何为完成", max_length=12)

    class Meta:
        ordering = ("due", "id")
        constraints = (models.UniqueConstraint(fields=("programme", "code"), name="campaign_ledger_once"),)


class Project(Kept):
    """One thing of a ledger: accepted, connected, its money in 10,000 yuan. `excluded` says who let it leave the denominator."""

    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT, related_name="projects")
    name = models.CharField("项目", max_length=120)
    mine = models.ForeignKey(Mine, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="矿山")
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="责任单位")
    started_on = models.DateField("开工", null=True)
    accepted_on = models.DateField("验收", null=True)
    connected_on = models.DateField("联网", null=True)
    central = models.DecimalField("中央补助（万元）", max_digits=12, decimal_places=2, null=True)
    local = models.DecimalField("地方资金（万元）", max_digits=12, decimal_places=2, null=True)
    own = models.DecimalField("企业自筹（万元）", max_digits=12, decimal_places=2, null=True)
    paid = models.DecimalField("已支付（万元）", max_digits=12, decimal_places=2, null=True)
    excluded = models.CharField("不计入的批准", max_length=200, blank=True)
    source = models.CharField("来源", max_length=120)
    told_on = models.DateField("最近更新")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = someone(null=True)

    class Meta:
        ordering = ("ledger", "name", "id")
        constraints = (models.UniqueConstraint(fields=("ledger", "name"), name="campaign_project_once"),)

    def __str__(self) -> str:
        return self.name


class Submission(Kept):
    """What a unit owes to the office on a day. `sent_on` is the true day, whenever it was entered."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="submissions")
    kind = models.CharField("种类", max_length=20)
    title = models.CharField("报送事项", max_length=80)
    node = models.CharField("条款", max_length=16)
    period = models.CharField("所属期", max_length=8, blank=True)
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="报送单位")
    due = models.DateField("期限")
    state = models.CharField("状态", max_length=12, choices=choices(SUBMISSION_STATES), default="owed")
    sent_on = models.DateField("报送日期", null=True)
    official_number = models.CharField("文号", max_length=60, blank=True)
    text = models.TextField("内容", blank=True)
    reason = models.CharField("退回理由", max_length=200, blank=True)

    class Meta:
        ordering = ("due", "kind", "owner")
        constraints = (
            models.UniqueConstraint(fields=("programme", "kind", "period", "owner"), name="campaign_submission_once"),
        )

    def __str__(self) -> str:
        return f"{self.owner} {self.period}{self.title}"


class Report(Kept):
    """A document of the office: planned, drafted by the clock with the figures of that day, issued by a person."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField("种类", max_length=12, choices=choices(REPORT_KINDS))
    period = models.CharField("所属期", max_length=8, blank=True)
    title = models.CharField("名称", max_length=120)
    due = models.DateField("期限")
    state = models.CharField("状态", max_length=12, choices=choices(REPORT_STATES), default="planned")
    as_of = models.DateField("数据截至", null=True)
    content = models.JSONField("数据", default=dict)
    remarks = models.TextField("情况说明", blank=True)
    drafted_at = models.DateTimeField("生成时间", null=True)
    drafted_by = someone(null=True)
    issued_on = models.DateField("印发日期", null=True)
    official_number = models.CharField("文号", max_length=60, blank=True)
    issued_by = someone(null=True)

    class Meta:
        ordering = ("-due", "kind")
        constraints = (models.UniqueConstraint(fields=("programme", "kind", "period"), name="campaign_report_once"),)

    def __str__(self) -> str:
        return self.title
