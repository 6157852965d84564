"""The engine's sink in the database: register, alerts and position in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import close_old_connections, transaction

from kuangan.base.clock import from_ms
from kuangan.base.registry.intake import enter_seen
from kuangan.domains.alerts.sink import apply_events
from kuangan.domains.datalink.position import store_position
from kuangan.domains.suspicions.sink import apply_suspicions, is_suspicion
from kuangan.library.warning.runners.sink import Changes

POSITION_EVERY_MS = 15_000


class DatabaseSink:
    """Applies changes as they come; a position alone is written now and then, since recovery does not need it.

    `told` is the clock of the people who read of them; without it they learn of everything as it happened.
    """

    def __init__(self, told: Callable[[], datetime] | None = None) -> None:
        self._told = told
        self._noted = 0

    def apply(self, changes: Changes) -> None:
        told = changes.events or changes.mines or changes.points
        if not told and changes.clock - self._noted < POSITION_EVERY_MS:
            return
        close_old_connections()
        at = from_ms(changes.clock)
        with transaction.atomic():
            if changes.mines or changes.points:
                enter_seen(changes.mines, changes.points, at)
            alerts = [event for event in changes.events if not is_suspicion(event.rule)]
            apply_events(alerts, at, self._told() if self._told else at)
            apply_suspicions((event for event in changes.events if is_suspicion(event.rule)), at)
            store_position(changes.position, changes.clock)
        self._noted = changes.clock
