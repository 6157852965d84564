"""The outbox: a notice is a row written with the change it tells of, and leaves afterwards."""

from __future__ import annotations

from django.db import models


class Channel(models.TextChoices):
    INBOX = "inbox", "站内消息"
    EMAIL = "email", "电子邮件"
    WEBHOOK = "webhook", "接口推送"
    SMS = "sms", "短信"
    VOICE = "voice", "语音电话"


class NoticeState(models.TextChoices):
    QUEUED = "queued", "待发"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发"
    FAILED = "failed", "发送失败"
    UNCONFIGURED = "unconfigured", "通道未配置"


class Notice(models.Model):
    """One message to one address. `to` of the inbox is `user:<id>` or `organisation:<id>`."""

    channel = models.CharField("通道", max_length=16, choices=Channel.choices)
    to = models.CharField("收件地址", max_length=500)
    subject = models.CharField("标题", max_length=200)
    body = models.TextField("正文", blank=True)
    subject_kind = models.CharField("事项类型", max_length=64, blank=True)
    subject_id = models.CharField("事项编号", max_length=128, blank=True)
    state = models.CharField("状态", max_length=16, choices=NoticeState.choices, default=NoticeState.QUEUED)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    created_at = models.DateTimeField("生成时间")
    next_at = models.DateTimeField("下次发送", null=True)
    sent_at = models.DateTimeField("发出时间", null=True)
    answer = models.CharField("按键", max_length=8, blank=True)
    answered_at = models.DateTimeField("回复时间", null=True)
    key = models.CharField(max_length=200, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        indexes = [
            models.Index(fields=["state", "next_at"], name="notice_due"),
            models.Index(fields=["to", "-created_at"], name="notice_to"),
            models.Index(fields=["subject_kind", "subject_id"], name="notice_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.to}: {self.subject}"


class Delivery(models.Model):
    """One attempt to send a notice, or an answer that came back. Never changed."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    at = models.DateTimeField("时间")
    ok = models.BooleanField("成功")
    detail = models.TextField("说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "发送记录"
        ordering = ("id",)


class Reading(models.Model):
    """A user has read an inbox notice (one addressed to an organisation is read by each of its users)."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="readings")
    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField("阅读时间")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "user"], name="reading_once")]
