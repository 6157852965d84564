"""Drafts: whose they are, and what is done with them before they count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.rulebook.models import Draft, Shadow, Trial
from kuangan.domains.rulebook.parts import faults, place_word, taken, warm_days
from kuangan.domains.rulebook.publishing import standing

MOST_DAYS: Final = 31
LONGEST_SHADOW: Final = 31
MOST_SHADOWS: Final = 3
"""At once in one installation: each is judged besides what counts."""


def visible_drafts(user: Any) -> QuerySet[Draft]:
    """Drafts of one's own organisation; the province sees them all."""
    scope = scope_of(user)
    if scope.province_wide:
        return Draft.objects.all()
    return Draft.objects.filter(organisation=scope.organisation_id or 0)


@transaction.atomic
def save(draft: Draft | None, *, part: str, title: str, content: Any, by: User, at: datetime) -> Draft:
    """Keep a draft; one that does not parse is refused. Raises Forbidden, or MissingFields naming the place."""
    if not may(by, "rulebook.author") or by.organisation is None:
        raise Forbidden("没有起草规则的权限")
    book = standing(Path(settings.HOME))
    if wrong := faults(book, part, content):
        raise MissingFields({place_word(path) or part: word for path, word in wrong})
    if draft is None:
        draft = Draft(part=part, base=taken(book, part), organisation=by.organisation, by=by, at=at)
    elif draft.by_id != by.pk:
        raise Forbidden("只有起草人可以修改")
    elif draft.dropped_at is not None:
        raise MissingFields({"draft": "草案已作废"})
    draft.title, draft.content, draft.changed_at = title, content, at
    draft.save()
    _note(draft, "draft.saved", by, at, {"part": part, "title": title, "content": content})
    return draft


@transaction.atomic
def drop(draft: Draft, *, by: User, at: datetime) -> None:
    """Put a draft away; what was tried with it stays."""
    held = Draft.objects.select_for_update().get(pk=draft.pk)
    if held.by_id != by.pk:
        raise Forbidden("只有起草人可以作废")
    if held.dropped_at is None:
        held.dropped_at = at
        held.save(update_fields=["dropped_at"])
        Shadow.objects.filter(draft=held, stopped_at=None).update(stopped_at=at)
        _note(held, "draft.dropped", by, at, {})


@transaction.atomic
def ask_trial(draft: Draft, *, mines: Sequence[str], first: date, last: date, by: User, at: datetime) -> Trial:
    """Put a trial in the queue of the worker. Raises Forbidden, or MissingFields with what is wrong."""
    chosen = _chosen(draft, mines, by, at)
    if not first <= last < beijing_day(at):
        raise MissingFields({"last": "须为已过去的日期，且起不晚于止"})
    if (last - first).days >= MOST_DAYS:
        raise MissingFields({"last": f"一次最多 {MOST_DAYS} 天"})
    book = standing(Path(settings.HOME))
    row = Trial.objects.create(
        draft=draft,
        part=draft.part,
        content=draft.content,
        book=book,
        book_version=int(book["version"]),
        mines=chosen,
        first=first,
        last=last,
        warm_days=_warm(book, draft),
        asked_by=by,
        asked_at=at,
    )
    _note(draft, "trial.asked", by, at, {"trial": row.pk, "mines": chosen, "first": first, "last": last})
    return row


@transaction.atomic
def cancel(trial: Trial, *, by: User, at: datetime) -> None:
    """Stop a trial that waits or runs; the worker lets go of it at its next stretch."""
    if not may(by, "rulebook.author"):
        raise Forbidden("没有起草规则的权限")
    done = Trial.objects.filter(pk=trial.pk, state__in=Trial.LIVE).update(state=Trial.State.CANCELLED, ended_at=at)
    if not done:
        raise MissingFields({"state": "试算已结束"})
    _note(trial.draft, "trial.cancelled", by, at, {"trial": trial.pk})


@transaction.atomic
def start_shadow(draft: Draft, *, mines: Sequence[str], days: int, by: User, at: datetime) -> Shadow:
    """Run a draft beside the rule in force from now on; it raises nothing. Raises Forbidden or MissingFields."""
    chosen = _chosen(draft, mines, by, at)
    if not 0 < days <= LONGEST_SHADOW:
        raise MissingFields({"days": f"须在 1 至 {LONGEST_SHADOW} 天之间"})
    live = Shadow.objects.filter(stopped_at=None, until__gt=at)
    if live.filter(draft=draft).exists():
        raise MissingFields({"draft": "该草案正在影子运行"})
    if live.count() >= MOST_SHADOWS:
        raise MissingFields({"draft": f"全系统最多同时影子运行 {MOST_SHADOWS} 个草案"})
    book = standing(Path(settings.HOME))
    row = Shadow.objects.create(
        draft=draft,
        part=draft.part,
        content=draft.content,
        mines=chosen,
        warm_days=_warm(book, draft),
        since=at,
        until=at + timedelta(days=days),
        by=by,
    )
    _note(draft, "shadow.started", by, at, {"shadow": row.pk, "mines": chosen, "days": days})
    return row


@transaction.atomic
def stop_shadow(shadow: Shadow, *, by: User, at: datetime) -> None:
    """End it before its time; what it found stays."""
    if not may(by, "rulebook.author"):
        raise Forbidden("没有起草规则的权限")
    if Shadow.objects.filter(pk=shadow.pk, stopped_at=None).update(stopped_at=at):
        _note(shadow.draft, "shadow.stopped", by, at, {"shadow": shadow.pk})


def _warm(book: Any, draft: Draft) -> int:
    return max(warm_days(draft.part, draft.content), warm_days(draft.part, taken(book, draft.part)))


def _chosen(draft: Draft, mines: Sequence[str], by: User, at: datetime) -> list[str]:
    """The mines, all within the person's scope."""
    if not may(by, "rulebook.author"):
        raise Forbidden("没有起草规则的权限")
    if draft.dropped_at is not None:
        raise MissingFields({"draft": "草案已作废"})
    found = sorted(visible_mines(by, at).filter(pk__in=mines).values_list("pk", flat=True))
    if not found or len(found) != len(set(mines)):
        raise MissingFields({"mines": "请选择管辖范围内的矿山"})
    return found


def _note(draft: Draft, action: str, by: User, at: datetime, content: dict[str, object]) -> None:
    audit.record(actor=by, action=action, kind="rule_draft", ident=str(draft.pk), content=content, at=at)
