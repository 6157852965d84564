"""Accounts of those who upload, and how far the engine has read the spool."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SenderKind(models.TextChoices):
    MINE = "mine", "矿山"
    FORWARDER = "forwarder", "转发平台"


ANY_CODE = "*"


class Sender(models.Model):
    """One account of the HTTP gateway: a mine, or a forwarder with its list of codes. Only the token's hash is kept."""

    name = models.CharField("名称", max_length=80, unique=True)
    kind = models.CharField("类别", max_length=10, choices=SenderKind)
    codes = models.JSONField("允许的矿山编码", default=list)
    token_sha256 = models.CharField(max_length=64, unique=True)
    token_tail = models.CharField("令牌尾号", max_length=4)
    disabled = models.BooleanField("停用", default=False)
    created_at = models.DateTimeField("建立时间")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField("最近变更")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("kind", "name")

    def __str__(self) -> str:
        return self.name

    @property
    def any_mine(self) -> bool:
        return self.codes == [ANY_CODE]


class EnginePosition(models.Model):
    """The last frame of a gateway whose consequences are in this database, and the arrival clock then reached."""

    gateway = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField()
    clock = models.BigIntegerField("到达时钟（毫秒）")

    def __str__(self) -> str:
        return f"{self.gateway}:{self.seq}"
