"""The questions that most checks come down to: is it there, is it too much, was it in time; and the pages that show it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from django.db.models import CharField, Count, F, Max, Q, QuerySet
from django.db.models.functions import Cast

from kuangan.base.clock import BEIJING
from kuangan.base.compliance.checks import Check, Evidence, Finding, Json, State, Subject, Subjects
from kuangan.base.deadlines.models import OPEN_STATES, Deadline, DeadlineState
from kuangan.base.registry.models import MineFact
from kuangan.base.registry.supervision import in_force

WEEK: Final = timedelta(days=7)
QUARTER: Final = timedelta(days=90)
Pages = tuple[Evidence, ...]


def page_of(evidence: Evidence, subject: Subject) -> Evidence:
    """The page of one subject: `{subject}` and `{name}` in arguments and query are filled in, the query as an address needs them."""
    known = {"subject": subject.id, "name": subject.name}
    said = {name: quote(value) for name, value in known.items()}
    args = tuple(arg.format_map(known) if isinstance(arg, str) else arg for arg in evidence.args)
    return Evidence(evidence.label, evidence.route, args, evidence.query.format_map(said))


def pages_of(subject: Subject, *evidence: Evidence) -> Pages:
    return tuple(page_of(each, subject) for each in evidence)


def minute(at: datetime) -> str:
    """A moment as findings say it: Beijing time to the minute."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def few(names: Collection[str], most: int = 3) -> list[str]:
    """The first names in order, and that there are more."""
    found = sorted(names)
    return found if len(found) <= most else [*found[:most], f"等 {len(found)} 项"]


def newest(*moments: datetime | None) -> datetime | None:
    """The newest of the moments that are known."""
    return max((moment for moment in moments if moment is not None), default=None)


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of a mine in force, without those that say nothing, and when the newest of them was recorded."""

    values: Mapping[str, Any]
    recorded_at: datetime | None = None


NO_FACTS: Final = Facts({})


def facts_of(names: Collection[str] | None, at: datetime) -> dict[str, Facts]:
    """{mine: its facts of these names, None: all} in force at `at`; of two rows the one recorded last wins. One query."""
    rows = MineFact.objects.filter(in_force(at), recorded_at__lte=at).order_by("recorded_at", "id")
    if names is not None:
        rows = rows.filter(attribute__in=names)
    values: dict[str, dict[str, Any]] = {}
    recorded: dict[str, datetime] = {}
    for mine, name, value, when in rows.values_list("mine_id", "attribute", "value", "recorded_at"):
        values.setdefault(mine, {})[name] = value
        recorded[mine] = when
    return {
        mine: Facts({name: value for name, value in held.items() if value not in ("", None)}, recorded[mine])
        for mine, held in values.items()
    }


def must_exist(
    subjects: Subjects,
    counts: Mapping[str, int],
    *,
    here: State,
    evidence: Evidence,
    absent: State = State.UNKNOWN,
    data_at: Mapping[str, datetime] | None = None,
) -> Iterator[Finding]:
    """`counts` of what must be there, by subject: `here` with why "there" where it is more than none, else `absent` with why "none"."""
    for subject in subjects:
        count, pages = counts.get(subject.id, 0), pages_of(subject, evidence)
        if count:
            known_at = (data_at or {}).get(subject.id)
            yield Finding(subject.id, here, "there", {"count": count}, known_at, pages)
        else:
            yield Finding(subject.id, absent, "none", evidence=pages)


def must_not_exceed(
    subjects: Subjects,
    values: Mapping[str, tuple[float, float]],
    *,
    evidence: Evidence,
    data_at: Mapping[str, datetime] | None = None,
) -> Iterator[Finding]:
    """(value, limit) by subject: "within" is proved, "over" suspected; a subject without values is "unmeasured"."""
    for subject in subjects:
        pages = pages_of(subject, evidence)
        if subject.id not in values:
            yield Finding(subject.id, State.UNKNOWN, "unmeasured", evidence=pages)
            continue
        value, limit = values[subject.id]
        over = value > limit
        inputs: dict[str, Json] = {"value": value, "limit": limit}
        state, why = (State.SUSPECTED, "over") if over else (State.PROVED, "within")
        yield Finding(subject.id, state, why, inputs, (data_at or {}).get(subject.id), pages)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Of clocks that were due: met in time, met late, and still open past their time. `newest` is the last one due."""

    kept: int = 0
    late: int = 0
    open: int = 0
    newest: datetime | None = None


def clocks_of(
    cases: QuerySet[Any], since: datetime, at: datetime, codes: Collection[str] | None = None
) -> dict[int, Clocks]:
    """{organisation: how its clocks on these cases ended that were due from `since` to `at`}. One query; cancelled ones count not."""
    keys = cases.order_by().annotate(key=Cast("pk", CharField())).values("key")
    due = Deadline.objects.filter(subject_kind="case", subject_id__in=keys, owner__isnull=False)
    due = due.filter(due__gt=since, due__lte=at, state__in=(DeadlineState.MET, *OPEN_STATES))
    if codes is not None:
        due = due.filter(code__in=codes)
    met = Q(state=DeadlineState.MET)
    counted = (
        due.order_by()
        .values_list("owner")
        .annotate(
            kept=Count("pk", filter=met & Q(ended_at__lte=F("due"))),
            late=Count("pk", filter=met & Q(ended_at__gt=F("due"))),
            open=Count("pk", filter=~met),
            newest=Max("due"),
        )
    )
    return {owner: Clocks(*row) for owner, *row in counted}


def must_happen_within(
    subjects: Subjects, clocks: Mapping[int, Clocks], *, evidence: Evidence | Callable[[Subject], Pages]
) -> Iterator[Finding]:
    """Clocks by the organisation of the subject: any late or open one is "late", suspected; all kept is "in_time", proved.

    Without any it is "nothing", not applicable; a subject without an organisation is "nobody", unknown.
    """
    for subject in subjects:
        found = clocks.get(subject.organisation or 0, Clocks())
        pages = evidence(subject) if callable(evidence) else pages_of(subject, evidence)
        if subject.organisation is None:
            yield Finding(subject.id, State.UNKNOWN, "nobody", evidence=pages)
        elif found.late or found.open:
            inputs: dict[str, Json] = {"late": found.late, "open": found.open}
            yield Finding(subject.id, State.SUSPECTED, "late", inputs, found.newest, pages)
        elif found.kept:
            yield Finding(subject.id, State.PROVED, "in_time", {}, found.newest, pages)
        else:
            yield Finding(subject.id, State.NOT_APPLICABLE, "nothing", evidence=pages)


CLOCK_WORDS: Final[Mapping[str, str]] = {
    "in_time": "近 7 日到期的时限均按时完成",
    "late": "近 7 日到期的时限中，逾期完成 {late} 项，逾期未完成 {open} 项",
    "nothing": "近 7 日没有到期的时限",
    "nobody": "未登记责任单位，时限无从核对",
}
"""Words of `must_happen_within`."""


def table(*entries: tuple[Check, tuple[str, ...]]) -> dict[str, tuple[Check, ...]]:
    """Clause → checks, from checks each with the clauses of which it judges a part."""
    found: dict[str, tuple[Check, ...]] = {}
    for check, clauses in entries:
        for clause in clauses:
            found[clause] = (*found.get(clause, ()), check)
    return found
