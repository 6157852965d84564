"""The life of one mine under one warning, as a literal table (SX34-44). A person orders; the system only proposes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from kuangan.base import deadlines
from kuangan.base.case.flow import Flow, Transition
from kuangan.base.case.models import Case, Step
from kuangan.base.notices import Draft
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import Organisation, OrganisationKind, User
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.registry.supervision import mine_organisation
from kuangan.domains.duty.models import Call
from kuangan.domains.duty.rules import CHANNELS
from kuangan.domains.duty.weather.models import Withdrawal
from kuangan.domains.duty.weather.rules import RULES

SUBJECT: Final = "case"
KIND: Final = "weather"
LADDER: Final = "weather"
ORDER_HOLDS: Final = ("ordered", "withdrawing", "out", "checked")
BY_THE_MINE: Final = frozenset({"answer", "begin", "report_out"})
ENDING_ORDERS: Final = frozenset({"revoke", "lift"})
CLAUSE: Final = ("SX34-44",)


def step(
    name: str, from_: tuple[str, ...], to: str, may: str, label: str, needs: tuple[str, ...] = (), told: bool = False
) -> Transition:
    return Transition(
        name=name,
        from_=from_,
        to=to,
        may=may,
        needs=needs,
        notice="other_side" if told else None,
        clause=CLAUSE,
        label=label,
    )


def _may(case: Case, user: User, transition: Transition) -> bool:
    """The mine's steps are its own people's; what an authority ordered only an authority takes back."""
    own = user.organisation is not None and user.organisation.mine == case.mine_id
    if transition.name in BY_THE_MINE:
        return own
    if transition.name in ENDING_ORDERS:
        body = case.withdrawal.order_body
        official = user.organisation is not None and user.organisation.kind in PUBLIC_KINDS
        return official or body is None or body.kind not in PUBLIC_KINDS
    return True


def hindrance(case: Case, transition: Transition) -> str:
    """What must happen before a step, in words; empty for nothing."""
    row = Withdrawal.objects.select_related("warning").get(case=case)
    covered = row.warning.live and row.left_at is None
    if transition.name == "call" and not _reached(case):
        return "尚无接通的叫应记录：请先叫应，并登记接通"
    if transition.name == "close" and row.action == "withdraw" and covered:
        return "规则建议停产撤人，预警未解除前须由带班领导下令，或写明理由不下令"
    if transition.name == "lift" and covered and row.action == "withdraw":
        return "预警尚未解除，解除前任何人不得入井"
    return ""


def _reached(case: Case) -> bool:
    return Call.objects.filter(callout__about=case, answered_at__isnull=False).exists()


def clock(case: Case, code: str, step: Step, owner: int | None) -> None:
    """Start one clock of the colour's minutes from a step on."""
    minutes = getattr(RULES.minutes[case.withdrawal.colour], code)
    deadlines.set_deadline(
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        code=code,
        due=step.at + timedelta(minutes=minutes),
        ladder=LADDER,
        at=step.at,
        owner_id=owner,
        by=step.by,
    )


def _after(case: Case, step: Step) -> None:
    """Write what a step says onto the mine's row, and its clocks."""
    row = Withdrawal.objects.select_related("case").get(case=case)
    case.withdrawal = row
    mine = _mine_body(case)
    if step.to_state == "called" and step.from_state == "received":
        deadlines.meet(SUBJECT, str(case.pk), "call", at=step.at, by=step.by)
        row.answered_by = str(step.form.get("name", ""))[:40]
    if step.name == "order":
        for code in ("call", "decide"):
            deadlines.meet(SUBJECT, str(case.pk), code, at=step.at, by=step.by)
        row.ordered_at, row.ordered_by, row.order_body = step.at, step.by, step.organisation
        row.order_basis, row.order_scope = str(step.form["basis"])[:400], str(step.form["scope"])[:200]
        clock(case, "begin", step, mine)
        clock(case, "report_out", step, mine)
    elif step.name == "begin":
        row.began_at, row.below_then = step.at, int(str(step.form["below"]))
    elif step.name == "report_out":
        deadlines.meet(SUBJECT, str(case.pk), "begin", at=step.at, by=step.by)
        row.reported_at, row.out_at = step.at, datetime.fromisoformat(str(step.form["out_at"]))
        row.out, row.remaining = int(str(step.form["out"])), int(str(step.form["remaining"]))
        row.stay_reason = str(step.form.get("stay_reason", ""))[:200]
    elif step.name == "return":
        row.reported_at = row.out_at = row.out = row.remaining = None
        row.stay_reason = ""
        clock(case, "report_out", step, mine)
    elif step.name == "revoke":
        deadlines.cancel(SUBJECT, str(case.pk), at=step.at, codes=("begin", "report_out", "lift"), by=step.by)
        row.ordered_at = row.ordered_by = row.order_body = row.began_at = row.below_then = None
        row.order_basis = row.order_scope = ""
        if row.action == "withdraw":
            clock(case, "decide", step, case.owner_id)
    row.save()


def _other_side(case: Case, step: Step) -> list[Draft]:
    """What the mine did its supervisor learns, what others did the mine; an order rings the mine's phone by colour."""
    mine = Organisation.objects.filter(mine=case.mine_id, kind=OrganisationKind.MINE).first()
    body = case.owner if mine is not None and step.organisation_id == mine.pk else mine
    if body is None:
        return []
    mark = "【演练】" if case.drill else ""
    label = FLOW.transition(step.name).label
    channels = CHANNELS.get(case.severity, ("inbox",)) if step.name == "order" else ("inbox",)
    to = {"inbox": to_organisation(body.pk), "sms": body.phone, "voice": body.phone}
    return [
        Draft(
            channel=Channel(channel),
            to=to[channel],
            subject=f"{mark}{label}：{case.title}",
            body=f"{mark}{case.number} {step.organisation or ''}{step.by or ''} {label}。{step.form.get('scope', '')}{step.reason}",
            subject_kind=SUBJECT,
            subject_id=str(case.pk),
            key=f"weather:{case.pk}:step:{step.pk}:{channel}",
        )
        for channel in channels
        if to[channel]
    ]


def _mine_body(case: Case) -> int | None:
    found = mine_organisation([str(case.mine_id)], case.opened)
    return next((body.pk for body in found.values()), case.owner_id)


FLOW = Flow(
    kind=KIND,
    label="气象预警处置",
    states={
        "received": "待叫应",
        "called": "已叫应",
        "ordered": "已下令",
        "withdrawing": "撤人中",
        "out": "已报撤出",
        "checked": "已抽查",
        "lifted": "已解除",
        "closed": "已办结",
    },
    initial="received",
    final=("lifted", "closed"),
    transitions=(
        step("answer", ("received",), "called", "weather.answer", "矿方应答", ("name",)),
        step("call", ("received",), "called", "weather.call", "登记叫应"),
        step("key_pressed", ("received",), "called", "weather.clock", "按键应答"),
        step("take_over", ("received",), "called", "weather.clock", "合并前已叫应"),
        step(
            "order", ("received", "called"), "ordered", "weather.order", "下令停产撤人", ("basis", "scope"), told=True
        ),
        step("decline", ("received", "called"), "closed", "weather.order", "不下令", ("reason",)),
        step("close", ("called",), "closed", "weather.call", "办结", ("outcome",)),
        step("begin", ("ordered",), "withdrawing", "weather.answer", "开始撤人", ("below",), told=True),
        step(
            "report_out",
            ("ordered", "withdrawing"),
            "out",
            "weather.answer",
            "报告撤出",
            ("out", "remaining", "out_at"),
            told=True,
        ),
        step("return", ("out", "checked"), "withdrawing", "weather.check", "退回", ("reason",), told=True),
        step("confirm", ("out",), "checked", "weather.check", "抽查属实", ("means",)),
        step("revoke", ("ordered", "withdrawing"), "called", "weather.order", "撤销指令", ("reason",), told=True),
        step("lift", ORDER_HOLDS, "lifted", "weather.order", "解除指令", ("conditions",), told=True),
        step("end", ("received", "called"), "closed", "weather.clock", "预警结束"),
        step("raise_again", ("closed",), "received", "weather.clock", "预警升级"),
    ),
    may_perform=_may,
    hindrance=hindrance,
    after=_after,
    notices={"other_side": _other_side},
    page="duty:weather_case",
)
