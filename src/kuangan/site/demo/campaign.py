"""The three-year action in November 2026, invented: most of it done with true days, some late, the evaluation due within days.

Loaded some weeks ago, so that its past is history and what came due since is overdue where nothing was entered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from kuangan.base import audit
from kuangan.base.clock import beijing_day
from kuangan.base.compliance import readings_acts
from kuangan.base.people.models import Level, Organisation, OrganisationKind, User
from kuangan.base.registry.models import Mine, MineKind
from kuangan.domains.campaign import items, organising, progress, reporting, submitting, targets
from kuangan.domains.campaign.definition import definitions
from kuangan.domains.campaign.loading import put_in_force
from kuangan.domains.campaign.models import (
    Entry,
    Item,
    Ledger,
    Milestone,
    Programme,
    Project,
    Report,
    Submission,
    Target,
    Task,
)
from kuangan.library.policy import shipped
from kuangan.site.demo.duty import name_of, phone_of

ACTION: Final = "action_2024_2026"
BASIS: Final = "合成数据"
BEFORE: Final = timedelta(days=45)
"""How long before the demonstration the programme was loaded."""
DAY: Final = timedelta(days=1)
VALUES: Final = (
    # target, (day, value), …
    ("T1", ("2024-06-30", "71.5"), ("2025-06-30", "88.2"), ("2026-06-30", "96.4")),
    ("T2", ("2024-12-31", "312400"), ("2025-12-31", "298700"), ("2026-10-31", "286900")),
    ("T3", ("2024-12-31", "95.8"), ("2025-12-31", "98.1"), ("2026-10-31", "99.3")),
    ("T4", ("2025-12-31", "14"), ("2026-10-31", "17")),
    ("T5", ("2024-12-31", "16.4"), ("2025-12-31", "19.1"), ("2026-10-31", "20.6")),
    ("T5-P", ("2025-12-31", "19.1")),
    ("T5-R", ("2025-12-31", "19.1")),
    ("T5-N", ("2024-12-31", "268"), ("2025-12-31", "243")),
    ("T7-D", ("2024-12-31", "38"), ("2025-12-31", "33"), ("2026-10-31", "24")),
    ("T7-R", ("2024-12-31", "0.029"), ("2025-12-31", "0.025"), ("2026-10-31", "0.021")),
    ("T7-A", ("2024-12-31", "27"), ("2025-12-31", "24"), ("2026-10-31", "18")),
    ("T8", ("2024-12-31", "2"), ("2025-12-31", "1"), ("2026-10-31", "0")),
    ("T9-C", ("2025-12-31", "45"), ("2026-10-31", "62.5")),
    ("T9-E", ("2025-12-31", "41.2"), ("2026-10-31", "58.8")),
    ("W", ("2024-12-31", "86.3"), ("2025-12-31", "97.8"), ("2026-10-31", "99.4")),
)
BASELINES: Final = (("noncoal_share_2022", "13.6"), ("noncoal_underground_2022", "309"))
TEXTS: Final = (
    ("SX36-8", "辖区矿山重大隐患存量逐条销号"),
    ("SX36-15", "连片矿区采空区补充探查"),
    ("SX36-17", "尾矿库汛期调洪能力复核"),
    ("SX36-18", "边坡监测数据接入省平台"),
    ("SX36-22", "外包施工队伍清理登记"),
    ("SX36-23", "标准化三级以下非煤矿山达标"),
    ("SX36-27", "专家库扩充并开展一对一帮扶"),
    ("SX36-29", "举报奖励渠道公示和回访"),
)


@transaction.atomic
def enter(at: datetime) -> None:
    """Once."""
    if Programme.objects.exists():
        return
    programme = put_in_force(definitions()[ACTION], by=None, at=at - BEFORE)
    _posts(programme, at)
    _milestones(programme, at)
    _targets(programme, at)
    _submissions(programme, at)
    _projects(programme, at)
    _items(programme, at)
    _by_people(programme, at)


def _cities() -> list[Organisation]:
    return list(Organisation.objects.filter(kind=OrganisationKind.EMERGENCY, level=Level.CITY).order_by("region"))


def _posts(programme: Programme, at: datetime) -> None:
    """The leading group, the task force, and a liaison officer of every city but one."""
    office, since = programme.office, date(2024, 2, 26)
    people = [
        ("leader", "山西省人民政府", "分管副省长", None),
        ("deputy", "山西省人民政府", "协管副秘书长", None),
        ("deputy", office.name, "主要负责人", office),
        ("member", office.name, "分管负责人", office),
        ("office_head", office.name, "分管负责人", office),
        ("task_force", office.name, "专班组长", office),
        ("task_force", office.name, "专班成员", office),
        ("liaison", office.name, "处长", office),
        *(("liaison", city.name, "科长", city) for city in _cities()[:-1]),
    ]
    for number, (role, unit, position, body) in enumerate(people):
        named = body or office
        row = organising.Person(
            role, unit, name_of(named, 300 + number), since, body, position, phone_of(named, 900), BASIS
        )
        organising.appoint(programme, row, by=None, at=at)


def _milestones(programme: Programme, at: datetime) -> None:
    """Most by their day, every sixth some weeks late, every seventeenth not entered."""
    today = beijing_day(at)
    due = Milestone.objects.filter(programme=programme, since=False, due__lt=today).order_by("due", "pk")
    for number, row in enumerate(due, 1):
        if number % 17 == 0:
            continue
        day = row.due + (18 + number) * DAY if number % 6 == 0 else row.due - (number % 9) * DAY
        progress.record_done(row, min(day, today), "验收意见和报表（合成数据）", by=None, at=at)


def _targets(programme: Programme, at: datetime) -> None:
    rows = {row.code: row for row in Target.objects.filter(programme=programme)}
    for code, *known in VALUES:
        for day, value in known:
            _value(rows[code], day, value, at)
    words = "文书网上办理已覆盖省、市、县三级，统一使用执法系统。"
    targets.enter_value(
        rows["T6"], on=date(2026, 10, 31), value=None, words=words, source="年度统计（合成数据）", by=None, at=at
    )


def _value(row: Target, day: str, value: str, at: datetime) -> None:
    on = min(date.fromisoformat(day), beijing_day(at))
    targets.enter_value(row, on=on, value=Decimal(value), source="年度统计（合成数据）", by=None, at=at)


def _baselines(officer: User, leader: User, at: datetime) -> None:
    """Those of 2022 were answered by two persons; base years are still asked for."""
    for key, value in BASELINES:
        row = readings_acts.propose_answer(
            shipped().baselines[key],
            value=value,
            source="2022年度统计（合成数据）",
            source_date=date(2022, 12, 31),
            valid_from=beijing_day(at),
            reason=BASIS,
            by=officer,
            at=at,
        )
        readings_acts.decide(row, approve=True, opinion=BASIS, by=leader, at=at)


def _submissions(programme: Programme, at: datetime) -> None:
    """All that was due, one summary late, one never entered; three cities have sent the evaluation."""
    today = beijing_day(at)
    rows = list(Submission.objects.filter(programme=programme).select_related("owner").order_by("due", "owner__region"))
    for number, row in enumerate(rows):
        past = row.due < today
        if not past and not (row.kind == "evaluation" and number % 4 == 0):
            continue
        if row.kind == "summary" and row.period == "2024" and row.owner.region.startswith("1409"):
            continue
        late = row.kind == "summary" and row.period == "2025" and row.owner.region.startswith("1406")
        on = row.due + 6 * DAY if late else row.due - (1 + number % 5) * DAY
        submitting.send(row, on=min(on, today), text="摘要见公文渠道（合成数据）。", number="", by=None, at=at)


def _projects(programme: Programme, at: datetime) -> None:
    """As many as the text names: two risk projects still without a connection, one left out by approval."""
    ledgers = {row.code: row for row in Ledger.objects.filter(programme=programme)}
    coal = _mines(MineKind.UNDERGROUND_COAL)
    other = _mines(MineKind.UNDERGROUND_NONCOAL)
    pits, ponds = _mines(MineKind.OPEN_PIT_NONCOAL), _mines(MineKind.TAILINGS_POND)
    owners = {body.region: body for body in Organisation.objects.filter(kind=OrganisationKind.EMERGENCY)}
    kinds = ("瓦斯灾害", "水害")
    pairs = [(mine, kind) for kind in kinds for mine in coal[:161]][:246]
    plan = [("risk", mine, f"{kind}风险防控") for mine, kind in pairs]
    plan += [("slopes", mine, "边坡监测预警") for mine in pits[:14]]
    plan += [("smart_coal", mine, "智能化矿井") for mine in coal[:150]]
    plan += [("smart_noncoal", mine, "智能化矿山") for mine in other[:10]]
    plan += [("high_risk", mine, "智能化开采") for mine in other[10:22]]
    plan += [("overhead", mine, "头顶库销号") for mine in ponds[:5]]
    plan += [("yellow_river", mine, "尾矿库综合治理") for mine in ponds[5:7]]
    rows = [
        _project(programme, ledgers[code], mine, title, number, owners, at)
        for number, (code, mine, title) in enumerate(plan)
    ]
    Project.objects.bulk_create(rows, batch_size=200)
    audit.record(
        actor=None,
        action="campaign.projects_entered",
        kind="campaign",
        ident=str(programme.pk),
        content={"rows": len(rows), "basis": BASIS},
        at=at,
    )


def _mines(kind: str) -> list[Mine]:
    return list(Mine.objects.filter(kind=kind, provisional=False, city__isnull=False).order_by("code")[:200])


def _project(
    programme: Programme,
    ledger: Ledger,
    mine: Mine,
    title: str,
    number: int,
    owners: dict[str, Organisation],
    at: datetime,
) -> Project:
    ahead = ledger.due > beijing_day(at)
    late = number % 11 == 0
    ended = ledger.due + 40 * DAY if late else ledger.due - (number % 60) * DAY
    finished = (number % 5 != 0) if ahead else number % 97 != 5
    if ahead:
        ended = beijing_day(at) - (20 + number % 90) * DAY
    connects = ledger.final == "connected"
    return Project(
        ledger=ledger,
        name=f"{mine.name}{title}"[:120],
        mine=mine,
        owner=owners.get(mine.county_id or "") or owners.get(mine.city_id or "") or programme.office,
        started_on=date(2024, 1, 10) + (number % 40) * DAY,
        accepted_on=ended - 5 * DAY if finished else None,
        connected_on=ended if finished and connects else None,
        central=Decimal(120 + number % 7 * 10) if ledger.code == "risk" else None,
        local=Decimal(40 + number % 5 * 6),
        own=Decimal(180 + number % 9 * 15),
        paid=Decimal(260 + number % 6 * 12) if finished else Decimal(60),
        excluded="省级主管部门批准关闭退出，不计入（合成数据）" if number == 120 else "",
        source="项目月报（合成数据）",
        told_on=beijing_day(at) - (number % 30) * DAY,
        recorded_at=at,
    )


def _items(programme: Programme, at: datetime) -> None:
    """For every city, and for the counties that supervise mines: some of each year, some overdue, some that nobody tells of."""
    tasks = {task.code: task for task in Task.objects.filter(programme=programme)}
    counties = Organisation.objects.filter(kind=OrganisationKind.EMERGENCY, level=Level.COUNTY).order_by("region")
    bodies = [*_cities(), *counties[::4]]
    rows = Item.objects.bulk_create(list(_lines(programme, bodies, tasks, at)), batch_size=200)
    Entry.objects.bulk_create(
        [Entry(item=row, act="created", text=BASIS, organisation=row.owner, at=at) for row in rows], batch_size=200
    )
    for row in rows:
        if row.state == "open":
            items.start_clocks(row, at)


def _lines(
    programme: Programme, bodies: Sequence[Organisation], tasks: dict[str, Task], at: datetime
) -> Iterator[Item]:
    today = beijing_day(at)
    for number, body in enumerate(bodies):
        for place in range(6 if body.level == Level.CITY else 3):
            turn = number * 5 + place
            code, text = TEXTS[turn % len(TEXTS)]
            year = 2024 + turn % 3
            due = date(year, 12, 31) if turn % 2 else date(year, 6, 30) + (turn % 50) * DAY
            if year == 2026 and turn % 4 == 0:
                due = today - (4 + turn % 20) * DAY
            done = due < today and turn % 9 != 4 and turn % 12 != 8
            silent = not done and turn % 5 == 2
            yield Item(
                programme=programme,
                task=tasks[code],
                year=year,
                text=f"{text}（{year}年）",
                goal="逐项销号，形成台账",
                owner=body,
                person="" if turn % 13 == 6 else name_of(body, 500 + place),
                start=date(year, 1, 15),
                due=due,
                state="done" if done else "open",
                done_on=min(today, due + (9 if turn % 7 == 3 else -(turn % 6)) * DAY) if done else None,
                proof="验收单（合成数据）" if done else "",
                told_on=today - (95 if silent else 6 + turn % 40) * DAY,
                recorded_at=at,
            )


def _by_people(programme: Programme, at: datetime) -> None:
    """What needs a person: meetings with decisions, what the office took, a dispatch that was issued."""
    officer = User.objects.select_related("organisation").filter(username="shengting").first()
    leader = User.objects.select_related("organisation").filter(username="lingdao").first()
    if officer is None or leader is None or officer.organisation_id != programme.office_id:
        return
    for row in Submission.objects.filter(programme=programme, state="sent").exclude(kind="evaluation"):
        submitting.take(row, by=officer, at=at)
    _baselines(officer, leader, at)
    _meetings(programme, officer, at)
    _dispatch(programme, leader, at)


def _meetings(programme: Programme, officer: User, at: datetime) -> None:
    today = beijing_day(at)
    for days, title in ((270, "领导小组第五次会议"), (120, "专班调度会"), (30, "领导小组收官调度会")):
        record = organising.Record(
            title, today - days * DAY, "示例副省长", "成员单位分管负责人", "通报进展，议定下步事项。"
        )
        meeting = organising.hold(programme, record, by=officer, at=at)
        for number, city in enumerate(_cities()[days % 5 : days % 5 + 2]):
            line = items.Line(
                ("对未联网项目逐个销号", "核对历史期限并补登完成情况")[number],
                city,
                meeting.held_on,
                today + (20 - days // 10) * DAY,
                None,
                name_of(city, 600),
            )
            organising.decide(meeting, line, by=officer, at=at)


def _dispatch(programme: Programme, leader: User, at: datetime) -> None:
    """The dispatch of the last whole month is issued; the evaluation waits as a draft."""
    today = beijing_day(at)
    last = today.replace(day=1) - DAY
    row = Report.objects.filter(programme=programme, kind="dispatch", period=f"{last:%Y-%m}").first()
    if row is not None:
        reporting.draft(row, as_of=last, by=leader, at=at)
        reporting.issue(row, on=min(today, last + 4 * DAY), number="示例调度〔2026〕10号", by=leader, at=at)
    final = Report.objects.filter(programme=programme, kind="final").first()
    if final is not None:
        reporting.draft(final, as_of=today, by=leader, at=at)
