"""What about an announcement a person should look at. Each finding is a case with its evidence; it accuses nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
from django.db import transaction
from django.db.models import Q

from kuangan.base import audit, deadlines, notices
from kuangan.base.case.models import Case
from kuangan.base.case.numbers import next_number
from kuangan.base.case.performing import SUBJECT
from kuangan.base.clock import to_ms
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.registry.models import Point
from kuangan.domains.operations.kinds import FILE, KINDS
from kuangan.domains.operations.models import Announcement, Check
from kuangan.domains.operations.rules import CHECK_WORDS, went_on, without_bit
from kuangan.library.telemetry.archive import read_point

KIND = "announcement_check"
BATCH = 50
VOID_STATES = ("refused", "withdrawn", "lapsed")
JUDGED_STATES = ("ended", "overrun")


@transaction.atomic
def raise_check(row: Announcement, kind: str, key: str, evidence: Mapping[str, object], at: datetime) -> Check | None:
    """Open a check and ask the mine to explain; None when it was found before."""
    if Check.objects.filter(key=key).exists():
        return None
    case = Case.objects.create(
        kind=KIND,
        number=next_number(KIND, at),
        mine=row.mine,
        region=row.case.region,
        sector=row.case.sector,
        state="raised",
        owner_id=row.case.owner_id,
        opened=at,
        title=f"{row.mine.name} {KINDS[row.kind].label} {CHECK_WORDS[kind]}",
        origin=row.case.number,
    )
    check = Check.objects.create(case=case, announcement=row, kind=kind, evidence=evidence, found_at=at, key=key)
    deadlines.set_deadline(
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        code="answer",
        due=at + timedelta(hours=FILE.explain_hours),
        ladder="response",
        at=at,
        owner_id=case.owner_id,
    )
    Case.objects.filter(pk=case.pk).update(due=at + timedelta(hours=FILE.explain_hours))
    content = {"announcement": row.case.number, "finding": kind, "evidence": evidence}
    audit.record(actor=None, action="announcement.check", kind=KIND, ident=case.number, content=content, at=at)
    told = {row.case.owner_id, row.supervisor_id} - {None}
    notices.send_many([_draft(case, organisation) for organisation in sorted(filter(None, told))], at)
    return check


def _draft(case: Case, organisation: int) -> notices.Draft:
    return notices.Draft(
        channel=Channel.INBOX,
        to=to_organisation(organisation),
        subject=f"报备核查：{case.title}",
        body=f"编号 {case.number}，请说明情况，由监管人员判断。",
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        key=f"{KIND}:{case.pk}:{organisation}",
    )


def find_overrun(row: Announcement, at: datetime) -> Check | None:
    """The work was not reported as over in time."""
    evidence = {"ends": row.ends.isoformat(), "noticed": at.isoformat(), "extensions": row.extensions}
    return raise_check(row, "overrun", f"overrun:{row.pk}:{row.extensions}", evidence, at)


def find_repeated(row: Announcement, at: datetime) -> Check | None:
    """The same point or place more often than the table allows within its days. Two queries."""
    repeat = KINDS[row.kind].repeat
    since = row.starts - timedelta(days=repeat.days)
    others = Announcement.objects.filter(mine=row.mine, kind=row.kind, starts__gt=since, starts__lte=row.starts)
    own = {(part.kind, part.ident) for part in row.parts.all()}
    seen: dict[tuple[str, str], list[str]] = {part: [] for part in own}
    for other in others.exclude(case__state__in=VOID_STATES).select_related("case").prefetch_related("parts"):
        for part in other.parts.all():
            seen.get((part.kind, part.ident), []).append(other.case.number)
    often = {ident: sorted(numbers) for (_, ident), numbers in seen.items() if len(numbers) > repeat.more_than}
    if not often:
        return None
    evidence = {"days": repeat.days, "more_than": repeat.more_than, "announcements": often}
    return raise_check(row, "repeated", f"repeated:{row.pk}", evidence, at)


def check_ended(home: Path, at: datetime) -> int:
    """Hold announcements that are over against the data, each once; returns how many were looked at.

    It waits until late data had time to arrive. A silent point proves nothing either way.
    """
    kinds = [code for code, kind in KINDS.items() if kind.expect]
    settled = at - timedelta(minutes=FILE.settle_minutes)
    over = Announcement.objects.filter(checked_at=None, covers_to__lte=settled, kind__in=kinds)
    rows = over.filter(case__state__in=JUDGED_STATES).select_related("case", "mine").prefetch_related("parts")
    found = list(rows.order_by("covers_to", "case")[:BATCH])
    for row in found:
        evidence = mismatch(home, row)
        with transaction.atomic():
            Announcement.objects.filter(pk=row.pk).update(checked_at=at)
            if evidence:
                raise_check(row, "mismatch", f"mismatch:{row.pk}:{row.extensions}", evidence, at)
    return len(found)


def mismatch(home: Path, row: Announcement) -> dict[str, object]:
    """What the readings of the span say against the announcement; empty when nothing does."""
    assert row.covers_from is not None and row.covers_to is not None
    start, end = to_ms(row.covers_from), to_ms(row.covers_to)
    curves = {code: read_point(home, code, start, end) for code in points_of(row)}
    if KINDS[row.kind].expect == "calibration_bit":
        points = without_bit({code: rows["status"].to_list() for code, rows in curves.items()})
        said = "no_calibration_bit"
    else:
        good = {code: rows.filter(pl.col("value").is_not_nan())["time"].to_list() for code, rows in curves.items()}
        points = went_on(good, start, end, FILE.quiet_minutes * 60_000)
        said = "data_went_on"
    span = {"from": row.covers_from.isoformat(), "to": row.covers_to.isoformat()}
    return {"said": said, "readings": points, **span} if points else {}


def points_of(row: Announcement) -> list[str]:
    """The points an announcement speaks of, by the definitions in force at its beginning; at most as many as are judged."""
    named = [part.ident for part in row.parts.all() if part.kind == "point"]
    wider = Q()
    for part in row.parts.all():
        if part.kind == "mine":
            wider |= Q(mine=row.mine)
        elif part.kind == "station":
            wider |= Q(station=part.ident)
        elif part.kind == "place":
            wider |= Q(location=part.ident) | Q(place__name=part.ident)
    if wider:
        at = row.starts
        holding = Q(valid_from__lte=at) & (Q(valid_to=None) | Q(valid_to__gt=at))
        more = Point.objects.filter(wider, holding, mine=row.mine).order_by("code").values_list("code", flat=True)
        named += list(more[: FILE.judged_points])
    return sorted(set(named))[: FILE.judged_points]
