"""Drawings of mines and their versions. A row is never removed; a version that was wrong is withdrawn with a reason."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from kuangan.base.documents.kinds import KINDS
from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Mine


class Secrecy(models.TextChoices):
    INTERNAL = "internal", "内部"
    RESTRICTED = "restricted", "限制"


class FileFormat(models.TextChoices):
    PDF = "pdf", "PDF"
    DWG = "dwg", "DWG"
    DXF = "dxf", "DXF"
    PNG = "png", "PNG"
    JPEG = "jpeg", "JPEG"


class Drawing(models.Model):
    """One drawing of a mine, whatever its version."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="drawings")
    kind = models.CharField("种类", max_length=24)
    title = models.CharField("名称", max_length=80)
    secrecy = models.CharField("密级", max_length=12, choices=Secrecy)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        ordering = ("mine", "kind", "title")
        constraints = (models.UniqueConstraint(fields=("mine", "kind", "title"), name="drawing_once"),)

    def __str__(self) -> str:
        return self.title

    @property
    def kind_label(self) -> str:
        return KINDS[self.kind].label if self.kind in KINDS else self.kind


class DrawingVersion(models.Model):
    """One file of a drawing, kept under its SHA-256; in force from `valid_from` until the next one."""

    drawing = models.ForeignKey(Drawing, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版次")
    valid_from = models.DateField("自何日起有效")
    name = models.CharField("文件名", max_length=160)
    format = models.CharField("格式", max_length=8, choices=FileFormat)
    size = models.PositiveBigIntegerField("字节")
    sha256 = models.CharField("SHA-256", max_length=64)
    note = models.CharField("说明", max_length=200, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("上传时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField("撤回原因", max_length=200, blank=True)

    class Meta:
        ordering = ("drawing", "-number")
        constraints = (models.UniqueConstraint(fields=("drawing", "number"), name="drawing_version_number"),)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("a version is withdrawn, never deleted")
