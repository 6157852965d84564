"""Checks of this room: what streams showed in a week, whether alerts were answered in time, and whether links stood.

Which rule speaks of which clause stands in the rule book; a check names those of them that are dangers or duties of the clause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Final

from django.db.models import Max, Q, QuerySet

from kuangan.base.case.models import Case
from kuangan.base.clock import BEIJING, beijing_day
from kuangan.base.compliance.checks import Check, Evidence, Finding, State, Subject, Subjects
from kuangan.base.compliance.helpers import CLOCK_WORDS, QUARTER, WEEK, clocks_of, must_happen_within, pages_of, table
from kuangan.base.registry.models import Mine, MineKind
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.health.heard import Heard, heard
from kuangan.domains.alerts.health.periods import Period
from kuangan.domains.alerts.models import Drawn
from kuangan.domains.alerts.rules import RULE_CLAUSES
from kuangan.domains.alerts.stream import Stream, stream_check

COAL: Final = frozenset({MineKind.UNDERGROUND_COAL.value, MineKind.OPEN_PIT_COAL.value})
UNDERGROUND: Final = frozenset({MineKind.UNDERGROUND_COAL.value, MineKind.UNDERGROUND_NONCOAL.value})
UNDERGROUND_COAL: Final = frozenset({MineKind.UNDERGROUND_COAL.value})
OPEN_PIT: Final = frozenset({MineKind.OPEN_PIT_COAL.value, MineKind.OPEN_PIT_NONCOAL.value})
PONDS: Final = frozenset({MineKind.TAILINGS_POND.value})
KEPT: Final = 0.95
"""The share of a day that a link must stand: a default of ours."""
BACK: Final = timedelta(days=60)
"""Clocks that ran out in the last week belong to alerts raised since."""
CLOSED: Final = Evidence("近 90 日已闭环告警", "alerts:desk", query="?mine={subject}&state=closed&hours=2160&drill=0")


def high_gas() -> Q:
    """Methane at or above what SX34-42 calls high; the number is the clause's."""
    from kuangan.library.policy import shipped

    bound = next(row.value for row in shipped().nodes["SX34-42"].thresholds if row.name == "ch4")
    return Q(peak__gte=float(bound), unit__startswith="%")


STREAMS: Final = (
    # SX34-17 and SX34-H20, their trigger: methane reached the high value. Whether work was stopped and assessed, people say.
    (
        stream_check(
            "alerts.gas_high",
            "瓦斯高值超限",
            Stream(("gas.over_limit",), "methane", high_gas),
            UNDERGROUND_COAL,
            "甲烷 2% 及以上的超限",
        ),
        ("SX34-17", "SX34-H20"),
    ),
    # SX34-40, of frequent over-limits.
    (
        stream_check(
            "alerts.gas_repeated",
            "瓦斯频繁超限",
            Stream(("danger.gas_repeated",), "methane"),
            UNDERGROUND_COAL,
        ),
        ("SX34-40",),
    ),
    # SX34-38 and SX34-40: drainage that meets its numbers, as far as its sensors tell.
    (
        stream_check("alerts.drainage", "瓦斯抽采参数", Stream(("danger.drainage",), "drainage"), UNDERGROUND_COAL),
        ("SX34-38", "SX34-40"),
    ),
    # SX34-42: an over-limit must cut the power.
    (
        stream_check("alerts.feed_live", "超限断电", Stream(("danger.feed_live",), "feed"), UNDERGROUND_COAL),
        ("SX34-42",),
    ),
    # SX34-43 and SX36-16: signs of water.
    (
        stream_check(
            "alerts.water",
            "水害征兆",
            Stream(("danger.water_level", "danger.inflow", "danger.pump"), "water"),
            UNDERGROUND,
        ),
        ("SX34-43", "SX36-16"),
    ),
    # SX36-16: signs of ground pressure.
    (
        stream_check(
            "alerts.pressure",
            "矿压征兆",
            Stream(("danger.pressure", "danger.roof_separation"), "pressure"),
            UNDERGROUND,
        ),
        ("SX36-16",),
    ),
    # SX34-45: signs that a slope fails. Angles, heights and widths are not measured by streams.
    (
        stream_check("alerts.slope", "边坡失稳征兆", Stream(("danger.slope",), "slope"), OPEN_PIT),
        ("SX34-45",),
    ),
    # SX36-17: what a pond's own monitoring shows.
    (stream_check("alerts.tailings", "尾矿库监测", Stream(("danger.tailings",), "pond"), PONDS), ("SX36-17",)),
    # SX34-27, of more people than are approved.
    (
        stream_check(
            "alerts.people_over",
            "井下超定员",
            Stream(("people.mine_over", "people.area_over"), "positions"),
            UNDERGROUND,
        ),
        ("SX34-27",),
    ),
    # SX34-30 and SX34-34: people below in a mine that is stopped, beyond the approved caretakers.
    (
        stream_check(
            "alerts.stopped_mine",
            "停产矿井下人员",
            Stream(("people.stopped_mine",), "positions", stopped_only=True),
            UNDERGROUND,
        ),
        ("SX34-30", "SX34-34"),
    ),
    # SX34-34 and SX34-28: electronic seals of a mine that is stopped.
    (
        stream_check(
            "alerts.sealed_shaft",
            "停产矿电子封条",
            Stream(("video.sealed_shaft",), "cameras", stopped_only=True),
            UNDERGROUND_COAL,
        ),
        ("SX34-34", "SX34-28"),
    ),
    # SX34-69: records of entry, count at the mouth and positions agree.
    (
        stream_check(
            "alerts.entry",
            "入井人数三对应",
            Stream(("people.entry_mismatch", "people.count_mismatch"), "positions"),
            UNDERGROUND,
        ),
        ("SX34-69",),
    ),
    # SX34-68 and SX34-69: one card, one person, seen where the person is.
    (
        stream_check(
            "alerts.cards",
            "定位卡与人员",
            Stream(("people.cards_together", "people.no_movement", "people.speed", "people.mass_exit"), "positions"),
            UNDERGROUND,
        ),
        ("SX34-68", "SX34-69"),
    ),
    # SX34-53: posts that must be manned while work goes on. Certificates are not judged.
    (
        stream_check(
            "alerts.posts",
            "特种作业岗位在岗",
            Stream(("people.special_post_missing",), "positions"),
            UNDERGROUND_COAL,
        ),
        ("SX34-53",),
    ),
    # SX34-32, SX34-68, SX36-18: the system of positions runs.
    (
        stream_check(
            "alerts.positioning",
            "人员定位系统运行",
            Stream(("people.system_silent",), "positions"),
            UNDERGROUND,
        ),
        ("SX34-32", "SX34-68", "SX36-18"),
    ),
    # SX34-15 and SX36-7: no work without video, at the places that the mine tells of.
    (
        stream_check("alerts.no_video", "无视频作业", Stream(("video.no_coverage",), "cameras"), UNDERGROUND),
        ("SX34-15", "SX36-7"),
    ),
)
"""Checks of streams with the clauses of which each judges a part."""


def alerts_of(chosen: Callable[[str], bool]) -> Callable[[datetime], QuerySet[Case]]:
    """Alerts, no drills, of rules whose clause is chosen, raised long enough ago to have had clocks."""
    rules = [rule for rule, clauses in RULE_CLAUSES.items() if any(map(chosen, clauses))]

    def cases(at: datetime) -> QuerySet[Case]:
        told = Case.objects.filter(kind=FLOW.kind, drill=False, opened__gt=at - BACK, opened__lte=at)
        return told.filter(alert__rule__in=rules)

    return cases


def answered(cases: Callable[[datetime], QuerySet[Case]]) -> Callable[[Subjects, datetime], Iterator[Finding]]:
    """Every clock of an alert that ran against the subject's own body and was due in the last week."""

    def judge(subjects: Subjects, at: datetime) -> Iterator[Finding]:
        return must_happen_within(subjects, clocks_of(cases(at), at - WEEK, at), evidence=_answers)

    return judge


def _answers(subject: Subject) -> tuple[Evidence, ...]:
    """What lapsed, and what was answered: of a mine by its code, of a body by its acknowledgements."""
    own = f"mine={subject.id}" if subject.kind in MineKind.values else f"answered=ack.{subject.id}"
    lapsed = f"{own}&" if subject.kind in MineKind.values else ""
    return (
        Evidence("响应已超时", "alerts:desk", query=f"?{lapsed}state=lapsed&drill=0"),
        Evidence("近 7 日告警", "alerts:desk", query=f"?{own}&state=all&hours=168&drill=0"),
    )


def rechecked(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-42, of handling: closed alerts that an authority drew at random and looked into in the last 90 days. Nobody must be drawn."""
    drawn = Drawn.objects.filter(at__gt=at - QUARTER, at__lte=at, alert__drill=False).exclude(verdict="").order_by()
    counted: dict[str, dict[str, int]] = {}
    newest: dict[str, datetime] = {}
    rows = drawn.values_list("alert__case__mine_id", "verdict").annotate(at=Max("at"))
    for mine, verdict, when in rows:
        counted.setdefault(mine, {})[verdict] = 1
        newest[mine] = max(newest.get(mine, when), when)
    for subject in subjects:
        found = counted.get(subject.id, {})
        state, why = _verdict(found)
        pages = pages_of(subject, CLOSED)
        yield Finding(subject.id, state, why, {}, newest.get(subject.id), pages)


def _verdict(found: dict[str, int]) -> tuple[State, str]:
    if "untrue" in found:
        return State.SUSPECTED, "untrue"
    if "incomplete" in found:
        return State.UNKNOWN, "incomplete"
    return (State.PROVED, "true") if found else (State.NOT_APPLICABLE, "not_drawn")


def link_rate(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX36-18: the share of yesterday in which the link stood, of the hours in which it should have."""
    today = datetime.combine(beijing_day(at), time(), BEIJING)
    day = Period("", "", today - timedelta(days=1), today)
    found = heard(Mine.objects.filter(provisional=False), day)
    for subject in subjects:
        yield _rate(subject, found.get(subject.id, Heard()), day)


def _rate(subject: Subject, one: Heard, day: Period) -> Finding:
    pages = pages_of(
        subject, Evidence("断网告警", "alerts:desk", query="?mine={subject}&rule=link.network_outage&state=all")
    )
    rate = one.mine_rate
    if rate is None:
        why = "not_asked" if any(row.why != "未接入" for row in one.excluded) else "never"
        why = "announced" if one.announced_hours else why
        state = State.UNKNOWN if why == "never" else State.NOT_APPLICABLE
        return Finding(subject.id, state, why, evidence=pages)
    said = {"rate": int(rate * 100), "hours": round(one.mine_hours, 1)}
    state, why = (State.PROVED, "kept") if rate >= KEPT else (State.SUSPECTED, "lost")
    return Finding(subject.id, state, why, dict(said), day.stop, pages)


ANSWERED_BY_MINE: Final = Check(
    id="alerts.answered_by_mine",
    title="告警按时处置",
    subject="mine",
    judge=answered(alerts_of(lambda clause: clause == "SX34-42")),
    words=CLOCK_WORDS,
    mine_kinds=COAL,
)
ANSWERED_BY_BODY: Final = Check(
    id="alerts.answered_by_body",
    title="瓦斯等告警按时确认和复核",
    subject="department",
    judge=answered(alerts_of(lambda clause: clause == "SX34-42")),
    words=CLOCK_WORDS,
)
LINKS_ANSWERED: Final = Check(
    id="alerts.links_answered",
    title="断网断线平线缺线告警按时确认和复核",
    subject="department",
    judge=answered(alerts_of(lambda clause: clause == "SX34-21")),
    words=CLOCK_WORDS,
)
RECHECKED: Final = Check(
    id="alerts.rechecked",
    title="已闭环告警抽查",
    subject="mine",
    judge=rechecked,
    words={
        "true": "近 90 日抽查的已闭环告警均属实",
        "untrue": "近 90 日抽查的已闭环告警有不实的，待核实",
        "incomplete": "近 90 日抽查的已闭环告警有资料不全的",
        "not_drawn": "近 90 日没有被抽查到",
    },
    mine_kinds=COAL,
)
LINK_RATE: Final = Check(
    id="alerts.link_rate",
    title="数据在线率",
    subject="mine",
    judge=link_rate,
    words={
        "kept": "上一日在线率 {rate}%（应在线 {hours} 小时）",
        "lost": "上一日在线率 {rate}%（应在线 {hours} 小时），低于 95%（系统默认，非官方分级），原因待核实",
        "never": "上一日尚未接入本系统",
        "not_asked": "登记为停产停建或关闭，不计在线率",
        "announced": "上一日中断均在报备的作业时段内",
    },
)
CHECKS: Final = table(
    *STREAMS,
    (ANSWERED_BY_MINE, ("SX34-42",)),
    (ANSWERED_BY_BODY, ("SX34-42",)),
    (LINKS_ANSWERED, ("SX34-21",)),
    (RECHECKED, ("SX34-42",)),
    (LINK_RATE, ("SX36-18",)),
)
