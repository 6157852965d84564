"""What a message does: an alert opens a warning, an update replaces what it says, a cancellation or its end ends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from kuangan.base import audit, deadlines
from kuangan.base.case.models import Case
from kuangan.domains.duty.weather.affected import Found, affected
from kuangan.domains.duty.weather.models import (
    ENDS,
    Message,
    MessageReference,
    Warning,
    WarningPlace,
    Withdrawal,
)
from kuangan.domains.duty.weather.opening import open_cases, release, strengthen
from kuangan.domains.duty.weather.reading import Message as Said
from kuangan.domains.duty.weather.reading import Reference
from kuangan.domains.duty.weather.rules import RULES, event_of

SUBJECT = "weather_warning"
PLACES_NAMED = 12


def follow(said: Said, row: Message, at: datetime) -> str:
    """Apply a message that was not seen before; returns its result (a key of RESULTS) and joins it to its warning.

    Runs in the caller's transaction.
    """
    if said.kind == "cancel":
        return _cancel(said, row, at)
    end = said.expires or (said.onset or said.sent) + RULES.valid
    named = _warnings(said.references)
    if _overtaken(said):
        row.warning = named[0] if named else _later(said)
        return "old"
    if named and any(one.sent > said.sent for one in named):
        row.warning = named[0]
        return "old"
    live = [one for one in named if one.live]
    if end <= at:
        row.warning = named[0] if named else None
        if live:
            _end(live, "expired", at)
        return "late"
    if said.kind == "update" and live:
        _end(live[1:], "superseded", at)
        row.warning = _write(live[0], said, end, row, at)
        return "applied"
    row.warning = _write(Warning(first_sent=said.sent, received_at=at), said, end, row, at)
    return "applied" if said.kind == "alert" or named else "orphan"


def expire(due: Sequence[int], at: datetime) -> int:
    """End the warnings of these keys whose time is over; returns how many."""
    rows = list(Warning.objects.select_for_update().filter(pk__in=due, ended_at__isnull=True, expires__lte=at))
    _end(rows, "expired", at)
    return len(rows)


def _cancel(said: Said, row: Message, at: datetime) -> str:
    named = _warnings(said.references)
    row.warning = named[0] if named else None
    if not named:
        return "orphan"
    if all(one.sent > said.sent for one in named):
        return "old"
    _end([one for one in named if one.live], "cancelled", at)
    return "applied"


def _warnings(references: Sequence[Reference]) -> list[Warning]:
    """The warnings that earlier messages belong to, locked, in the order in which they are named."""
    wanted = Q(pk__in=[])
    for one in references:
        wanted |= Q(sender=one.sender, identifier=one.identifier)
    rows = Message.objects.filter(wanted, warning__isnull=False).order_by("sent").values_list("warning_id", flat=True)
    keys = list(dict.fromkeys(rows))
    held = Warning.objects.select_for_update().in_bulk(keys)
    return [held[key] for key in keys]


def _overtaken(said: Said) -> bool:
    """Whether an update or cancellation of this very message came before it."""
    refers = MessageReference.objects.filter(sender=said.sender, identifier=said.identifier)
    return refers.filter(message__sent__gte=said.sent).exists()


def _later(said: Said) -> Warning | None:
    refers = MessageReference.objects.filter(sender=said.sender, identifier=said.identifier)
    row = refers.select_related("message__warning").filter(message__warning__isnull=False).first()
    return row.message.warning if row else None


def _write(warning: Warning, said: Said, end: datetime, row: Message, at: datetime) -> Warning:
    """Put what a message says onto a warning, then onto its mines."""
    fresh = warning.pk is None
    event = event_of(said.event)
    found = affected(said.parts, event, at)
    warning.event, warning.event_words, warning.colour = event, said.event, said.colour
    warning.headline, warning.description, warning.instruction = said.headline, said.description, said.instruction
    warning.sender, warning.sent, warning.onset, warning.expires = said.sender, said.sent, said.onset or said.sent, end
    warning.issuer = said.issuer
    warning.drill, warning.synthetic = said.status == "exercise", row.offer.source == "demo"
    warning.typed_by = row.offer.organisation if row.offer.source == "typed" else None
    names = list(found.prefixes.values())
    warning.places = "、".join(names[:PLACES_NAMED])[:390] + ("……" if len(names) > PLACES_NAMED else "")
    warning.notes = [*said.notes, *dict.fromkeys(found.notes), *_guesses(said, event)]
    warning.save()
    warning.where.all().delete()
    WarningPlace.objects.bulk_create(WarningPlace(warning=warning, prefix=prefix) for prefix in found.prefixes)
    _mines(warning, found, at)
    deadlines.set_deadline(
        subject_kind=SUBJECT, subject_id=str(warning.pk), code="expire", due=end, ladder="weather_end", at=at
    )
    content = {"event": said.event, "colour": said.colour, "mines": len(found.mines), "expires": end}
    action = "weather.opened" if fresh else "weather.updated"
    audit.record(actor=row.offer.by, action=action, kind=SUBJECT, ident=str(warning.pk), content=content, at=at)
    return warning


def _guesses(said: Said, event: str) -> list[str]:
    found = [] if said.expires else [f"未写失效时间，按发布后 {RULES.valid_hours} 小时计（系统默认）"]
    return [*found, *([f"未识别的预警种类“{said.event}”，只作提醒"] if event == "other" else [])]


def _mines(warning: Warning, found: Found, at: datetime) -> None:
    """New mines get a case, those that have one are strengthened, those no longer covered are let go."""
    standing = {row.mine_id: row for row in rows_of(warning)}
    covered = {one.mine.code: one for one in found.mines}
    open_cases(warning, [one for code, one in covered.items() if code not in standing], at)
    strengthen(warning, [(standing[code], covered[code]) for code in standing if code in covered], at)
    release([row for code, row in standing.items() if code not in covered], at, "预警范围不再包括本矿")


def rows_of(warning: Warning) -> list[Withdrawal]:
    """The mines of a warning. Whoever writes onto a mine's row holds its case: all are locked, then read."""
    rows = Withdrawal.objects.filter(warning=warning)
    list(Case.objects.select_for_update().filter(pk__in=rows.values("pk")).order_by("pk").values_list("pk"))
    return list(rows.select_related("case__owner", "mine", "warning"))


def _end(warnings: Sequence[Warning], why: str, at: datetime) -> None:
    for warning in warnings:
        warning.ended_at, warning.ended_why = at, why
        warning.save(update_fields=["ended_at", "ended_why"])
        deadlines.cancel(SUBJECT, str(warning.pk), at=at)
        release(rows_of(warning), at, f"预警{ENDS[why]}")
        audit.record(
            actor=None, action=f"weather.{why}", kind=SUBJECT, ident=str(warning.pk), content={"why": why}, at=at
        )
