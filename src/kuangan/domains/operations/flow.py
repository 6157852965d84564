"""The lives of an announcement, of a check on one, and of a fault of a safety system, as literal tables."""

from __future__ import annotations

from kuangan.base.case.flow import Flow, Transition
from kuangan.domains.operations import hooks

ANNOUNCED = ("SX34-21", "SX34-42", "SX36-25")
WAITING = ("declared", "noted", "agreed")
GOING = ("running", "overrun", "asked")
CLOCK = "announcement.clock"


def _step(
    name: str,
    label: str,
    from_: tuple[str, ...],
    to: str,
    may: str,
    needs: tuple[str, ...] = (),
    *,
    four_eyes: str | None = None,
    clause: tuple[str, ...] = ANNOUNCED,
) -> Transition:
    return Transition(
        name=name, from_=from_, to=to, may=may, label=label, clause=clause, needs=needs, four_eyes=four_eyes
    )


ANNOUNCEMENT = Flow(
    kind="announcement",
    page="operations:announcement",
    label="作业报备",
    states={
        "declared": "待答复",
        "noted": "已知悉",
        "agreed": "已同意",
        "refused": "不同意",
        "withdrawn": "已撤回",
        "lapsed": "未获答复",
        "running": "进行中",
        "asked": "申请延期",
        "overrun": "超期未结束",
        "ended": "已结束",
    },
    initial="declared",
    final=("refused", "withdrawn", "lapsed", "ended"),
    transitions=(
        _step("note", "知悉", ("declared",), "noted", "announcement.answer", four_eyes="declared"),
        _step("note_late", "知悉", ("running",), "running", "announcement.answer", four_eyes="declared"),
        _step("agree", "同意", ("declared",), "agreed", "announcement.answer", four_eyes="declared"),
        _step("refuse", "不同意", ("declared",), "refused", "announcement.answer", ("reason",), four_eyes="declared"),
        _step("amend", "修改", WAITING, "declared", "announcement.declare", ("reason",)),
        _step("withdraw", "撤回", WAITING, "withdrawn", "announcement.declare", ("reason",)),
        _step("start", "开始", WAITING, "running", "announcement.declare"),
        _step("ask_extension", "申请延期", ("running", "overrun"), "asked", "announcement.declare", ("ends", "reason")),
        _step("grant_extension", "同意延期", ("asked",), "running", "announcement.extend", four_eyes="asked"),
        _step(
            "refuse_extension",
            "不同意延期",
            ("asked",),
            "running",
            "announcement.extend",
            ("reason",),
            four_eyes="asked",
        ),
        _step("end", "结束", GOING, "ended", "announcement.declare", ("outcome",)),
        _step("begin_on_time", "到时开始", WAITING, "running", CLOCK),
        _step("finish_on_time", "到时结束", ("running", "asked"), "ended", CLOCK),
        _step("overrun", "超期", ("running", "asked"), "overrun", CLOCK),
        _step("lapse", "未获答复失效", ("declared",), "lapsed", CLOCK),
    ),
    may_perform=hooks.may_move,
    hindrance=hooks.hindrance,
    after=hooks.after,
)

CHECK = Flow(
    kind="announcement_check",
    page="operations:check",
    label="报备核查",
    states={"raised": "待说明", "answered": "已说明", "explained": "说明成立", "unexplained": "说明不成立"},
    initial="raised",
    final=("explained", "unexplained"),
    transitions=(
        _step("answer", "说明", ("raised",), "answered", "announcement.explain", ("statement",)),
        _step(
            "accept",
            "说明成立",
            ("raised", "answered"),
            "explained",
            "announcement.judge",
            ("opinion",),
            four_eyes="answered",
        ),
        _step(
            "reject",
            "说明不成立",
            ("raised", "answered"),
            "unexplained",
            "announcement.judge",
            ("opinion",),
            four_eyes="answered",
        ),
    ),
    may_perform=hooks.may_judge,
    adjusts={"answer": frozenset({"extend"})},
)

FAULT = Flow(
    kind="system_fault",
    page="operations:fault",
    label="安全避险系统故障",
    states={"faulty": "故障", "repaired": "已修复待核验", "closed": "已核验"},
    initial="faulty",
    final=("closed",),
    transitions=(
        _step(
            "repair",
            "报告修复",
            ("faulty",),
            "repaired",
            "safety_system.report",
            ("evidence",),
            clause=("SX36-18",),
        ),
        _step(
            "reopen",
            "退回",
            ("repaired",),
            "faulty",
            "safety_system.verify",
            ("reason",),
            four_eyes="repaired",
            clause=("SX36-18",),
        ),
        _step(
            "verify",
            "核验销号",
            ("repaired",),
            "closed",
            "safety_system.verify",
            ("opinion",),
            four_eyes="repaired",
            clause=("SX36-18",),
        ),
    ),
    may_perform=hooks.may_verify,
    after=hooks.after_fault,
    adjusts={"repair": frozenset({"extend", "suspend"})},
)
