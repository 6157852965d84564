"""What programmes tell of cities, counties and departments: lists, officers, submissions, milestones. All of it was entered by people.

What the unit entered itself is paper; what the office took from it is proved; a day that passed without is suspected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Q

from kuangan.base.clock import beijing_day
from kuangan.base.compliance.checks import Check, Clauses, Evidence, Finding, State, Subjects
from kuangan.domains.campaign.models import Item, Milestone, Post, Programme, Submission, Target
from kuangan.domains.campaign.queries import counts_of, current, day_is, grouped, item_is, submission_is
from kuangan.domains.campaign.targets import standings

NO_PROGRAMME: Final = "未装入行动方案"
PROGRAMME: Final = "action_2024_2026"


def _programme(at: datetime) -> Programme | None:
    """The one that the clauses are about, while it is worked on or read."""
    return Programme.objects.filter(code=PROGRAMME).first() or current(beijing_day(at))


def _unknown(subjects: Subjects, why: str) -> Iterator[Finding]:
    return (Finding(subject.id, State.UNKNOWN, why) for subject in subjects)


def submissions_in_time(subjects: Subjects, at: datetime) -> Iterable[Finding]:
    """SX36-G6: sent by the day, taken by the office; one late is told with the days of the document."""
    programme, today = _programme(at), beijing_day(at)
    if programme is None:
        return _unknown(subjects, "no_programme")
    rows = Submission.objects.filter(programme=programme, node="SX36-G6", due__lt=today).order_by()
    states = {name: submission_is(name, programme, today) for name in ("met", "late", "overdue", "unrecorded")}
    counts = counts_of(states | {"untaken": Q(state="sent")})
    return _submission_findings(subjects, grouped(rows, "owner__region", counts))


def _submission_findings(subjects: Subjects, found: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    for subject in subjects:
        row = found.get(subject.region)
        pages = (Evidence("各市报送", "campaign:submissions", query=f"?owner={subject.name}"),)
        if row is None:
            yield Finding(subject.id, State.NOT_APPLICABLE, "not_due", evidence=pages)
            continue
        met, late, overdue, unrecorded = (row[name] for name in ("met", "late", "overdue", "unrecorded"))
        inputs = {"met": met, "late": late, "overdue": overdue, "unrecorded": unrecorded}
        if overdue or late:
            state, why = State.SUSPECTED, "late"
        elif unrecorded:
            state, why = State.UNKNOWN, "unrecorded"
        else:
            state, why = (State.PAPER, "untaken") if row["untaken"] else (State.PROVED, "in_time")
        yield Finding(subject.id, state, why, inputs, evidence=pages)


def yearly_list(subjects: Subjects, at: datetime) -> Iterable[Finding]:
    """SX36-G2: a list of this year with owners; without a responsible person for each line it is paper that names the gap."""
    programme, today = _programme(at), beijing_day(at)
    if programme is None:
        return _unknown(subjects, "no_programme")
    rows = Item.objects.filter(programme=programme, year=today.year).exclude(state="dropped")
    counts = counts_of({"lines": Q(), "nameless": Q(person="", state="open")})
    return _list_findings(subjects, grouped(rows, "owner__region", counts), today)


def _list_findings(subjects: Subjects, found: Mapping[str, Mapping[str, Any]], today: date) -> Iterator[Finding]:
    for subject in subjects:
        row = found.get(subject.region)
        pages = (Evidence("攻坚清单", "campaign:items", query=f"?year={today.year}&city={subject.city}"),)
        if row is None:
            yield Finding(subject.id, State.UNKNOWN, "no_list", {"year": today.year}, evidence=pages)
            continue
        inputs = {"year": today.year, "lines": row["lines"], "nameless": row["nameless"]}
        yield Finding(subject.id, State.PAPER, "nameless" if inputs["nameless"] else "listed", inputs, evidence=pages)


def items_on_time(subjects: Subjects, at: datetime) -> Iterable[Finding]:
    """SX36-G4: items done by their day; open ones past it, or without a word for long, speak against the control of progress."""
    programme, today = _programme(at), beijing_day(at)
    if programme is None:
        return _unknown(subjects, "no_programme")
    done = Q(state="done")
    states = {name: done & day_is(name, programme, today) for name in ("met", "late")}
    states |= {name: item_is(name, programme, today) for name in ("overdue", "stale")}
    found = grouped(Item.objects.filter(programme=programme), "owner__region", counts_of(states))
    return _item_findings(subjects, found)


def _item_findings(subjects: Subjects, found: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    for subject in subjects:
        row = found.get(subject.region)
        pages = (Evidence("攻坚清单", "campaign:items", query=f"?city={subject.city}"),)
        if row is None:
            yield Finding(subject.id, State.UNKNOWN, "no_items", evidence=pages)
            continue
        inputs = {name: row[name] for name in ("met", "late", "overdue", "stale")}
        bad = inputs["overdue"] or inputs["stale"]
        state, why = (State.SUSPECTED, "behind") if bad else (State.PAPER, "on_time")
        yield Finding(subject.id, state, why, inputs, evidence=pages)


def liaison_of_city(subjects: Subjects, at: datetime) -> Iterable[Finding]:
    """SX36-N: one liaison officer of the city's committee or emergency department."""
    return _liaisons(subjects, at, lambda post: str(post["organisation__region"]), lambda subject: subject.region)


def liaison_of_department(subjects: Subjects, at: datetime) -> Iterable[Finding]:
    """SX36-N: one liaison officer of each member unit; other departments owe none."""
    return _liaisons(subjects, at, lambda post: str(post["organisation"]), lambda subject: subject.id, members=True)


def _liaisons(
    subjects: Subjects,
    at: datetime,
    of_post: Callable[[Any], str],
    of_subject: Callable[..., str],
    members: bool = False,
) -> Iterator[Finding]:
    programme, today = _programme(at), beijing_day(at)
    if programme is None:
        yield from _unknown(subjects, "no_programme")
        return
    standing = Q(valid_from__lte=today) & (Q(valid_to=None) | Q(valid_to__gt=today))
    posts = Post.objects.filter(standing, programme=programme, role="liaison", organisation__isnull=False)
    known = {of_post(row) for row in posts.values("organisation", "organisation__region")}
    owing = _members(programme) if members else None
    for subject in subjects:
        pages = (Evidence("组织与会议", "campaign:organisation"),)
        if owing is not None and subject.id not in owing:
            yield Finding(subject.id, State.NOT_APPLICABLE, "no_member", evidence=pages)
        elif of_subject(subject) in known:
            yield Finding(subject.id, State.PAPER, "named", evidence=pages)
        else:
            yield Finding(subject.id, State.UNKNOWN, "unnamed", evidence=pages)


def _members(programme: Programme) -> set[str]:
    """Ids of the member units: those that owed a liaison officer as such, and the office."""
    rows = Submission.objects.filter(programme=programme, kind="liaison_unit").values_list("owner", flat=True)
    return {str(pk) for pk in rows} | {str(programme.office_id)}


def milestones_of(node: str) -> Callable[[Subjects, datetime], Iterable[Finding]]:
    """The milestones of a clause, for the department that leads it: done with a proof it entered itself is paper."""

    def judge(subjects: Subjects, at: datetime) -> Iterator[Finding]:
        programme, today = _programme(at), beijing_day(at)
        if programme is None:
            yield from _unknown(subjects, "no_programme")
            return
        states = {name: day_is(name, programme, today) for name in ("met", "late", "overdue", "unrecorded")}
        rows = Milestone.objects.filter(programme=programme, node=node, since=False)
        found = {str(owner): row for owner, row in grouped(rows, "owner", counts_of(states)).items()}
        for subject in subjects:
            row = found.get(subject.id)
            pages = (Evidence("里程碑", "campaign:milestones", query=f"?q={node}"),)
            if row is None:
                yield Finding(subject.id, State.NOT_APPLICABLE, "not_leading", evidence=pages)
                continue
            inputs = {name: row[name] for name in ("met", "late", "overdue", "unrecorded")}
            yield Finding(subject.id, *_milestone_state(inputs), inputs, evidence=pages)

    judge.__doc__ = f"{node}: its milestones, for the department that leads them; what it entered as done is paper."
    return judge


def _milestone_state(inputs: Mapping[str, int]) -> tuple[State, str]:
    if inputs["overdue"] or inputs["late"]:
        return State.SUSPECTED, "late"
    if inputs["unrecorded"]:
        return State.UNKNOWN, "unrecorded"
    return (State.PAPER, "reached") if inputs["met"] else (State.NOT_APPLICABLE, "not_due")


def target_of(node: str) -> Callable[[Subjects, datetime], Iterable[Finding]]:
    """The targets of a place, for the department in which the office sits: without baseline or value they are unknown."""

    def judge(subjects: Subjects, at: datetime) -> Iterator[Finding]:
        programme, today = _programme(at), beijing_day(at)
        if programme is None:
            yield from _unknown(subjects, "no_programme")
            return
        found = standings(Target.objects.filter(programme=programme, node=node), today, at)
        for subject in subjects:
            pages = (Evidence("目标指标", "campaign:targets"),)
            if subject.id != str(programme.office_id):
                yield Finding(subject.id, State.NOT_APPLICABLE, "not_office", evidence=pages)
                continue
            states = {one.state for one in found}
            inputs = {"targets": [f"{one.target.title}：{one.word}" for one in found]}
            passed = any(one.state == "not_reached" and one.target.until < today for one in found)
            if passed:
                yield Finding(subject.id, State.SUSPECTED, "missed", inputs, evidence=pages)
            elif states == {"reached"}:
                yield Finding(subject.id, State.PAPER, "reached", inputs, evidence=pages)
            else:
                yield Finding(subject.id, State.UNKNOWN, "open", inputs, evidence=pages)

    judge.__doc__ = f"{node}: its targets, for the department of the office; unknown without baseline, value or number."
    return judge


NO_PLAN: Final = {"no_programme": NO_PROGRAMME}
ITEM_WORDS: Final = {
    **NO_PLAN,
    "no_items": "没有列入攻坚事项",
    "on_time": "按期完成 {met} 项，逾期完成 {late} 项，没有逾期未完成的",
    "behind": "逾期未完成 {overdue} 项，久未更新 {stale} 项（按期 {met}、晚完成 {late}）",
}
LIST_WORDS: Final = {
    **NO_PLAN,
    "no_list": "没有 {year} 年攻坚清单",
    "listed": "{year} 年清单 {lines} 项，进行中的都有责任人",
    "nameless": "{year} 年清单 {lines} 项，其中 {nameless} 项进行中的没有填责任人",
}
LIAISON_WORDS: Final = {**NO_PLAN, "named": "已登记联络员", "unnamed": "没有登记联络员"}
MILESTONE_WORDS: Final = {
    **NO_PLAN,
    "not_leading": "不由本单位牵头",
    "not_due": "尚无到期的里程碑",
    "reached": "到期的 {met} 项已按期完成",
    "late": "逾期完成 {late} 项，逾期未完成 {overdue} 项",
    "unrecorded": "{unrecorded} 项历史期限没有登记完成情况",
}
TARGET_WORDS: Final = {
    **NO_PLAN,
    "not_office": "由办公室所在部门汇总",
    "reached": "{targets}（按登记数值，不代替官方统计）",
    "open": "尚不能说已达到：{targets}",
    "missed": "{targets}，期限已过",
}


def _milestones(node: str, title: str) -> Check:
    return Check(
        id=f"campaign.milestones_{node.removeprefix('SX36-').lower()}",
        title=title,
        subject="department",
        judge=milestones_of(node),
        words=MILESTONE_WORDS,
    )


def _target(node: str, title: str) -> Check:
    return Check(
        id=f"campaign.target_{node.removeprefix('SX36-').lower()}",
        title=title,
        subject="department",
        judge=target_of(node),
        words=TARGET_WORDS,
    )


SUBMISSIONS: Final = Check(
    id="campaign.submissions",
    title="方案、总结和评估报告按期报送",
    subject="city",
    judge=submissions_in_time,
    words={
        **NO_PLAN,
        "not_due": "尚无到期的报送",
        "in_time": "到期的 {met} 项都按期报送并经接收",
        "untaken": "到期的 {met} 项都按期报送，尚有未经接收的",
        "late": "逾期报送 {late} 项，逾期未报 {overdue} 项",
        "unrecorded": "{unrecorded} 项历史报送没有登记",
    },
)
CITY_LIST: Final = Check(
    id="campaign.list_city", title="市级年度攻坚清单", subject="city", judge=yearly_list, words=LIST_WORDS
)
COUNTY_LIST: Final = Check(
    id="campaign.list_county", title="县级年度攻坚清单", subject="county", judge=yearly_list, words=LIST_WORDS
)
CITY_ITEMS: Final = Check(
    id="campaign.items_city", title="市级攻坚事项进度", subject="city", judge=items_on_time, words=ITEM_WORDS
)
COUNTY_ITEMS: Final = Check(
    id="campaign.items_county", title="县级攻坚事项进度", subject="county", judge=items_on_time, words=ITEM_WORDS
)
CITY_LIAISON: Final = Check(
    id="campaign.liaison_city", title="市级联络员", subject="city", judge=liaison_of_city, words=LIAISON_WORDS
)
MEMBER_LIAISON: Final = Check(
    id="campaign.liaison_department",
    title="成员单位联络员",
    subject="department",
    judge=liaison_of_department,
    words={**LIAISON_WORDS, "no_member": "不是成员单位"},
)

CHECKS: Final[Clauses] = {
    "SX36-N": (CITY_LIAISON, MEMBER_LIAISON),
    "SX36-G2": (CITY_LIST, COUNTY_LIST),
    "SX36-G4": (CITY_ITEMS, COUNTY_ITEMS),
    "SX36-G6": (SUBMISSIONS,),
    "SX36-T2": (_target("SX36-T2", "井下人员减少目标"),),
    "SX36-T5": (_target("SX36-T5", "大中型非煤矿山占比目标"),),
    "SX36-T7": (_target("SX36-T7", "遇难人数和死亡率目标"),),
    "SX36-T9": (_target("SX36-T9", "摘帽比例目标"),),
    "SX36-4": (_milestones("SX36-4", "培训机构复核和视频联网的期限"),),
    "SX36-9": (_milestones("SX36-9", "一行业一清单的期限"),),
    "SX36-10": (_milestones("SX36-10", "重大隐患入库的期限"),),
    "SX36-11": (_milestones("SX36-11", "头顶库销号的期限"),),
    "SX36-13": (_milestones("SX36-13", "整合重组的期限"),),
    "SX36-15": (_milestones("SX36-15", "致灾因素普查的期限"),),
    "SX36-17": (_milestones("SX36-17", "尾矿库治理的期限"),),
    "SX36-18": (_milestones("SX36-18", "监测联网和预警覆盖的期限"),),
    "SX36-19": (_milestones("SX36-19", "第三方机构专项执法的期限"),),
    "SX36-20": (_milestones("SX36-20", "智能化建设的期限"),),
    "SX36-27": (_milestones("SX36-27", "专家库的期限"),),
}
