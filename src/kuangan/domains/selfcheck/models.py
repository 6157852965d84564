"""What is stored of rounds, sheets and answers. Answers, signatures and judgements are added, never overwritten."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import Q

from kuangan.base.case.models import Case
from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Mine, Region
from kuangan.domains.selfcheck.kinds import KIND_WORDS, ROUND_KINDS, RoundKind
from kuangan.domains.selfcheck.rules import DECISION_WORDS, POST_CODES, RESULT_WORDS, VALUE_WORDS


class Kept(models.Model):
    """A row that is never deleted."""

    class Meta:
        abstract = True

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{type(self).__name__} rows are kept")


class Edition(Kept):
    """Fingerprints of the clauses as they stood: {id of a clause: digest}."""

    digest = models.CharField(max_length=64, unique=True)
    nodes = models.JSONField(default=dict)
    taken_at = models.DateTimeField("取得时间")

    class Meta:
        verbose_name = verbose_name_plural = "文件版本"


class Round(Kept):
    """One round of checks that a body ordered for mines of some kinds within its territory."""

    kind = models.CharField("类别", max_length=12, choices=tuple(KIND_WORDS.items()))
    title = models.CharField("名称", max_length=120)
    body = models.ForeignKey(Organisation, verbose_name="组织单位", on_delete=models.PROTECT, related_name="+")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="rounds")
    mine_kinds = models.JSONField("矿种", default=list)
    opens = models.DateTimeField("开始")
    due = models.DateTimeField("截止")
    basis = models.CharField("依据", max_length=200, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("发起时间")
    opened_at = models.DateTimeField("下发完成", null=True)
    closed_at = models.DateTimeField("结束时间", null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    close_reason = models.CharField("结束理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查批次"
        ordering = ("-opens", "-id")

    def __str__(self) -> str:
        return self.title

    counts: Mapping[str, int]
    """How far its mines have come; lists attach it."""

    @property
    def rules(self) -> RoundKind:
        return ROUND_KINDS[self.kind]


class Sheet(models.Model):
    """The form of one mine in one round. `items` is [[clause, why it is asked], …]; counts follow the answers.

    `edition` is that of the round, and once it is handed in the one it was signed for; `filler` is whose people fill it in, `supervisor` who judges it.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="selfcheck_sheet")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="sheets", verbose_name="批次")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="selfcheck_sheets", verbose_name="矿山")
    filler = models.ForeignKey(
        Organisation, verbose_name="填报单位", null=True, on_delete=models.PROTECT, related_name="+"
    )
    supervisor = models.ForeignKey(
        Organisation, verbose_name="直接监管单位", null=True, on_delete=models.PROTECT, related_name="+"
    )
    items = models.JSONField(default=list)
    asked = models.PositiveSmallIntegerField("应答", default=0)
    answered = models.PositiveSmallIntegerField("已答", default=0)
    unmet = models.PositiveSmallIntegerField("不符合", default=0)
    absent = models.PositiveSmallIntegerField("不适用", default=0)
    differing = models.PositiveSmallIntegerField("待核实", default=0)
    opened_at = models.DateTimeField("下发时间")
    submitted_at = models.DateTimeField("提交时间", null=True)
    accepted_at = models.DateTimeField("受理时间", null=True)
    official_number = models.CharField("官方系统编号", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "自查表"
        constraints = (models.UniqueConstraint(fields=("round", "mine"), name="sheet_once"),)
        indexes = (
            models.Index(fields=("-opened_at", "-case"), name="sheet_opened"),
            models.Index(fields=("mine", "-opened_at"), name="sheet_mine"),
        )

    def __str__(self) -> str:
        return f"{self.round_id} {self.mine_id}"


class Target(Kept):
    """A mine that a round is about; `sheet` once there is one. `county` as it was when the round was made."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="targets")
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="+")
    city = models.ForeignKey(Region, null=True, on_delete=models.PROTECT, related_name="+")
    county = models.ForeignKey(Region, null=True, on_delete=models.PROTECT, related_name="+")
    sheet = models.OneToOneField(Sheet, null=True, on_delete=models.PROTECT, related_name="target")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("round", "mine"), name="target_once"),)


class Answer(Kept):
    """What was answered to one clause. A later answer replaces the row; it stays. `fingerprint` is the clause that was read."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="answers")
    node = models.CharField("条款", max_length=16)
    fingerprint = models.CharField(max_length=32)
    value = models.CharField("结论", max_length=8, choices=tuple(VALUE_WORDS.items()))
    text = models.TextField("说明", blank=True)
    valid_from = models.DateField("起", null=True)
    valid_to = models.DateField("止", null=True)
    carried_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="carried_to")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="填报人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("填报时间")
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "答复"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("sheet", "node"), condition=Q(replaced_at=None), name="answer_current"),
        )


class Evidence(Kept):
    """A file that shows what an answer says, kept under its SHA-256. Withdrawn, never deleted."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="evidence")
    node = models.CharField("条款", max_length=16)
    name = models.CharField("文件名", max_length=160)
    format = models.CharField("格式", max_length=8)
    size = models.PositiveBigIntegerField("字节")
    sha256 = models.CharField("SHA-256", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("上传时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "佐证材料"
        ordering = ("id",)
        indexes = (models.Index(fields=("sheet", "node"), name="evidence_item"),)


class Signature(Kept):
    """One person signs the digest of the whole content. Any change of the content voids it."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="signatures")
    post = models.CharField("签字岗位", max_length=8, choices=tuple((code, code) for code in POST_CODES))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="签字人", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    title = models.CharField("职务", max_length=40)
    digest = models.CharField("内容摘要（SM3）", max_length=64)
    at = models.DateTimeField("签字时间")
    voided_at = models.DateTimeField("作废时间", null=True)
    void_reason = models.CharField("作废原因", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "签字"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("sheet", "post"), condition=Q(voided_at=None), name="signature_current"),
            models.UniqueConstraint(fields=("sheet", "by"), condition=Q(voided_at=None), name="signature_two_people"),
        )


class Difference(Kept):
    """An answer and what the system knows do not agree. It accuses nobody; a person verifies it. The same `key` is found once."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="differences", verbose_name="自查表")
    node = models.CharField("条款", max_length=16)
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="differences")
    known = models.JSONField("监测数据", default=dict)
    key = models.CharField(max_length=160, unique=True)
    found_at = models.DateTimeField("发现时间")
    explanation = models.TextField("企业说明", blank=True)
    explained_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    explained_at = models.DateTimeField("说明时间", null=True)
    result = models.CharField("核实结果", max_length=10, choices=tuple(RESULT_WORDS.items()), blank=True)
    opinion = models.TextField("核实情况", blank=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField("核实时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "与监测数据不一致"
        indexes = (models.Index(fields=("-found_at", "-id"), name="difference_found"),)


class Problem(Kept):
    """What a mine found wrong by itself, with its plan to put it right. Reported by the mine, verified by its supervisor."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="problems", verbose_name="自查表")
    node = models.CharField("条款", max_length=16)
    measures = models.TextField("整改措施")
    responsible = models.CharField("责任人", max_length=40)
    due = models.DateField("整改期限")
    reported_at = models.DateTimeField("登记时间")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    solved_at = models.DateTimeField("整改完成", null=True)
    solved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    solved_text = models.TextField("整改情况", blank=True)
    verified_at = models.DateTimeField("核验时间", null=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    verified_text = models.TextField("核验意见", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "自查问题"
        constraints = (models.UniqueConstraint(fields=("sheet", "node"), name="problem_once"),)


class Proposal(Kept):
    """A proposal to the direct supervisor of a mine that does not meet the hard measures. It orders nothing; a person decides."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="proposals", verbose_name="自查表")
    supervisor = models.ForeignKey(
        Organisation, verbose_name="直接监管单位", null=True, on_delete=models.PROTECT, related_name="+"
    )
    nodes = models.JSONField("条款", default=list)
    reason = models.CharField("由来", max_length=200)
    key = models.CharField(max_length=160, unique=True)
    made_at = models.DateTimeField("提出时间")
    decision = models.CharField("决定", max_length=10, choices=tuple(DECISION_WORDS.items()), blank=True)
    decided_text = models.TextField("决定理由", blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("决定时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "处置建议"
        indexes = (models.Index(fields=("-made_at", "-id"), name="proposal_made"),)


class Confirmation(Kept):
    """The supervisor confirms that a mine has come to a later stage of its health check, or has not."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="confirmations")
    stage = models.CharField("阶段", max_length=12)
    reached = models.BooleanField("达到")
    basis = models.TextField("依据")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("确认时间")

    class Meta:
        ordering = ("id",)


from kuangan.domains.selfcheck.publicity.models import Attempt, GroupReading, OwnText, Publicity, Reading, ReadingList  # noqa: E402, F401  # noqa: E402, F401
