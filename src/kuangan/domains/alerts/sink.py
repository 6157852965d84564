"""From events of the engine to alerts, clocks and notices: the alerts' part of the sink.

The caller opens the transaction. The number of queries does not depend on the number of events (rows are written in
bulk), and a batch that is applied twice changes nothing the second time: only a higher revision is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kuangan.base.audit.writing import Note, record_many
from kuangan.base.case.models import Case
from kuangan.base.case.numbers import next_numbers
from kuangan.base.deadlines.models import OPEN_STATES, Deadline, DeadlineState
from kuangan.base.notices.models import Notice
from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import SubStation
from kuangan.domains.alerts import clocks
from kuangan.domains.alerts.directory import NOWHERE, Standing, standings
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.models import Alert, Change, Shelving
from kuangan.domains.alerts.reading import REVISED, changes_between, first_changes, read_event, title_of
from kuangan.domains.alerts.routing import RoutingBook
from kuangan.domains.alerts.rules import Telling, level_rank, telling
from kuangan.domains.alerts.shelving import end_for
from kuangan.library.warning.events import Event

AGAIN = frozenset({"grade", "reopened", "restored"})
"""Changes that people must be told of and that start the clocks of the colour."""


def apply_events(events: Iterable[Event], at: datetime, told_at: datetime | None = None) -> int:
    """Take over every event whose revision is higher than the stored one; returns how many alerts changed.

    Must run inside the caller's transaction. `at` is the arrival clock of the batch; `told_at` is when people learn of
    it, the wall clock (None: at once).
    """
    revisions = _by_id(events)
    if not revisions:
        return 0
    known = Alert.objects.select_for_update(of=("self",)).select_related("case").filter(event_id__in=list(revisions))
    stored = {alert.event_id: alert for alert in known}
    fresh = {
        ident: newer
        for ident, revs in revisions.items()
        if (newer := [r for r in revs if ident not in stored or r.rev > stored[ident].rev])
    }
    if not fresh:
        return 0
    standing = standings({revs[-1].mine for revs in fresh.values()}, at)
    batch = Batch(at, told_at or at, RoutingBook(), standing, _places_of_stations(revs[-1] for revs in fresh.values()))
    for ident, revs in fresh.items():
        if ident in stored:
            batch.revise(stored[ident], revs)
        else:
            batch.open(revs)
    batch.write()
    return len(fresh)


def _places_of_stations(events: Iterable[Event]) -> dict[str, str]:
    """Where the sub-stations stand that events are about, which do not say it themselves; one query, none without such events."""
    codes = {event.subject for event in events if event.subject_kind == "station" and not event.inputs.get("location")}
    if not codes:
        return {}
    return dict(SubStation.objects.filter(code__in=codes).values_list("code", "location"))


def _by_id(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, dict[int, Event]] = {}
    for event in events:
        found.setdefault(event.id, {})[event.rev] = event
    return {ident: [revs[rev] for rev in sorted(revs)] for ident, revs in found.items()}


@dataclass
class Batch:
    """What is to be written, gathered first, so that the writing is short."""

    at: datetime
    told_at: datetime
    book: RoutingBook
    standing: dict[str, Standing]
    places: dict[str, str]
    created: list[Alert] = field(default_factory=list)
    revised: list[Alert] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    restart: list[Alert] = field(default_factory=list)
    stop: list[Alert] = field(default_factory=list)
    risen: list[Alert] = field(default_factory=list)
    unsettled: list[Alert] = field(default_factory=list)

    def open(self, revs: Sequence[Event]) -> None:
        """A new alert with its case."""
        event = revs[-1]
        standing = self.standing.get(event.mine, NOWHERE)
        alert = Alert(event_id=event.id, organisations=standing.ids)
        self._read(alert, event, standing)
        case = Case(
            kind=FLOW.kind,
            mine=standing.mine,
            region=standing.region or f"{event.mine[:2]}0000",
            sector=standing.sector,
            state=FLOW.initial,
            severity=alert.grade,
            owner_id=_owner(standing),
            opened=alert.raised_at,
            title=title_of(alert),
            origin="engine",
            drill=alert.drill,
        )
        alert.case = case
        self.created.append(alert)
        self.changes += first_changes(alert, revs)
        self._consequences(alert)

    def revise(self, alert: Alert, revs: Sequence[Event]) -> None:
        """A known alert that went on: colour, void, reopening. Clearing for a moment is no news while it is open."""
        was_closed, was_graded = alert.case.state in FLOW.final, alert.graded_at
        made = [row for row in changes_between(alert, revs) if was_closed or row.kind != "reopened"]
        kinds = {change.kind for change in made}
        self._read(alert, revs[-1], self.standing.get(revs[-1].mine, NOWHERE))
        raises = [change.at for change in made if change.kind == "grade"]
        alert.graded_at = raises[-1] if raises else was_graded
        alert.case.severity, alert.case.title = alert.grade, title_of(alert)
        if was_closed and kinds & AGAIN:
            alert.case.state, alert.case.closed, alert.graded_at = FLOW.initial, None, alert.changed_at
        self.revised.append(alert)
        self.changes += made
        if kinds & {"merged", "void"} or kinds & AGAIN:
            self._consequences(alert)
            (self.risen if "grade" in kinds else self.unsettled).append(alert)

    def _read(self, alert: Alert, event: Event, standing: Standing) -> None:
        read_event(alert, event, standing)
        alert.location = alert.location or self.places.get(alert.subject, "")

    def _consequences(self, alert: Alert) -> None:
        if not alert.void and not alert.merged_into:
            routing = self.book.on(alert.raised_at)
            ranks = [level_rank(level) for level in routing.told(alert.grade)]
            alert.reach = max([alert.reach or 0, *ranks])
            alert.told_late = self._telling(alert).late
            self.restart.append(alert)
        else:
            self.stop.append(alert)
        if alert.merged_into and alert.case.state not in FLOW.final:
            alert.case.state, alert.case.closed = "closed", alert.changed_at

    def _telling(self, alert: Alert) -> Telling:
        return telling(alert.graded_at, alert.end is not None, self.told_at)

    def write(self) -> None:
        """Numbers, cases, alerts, changes, clocks, notices, audit; each one bulk statement."""
        self._write_cases()
        self._write_clocks()
        end_for(self.risen, Shelving.State.RISEN, self.at)
        end_for(self.unsettled, Shelving.State.CHANGED, self.at)
        touched = [alert.case for alert in (*self.created, *self.revised)]
        Case.objects.bulk_update(touched, ["state", "severity", "title", "due", "closed"], batch_size=500)
        self._write_notices()
        self._write_audit()

    def _write_cases(self) -> None:
        numbered = [alert.case for alert in self.created]
        for case, number in zip(numbered, next_numbers(FLOW.kind, [c.opened for c in numbered]), strict=True):
            case.number = number
        Case.objects.bulk_create(numbered)
        for alert, case in zip(self.created, numbered, strict=True):
            alert.case = case
        Alert.objects.bulk_create(self.created)
        Alert.objects.bulk_create(
            self.revised, update_conflicts=True, unique_fields=["case"], update_fields=list(REVISED)
        )
        for change in self.changes:
            change.alert_id = change.alert.pk
        Change.objects.bulk_create(self.changes)

    def _write_clocks(self) -> None:
        """Open clocks of restarted and stopped alerts end; those of the new colour begin. `due` follows."""
        ended = {str(alert.pk): alert for alert in (*self.restart, *self.stop)}
        rows = Deadline.objects.filter(subject_kind=clocks.SUBJECT, subject_id__in=list(ended))
        met: dict[str, set[str]] = {}
        for ident, code in rows.filter(state=DeadlineState.MET).values_list("subject_id", "code"):
            met.setdefault(ident, set()).add(code)
        rows.filter(state__in=OPEN_STATES).update(state=DeadlineState.CANCELLED, next_at=None, ended_at=self.at)
        started: list[Deadline] = []
        for alert in self.restart:
            routing = self.book.on(alert.raised_at)
            running = clocks.deadlines(alert, routing, self._telling(alert), met.get(str(alert.pk), ()))
            alert.case.due = min((row.due for row in running), default=None)
            started += running
        for alert in self.stop:
            started += self._for_a_person(alert)
        Deadline.objects.bulk_create(started)

    def _for_a_person(self, alert: Alert) -> list[Deadline]:
        """A void alert still waits for its supervisor; a merged one waits for nobody."""
        alert.case.due = None
        clock = clocks.clock_of(self.book.on(alert.raised_at), alert.grade, "close")
        if not alert.void or alert.case.state in FLOW.final or clock is None or alert.case.owner_id is None:
            return []
        told = telling(alert.changed_at, True, self.told_at)
        ladder = clocks.PAST_LADDER if told.past else clocks.LADDER
        row = clocks.deadline(alert, "close", alert.case.owner_id, told.start, clock.minutes, ladder)
        alert.case.due = row.due
        return [row]

    def _write_notices(self) -> None:
        needed = {pk for alert in self.restart for pk in alert.organisations.values()}
        bodies = Organisation.objects.in_bulk(needed)
        rows: list[Notice] = []
        for alert in self.restart:
            levels = self.book.on(alert.raised_at).told(alert.grade)
            past = self._telling(alert).past
            rows += clocks.notices(alert, levels, bodies, f"rev{alert.rev}:{alert.grade}", self.told_at, past)
        Notice.objects.bulk_create(rows, ignore_conflicts=True)

    def _write_audit(self) -> None:
        kinds: dict[int, list[str]] = {}
        for change in self.changes:
            kinds.setdefault(change.alert_id, []).append(change.kind)
        record_many(
            Note(
                actor=None,
                action="alert.raised" if "raised" in kinds.get(alert.pk, ()) else "alert.revised",
                kind=FLOW.kind,
                ident=alert.case.number,
                at=self.at,
                content={
                    "event": alert.event_id,
                    "rev": alert.rev,
                    "grade": alert.grade,
                    "status": alert.event_status,
                    "peak": alert.peak,
                    "changes": kinds.get(alert.pk, []),
                },
            )
            for alert in (*self.created, *self.revised)
        )


def _owner(standing: Standing) -> int | None:
    ids = standing.ids
    return next((ids[level] for level in ("direct", "city", "province") if level in ids), None)
