"""What is kept of weather warnings: what was offered, each message, the warning they make up, and one case for each mine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from kuangan.base.case.models import Case
from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Mine
from kuangan.domains.duty.weather.rules import ACTIONS, EVENT_WORDS

SOURCES = {"http": "接口", "folder": "监听文件夹", "upload": "上传", "typed": "录入", "demo": "演示"}
OUTCOMES = {"taken": "已接收", "partial": "部分接收", "refused": "拒收", "duplicate": "重复"}
RESULTS = {"applied": "已处理", "late": "收到时已失效", "old": "早于已收到的更新", "orphan": "未找到所引用的预警"}
ENDS = {"cancelled": "已解除", "expired": "已到期", "superseded": "并入另一条预警"}
MEANS = {"camera": "视频", "phone": "电话", "on_site": "现场"}
VERDICTS = {"out": "人员已撤出", "staying": "仍有人员", "unreached": "未联系上"}


def person(word: str) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=word, on_delete=models.PROTECT, null=True, related_name="+"
    )


class Offer(models.Model):
    """A file or form as it came; its bytes stand in the home under their digest, whatever became of it."""

    source = models.CharField("来源", max_length=8, choices=tuple(SOURCES.items()))
    name = models.CharField("文件名", max_length=200)
    received_at = models.DateTimeField("收到时间")
    by = person("录入人")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    size = models.PositiveIntegerField("字节数")
    sha256 = models.CharField("摘要", max_length=64, db_index=True)
    outcome = models.CharField("结果", max_length=12, choices=tuple(OUTCOMES.items()))
    records = models.PositiveIntegerField("预警条数", default=0)
    taken = models.PositiveIntegerField("接收条数", default=0)
    faults = models.JSONField("拒收原因", default=list)

    class Meta:
        ordering = ("-received_at", "-id")
        indexes = (models.Index(fields=("-received_at", "-id"), name="weather_offer_received"),)


class Warning(models.Model):
    """One warning from its first message to its end; the fields say what its newest message says."""

    event = models.CharField("种类", max_length=16, choices=tuple(EVENT_WORDS.items()))
    event_words = models.CharField("种类原文", max_length=60)
    colour = models.CharField("颜色", max_length=8)
    headline = models.CharField("标题", max_length=200)
    description = models.TextField("内容", blank=True)
    instruction = models.TextField("防御指南", blank=True)
    sender = models.CharField("发布者", max_length=200)
    issuer = models.CharField("发布单位", max_length=200, blank=True)
    first_sent = models.DateTimeField("首次发布")
    sent = models.DateTimeField("最近发布")
    onset = models.DateTimeField("开始")
    expires = models.DateTimeField("失效")
    received_at = models.DateTimeField("收到时间")
    places = models.CharField("范围", max_length=400, blank=True)
    notes = models.JSONField("说明", default=list)
    drill = models.BooleanField("演练", default=False)
    synthetic = models.BooleanField("合成数据", default=False)
    ended_at = models.DateTimeField("结束时间", null=True)
    ended_why = models.CharField("结束原因", max_length=12, blank=True, choices=tuple(ENDS.items()))
    typed_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    joined_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="joined")

    class Meta:
        ordering = ("-received_at", "-id")
        indexes = (models.Index(fields=("-received_at", "-id"), name="weather_received"),)

    def __str__(self) -> str:
        return self.headline

    @property
    def live(self) -> bool:
        return self.ended_at is None


class WarningPlace(models.Model):
    """A region that a warning names: the significant digits of its code (2 province, 4 city, 6 county)."""

    warning = models.ForeignKey(Warning, on_delete=models.CASCADE, related_name="where")
    prefix = models.CharField(max_length=6)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("warning", "prefix"), name="weather_place_once"),)
        indexes = (models.Index(fields=("prefix",), name="weather_place_prefix"),)


class Message(models.Model):
    """One message, once; `content` is all it said."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="messages")
    record = models.PositiveIntegerField("第几条")
    sender = models.CharField("发布者", max_length=200)
    identifier = models.CharField("编号", max_length=200)
    sent = models.DateTimeField("发布时间")
    kind = models.CharField("消息", max_length=8)
    warning = models.ForeignKey(Warning, on_delete=models.PROTECT, null=True, related_name="messages")
    result = models.CharField("处理", max_length=12, choices=tuple(RESULTS.items()))
    received_at = models.DateTimeField("收到时间")
    digest = models.CharField(max_length=64)
    content = models.JSONField(default=dict)

    class Meta:
        ordering = ("sent", "id")
        constraints = (models.UniqueConstraint(fields=("sender", "identifier"), name="weather_message_once"),)


class MessageReference(models.Model):
    """An earlier message that one names; it may come later than the one that names it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="refers")
    sender = models.CharField(max_length=200)
    identifier = models.CharField(max_length=200)

    class Meta:
        indexes = (models.Index(fields=("sender", "identifier"), name="weather_referred"),)


class Withdrawal(models.Model):
    """One mine under one warning. Numbers of persons are the mine's own words unless named `seen` (positions)."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="withdrawal")
    warning = models.ForeignKey(Warning, on_delete=models.PROTECT, related_name="mines")
    mine = models.ForeignKey(Mine, on_delete=models.PROTECT, related_name="+")
    colour = models.CharField("颜色", max_length=8)
    action = models.CharField("建议处置", max_length=8)
    rule = models.CharField("规则", max_length=8, blank=True)
    bases = models.JSONField("依据", default=list)
    why = models.JSONField("理由", default=list)
    left_at = models.DateTimeField("移出范围", null=True)
    answered_by = models.CharField("应答人", max_length=40, blank=True)
    ordered_at = models.DateTimeField("下令时间", null=True)
    ordered_by = person("下令人")
    order_body = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    order_basis = models.CharField("下令依据", max_length=400, blank=True)
    order_scope = models.CharField("范围", max_length=200, blank=True)
    began_at = models.DateTimeField("开始撤人", null=True)
    below_then = models.PositiveIntegerField("开始时井下人数", null=True)
    out_at = models.DateTimeField("撤出时间", null=True)
    reported_at = models.DateTimeField("报告时间", null=True)
    out = models.PositiveIntegerField("撤出人数", null=True)
    remaining = models.PositiveIntegerField("留守人数", null=True)
    stay_reason = models.CharField("留守理由", max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("warning", "mine"), name="weather_mine_once"),
            models.CheckConstraint(
                condition=Q(ordered_at__isnull=True) | ~Q(order_basis=""), name="weather_order_has_basis"
            ),
        )

    @property
    def action_word(self) -> str:
        return ACTIONS[self.action]


class SpotDraw(models.Model):
    """A random draw of mines to be checked; seed and population make it again."""

    warning = models.ForeignKey(Warning, on_delete=models.PROTECT, related_name="draws")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = person("抽取人")
    at = models.DateTimeField("抽取时间")
    asked = models.PositiveIntegerField("抽取数")
    seed = models.CharField("种子", max_length=16)
    population = models.JSONField("总体", default=list)


class SpotCheck(models.Model):
    """One mine that was drawn, and what the check found. `seen` is what positions said then; None: unknown."""

    draw = models.ForeignKey(SpotDraw, on_delete=models.PROTECT, related_name="checks")
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="checks")
    place = models.PositiveIntegerField("次序")
    means = models.CharField("方式", max_length=8, blank=True, choices=tuple(MEANS.items()))
    verdict = models.CharField("结果", max_length=10, blank=True, choices=tuple(VERDICTS.items()))
    seen = models.PositiveIntegerField("监测人数", null=True)
    agreement = models.CharField("与矿方报告", max_length=8, blank=True)
    note = models.CharField("说明", max_length=400, blank=True)
    by = person("抽查人")
    at = models.DateTimeField("抽查时间", null=True)

    class Meta:
        ordering = ("place",)
        constraints = (models.UniqueConstraint(fields=("draw", "withdrawal"), name="weather_check_once"),)


def moment_key(at: datetime) -> str:
    """A time as part of a notice's key."""
    return f"{at:%Y%m%d%H%M%S%f}"
