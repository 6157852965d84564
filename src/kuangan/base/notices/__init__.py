"""What leaves for people: an outbox written with the change, sent afterwards, logged and retried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuangan.base import on_demand

if TYPE_CHECKING:
    from kuangan.base.notices.adapters import ADAPTERS as ADAPTERS
    from kuangan.base.notices.adapters import Adapter as Adapter
    from kuangan.base.notices.delivery import deliver as deliver
    from kuangan.base.notices.outbox import Draft as Draft
    from kuangan.base.notices.outbox import inbox as inbox
    from kuangan.base.notices.outbox import mark_read as mark_read
    from kuangan.base.notices.outbox import send as send
    from kuangan.base.notices.outbox import send_many as send_many

HOMES = {
    "send": "outbox",
    "send_many": "outbox",
    "Draft": "outbox",
    "inbox": "outbox",
    "mark_read": "outbox",
    "deliver": "delivery",
    "Adapter": "adapters",
    "ADAPTERS": "adapters",
}

__getattr__ = on_demand(__name__, HOMES)
