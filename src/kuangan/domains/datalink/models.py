"""Accounts of those who upload, and how far the engine has read the spool."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from kuangan.base.registry.models import Mine
from kuangan.domains.datalink.exchange.models import Counterpart, Handling, Key, Package, Platform, Reject

__all__ = [
    "ANY_CODE",
    "Carrier",
    "Counterpart",
    "EnginePosition",
    "Enrolment",
    "EnrolmentState",
    "Handling",
    "Key",
    "Package",
    "Platform",
    "Reject",
    "Sender",
    "SenderKind",
]


class SenderKind(models.TextChoices):
    MINE = "mine", "矿山"
    FORWARDER = "forwarder", "转发平台"


ANY_CODE = "*"


class Sender(models.Model):
    """One account of the gateways: a mine, or a forwarder with its list of codes. Only hashes of tokens are kept.

    During a changeover two tokens hold, `previous_*` being the older one. Each token is a user of its own for the MQTT broker.
    """

    name = models.CharField("名称", max_length=80, unique=True)
    kind = models.CharField("类别", max_length=10, choices=SenderKind)
    codes = models.JSONField("允许的矿山编码", default=list)
    token_sha256 = models.CharField(max_length=64, unique=True)
    token_tail = models.CharField("令牌尾号", max_length=4)
    token_serial = models.PositiveIntegerField("令牌序次", default=1)
    broker_hash = models.CharField(max_length=140, blank=True)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    previous_tail = models.CharField("原令牌尾号", max_length=4, blank=True)
    previous_broker_hash = models.CharField(max_length=140, blank=True)
    previous_until = models.DateTimeField("原令牌失效时间", null=True)
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
    def broker_user(self) -> str:
        return f"{self.pk}.{self.token_serial}"

    @property
    def any_mine(self) -> bool:
        return bool(self.codes == [ANY_CODE])


class Carrier(models.TextChoices):
    HTTP = "http", "HTTP 上传"
    FTP = "ftp", "FTP / FTPS"
    MQTT = "mqtt", "MQTT"
    SFTP = "sftp", "SFTP"


class EnrolmentState(models.TextChoices):
    APPLIED = "applied", "待确认"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "不予确认"


class Enrolment(models.Model):
    """A system that a mine wants to connect: what it sends and how. Its account acts once an authority has confirmed it."""

    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="+")
    system = models.CharField("系统名称", max_length=60)
    maker = models.CharField("厂家与型号", max_length=80, blank=True)
    carrier = models.CharField("接入方式", max_length=8, choices=Carrier)
    types = models.JSONField("文件类型", default=list)
    contact = models.CharField("联系人与电话", max_length=80)
    public_key = models.TextField("SSH 公钥", blank=True)
    sender = models.OneToOneField(Sender, on_delete=models.PROTECT, related_name="enrolment")
    state = models.CharField("状态", max_length=10, choices=EnrolmentState, default=EnrolmentState.APPLIED)
    applied_at = models.DateTimeField("登记时间")
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("确认时间", null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField("意见", max_length=200, blank=True)

    class Meta:
        ordering = ("-applied_at", "-pk")

    def __str__(self) -> str:
        return self.system

    @property
    def open(self) -> bool:
        return self.state == EnrolmentState.APPLIED


class EnginePosition(models.Model):
    """The last frame of a gateway whose consequences are in this database, and the arrival clock then reached."""

    gateway = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField()
    clock = models.BigIntegerField("到达时钟（毫秒）")

    def __str__(self) -> str:
        return f"{self.gateway}:{self.seq}"
