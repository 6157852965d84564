"""Everything that joins rooms, as literal tables. A reader finds here who handles what."""

from __future__ import annotations

from collections.abc import Mapping

from kuangan.base.case.flow import Flow
from kuangan.base.deadlines.telling import tell
from kuangan.base.deadlines.ticking import Handler
from kuangan.domains.alerts.climbing import climb
from kuangan.domains.alerts.flow import FLOW as ALERT
from kuangan.portal.menu import Entry, Group

FLOWS: tuple[Flow, ...] = (ALERT,)
HANDLERS: Mapping[str, Handler] = {"climb": climb, "remind": tell, "overdue": tell, "propose": tell}
"""Action of a ladder's rung → who carries it out."""

MENU: tuple[Group, ...] = (
    Group(
        "值守",
        (
            Entry("值守台", "bell-ringing", "alerts:desk", permission="alert.view", badge="open"),
            Entry("一矿一档", "building-factory-2", "registry:mines", permission="mine.view"),
            Entry("数据链路", "plug-connected", "datalink:link", permission="link.view"),
        ),
    ),
    Group(
        "我的",
        (
            Entry("我的待办", "checklist", "alerts:work", permission="case.view"),
            Entry("我的消息", "mail", "portal:inbox", permission="case.view"),
        ),
    ),
    Group(
        "系统",
        (
            Entry("用户", "users", "people:users", permission="people.view"),
            Entry("机构", "building-community", "registry:organisations", permission="organisation.view"),
            Entry("上传账号", "key", "datalink:senders", permission="sender.manage"),
        ),
    ),
)
