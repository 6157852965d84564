"""What leaves for people: an outbox written with the change, sent afterwards, logged and retried."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kuangan.base.notices.adapters import ADAPTERS as ADAPTERS
    from kuangan.base.notices.adapters import Adapter as Adapter
    from kuangan.base.notices.delivery import deliver as deliver
    from kuangan.base.notices.outbox import Draft as Draft
    from kuangan.base.notices.outbox import inbox as inbox
    from kuangan.base.notices.outbox import mark_read as mark_read
    from kuangan.base.notices.outbox import send as send
    from kuangan.base.notices.outbox import send_many as send_many

# Models may only be imported once Django knows its apps, and Django imports this package to find them.
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


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
