"""The life of an alert as a literal table."""

from __future__ import annotations

from kuangan.base.case.flow import Flow, Transition
from kuangan.domains.alerts.hooks import after, hindrance, may_perform

OPEN_STATES = ("raised", "acknowledged", "verified", "reported", "reviewed")

FLOW = Flow(
    kind="alert",
    label="监测告警",
    states={
        "raised": "待确认",
        "acknowledged": "已确认",
        "verified": "已核实",
        "reported": "已反馈",
        "reviewed": "已复核",
        "closed": "已闭环",
    },
    initial="raised",
    final=("closed",),
    transitions=(
        Transition(
            name="acknowledge",
            from_=("raised",),
            to="acknowledged",
            may="alert.acknowledge",
            clause=("SX34-42",),
            label="确认",
        ),
        Transition(
            name="first_report",
            from_=("acknowledged",),
            to="acknowledged",
            may="alert.verify",
            needs=("withdrawn", "measures"),
            clause=("SX34-42",),
            label="初报",
        ),
        Transition(
            name="verify",
            from_=("acknowledged",),
            to="verified",
            may="alert.verify",
            needs=("cause_code", "withdrawn", "measures"),
            clause=("SX34-42",),
            label="核实",
        ),
        Transition(
            name="report",
            from_=("verified",),
            to="reported",
            may="alert.report_back",
            needs=("report",),
            clause=("SX34-42",),
            label="书面反馈",
        ),
        Transition(
            name="return",
            from_=("reported",),
            to="verified",
            may="alert.review",
            needs=("reason",),
            clause=("SX34-42",),
            label="退回",
        ),
        Transition(
            name="review",
            from_=("reported",),
            to="reviewed",
            may="alert.review",
            needs=("opinion",),
            clause=("SX34-42",),
            label="复核",
            four_eyes="report",
        ),
        Transition(
            name="close",
            from_=("reviewed",),
            to="closed",
            may="alert.close",
            clause=("SX34-42",),
            label="销警",
            four_eyes="report",
        ),
        Transition(
            name="confirm_void",
            from_=OPEN_STATES,
            to="closed",
            may="alert.close",
            needs=("reason",),
            clause=("SX34-42",),
            label="确认作废",
            four_eyes="report",
        ),
        Transition(
            name="reopen",
            from_=("closed",),
            to="acknowledged",
            may="alert.recheck",
            needs=("reason",),
            clause=("SX34-42",),
            label="退回重办",
        ),
        Transition(
            name="end_drill",
            from_=OPEN_STATES,
            to="closed",
            may="alert.end_drill",
            clause=("SX34-42",),
            label="结束演练",
        ),
    ),
    page="alerts:alert",
    may_perform=may_perform,
    hindrance=hindrance,
    after=after,
)
