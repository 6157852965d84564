"""Which announcements covered a mine, point or place then: for a whole page of questions in three queries at most."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from django.urls import reverse

from kuangan.base.case.announced import Cover, Question
from kuangan.base.registry.models import Point
from kuangan.domains.operations.kinds import KINDS
from kuangan.domains.operations.models import Announcement
from kuangan.domains.operations.rules import Site, is_marked, touches


def covering(questions: Sequence[Question]) -> Mapping[Hashable, tuple[Cover, ...]]:
    """See `base.case.announced`."""
    moments = [question.at for question in questions]
    rows = Announcement.objects.filter(
        mine__in={question.mine for question in questions}, covers_from__lte=max(moments), covers_to__gt=min(moments)
    )
    of_mine: dict[str, list[Announcement]] = {}
    for row in rows.select_related("case").prefetch_related("parts").order_by("covers_from", "case"):
        of_mine.setdefault(row.mine_id, []).append(row)
    asked = [question for question in questions if question.mine in of_mine]
    found: dict[Hashable, tuple[Cover, ...]] = {}
    for question, site in zip(asked, _sites(asked), strict=True):
        hits = tuple(_cover(row) for row in of_mine[question.mine] if _covers(row, question, site))
        if hits:
            found[question.key] = hits
    return found


def _covers(row: Announcement, question: Question, site: Site) -> bool:
    assert row.covers_from is not None and row.covers_to is not None
    return (
        row.covers_from <= question.at < row.covers_to
        and is_marked(KINDS[row.kind], question.rule)
        and any(touches((part.kind, part.ident), question.mine, site) for part in row.parts.all())
    )


def _cover(row: Announcement) -> Cover:
    assert row.covers_from is not None and row.covers_to is not None
    number = row.case.number
    address = reverse("operations:announcement", args=[number])
    return Cover(number, KINDS[row.kind].label, address, row.covers_from, row.covers_to)


def _sites(questions: Sequence[Question]) -> list[Site]:
    """Where each subject was at its moment, by the definitions in force then."""
    codes = {question.subject for question in questions if question.subject_kind == "point"}
    definitions: dict[str, list[Point]] = {}
    if codes:
        for point in Point.objects.filter(code__in=codes).select_related("place").order_by("valid_from"):
            definitions.setdefault(point.code, []).append(point)
    return [_site(question, definitions.get(question.subject, ())) for question in questions]


def _site(question: Question, definitions: Sequence[Point]) -> Site:
    if question.subject_kind != "point":
        station = question.subject if question.subject_kind == "station" else ""
        return Site("", station, frozenset({question.location}))
    holding = [
        p for p in definitions if p.valid_from <= question.at and (p.valid_to is None or question.at < p.valid_to)
    ]
    names = {question.location} | {name for p in holding for name in (p.location, p.place.name if p.place else "")}
    return Site(question.subject, next((p.station for p in holding), ""), frozenset(names))
