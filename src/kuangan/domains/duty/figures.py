"""The numbers of a shift and a bulletin, with their sources; each opens the cases it counts. Drills are never counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Case as Choice
from django.db.models import IntegerField, Q, QuerySet, Value, When

from kuangan.base.case.flow import flow_of, installed
from kuangan.base.case.models import Case
from kuangan.base.people.models import User
from kuangan.domains.duty.models import Instruction
from kuangan.domains.duty.rules import Span
from kuangan.domains.duty.weather.flow import KIND as WEATHER
from kuangan.domains.duty.weather.flow import ORDER_HOLDS

ALERT: Final = "alert"
KEPT: Final = 5_000
"""How many cases a figure remembers; beyond that only their number."""


GRAVITY: Final = Choice(
    *(When(severity=colour, then=Value(place)) for place, colour in enumerate(("red", "orange", "yellow", "blue"))),
    default=Value(4),
    output_field=IntegerField(),
)


def gravest_first(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The gravest first, then the youngest: a list that is cut never loses what matters most."""
    return cases.order_by(GRAVITY, "-opened", "-pk")


def closed_states(kind: str) -> tuple[str, ...]:
    return flow_of(kind).final


def _open(kind: str) -> Q:
    return Q(kind=kind) & ~Q(state__in=closed_states(kind))


def _opened(kind: str, period: Span, **more: str) -> Q:
    return Q(kind=kind, opened__gte=period.start, opened__lt=period.end, **more)


def _closed(kind: str, period: Span) -> Q:
    return Q(kind=kind, closed__gte=period.start, closed__lt=period.end)


Condition = Callable[[Span, datetime], Q]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a figure counts, in words and as a condition on cases; `now` says whether it is a state or a flow."""

    label: str
    unit: str
    source: str
    condition: Condition
    now: bool = False


CASES: Final = "案件库"
KINDS: Final[dict[str, Kind]] = {
    "alerts_red": Kind("新增红色告警", "件", CASES, lambda p, at: _opened(ALERT, p, severity="red")),
    "alerts_orange": Kind("新增橙色告警", "件", CASES, lambda p, at: _opened(ALERT, p, severity="orange")),
    "alerts_yellow": Kind("新增黄色告警", "件", CASES, lambda p, at: _opened(ALERT, p, severity="yellow")),
    "alerts_blue": Kind("新增蓝色告警", "件", CASES, lambda p, at: _opened(ALERT, p, severity="blue")),
    "alerts_closed": Kind("销警", "件", CASES, lambda p, at: _closed(ALERT, p)),
    "alerts_open": Kind("未闭环告警", "件", CASES, lambda p, at: _open(ALERT), now=True),
    "alerts_lapsed": Kind("响应已超时", "件", CASES, lambda p, at: _open(ALERT) & Q(due__lt=at), now=True),
    "callouts": Kind("发起叫应", "次", "叫应台账", lambda p, at: _opened("callout", p) & ~Q(state="void")),
    "callouts_open": Kind("未办结叫应", "次", "叫应台账", lambda p, at: _open("callout"), now=True),
    "weather_mines": Kind("气象预警涉及矿山", "矿次", "气象预警台账", lambda p, at: _opened(WEATHER, p)),
    "weather_orders": Kind(
        "停产撤人未解除",
        "座",
        "气象预警台账",
        lambda p, at: Q(kind=WEATHER, state__in=ORDER_HOLDS),
        now=True,
    ),
    "handovers": Kind("完成交接班", "次", "交接班台账", lambda p, at: _closed("handover", p)),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it stood when it was taken; `cases` are what it counts."""

    name: str
    label: str
    value: int
    unit: str
    source: str
    cases: list[int] = field(default_factory=list)


def figure(name: str, user: User, period: Span, at: datetime) -> Figure:
    """One figure in the user's scope. Raises KeyError on an unknown name. Two queries at most."""
    kind = KINDS[name]
    found = Case.objects.visible_to(user, at).filter(kind.condition(period, at), drill=False)
    cases = list(found.order_by("-opened", "-pk").values_list("pk", flat=True)[:KEPT])
    value = len(cases) if len(cases) < KEPT else found.count()
    when = "生成时" if kind.now else "本期"
    return Figure(name, kind.label, value, kind.unit, f"{kind.source}，{when}，不含演练", cases)


@dataclass(frozen=True, slots=True)
class Silent:
    """A mine that sends nothing."""

    code: str
    name: str
    since: datetime | None


Silence = Callable[[User, datetime], Iterable[Silent]]
_silence: list[Silence] = [lambda user, at: ()]


def install(silence: Silence) -> None:
    """Say who knows which mines are silent; they belong to another room."""
    _silence[0] = silence


def silent_mines(user: User, at: datetime) -> list[Silent]:
    """Connected mines of the user's scope that send nothing, the longest silence first."""
    return list(_silence[0](user, at))


def figures(user: User, period: Span, at: datetime) -> list[Figure]:
    """Everything a bulletin states, in order; a room whose flow is not installed is left out."""
    known = {flow.kind for flow in installed()}
    counted = [figure(name, user, period, at) for name in KINDS if {ALERT, "callout", "handover", WEATHER} <= known]
    silent = silent_mines(user, at)
    waiting = Instruction.objects.filter(organisation=user.organisation_id, done_at__isnull=True).count()
    return [
        *counted,
        Figure("mines_silent", "静默矿山", len(silent), "座", "数据链路，生成时；从未接入的不计"),
        Figure("instructions_open", "待落实批示", waiting, "条", "批示登记，生成时，本单位"),
    ]
