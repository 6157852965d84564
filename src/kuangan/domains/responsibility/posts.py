"""Posts of mines and companies, natures and owners of companies: entered with days of effect, ended, never overlapping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.people.models import User
from kuangan.base.registry.models import Company, Mine, Ownership
from kuangan.base.registry.ownership import OwnershipLoop, record_owner
from kuangan.domains.responsibility.access import may_assign, may_declare, may_keep_posts
from kuangan.domains.responsibility.acts import note, require_days
from kuangan.domains.responsibility.kinds import COMPANY_POSTS, MINE_POSTS
from kuangan.domains.responsibility.models import STANDING, Nature, Post
from kuangan.domains.responsibility.rules import Span, day_start, in_the_way


@dataclass(frozen=True, slots=True)
class Appointment:
    """A person in a post over days [first, until)."""

    post: str
    name: str
    first: date
    until: date | None = None
    acting: bool = False
    card: str = ""


@transaction.atomic
def appoint(subject: Mine | Company, given: Appointment, *, basis: str, by: User, at: datetime) -> Post:
    """Enter who holds a post; who held it until then leaves it on that day.

    Raises Forbidden, or MissingFields when a recorded term would overlap.
    """
    if not may_keep_posts(by, subject, at):
        raise Forbidden("只有本单位和直接监管部门可以登记任职")
    mine, company = _sides(subject)
    if given.post not in (MINE_POSTS if mine else COMPANY_POSTS):
        raise MissingFields({"post": "没有这个职务"})
    if given.until is not None and given.until <= given.first:
        raise MissingFields({"valid_to": "须晚于起始日"})
    require_days(given.first, at)
    type(subject).objects.select_for_update().get(pk=subject.pk)
    rows = list(Post.objects.filter(STANDING).filter(mine=mine, company=company, post=given.post))
    wanted = Span(given.first, given.until)
    if in_the_way([Span(row.valid_from, row.valid_to) for row in rows], wanted) is not None:
        raise MissingFields({"valid_from": "与已登记的同一职务任期重叠；有误的先作废"})
    ended = [row for row in rows if row.valid_to is None and row.valid_from < given.first]
    Post.objects.filter(pk__in=[row.pk for row in ended]).update(valid_to=given.first, end_recorded_at=at)
    row = Post.objects.create(
        mine=mine,
        company=company,
        post=given.post,
        name=given.name,
        acting=given.acting,
        card=given.card,
        valid_from=given.first,
        valid_to=given.until,
        end_recorded_at=at if given.until else None,
        basis=basis[:200],
        recorded_at=at,
        entered_by=by,
    )
    content = {"subject": str(subject.pk), "post": given.post, "name": given.name, "from": given.first}
    note("responsibility.appointed", row, content | {"until": given.until}, by, at, basis)
    return row


@transaction.atomic
def leave_post(row: Post, last: date, *, by: User, at: datetime, reason: str) -> Post:
    """The person left the post on `last`; it is vacant from that day on. Raises Forbidden or MissingFields."""
    held = Post.objects.select_for_update().get(pk=row.pk)
    if not may_keep_posts(by, held.subject, at):
        raise Forbidden("只有本单位和直接监管部门可以登记离任")
    if held.voided_at is not None or held.valid_to is not None:
        raise MissingFields({"valid_to": "已经离任或作废"})
    if not held.valid_from < last <= beijing_day(at):
        raise MissingFields({"valid_to": "须晚于任职日，不晚于今日"})
    held.valid_to, held.end_recorded_at = last, at
    held.save(update_fields=["valid_to", "end_recorded_at"])
    note("responsibility.left_post", held, {"until": last}, by, at, reason)
    return held


@transaction.atomic
def set_nature(company: Company, nature: str, first: date, *, basis: str, by: User, at: datetime) -> Nature:
    """What a company is from a day on. Raises Forbidden or MissingFields."""
    if not (may_declare(by, company) or may_assign(by)):
        raise Forbidden("只有本企业和监管部门可以登记企业性质")
    require_days(first, at)
    Company.objects.select_for_update().get(pk=company.pk)
    rows = list(Nature.objects.filter(STANDING).filter(company=company))
    if in_the_way([Span(row.valid_from, row.valid_to) for row in rows], Span(first)) is not None:
        raise MissingFields({"valid_from": "与已登记的性质期间重叠"})
    open_rows = [row.pk for row in rows if row.valid_to is None]
    Nature.objects.filter(pk__in=open_rows).update(valid_to=first, end_recorded_at=at)
    row = Nature.objects.create(
        company=company, nature=nature, valid_from=first, basis=basis[:200], recorded_at=at, entered_by=by
    )
    note("responsibility.nature_set", row, {"company": company.code, "nature": nature, "from": first}, by, at, basis)
    return row


@transaction.atomic
def add_owner(
    company: Company,
    owner: Company,
    first: date,
    *,
    share: Decimal | None,
    controls: bool,
    basis: str,
    by: User,
    at: datetime,
) -> Ownership:
    """`owner` holds `company` from a day on. Raises Forbidden or MissingFields."""
    if not may_assign(by):
        raise Forbidden("只有监管部门可以登记股权")
    if first > beijing_day(at):
        raise MissingFields({"valid_from": "不得晚于今日"})
    try:
        row = record_owner(company, owner, day_start(first), share=share, actual_controller=controls)
    except OwnershipLoop:
        raise MissingFields({"owner": "会形成循环持股"}) from None
    except ValueError:
        raise MissingFields({"valid_from": "该企业与该股东已有起始更晚的登记"}) from None
    content = {"company": company.code, "owner": owner.code, "share": str(share), "controls": controls, "from": first}
    note("responsibility.owner_added", row, content, by, at, basis)
    return row


def _sides(subject: Mine | Company) -> tuple[Any, Any]:
    return (subject, None) if isinstance(subject, Mine) else (None, subject)
