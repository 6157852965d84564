"""What two persons decide about the texts: another reading of a contradiction, and the value of a baseline that no text gives."""

from __future__ import annotations

from django.db import models

from kuangan.base.people.models import User


class ChoiceState(models.TextChoices):
    PROPOSED = "proposed", "待批准"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "不批准"
    WITHDRAWN = "withdrawn", "已撤回"


class Choice(models.Model):
    """One person proposes with a reason, another approves; in force from a day on, until a later one is. Never changed, never deleted."""

    key = models.CharField("事项", max_length=64)
    valid_from = models.DateField("生效日")
    reason = models.CharField("理由", max_length=500)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间")
    state = models.CharField("状态", max_length=12, choices=ChoiceState.choices, default=ChoiceState.PROPOSED)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("决定时间", null=True)
    opinion = models.CharField("意见", max_length=500, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.key} {self.state} {self.valid_from}"


class ReadingChoice(Choice):
    """Overrides the shipped reading; `settings` are the values that checks read, whole."""

    text = models.CharField("口径", max_length=500)
    settings = models.JSONField("取值", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "口径变更"
        indexes = (models.Index(fields=("key", "-valid_from"), name="reading_choice"),)
        constraints = (
            models.UniqueConstraint(
                fields=("key",), condition=models.Q(state=ChoiceState.PROPOSED), name="reading_one_proposed"
            ),
        )


class BaselineAnswer(Choice):
    """The value of a baseline as text (year, number or ISO day), with where it stands and of when that is."""

    value = models.CharField("数值", max_length=40)
    source = models.CharField("来源", max_length=200)
    source_date = models.DateField("来源日期")

    class Meta:
        verbose_name = verbose_name_plural = "基准值"
        indexes = (models.Index(fields=("key", "-valid_from"), name="baseline_answer"),)
        constraints = (
            models.UniqueConstraint(
                fields=("key",), condition=models.Q(state=ChoiceState.PROPOSED), name="baseline_one_proposed"
            ),
        )
