"""The alerts of the invented past, worked by invented people through the same steps that real ones take."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from kuangan.base.case.errors import Forbidden, WrongState
from kuangan.base.clock import from_ms
from kuangan.domains.alerts.acts import acknowledge, act
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.models import Alert
from kuangan.library.warning.rulebook import OVER_LIMIT
from kuangan.site.demo.people import answering, worker_of

RECENT = timedelta(hours=2)
STEPS = (
    ("verify", "kuangzhang", 25, {"withdrawn": "not_needed", "measures": "停止作业，检查风量与传感器，确认原因。"}),
    ("report", "kuangzhang", 55, {"report": "已查明原因并处理，现场恢复正常，附记录（合成数据）。"}),
    ("review", "zhiban", 95, {"opinion": "情况属实，处置得当。"}),
    ("close", "zhiban", 100, {"note": "销警。"}),
)


def work_history(home: Path, now: int) -> None:
    """Work every alert that is older than two hours to its close, the later ones as far as time allowed.

    What still goes on is acknowledged, and left for whoever looks at the demonstration.
    """
    until = from_ms(now)
    alerts = Alert.objects.select_related("case").exclude(case__state__in=FLOW.final).order_by("raised_at")
    for alert in list(alerts):
        if alert.raised_at < until - RECENT and not alert.void:
            _work(home, alert, until)


def _work(home: Path, alert: Alert, until: datetime) -> None:
    mine = str(alert.case.mine_id)
    began = alert.graded_at or alert.raised_at
    for after, by in enumerate(answering(mine, alert.organisations), start=1):
        try:
            acknowledge(alert.case, by=by, at=began + timedelta(minutes=2 * after))
        except (Forbidden, WrongState):
            continue
    if alert.event_status == "open":
        return
    for name, who, minutes, form in STEPS:
        at = began + timedelta(minutes=minutes)
        if at > until:
            return
        said = dict(form)
        if name == "verify":
            said["cause_code"] = _cause(alert)
        alert.case.refresh_from_db()
        with suppress(WrongState):  # taken before a preparation was interrupted
            act(alert.case, name, by=worker_of(mine, who), at=at, form=said, home=home)


def _cause(alert: Alert) -> str:
    return "true_overlimit" if alert.rule == OVER_LIMIT else "unknown"
