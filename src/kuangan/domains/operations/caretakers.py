"""Caretakers of stopped mines: the mine proposes, its direct supervisor approves until a date, either may end it early."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.facts import MineCodes
from kuangan.base.registry.models import Mine
from kuangan.domains.operations.hooks import answering_body
from kuangan.domains.operations.models import Caretaker, Caretakers

LEAST = 4


class Person(NamedTuple):
    """One line of a list; the card where it is known."""

    name: str
    post: str
    shift: str
    area: str
    card: str = ""


LENGTHS = (40, 40, 40, 80, 64)
SEPARATORS = str.maketrans(dict.fromkeys("，、\t；;", ","))


def parse_people(text: str) -> list[Person]:
    """One person a line, as typed or pasted from a sheet. ValueError names the line that is not four columns and perhaps a card."""
    found: list[Person] = []
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.translate(SEPARATORS).split(",")]
        if not any(cells):
            continue
        if not LEAST <= len(cells) <= len(LENGTHS) or not all(cells[:LEAST]):
            raise ValueError(f"第 {number} 行须为姓名、岗位、班次、区域四项，可加定位卡号")
        found.append(Person(*(cell[:most] for cell, most in zip(cells, LENGTHS, strict=False))))
    return found


@transaction.atomic
def propose(
    mine: Mine,
    people: Sequence[tuple[str, ...]],
    *,
    areas: str,
    most: int,
    valid_from: datetime,
    valid_to: datetime,
    basis: str,
    by: User,
    at: datetime,
) -> Caretakers:
    """Enter a list; it counts once it is approved. Raises Forbidden, or MissingFields with what is wrong."""
    if not may(by, "caretaker.propose") or by.organisation is None or by.organisation.mine != mine.code:
        raise Forbidden("只有本矿人员可以申报看护人员")
    if valid_to <= max(valid_from, at):
        raise MissingFields({"valid_to": "止期须晚于起期和当前时间"})
    if not 0 < most <= len(people):
        raise MissingFields({"most": "同时最多人数须在 1 与名单人数之间"})
    row = Caretakers.objects.create(
        mine=mine,
        areas=areas,
        most=most,
        valid_from=valid_from,
        valid_to=valid_to,
        basis=basis,
        recorded_at=at,
        recorded_by=by,
    )
    Caretaker.objects.bulk_create(
        Caretaker(caretakers=row, **person._asdict()) for person in (Person(*each) for each in people)
    )
    content = {"most": most, "areas": areas, "from": valid_from, "to": valid_to, "people": [list(p) for p in people]}
    _note(row, "caretakers.proposed", content, by, at, basis)
    return row


@transaction.atomic
def approve(row: Caretakers, *, by: User, at: datetime) -> Caretakers:
    """The direct supervisor agrees; lists of the same mine that hold then end. Raises Forbidden or FourEyes."""
    Mine.objects.select_for_update().get(pk=row.mine_id)
    held = Caretakers.objects.get(pk=row.pk)
    body = answering_body(held.mine_id, at)
    if not may(by, "caretaker.approve") or (body is not None and body.pk != by.organisation_id):
        raise Forbidden("须由直接监管部门批准")
    if held.recorded_by_id == by.pk:
        raise FourEyes("不得由申报人批准")
    if held.approved_at is not None or held.ended_at is not None or held.valid_to <= at:
        raise MissingFields({"state": "该名单已批准、已终止或已过期"})
    start = max(held.valid_from, at)
    standing = Caretakers.objects.filter(
        mine=held.mine_id, approved_at__isnull=False, ended_at=None, valid_to__gt=start
    )
    standing.filter(valid_from__lt=held.valid_to).update(ended_at=start, end_reason="由新的名单取代")
    held.approved_at, held.approved_by, held.approving, held.valid_from = at, by, by.organisation, start
    held.save()
    _note(held, "caretakers.approved", {"from": start, "to": held.valid_to}, by, at, "")
    return held


@transaction.atomic
def end(row: Caretakers, *, by: User, at: datetime, reason: str) -> Caretakers:
    """End a list early; the mine or the supervisor may, with a reason."""
    held = Caretakers.objects.select_for_update().get(pk=row.pk)
    own = may(by, "caretaker.propose") and by.organisation is not None and by.organisation.mine == held.mine_id
    body = answering_body(held.mine_id, at)
    if not own and not (may(by, "caretaker.approve") and (body is None or body.pk == by.organisation_id)):
        raise Forbidden("只有本矿或直接监管部门可以终止")
    if not reason.strip():
        raise MissingFields({"reason": "必填"})
    if held.ended_at is not None:
        raise MissingFields({"state": "该名单已终止"})
    held.ended_at, held.end_reason = at, reason
    held.save(update_fields=["ended_at", "end_reason"])
    _note(held, "caretakers.ended", {}, by, at, reason)
    return held


def lawful(mine_codes: MineCodes, at: datetime) -> QuerySet[Caretakers]:
    """The approved lists that hold at `at`: who may be below ground in a stopped mine. At most one a mine."""
    running = Q(ended_at=None) | Q(ended_at__gt=at)
    rows = Caretakers.objects.filter(running, mine__in=mine_codes, approved_at__lte=at)
    return rows.filter(valid_from__lte=at, valid_to__gt=at)


def published(at: datetime) -> dict[str, dict[str, Any]]:
    """The approved lists that hold at `at`, by mine, as the engine reads them: numbers, areas, shifts and cards, no names. Two queries.

    Cards are told only where the list has one for everybody: who has none cannot be told from a stranger.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in lawful(Mine.objects.values("pk"), at).prefetch_related("people").order_by("mine_id"):
        people = list(row.people.all())
        cards = sorted(person.card for person in people if person.card)
        found[row.mine_id] = {
            "most": row.most,
            "areas": sorted({person.area for person in people}),
            "shifts": sorted({person.shift for person in people}),
            "cards": cards if len(cards) == len(people) else [],
        }
    return found


def _note(row: Caretakers, action: str, content: dict[str, object], by: User, at: datetime, reason: str) -> None:
    audit.record(
        actor=by,
        action=action,
        kind="caretakers",
        ident=f"{row.mine_id}/{row.pk}",
        content=content,
        at=at,
        reason=reason,
    )
