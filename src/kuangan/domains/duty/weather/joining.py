"""One warning that came twice, typed by hand and from its publisher: a person joins both, and nobody is called out again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from kuangan.base import audit, deadlines
from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.case.models import Step
from kuangan.base.clock import BEIJING
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.scope import scope_of
from kuangan.domains.duty.weather.affected import Affected
from kuangan.domains.duty.weather.flow import ORDER_HOLDS
from kuangan.domains.duty.weather.following import SUBJECT, rows_of
from kuangan.domains.duty.weather.models import Message, Warning, WarningPlace, Withdrawal
from kuangan.domains.duty.weather.opening import WEIGHT, move, release, strengthen
from kuangan.domains.duty.weather.queries import mines_of, warnings
from kuangan.domains.duty.weather.reading import COLOURS
from kuangan.domains.duty.weather.rules import Verdict

ACTION: Final = "weather.joined"
SAID: Final = ("event_words", "headline", "description", "instruction", "sender", "issuer", "sent", "onset", "expires")
"""What the publisher's own message says better than whoever typed it."""
PLACES_LENGTH: Final = 390


class NotJoinable(Exception):
    """Two warnings that this person may not join, or that are not the same; says why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two warnings that may be one: `kept` goes on, `other` ends. `differences` in words; empty: nothing differs."""

    kept: Warning
    other: Warning
    differences: tuple[str, ...]


def pairs(warning: Warning, user: User, at: datetime) -> list[Pair]:
    """What may be the same as this warning, among those that a person sees. A constant number of queries for each found."""
    found = same_as(warning, warnings(user, at).filter(ended_at__isnull=True)) if warning.live else []
    return [pair_of(warning, other) for other in found]


def same_as(warning: Warning, among: QuerySet[Warning]) -> list[Warning]:
    """Those that may be the same as a warning. Two queries."""
    alike = {name: getattr(warning, name) for name in ("event", "colour", "drill", "synthetic")}
    rows = among.filter(**alike, onset__lt=warning.expires, expires__gt=warning.onset).exclude(pk=warning.pk)
    rows = rows.filter(typed_by__isnull=False) if warning.typed_by_id is None else rows
    return [row for row in rows.prefetch_related("where").order_by("pk") if _alike(warning, row)]


def twins(among: QuerySet[Warning]) -> set[int]:
    """Keys of those among live warnings that may be the same as another of them. Two queries."""
    rows = list(among.prefetch_related("where"))
    return {row.pk for row in rows if any(_alike(row, other) for other in rows if other.pk != row.pk)}


def _alike(one: Warning, two: Warning) -> bool:
    """The same kind, colour and purpose, overlapping in time and place, one of both typed by hand: two that publishers sent are
    theirs to join by reference."""
    typed = one.typed_by_id is not None or two.typed_by_id is not None
    named = one.event != "other" or one.event_words == two.event_words
    same = all(getattr(one, name) == getattr(two, name) for name in ("event", "colour", "drill", "synthetic"))
    while_both = one.onset < two.expires and two.onset < one.expires
    return typed and named and same and while_both and _overlap(_prefixes(one), _prefixes(two))


def pair_of(one: Warning, two: Warning) -> Pair:
    """Which of both goes on: the one with orders, then with more mines called, then the earlier one."""
    known = {row.pk: row for row in (one, two)}
    reached = ~Q(mines__case__state="received")
    counted = Warning.objects.filter(pk__in=known).annotate(
        orders=Count("mines", filter=Q(mines__case__state__in=ORDER_HOLDS)),
        reached=Count("mines", filter=reached & Q(mines__left_at__isnull=True)),
    )
    ranked = sorted(counted, key=lambda row: (-row.orders, -row.reached, row.received_at, row.pk))
    kept, other = (known[row.pk] for row in ranked)
    return Pair(kept, other, tuple(_differences(kept, other)))


@transaction.atomic
def join(one: Warning, two: Warning, *, by: User, at: datetime, reason: str = "") -> Warning:
    """Join two warnings that are the same; returns the one that goes on.

    A mine under both keeps one case: it counts as called where it was called under either. A mine under one alone keeps its
    case, calls and clocks. The publisher's words, times and later messages go to the one that is kept. Raises Forbidden,
    NotJoinable, and MissingFields without a reason when anything differs.
    """
    if not may(by, "weather.enter"):
        raise Forbidden("没有合并预警的权限")
    held = list(Warning.objects.select_for_update().filter(pk__in=(one.pk, two.pk)).order_by("pk"))
    if (
        len(held) < 2
        or not all(row.live for row in held)
        or not same_as(held[0], Warning.objects.filter(pk=held[1].pk))
    ):
        raise NotJoinable("这两条预警不能合并：已结束，或种类、颜色、时间、范围不是同一条")
    pair = pair_of(*held)
    _within(pair, by, at)
    if pair.differences and not reason.strip():
        raise MissingFields({"核对情况": "两条预警有不同之处，须写明"})
    content = _join(pair, at)
    audit.record(
        actor=by, action=ACTION, kind=SUBJECT, ident=str(pair.kept.pk), content=content, at=at, reason=reason.strip()
    )
    return pair.kept


def _join(pair: Pair, at: datetime) -> dict[str, object]:
    kept, other = pair.kept, pair.other
    standing = {row.mine_id: row for row in rows_of(kept)}
    coming = rows_of(other)
    twice = [row for row in coming if row.mine_id in standing]
    if any(row.case.state in ORDER_HOLDS for row in twice):
        raise NotJoinable("两条预警下都有停产撤人指令，请先解除或撤销其中一条的指令")
    alone = [row for row in coming if row.mine_id not in standing]
    Withdrawal.objects.filter(pk__in=[row.pk for row in alone]).update(warning=kept)
    called = _carry_over([(standing[row.mine_id], row) for row in twice], kept, at)
    release(twice, at, "预警并入另一条预警")
    Message.objects.filter(warning=other).update(warning=kept)
    _write(pair, at)
    return {
        "other": other.pk,
        "differences": list(pair.differences),
        "moved": [row.case.number for row in alone],
        "ended": [row.case.number for row in twice],
        "called": called,
    }


def _carry_over(both: Sequence[tuple[Withdrawal, Withdrawal]], kept: Warning, at: datetime) -> list[str]:
    """Onto the cases that stay: what is graver under the other, then that the mine was called there; which cases that were."""
    strengthen(kept, [(stays, _as_found(goes)) for stays, goes in both if _graver(goes, stays)], at)
    answered = Step.objects.filter(case__in=[goes.pk for _, goes in both], to_state="called")
    known = set(answered.values_list("case_id", flat=True))
    rows = [(stays, goes) for stays, goes in both if stays.case.state == "received" and goes.pk in known]
    for stays, goes in rows:
        stays.answered_by = goes.answered_by
    Withdrawal.objects.bulk_update([stays for stays, _ in rows], ["answered_by"], batch_size=200)
    move([stays.case for stays, _ in rows], "take_over", at, {"why": "同一预警合并前已叫应"})
    return [stays.case.number for stays, _ in rows]


def _as_found(row: Withdrawal) -> Affected:
    said = {"action": row.action, "rule": row.rule, "bases": tuple(row.bases), "why": row.why[-1] if row.why else ""}
    verdict = Verdict.model_validate(said)
    return Affected(row.mine, row.colour, verdict, tuple(row.why))


def _graver(one: Withdrawal, than: Withdrawal) -> bool:
    return (COLOURS.index(one.colour), WEIGHT.index(one.action)) > (
        COLOURS.index(than.colour),
        WEIGHT.index(than.action),
    )


def _write(pair: Pair, at: datetime) -> None:
    """The publisher's words onto the one that goes on, the end of the other, and the clock of the warning."""
    kept, other = pair.kept, pair.other
    if kept.typed_by_id is not None and other.typed_by_id is None:
        for name in SAID:
            setattr(kept, name, getattr(other, name))
    kept.first_sent = min(kept.first_sent, other.first_sent)
    kept.issuer = kept.issuer or other.issuer
    kept.places = "、".join(dict.fromkeys([*kept.places.split("、"), *other.places.split("、")]))[:PLACES_LENGTH]
    kept.notes = [*dict.fromkeys([*kept.notes, *other.notes]), f"{_when(at)} 由两条相同的预警合并"]
    if other.typed_by_id is None or kept.typed_by_id is None:
        kept.typed_by = None
    kept.save()
    WarningPlace.objects.bulk_create(
        (WarningPlace(warning=kept, prefix=prefix) for prefix in _prefixes(other)), ignore_conflicts=True
    )
    other.ended_at, other.ended_why, other.joined_to = at, "superseded", kept
    other.save(update_fields=["ended_at", "ended_why", "joined_to"])
    deadlines.cancel(SUBJECT, str(other.pk), at=at)
    deadlines.set_deadline(
        subject_kind=SUBJECT, subject_id=str(kept.pk), code="expire", due=kept.expires, ladder="weather_end", at=at
    )


def _within(pair: Pair, by: User, at: datetime) -> None:
    """Both warnings lie in the person's territory and all their mines in the person's scope."""
    prefix, both = scope_of(by).region_prefix or "-", (pair.kept, pair.other)
    seen = mines_of(by, at).filter(warning__in=both).count()
    mines = Withdrawal.objects.filter(warning__in=both).count()
    if seen < mines or not all(place.startswith(prefix) for row in both for place in _prefixes(row)):
        raise NotJoinable("预警范围超出本单位辖区或监管的矿山，请由上一级合并")


def _differences(kept: Warning, other: Warning) -> Iterable[str]:
    both = (kept, other)
    for label, words in (
        ("发布单位", [row.issuer or "未填写" for row in both]),
        ("种类", [row.event_words for row in both]),
        ("开始", [_when(row.onset) for row in both]),
        ("失效", [_when(row.expires) for row in both]),
    ):
        if words[0] != words[1] or words[0] == "未填写":
            yield f"{label}：{words[0]} / {words[1]}"
    if _prefixes(kept) != _prefixes(other):
        yield f"范围：{kept.places} / {other.places}"
    weighed = [dict(row.mines.values_list("mine_id", "colour")) for row in both]
    for place, name in ((0, kept.headline), (1, other.headline)):
        if number := len(weighed[place].keys() - weighed[1 - place].keys()):
            yield f"矿山：{number} 座只在“{name}”内"
    if any(weighed[0][mine] != weighed[1][mine] for mine in weighed[0].keys() & weighed[1].keys()):
        yield "部分矿山在两条预警下颜色不同"


def _prefixes(warning: Warning) -> set[str]:
    return {place.prefix for place in warning.where.all()}


def _overlap(one: set[str], two: set[str]) -> bool:
    return any(a.startswith(b) or b.startswith(a) for a in one for b in two)


def _when(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%m-%d %H:%M}"
