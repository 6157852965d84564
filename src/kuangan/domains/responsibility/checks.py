"""What the ledgers of this room say about the clauses: mines and parent companies by their own entries, governments by their own acts.

A mine's own entry is paper. That nothing was entered is unknown; that somebody who keeps a ledger entered nothing for a month that is
over speaks against it. Rhythms of visits and logs are defaults of ours: being behind them is unknown, never a breach.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from kuangan.base.clock import beijing_day
from kuangan.base.compliance.checks import Check, Clauses, Evidence, Finding, State, Subjects
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import Mine
from kuangan.domains.responsibility import teams
from kuangan.domains.responsibility.government import COUNTY_CHECKS
from kuangan.domains.responsibility.kinds import FIVE, POST_WORDS, PRINCIPALS, ROOM
from kuangan.domains.responsibility.models import (
    STANDING,
    FundMonth,
    Meeting,
    Post,
    Presence,
)
from kuangan.domains.responsibility.rules import changes, month_of, months_before
from kuangan.domains.responsibility.standing import owners, posts_of

LEDGER_MONTHS: Final = 6
"""A subject with a meeting in so many months keeps a ledger."""
FUNDS_DAY: Final = 15
"""From this day of a month on the month before is asked for; until then the one before that."""


def last_month(at: datetime) -> str:
    return months_before(month_of(beijing_day(at)), 1)


def funds_month(at: datetime) -> str:
    """The newest month whose funds a mine has had time to enter."""
    return months_before(month_of(beijing_day(at)), 1 if beijing_day(at).day >= FUNDS_DAY else 2)


def page(label: str, route: str, subject: str, query: str = "") -> tuple[Evidence, ...]:
    """The page of a mine."""
    return (Evidence(label, f"responsibility:{route}", (subject,), query),)


def ledger(subject: str, month: str) -> tuple[Evidence, ...]:
    return (Evidence("会议登记", "responsibility:meeting_list", (), f"?q={subject}&month={month}&void=no"),)


def _closed(subjects: Subjects, at: datetime) -> set[str]:
    facts = facts_as_of(Mine.objects.filter(provisional=False), ["state"], at)
    return {code for code, held in facts.items() if held["state"] == "closed"}


def monthly_meeting(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """Two queries."""
    month, closed = last_month(at), _closed(subjects, at)
    counts, kept = _meetings(month, "mine")
    for subject in subjects:
        if subject.id in closed:
            yield Finding(subject.id, State.NOT_APPLICABLE, "closed")
        else:
            yield _held(subject.id, month, counts.get(subject.id, 0), subject.id in kept, ledger(subject.id, month))


def parent_meeting(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """Meetings of parent companies. Two queries."""
    month = last_month(at)
    counts, kept = _meetings(month, "company__code")
    company = _companies(subjects)
    for subject in subjects:
        code = company.get(subject.id, "")
        yield _held(subject.id, month, counts.get(code, 0), code in kept, ledger(subject.name, month))


def _companies(subjects: Subjects) -> dict[str, str]:
    """{id of an organisation: code of its company}. One query."""
    from kuangan.base.people.models import Organisation

    rows = Organisation.objects.filter(kind="parent_company").values_list("pk", "company_code")
    return {str(pk): code for pk, code in rows if str(pk) in subjects.rows}


def _meetings(month: str, key: str) -> tuple[dict[str, int], set[str]]:
    """(meetings of the month by subject, subjects that keep a ledger). One query."""
    counts: dict[str, int] = {}
    rows = Meeting.objects.filter(STANDING).filter(
        month__gte=months_before(month, LEDGER_MONTHS), month__lte=month, **{f"{key}__isnull": False}
    )
    kept = set()
    for subject, held in rows.values_list(key, "month"):
        kept.add(subject)
        if held == month:
            counts[subject] = counts.get(subject, 0) + 1
    return counts, kept


def _held(ident: str, month: str, count: int, keeps: bool, evidence: tuple[Evidence, ...]) -> Finding:
    if count:
        return Finding(ident, State.PAPER, "held", {"month": month, "count": count}, evidence=evidence)
    if keeps:
        return Finding(ident, State.SUSPECTED, "none", {"month": month}, evidence=evidence)
    return Finding(ident, State.UNKNOWN, "no_ledger", {"month": month}, evidence=evidence)


HELD_WORDS: Final = {
    "held": "{month} 登记会议 {count} 次",
    "none": "{month} 没有会议记录，此前各月有",
    "no_ledger": "没有登记过会议，{month} 是否召开未知",
    "closed": "已关闭",
}


def in_person(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """Whether a principal took the chair. One query."""
    month = last_month(at)
    chaired: dict[str, list[bool]] = {}
    rows = Meeting.objects.filter(STANDING).filter(month=month, mine__isnull=False)
    for mine, post in rows.values_list("mine", "chair_post"):
        chaired.setdefault(str(mine), []).append(post is not None)
    for subject in subjects:
        said, evidence = chaired.get(subject.id), ledger(subject.id, month)
        if said is None:
            yield Finding(subject.id, State.UNKNOWN, "none", {"month": month}, evidence=evidence)
        elif any(said):
            yield Finding(subject.id, State.PAPER, "chaired", {"month": month}, evidence=evidence)
        else:
            yield Finding(
                subject.id, State.SUSPECTED, "absent", {"month": month, "count": len(said)}, evidence=evidence
            )


def on_site(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """Declared days of principals at the mine. One query."""
    month = last_month(at)
    days: dict[str, int] = {}
    rows = Presence.objects.filter(STANDING).filter(month=month, post__voided_at=None)
    for mine, number in rows.values_list("post__mine", "days"):
        days[mine] = max(days.get(mine, 0), number)
    for subject in subjects:
        evidence = (Evidence("在矿履职", "responsibility:presences", (), f"?q={subject.id}&month={month}"),)
        if subject.id not in days:
            yield Finding(subject.id, State.UNKNOWN, "untold", {"month": month}, evidence=evidence)
        elif days[subject.id] == 0:
            yield Finding(subject.id, State.SUSPECTED, "zero", {"month": month}, evidence=evidence)
        else:
            yield Finding(
                subject.id, State.PAPER, "told", {"month": month, "days": days[subject.id]}, evidence=evidence
            )


def controller(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """Whether the actual controller is known: from the register of owners, or only from an entry of a post. Five queries."""
    owned, held = owners(at), posts_of(Mine.objects.filter(provisional=False), beijing_day(at))
    company = dict(Mine.objects.filter(provisional=False).values_list("pk", "parent_company"))
    for subject in subjects:
        evidence, parent = page("谁负责", "mine", subject.id), company.get(subject.id)
        marked = any(row.actual_controller for row in owned.chain(parent))
        post = held.get(subject.id, {}).get("actual_controller")
        name = post.name if post else owned.controller(parent)
        if not name:
            yield Finding(subject.id, State.UNKNOWN, "unknown", evidence=evidence)
        elif marked and post is None:
            yield Finding(subject.id, State.PROVED, "registered", {"name": name}, evidence=evidence)
        else:
            yield Finding(subject.id, State.PAPER, "entered", {"name": name}, evidence=evidence)


def parent_controller(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """The same of parent companies. Five queries."""
    from kuangan.base.registry.models import Company

    owned, code_of = owners(at), _companies(subjects)
    pk_of = dict(Company.objects.filter(code__in=set(code_of.values())).values_list("code", "pk"))
    first = dict(
        Mine.objects.filter(parent_company__isnull=False).order_by("-pk").values_list("parent_company__code", "pk")
    )
    for subject in subjects:
        code = code_of.get(subject.id, "")
        pk, mine = pk_of.get(code), first.get(code)
        name = owned.controller(pk)
        evidence = page("谁负责", "mine", mine) if mine else ()
        if not name:
            yield Finding(subject.id, State.UNKNOWN, "unknown", evidence=evidence)
        elif pk is not None and any(row.actual_controller for row in owned.chain(pk)):
            yield Finding(subject.id, State.PROVED, "registered", {"name": name}, evidence=evidence)
        else:
            yield Finding(subject.id, State.PAPER, "entered", {"name": name}, evidence=evidence)


CONTROLLER_WORDS: Final = {
    "registered": "股权登记标明实际控制人：{name}",
    "entered": "按任职登记，实际控制人：{name}",
    "unknown": "实际控制人未知；股权链条末端不等于实际控制人",
}


def principals(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """Whether principals are named. One query."""
    held = posts_of(Mine.objects.filter(provisional=False), beijing_day(at))
    for subject in subjects:
        posts, evidence = held.get(subject.id, {}), page("谁负责", "mine", subject.id)
        named = [POST_WORDS[code] for code in POST_WORDS if code in PRINCIPALS and code in posts]
        if named:
            yield Finding(subject.id, State.PAPER, "named", {"posts": named}, evidence=evidence)
        else:
            yield Finding(subject.id, State.UNKNOWN, "unnamed", evidence=evidence)


def five_filled(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """Whether the five posts are filled; one that was and is not speaks against it. Two queries."""
    held = posts_of(Mine.objects.filter(provisional=False), beijing_day(at))
    once = set(Post.objects.filter(STANDING).filter(mine__isnull=False, post__in=FIVE).values_list("mine", "post"))
    for subject in subjects:
        evidence = page("谁负责", "mine", subject.id)
        empty = [code for code in FIVE if code not in held.get(subject.id, {})]
        left = [POST_WORDS[code] for code in empty if (subject.id, code) in once]
        if not empty:
            yield Finding(subject.id, State.PAPER, "filled", evidence=evidence)
        elif left:
            yield Finding(subject.id, State.SUSPECTED, "vacant", {"posts": left}, evidence=evidence)
        else:
            missing = [POST_WORDS[code] for code in empty]
            yield Finding(subject.id, State.UNKNOWN, "untold", {"posts": missing}, evidence=evidence)


def stable(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """How often the team changed. One query."""
    today = beijing_day(at)
    terms = teams.terms_of([subject.id for subject in subjects])
    for subject in subjects:
        evidence = (Evidence("班子稳定", "responsibility:teams", (), f"?q={subject.id}"),)
        if subject.id not in terms:
            yield Finding(subject.id, State.UNKNOWN, "untold", evidence=evidence)
            continue
        found = changes(terms[subject.id], teams.window(today), today)
        managers = sum(term.post == "manager" for term in found)
        often = teams.often(managers, len(found))
        state, why = (State.SUSPECTED, "often") if often else (State.PAPER, "stable")
        yield Finding(subject.id, state, why, {"changes": len(found), "managers": managers}, evidence=evidence)


def funds_drawn(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """Whether the safety funds of the newest month that is due were drawn in full. One query."""
    month = funds_month(at)
    rows = FundMonth.objects.filter(STANDING).filter(month=month)
    known = {row.mine_id: row for row in rows}
    for subject in subjects:
        row, evidence = known.get(subject.id), page("安全费用", "fund_mine", subject.id)
        if row is None:
            yield Finding(subject.id, State.UNKNOWN, "untold", {"month": month}, evidence=evidence)
        elif row.shortfall > 0:
            said = {"month": month, "short": f"{row.shortfall:.2f}", "owed": f"{row.required:.2f}"}
            yield Finding(subject.id, State.SUSPECTED, "short", said, row.recorded_at, evidence)
        else:
            said = {"month": month, "owed": f"{row.required:.2f}"}
            yield Finding(subject.id, State.PAPER, "enough", said, row.recorded_at, evidence)


MEETING = Check(
    id="responsibility.monthly_meeting",
    title="每月安全生产办公会议",
    subject="mine",
    judge=monthly_meeting,
    words=HELD_WORDS,
)
PARENT_MEETING = Check(
    id="responsibility.parent_meeting",
    title="上级企业每月安全生产办公会议",
    subject="parent",
    judge=parent_meeting,
    words=HELD_WORDS,
)
IN_PERSON = Check(
    id="responsibility.in_person",
    title="主要负责人主持会议",
    subject="mine",
    judge=in_person,
    words={
        "chaired": "{month} 会议由主要负责人主持",
        "absent": "{month} 的 {count} 次会议均由他人代为主持",
        "none": "{month} 没有会议记录",
    },
)
ON_SITE = Check(
    id="responsibility.on_site",
    title="主要负责人到矿履职",
    subject="mine",
    judge=on_site,
    words={
        "told": "{month} 登记在矿最多 {days} 天",
        "zero": "{month} 主要负责人登记在矿 0 天",
        "untold": "{month} 没有登记在矿天数",
    },
)
CONTROLLER = Check(
    id="responsibility.controller",
    title="实际控制人明确",
    subject="mine",
    judge=controller,
    words=CONTROLLER_WORDS,
)
PARENT_CONTROLLER = Check(
    id="responsibility.parent_controller",
    title="上级企业实际控制人明确",
    subject="parent",
    judge=parent_controller,
    words=CONTROLLER_WORDS,
)
PRINCIPALS_NAMED = Check(
    id="responsibility.principals",
    title="主要负责人登记",
    subject="mine",
    judge=principals,
    words={"named": "已登记：{posts}", "unnamed": "没有登记主要负责人"},
)
FIVE_FILLED = Check(
    id="responsibility.five_filled",
    title="五职配备",
    subject="mine",
    judge=five_filled,
    mine_kinds=frozenset(ROOM.five_kinds),
    words={"filled": "五职均有登记", "vacant": "已离任而无人接任：{posts}", "untold": "没有登记：{posts}"},
)
STABLE = Check(
    id="responsibility.stable",
    title="管理团队稳定",
    subject="mine",
    judge=stable,
    words={
        "stable": "12 个月内更换 {changes} 次",
        "often": "12 个月内更换 {changes} 次，其中矿长 {managers} 次（阈值为系统默认，非官方分级）",
        "untold": "没有任职登记",
    },
)
FUNDS_DRAWN = Check(
    id="responsibility.funds_drawn",
    title="安全费用足额提取",
    subject="mine",
    judge=funds_drawn,
    words={
        "enough": "{month} 应提取 {owed} 元，已足额",
        "short": "{month} 应提取 {owed} 元，少提取 {short} 元",
        "untold": "{month} 没有登记提取",
    },
)

CHECKS: Final[Clauses] = {
    "SX34-H1": (PRINCIPALS_NAMED, MEETING, ON_SITE, PARENT_MEETING),
    "SX34-1": (MEETING, IN_PERSON, FUNDS_DRAWN, PARENT_MEETING),
    "SX34-2": (CONTROLLER, ON_SITE, IN_PERSON, FIVE_FILLED, STABLE, PARENT_CONTROLLER),
    "SX34-4": (CONTROLLER, PARENT_CONTROLLER),
    "SX36-16": (FUNDS_DRAWN,),
    "SX36-G3": (FUNDS_DRAWN,),
    **COUNTY_CHECKS,
}
