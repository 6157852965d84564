"""Everything that joins rooms, as literal tables. A reader finds here who handles what."""

from __future__ import annotations

from kuangan.portal.menu import Entry, Group

MENU: tuple[Group, ...] = (
    Group(
        "值守",
        (
            Entry("值守台", "bell-ringing", "alerts:desk", permission="alert.view", badge="open"),
            Entry("一矿一档", "building-factory-2", "registry:mines", permission="mine.view"),
            Entry("数据链路", "plug-connected", "datalink:link", permission="link.view"),
        ),
    ),
    Group("我的", (Entry("我的待办", "checklist", "alerts:work"),)),
    Group(
        "系统",
        (
            Entry("用户与机构", "users", "people:users", permission="people.view"),
            Entry("上传账号", "key", "datalink:senders", permission="sender.manage"),
        ),
    ),
)
