"""Answers of checks as spells, the state of each clause for each subject, and what people do with them."""

from __future__ import annotations

from django.db import models

from kuangan.base.case.models import Case
from kuangan.base.compliance.checks import State
from kuangan.base.compliance.choices import BaselineAnswer, ReadingChoice  # noqa: F401
from kuangan.base.compliance.subjects import KIND_WORDS
from kuangan.base.people.models import Organisation, User
from kuangan.base.registry.models import Mine

STATE_WORDS = {
    State.DETERMINED: "已认定不符",
    State.SUSPECTED: "疑似不符",
    State.UNKNOWN: "未知",
    State.PAPER: "符合（仅材料）",
    State.PROVED: "符合（数据证明）",
    State.NOT_APPLICABLE: "不适用",
}
STATES = tuple((state.value, word) for state, word in STATE_WORDS.items())
SUBJECT_KINDS = tuple(KIND_WORDS.items())


class OfSubject(models.Model):
    """Whom a row is about. `mine` is set for mines; `region` and `city` are where the subject lies; `organisation` answers for it."""

    subject_kind = models.CharField("对象类型", max_length=16, choices=SUBJECT_KINDS)
    subject = models.CharField("对象", max_length=32)
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, null=True, related_name="+")
    region = models.CharField("区划", max_length=6)
    city = models.CharField("市", max_length=6, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True


class Spell(OfSubject):
    """One answer of a check for a subject, from when it was given until another one was. Rows are never changed but for their end.

    `mark` tells two answers apart; `data_at` is how new the data were when it was first given; `set_aside` is the upheld
    objection because of which it does not count.
    """

    check_id = models.CharField("检查项", max_length=64)
    state = models.CharField("结论", max_length=12, choices=STATES)
    why = models.CharField("原因", max_length=32)
    inputs = models.JSONField("依据数据", default=dict)
    evidence = models.JSONField("证据", default=list)
    version = models.PositiveSmallIntegerField("版本")
    mark = models.CharField(max_length=16)
    data_at = models.DateTimeField("数据时间", null=True)
    began_at = models.DateTimeField("起")
    ended_at = models.DateTimeField("止", null=True)
    set_aside = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "检查结论"
        indexes = (
            models.Index(fields=("subject_kind", "subject", "check_id", "-began_at"), name="spell_history"),
            models.Index(fields=("check_id", "state"), condition=models.Q(ended_at=None), name="spell_open"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("check_id", "subject_kind", "subject"), condition=models.Q(ended_at=None), name="spell_one_open"
            ),
        )

    def __str__(self) -> str:
        return f"{self.check_id} {self.subject} {self.state}"


class Cell(OfSubject):
    """The state of a clause for a subject now, made from the open spells of its checks and standing determinations.

    `part` is the state of what checks judge where that is not the whole clause; `clause` is the id of a node.
    """

    clause = models.CharField("条款", max_length=16)
    state = models.CharField("结论", max_length=12, choices=STATES)
    part = models.CharField("已核部分", max_length=12, choices=STATES, blank=True)
    since = models.DateTimeField("自")

    class Meta:
        verbose_name = verbose_name_plural = "条款状态"
        indexes = (
            models.Index(fields=("subject_kind", "clause", "city", "state", "part"), name="cell_board"),
            models.Index(fields=("mine", "clause"), name="cell_mine"),
        )
        constraints = (models.UniqueConstraint(fields=("clause", "subject_kind", "subject"), name="cell_once"),)

    def __str__(self) -> str:
        return f"{self.clause} {self.subject} {self.state}"


class Pass(models.Model):
    """One run of the checks: when, what it covered, what changed, which checks failed with which error."""

    at = models.DateTimeField("时间", db_index=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    checks = models.PositiveIntegerField("检查项")
    findings = models.PositiveIntegerField("结论")
    changed = models.PositiveIntegerField("变化")
    failed = models.JSONField("失败", default=dict)
    seconds = models.FloatField("用时")

    class Meta:
        verbose_name = verbose_name_plural = "检查轮次"


class OfFinding(OfSubject):
    """A life cycle about one clause of one subject. `spell` is the answer it came from, where there was one."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="+")
    clause = models.CharField("条款", max_length=16)
    spell = models.ForeignKey(Spell, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True


class Determination(OfFinding):
    """A signed act by which a body found that a clause is not met. It counts once a second person has compared it with the document."""

    document = models.CharField("文书编号", max_length=60)
    title = models.CharField("文书名称", max_length=120)
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    signer = models.CharField("签发人", max_length=40)
    signed_on = models.DateField("签发日期")
    fact = models.CharField("认定的事实", max_length=500)


class Proposal(OfFinding):
    """A measure that may follow, with its frame in law as it stood; a person decides, and the mine's state follows a served document alone."""

    measure = models.CharField("措施", max_length=40)
    ground = models.CharField("适用情形", max_length=300)
    grounds = models.CharField("理由", max_length=500)
    frame = models.JSONField("法律性质")
    determination = models.ForeignKey(Determination, on_delete=models.PROTECT, null=True, related_name="proposals")


class Objection(OfFinding):
    """The subject does not agree with an answer."""

    text = models.CharField("异议", max_length=1000)
    evidence = models.CharField("证据说明", max_length=500, blank=True)
    file = models.JSONField("附件", null=True)
