"""Checks of this room: that bodies enter how they inspect. Facts alone: more inspections are no better, and none are counted as merit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from kuangan.base.compliance.checks import Check, Evidence, Finding, State, Subject, SubjectKind, Subjects
from kuangan.base.compliance.helpers import QUARTER, pages_of, table
from kuangan.base.registry.models import Supervision
from kuangan.base.registry.supervision import in_force
from kuangan.domains.enforcement.kinds import FILE
from kuangan.domains.enforcement.models import Visit

UNEXPECTED: Final = frozenset({"night", "undisclosed", "look_back"})
"""Ways of inspecting that SX34-19, SX34-28 and SX36-25 name: at night, undisclosed, coming back."""
Visits = list[tuple[str, str, datetime]]
"""(way, official number, arrival) of one body."""


def unexpected(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-19, SX34-28 and SX36-25, of the ways of inspecting: one of them stands in the ledger of the last 90 days.

    The clauses name no number. That a visit was not told of before, no ledger proves.
    """
    of_body, inspecting = _visits(at), _inspecting(at)
    for subject in subjects:
        rows = of_body.get(subject.organisation or 0, [])
        why = _hindered(subject, inspecting, rows)
        state = State.UNKNOWN if why == "no_visit" else State.NOT_APPLICABLE
        if not why:
            entered = any(way in UNEXPECTED for way, _, _ in rows)
            state, why = (State.PAPER, "entered") if entered else (State.UNKNOWN, "usual_ways")
        yield Finding(subject.id, state, why, {}, _newest(rows), _pages(subject))


def official_numbers(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX36-32: inspections are handled in the national system. Judged: those of the last 90 days bear its number."""
    of_body, inspecting = _visits(at), _inspecting(at)
    for subject in subjects:
        rows = of_body.get(subject.organisation or 0, [])
        why = _hindered(subject, inspecting, rows)
        state = State.UNKNOWN if why == "no_visit" else State.NOT_APPLICABLE
        if not why:
            bare = any(not number for _, number, _ in rows)
            state, why = (State.UNKNOWN, "no_number") if bare else (State.PAPER, "numbered")
        yield Finding(subject.id, state, why, {}, _newest(rows), _pages(subject))


def _hindered(subject: Subject, inspecting: frozenset[int], rows: Visits) -> str:
    """Why a body's ways are not judged; empty when they are."""
    if subject.kind not in FILE.bodies:
        return "no_inspector"
    if not rows:
        return "no_visit" if (subject.organisation or 0) in inspecting else "no_mines"
    return ""


def _visits(at: datetime) -> dict[int, Visits]:
    """What bodies entered of the last 90 days. One query."""
    rows = Visit.objects.filter(voided_at=None, arrived_at__gt=at - QUARTER, arrived_at__lte=at).order_by()
    found: dict[int, Visits] = {}
    for body, way, number, arrived in rows.values_list("body_id", "kind", "official_number", "arrived_at"):
        found.setdefault(body, []).append((way, number.strip(), arrived))
    return found


def _inspecting(at: datetime) -> frozenset[int]:
    """Bodies that supervise a mine in any role. One query."""
    return frozenset(Supervision.objects.filter(in_force(at)).order_by().values_list("body_id", flat=True).distinct())


def _newest(rows: Visits) -> datetime | None:
    return max((arrived for _, _, arrived in rows), default=None)


def _pages(subject: Subject) -> tuple[Evidence, ...]:
    return pages_of(subject, Evidence("检查登记", "enforcement:visits", query="?body={name}"))


NOT_JUDGED: Final = {
    "no_visit": "近 90 日没有检查登记",
    "no_mines": "没有登记监管的矿山，也没有检查登记",
    "no_inspector": "不是登记检查的监管监察机关",
}


def _unexpected(ident: str, subject: SubjectKind) -> Check:
    return Check(
        id=ident,
        title="夜查、暗查暗访和回头看",
        subject=subject,
        judge=unexpected,
        words={
            "entered": "近 90 日登记了夜查、暗查暗访或者回头看（本机关登记）",
            "usual_ways": "近 90 日的检查登记中没有夜查、暗查暗访和回头看；文件没有规定次数",
            **NOT_JUDGED,
        },
    )


def _numbers(ident: str, subject: SubjectKind) -> Check:
    return Check(
        id=ident,
        title="检查的官方系统编号",
        subject=subject,
        judge=official_numbers,
        words={
            "numbered": "近 90 日的检查登记均有官方系统编号（本机关登记）",
            "no_number": "近 90 日有检查登记没有官方系统编号",
            **NOT_JUDGED,
        },
    )


CHECKS: Final = table(
    (_unexpected("enforcement.body_ways", "department"), ("SX34-19", "SX34-28", "SX36-25")),
    (_unexpected("enforcement.bureau_ways", "bureau"), ("SX34-19", "SX34-28", "SX36-25")),
    (_numbers("enforcement.body_numbers", "department"), ("SX36-32",)),
    (_numbers("enforcement.bureau_numbers", "bureau"), ("SX36-32",)),
)
