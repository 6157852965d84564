"""What is stored of inspections."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Mine
from kuangan.domains.enforcement.kinds import KIND_WORDS


class Visit(models.Model):
    """Inspectors at a mine, entered once they had arrived. Only the leaving is added; a wrong entry is voided, never deleted."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="visits", verbose_name="矿山")
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name="检查单位")
    kind = models.CharField("检查方式", max_length=16, choices=tuple(KIND_WORDS.items()))
    lead = models.CharField("带队人", max_length=40)
    team = models.PositiveSmallIntegerField("人数")
    arrived_at = models.DateTimeField("到矿")
    left_at = models.DateTimeField("离矿", null=True)
    official_number = models.CharField("官方系统编号", max_length=60, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间")
    voided_at = models.DateTimeField("作废时间", null=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    void_reason = models.CharField("作废理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查登记"
        indexes = (
            models.Index(fields=("-arrived_at", "-id"), name="visit_arrived"),
            models.Index(fields=("mine", "-arrived_at"), name="visit_mine"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("mine", "body", "arrived_at"), condition=models.Q(voided_at=None), name="visit_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.mine_id} {self.arrived_at:%Y-%m-%d %H:%M}"

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise TypeError("a visit is voided, never deleted")
