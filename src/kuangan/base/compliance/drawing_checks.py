"""Checks on drawings: that those a clause needs are handed in and kept up. What stands on them nobody judges here.

A drawing is the mine's own paper. One that was not renewed within its months is unknown: most of those terms are defaults of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Final

from kuangan.base.clock import beijing_day
from kuangan.base.compliance.checks import Check, Evidence, Finding, State, Subject, Subjects
from kuangan.base.compliance.helpers import NO_FACTS, facts_of, newest, pages_of, table
from kuangan.base.documents.kinds import KINDS, months_later
from kuangan.base.documents.models import DrawingVersion
from kuangan.base.documents.standing import in_force
from kuangan.base.registry.models import MineKind

WATER: Final = ("hydrogeology", "drainage")
ESCAPE: Final = ("escape",)
SYSTEMS: Final = ("monitoring", "positioning")
SLOPE: Final = ("slope_monitoring", "pit_plan")
POND: Final = ("pond_plan", "pond_drainage", "pond_monitoring")
Standing = dict[tuple[str, str], list[DrawingVersion]]


def drawings(kinds: tuple[str, ...]) -> Callable[[Subjects, datetime], Iterator[Finding]]:
    """The judge of some kinds of drawings, of which a mine must have those that the table of drawings names for its kind."""

    def judge(subjects: Subjects, at: datetime) -> Iterator[Finding]:
        handed_in, states = _versions(kinds, at), facts_of(("state",), at)
        for subject in subjects:
            state = str(states.get(subject.id, NO_FACTS).values.get("state", ""))
            yield _finding(subject, kinds, handed_in, state, beijing_day(at))

    return judge


def _finding(subject: Subject, kinds: Iterable[str], handed_in: Standing, state: str, day: date) -> Finding:
    pages = pages_of(subject, Evidence("图纸", "documents:drawings", ("{subject}",)))
    needed = [kind for kind in kinds if subject.kind in KINDS[kind].needed]
    if not needed:
        return Finding(subject.id, State.NOT_APPLICABLE, "not_needed", evidence=pages)
    held = {kind: in_force(handed_in.get((subject.id, kind), ()), day) for kind in needed}
    at = newest(*(version.at for version in held.values() if version))
    missing = [KINDS[kind].label for kind, version in held.items() if version is None]
    if missing:
        return Finding(subject.id, State.UNKNOWN, "missing", {"drawings": missing}, at, pages)
    old = [KINDS[kind].label for kind, version in held.items() if version and _until(kind, version, state) < day]
    if old:
        return Finding(subject.id, State.UNKNOWN, "old", {"drawings": old}, at, pages)
    return Finding(subject.id, State.PAPER, "current", {}, at, pages)


def _until(kind: str, version: DrawingVersion, state: str) -> date:
    """The day by which it must be renewed."""
    return months_later(version.valid_from, KINDS[kind].term(state))


def _versions(kinds: tuple[str, ...], at: datetime) -> Standing:
    """{(mine, kind): the versions handed in by then}. One query."""
    rows = DrawingVersion.objects.filter(drawing__kind__in=kinds, at__lte=at).select_related("drawing").order_by("pk")
    found: Standing = {}
    for row in rows:
        found.setdefault((row.drawing.mine_id, row.drawing.kind), []).append(row)
    return found


def _check(name: str, title: str, kinds: tuple[str, ...]) -> Check:
    needing = frozenset(kind.value for kind in MineKind if any(kind in KINDS[code].needed for code in kinds))
    words = {
        "current": "{title}已提交，在更新期限内（矿方材料）",
        "missing": "未提交：{drawings}",
        "old": "超过更新期限：{drawings}（期限为系统默认，非官方分级）",
        "not_needed": "该类矿山不要求{title}",
    }
    told = {why: word.replace("{title}", title) for why, word in words.items()}
    return Check(id=name, title=title, subject="mine", judge=drawings(kinds), words=told, mine_kinds=needing)


CHECKS: Final = table(
    (_check("drawings.escape", "避灾路线图", ESCAPE), ("SX34-H25",)),
    (_check("drawings.water", "水文地质图和排水系统图", WATER), ("SX34-43",)),
    (_check("drawings.systems", "监控和人员定位系统图", SYSTEMS), ("SX36-18",)),
    (_check("drawings.slope", "边坡监测和采剥工程图", SLOPE), ("SX34-45", "SX34-H22")),
    (_check("drawings.pond", "尾矿库图纸", POND), ("SX36-17",)),
)
