"""Deadlines and notices that a colour brings, as rows ready to be written in bulk."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from kuangan.base.deadlines.models import Deadline
from kuangan.base.notices.models import Channel, Notice
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import Organisation
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.routing import Routing
from kuangan.domains.alerts.rules import GRADE_WORDS, LEVELS, Clock, Telling, acting, level_of_code

SUBJECT: Final = "case"
LADDER: Final = "alert"
ACK_LADDER: Final = "alert_ack"
PAST_LADDER: Final = "alert_past"
# A red alert rings a phone, an orange one writes to it, both go to mail and interface where the organisation has them;
# every colour lies in the inbox.
CHANNELS: Final[Mapping[str, tuple[Channel, ...]]] = {
    "red": (Channel.INBOX, Channel.VOICE, Channel.EMAIL, Channel.WEBHOOK),
    "orange": (Channel.INBOX, Channel.SMS, Channel.EMAIL, Channel.WEBHOOK),
    "yellow": (Channel.INBOX,),
    "blue": (Channel.INBOX,),
}


def deadlines(alert: Alert, routing: Routing, told: Telling, met: Collection[str] = ()) -> list[Deadline]:
    """The clocks of the alert's colour, run from the start of its telling; what is already `met` is not asked again."""
    stands = acting(alert.organisations)
    return [
        deadline(alert, clock.code, stands[clock.level], told.start, clock.minutes, ladder_of(clock.code, told.past))
        for clock in routing.clocks.get(alert.grade, ())
        if clock.level in stands and (clock.step == "acknowledge" or clock.code not in met)
    ]


def ladder_of(code: str, past: bool = False) -> str:
    """The ladder a clock climbs: a missing acknowledgement also goes to the persons on duty, what is past reminds alone."""
    if past:
        return PAST_LADDER
    return ACK_LADDER if level_of_code(code) else LADDER


def deadline(alert: Alert, code: str, owner: int, start: datetime, minutes: int, ladder: str = LADDER) -> Deadline:
    """One running clock of an alert."""
    due = start + timedelta(minutes=minutes)
    return Deadline(
        subject_kind=SUBJECT,
        subject_id=str(alert.pk),
        code=code,
        owner_id=owner,
        started_at=start,
        due=due,
        ladder=ladder,
        next_at=due,
    )


def notices(
    alert: Alert,
    levels: Collection[str],
    bodies: Mapping[int, Organisation],
    why: str,
    at: datetime,
    past: bool = False,
) -> list[Notice]:
    """What the levels are told, by inbox alone when it is `past`; one notice per organisation and channel, once."""
    stands = acting(alert.organisations)
    owners = dict.fromkeys(stands[level] for level in LEVELS if level in levels and level in stands)
    return [
        notice(alert, bodies[owner], channel, why, at)
        for owner in owners
        for channel in ((Channel.INBOX,) if past else CHANNELS[alert.grade])
        if owner in bodies and address(bodies[owner], channel)
    ]


def address(body: Organisation, channel: Channel) -> str:
    """Where a channel reaches an organisation; empty when it does not."""
    if channel == Channel.INBOX:
        return to_organisation(body.pk)
    return {Channel.EMAIL: body.email, Channel.WEBHOOK: body.webhook}.get(channel, body.phone)


def notice(alert: Alert, body: Organisation, channel: Channel, why: str, at: datetime) -> Notice:
    """One row of the outbox. `why` is part of the key: raised, a colour, climbed, reopened."""
    case = alert.case
    drill = "【演练】" if alert.drill else ""
    return Notice(
        channel=channel,
        to=address(body, channel),
        subject=f"{drill}【{GRADE_WORDS[alert.grade]}】{case.title}"[:200],
        body=f"{case.number} {case.title}。请登录矿安系统确认。",
        subject_kind=SUBJECT,
        subject_id=str(alert.pk),
        created_at=at,
        next_at=at,
        key=f"alert:{alert.pk}:{why}:{body.pk}:{channel}",
    )


def clock_of(routing: Routing, grade: str, code: str) -> Clock | None:
    """The row of the routing table behind a deadline; None for a level that was drawn in by a breach."""
    return next((clock for clock in routing.clocks.get(grade, ()) if clock.code == code), None)
