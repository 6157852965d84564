"""What other alerts and people add to the lines of a page: flapping, shelving, the alert it was merged into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kuangan.domains.alerts.models import Alert, Shelving
from kuangan.domains.alerts.queries import flapping_pairs
from kuangan.domains.alerts.shelving import in_force
from kuangan.domains.alerts.words import moment

Badge = tuple[str, str]


@dataclass(frozen=True)
class Marks:
    """Read for a whole page; three queries at most, whatever the number of alerts."""

    at: datetime
    flapping: Mapping[tuple[str, str], int] = field(default_factory=dict)
    shelved: Mapping[int, Sequence[Shelving]] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, alerts: Sequence[Alert], at: datetime, flapping: Mapping[tuple[str, str], int] | None = None) -> Marks:
        if flapping is None:
            flapping = flapping_pairs(at, [alert.subject for alert in alerts])
        shelved: dict[int, list[Shelving]] = {}
        rows = Shelving.objects.filter(alert__in=[alert.pk for alert in alerts], state__in=Shelving.LIVE)
        for row in rows.select_related("organisation"):
            shelved.setdefault(row.alert_id, []).append(row)
        merged = [alert.merged_into for alert in alerts if alert.merged_into]
        known = Alert.objects.filter(event_id__in=merged).values_list("event_id", "case__number") if merged else ()
        return cls(at, flapping, shelved, dict(known))

    def badges(self, alert: Alert) -> list[Badge]:
        """(code, word) of what must be seen at once."""
        found = []
        times = self.flapping.get((alert.rule, alert.subject))
        if times is not None:
            found.append(("flapping", f"反复 {times} 次"))
        for row in self.shelved.get(alert.pk, ()):
            if row.state == Shelving.State.WAITING:
                found.append(("shelved", f"{row.organisation} 申请搁置，待第二人同意"))
            elif in_force(row, alert, self.at):
                found.append(("shelved", f"{row.organisation} 搁置至 {moment(row.until, self.at)}"))
        return found

    def parent(self, alert: Alert) -> str:
        """The number of the alert it was merged into, if that is known."""
        return self.parents.get(alert.merged_into, "") if alert.merged_into else ""
