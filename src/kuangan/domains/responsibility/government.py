"""What governments and departments did themselves: leaders and officers of mines, one lead for each matter.

A county, city or department is judged by its own acts, never by what its mines did (SX34-60, C-27).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from kuangan.base.clock import beijing_day
from kuangan.base.compliance.checks import Check, Clauses, Evidence, Finding, Judge, State, SubjectKind, Subjects
from kuangan.base.compliance.register_checks import CITY_SUPERVISORS, COUNTY_SUPERVISORS
from kuangan.base.registry.models import Mine, MineKind, Supervision, SupervisionRole
from kuangan.base.registry.supervision import in_force
from kuangan.domains.responsibility.kinds import MATTERS, ROOM
from kuangan.domains.responsibility.matters import counts, lines_of
from kuangan.domains.responsibility.rhythm import LOOK_BACK, last_days, logged_days, missing_days, pulse
from kuangan.domains.responsibility.rules import DAY

Members = Mapping[str, list[tuple[str, str]]]
"""{subject: (mine, kind of mine), …}"""
TERRITORIES: Final[tuple[SubjectKind, ...]] = ("county", "city")


def members(subjects: Subjects, at: datetime) -> Members:
    """Mines of a territory, or those that a department supervises directly. At most two queries."""
    found: dict[str, list[tuple[str, str]]] = {}
    mines = Mine.objects.filter(provisional=False)
    if subjects.kind in ("county", "city"):
        key = f"{subjects.kind}_id"
        for region, code, kind in mines.values_list(key, "pk", "kind"):
            found.setdefault(str(region), []).append((code, kind))
        return found
    rows = Supervision.objects.filter(in_force(at), role=SupervisionRole.DIRECT, mine__provisional=False)
    for body, code, kind in rows.values_list("body", "mine", "mine__kind"):
        found.setdefault(str(body), []).append((code, kind))
    return found


def _list(subjects: Subjects, name: str, gap: str) -> tuple[Evidence, ...]:
    where = f"county={name}&" if subjects.kind == "county" else ""
    return (Evidence("责任清单", "responsibility:mines", (), f"?{where}gap={gap}"),)


def led(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """An assigned leader for each mine that must have one, and visits within the span. Four queries."""
    of, today = members(subjects, at), beijing_day(at)
    rows = list(_named(at, SupervisionRole.LEADER))
    last = last_days(rows)
    due: dict[str, bool] = {}
    for row in rows:
        behind = pulse(row, last.get(row.pk), today).state != "in_time"
        due[row.mine_id] = due.get(row.mine_id, False) or behind
    for subject in subjects:
        mines = [code for code, kind in of.get(subject.id, ()) if MineKind(kind) in ROOM.leader_kinds]
        without, late = sum(mine not in due for mine in mines), sum(due.get(mine, False) for mine in mines)
        evidence = _list(subjects, subject.name, "no_leader")
        said = {"mines": len(mines), "without": without, "late": late}
        if not mines:
            yield Finding(subject.id, State.NOT_APPLICABLE, "no_mines")
        elif without == len(mines):
            yield Finding(subject.id, State.UNKNOWN, "untold", {"mines": len(mines)}, evidence=evidence)
        elif without:
            yield Finding(subject.id, State.SUSPECTED, "without", said, evidence=evidence)
        elif late:
            pages = (Evidence("包保台账", "responsibility:leaders", (), "?state=late"),)
            yield Finding(subject.id, State.UNKNOWN, "late", said, evidence=pages)
        else:
            pages = (Evidence("包保台账", "responsibility:leaders"),)
            yield Finding(subject.id, State.PAPER, "led", {"mines": len(mines)}, evidence=pages)


def _named(at: datetime, role: str) -> Iterator[Supervision]:
    rows = Supervision.objects.filter(in_force(at), role=role, holder__isnull=False)
    return rows.select_related("body", "holder").iterator()


def logged(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """Logs of the officers at the mines of the territory. Three queries."""
    of, today = members(subjects, at), beijing_day(at)
    rows = list(_named(at, SupervisionRole.OFFICER))
    known = logged_days(rows, today - (LOOK_BACK + 31) * DAY)
    behind: dict[str, list[bool]] = {}
    for row in rows:
        behind.setdefault(row.mine_id, []).append(bool(missing_days(row, known.get(row.pk, set()), today)))
    for subject in subjects:
        mines = [code for code, _ in of.get(subject.id, ())]
        officers = [late for mine in mines for late in behind.get(mine, ())]
        evidence = (Evidence("驻矿与专员", "responsibility:officers"),)
        said = {"officers": len(officers), "behind": sum(officers)}
        if not mines:
            yield Finding(subject.id, State.NOT_APPLICABLE, "no_mines")
        elif not officers:
            yield Finding(subject.id, State.UNKNOWN, "nobody", evidence=_list(subjects, subject.name, "no_officer"))
        elif any(officers):
            yield Finding(subject.id, State.UNKNOWN, "behind", said, evidence=evidence)
        else:
            yield Finding(subject.id, State.PAPER, "logged", {"officers": len(officers)}, evidence=evidence)


def one_lead(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """One lead for each matter of the list. One query."""
    found = counts(lines_of(list(subjects.ids), beijing_day(at)))
    for subject in subjects:
        numbers = found[subject.id]
        said = {"matters": len(MATTERS), "none": numbers["none"], "several": numbers["several"]}
        evidence = (Evidence("一件事牵头", "responsibility:matter_region", (subject.id,)),)
        if numbers["several"]:
            yield Finding(subject.id, State.SUSPECTED, "several", said, evidence=evidence)
        elif numbers["none"]:
            yield Finding(subject.id, State.UNKNOWN, "gaps", said, evidence=evidence)
        else:
            yield Finding(subject.id, State.PAPER, "one", {"matters": len(MATTERS)}, evidence=evidence)


def _of(kind: SubjectKind, name: str, title: str, judge: Judge, words: Mapping[str, str]) -> Check:
    return Check(id=f"responsibility.{name}_{kind}", title=title, subject=kind, judge=judge, words=words)


DIRECT: Final = (COUNTY_SUPERVISORS, CITY_SUPERVISORS)
"""Whether each mine has one direct supervisor is the register's to say."""
LED: Final = tuple(
    _of(
        kind,
        "led",
        "领导包保矿山",
        led,
        {
            "led": "{mines} 座矿均有包保领导并按期到矿（间隔为系统默认，非官方分级）",
            "late": "{mines} 座矿均有包保领导，{late} 座超过系统默认间隔没有到矿记录",
            "without": "{mines} 座矿中 {without} 座没有登记包保领导",
            "untold": "{mines} 座矿都没有登记包保领导",
            "no_mines": "没有须包保的矿山",
        },
    )
    for kind in TERRITORIES
)
LOGGED: Final = tuple(
    _of(
        kind,
        "logged",
        "驻矿盯守和监管专员日志",
        logged,
        {
            "logged": "{officers} 名人员近 14 日日志齐全（间隔为系统默认，非官方分级）",
            "behind": "{officers} 名人员中 {behind} 名近 14 日有缺",
            "nobody": "没有登记驻矿或监管专员",
            "no_mines": "没有在册矿山",
        },
    )
    for kind in (*TERRITORIES, "department", "bureau")
)
LEAD: Final = tuple(
    _of(
        kind,
        "one_lead",
        "一件事一个牵头部门",
        one_lead,
        {
            "one": "{matters} 件事各有一个牵头部门（事项清单为系统默认）",
            "gaps": "{matters} 件事中 {none} 件没有登记牵头部门",
            "several": "{matters} 件事中 {several} 件有多个牵头部门，{none} 件没有登记",
        },
    )
    for kind in TERRITORIES
)
COUNTY_CHECKS: Final[Clauses] = {
    "SX34-H5": LEAD,
    "SX34-12": (LEAD[1],),
    "SX34-H6": (*DIRECT, *LED),
    "SX34-13": (*DIRECT, *LED, *LOGGED),
    "SX36-21": LEAD,
    "SX36-G4": (*LED, *LOGGED),
}
