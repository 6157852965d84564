"""A life cycle as a literal table, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kuangan.base.deadlines.ladders import LADDERS, Act
from kuangan.base.deadlines.workdays import WorkingDays

if TYPE_CHECKING:
    from kuangan.base.case.models import Case, Step
    from kuangan.base.notices.outbox import Draft
    from kuangan.base.people.models import User

NO_PERMISSION = ""
"""For steps that every person who sees the case may take."""


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One step of a life cycle.

    `may` is a permission of `base.people`; `needs` names the fields that the form must fill ("reason" may also come as
    the reason); `due` names the clock that starts here, `notice` the notices that leave; `four_eyes` names the earlier
    step (or the state it led to) whose performer may not take this one.
    """

    name: str
    from_: tuple[str, ...]
    to: str
    may: str
    label: str
    clause: tuple[str, ...]
    needs: tuple[str, ...] = ()
    due: str | None = None
    notice: str | None = None
    four_eyes: str | None = None


@dataclass(frozen=True)
class ClockRule:
    """How long until the step of this name must be taken, in time or in working days. `length` None for a case: no clock."""

    length: timedelta | WorkingDays | Callable[[Case, datetime], timedelta | WorkingDays | None]
    ladder: str
    owner: Callable[[Case], int | None] | None = None


@dataclass(frozen=True)
class Flow:
    """A life cycle. `clocks` and `notices` say what the names in `due` and `notice` mean.

    `may_perform` narrows who may take a step beyond the permission; `hindrance` says in words what must happen before it
    (empty: nothing); `after` writes what the kind keeps of its own. All run in the transaction of the step. `page` names
    the route of a case's page, which takes its number. `adjusts` names what people may do by hand with the deadline of a code
    (extend, suspend) where that is not what its ladder says.
    """

    kind: str
    label: str
    states: Mapping[str, str]
    initial: str
    final: tuple[str, ...]
    transitions: tuple[Transition, ...]
    may_perform: Callable[[Case, User, Transition], bool] | None = None
    hindrance: Callable[[Case, Transition], str] | None = None
    after: Callable[[Case, Step], None] | None = None
    clocks: Mapping[str, ClockRule] = field(default_factory=dict)
    notices: Mapping[str, Callable[[Case, Step], Sequence[Draft]]] = field(default_factory=dict)
    page: str = ""
    adjusts: Mapping[str, frozenset[Act]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if faults := list(_faults(self)):
            raise ValueError(f"flow {self.kind}: {'; '.join(faults)}")

    def transition(self, name: str) -> Transition:
        """The transition of that name. KeyError when there is none."""
        return {transition.name: transition for transition in self.transitions}[name]

    def leaving(self, state: str) -> tuple[Transition, ...]:
        """The steps that may follow a state, in the order of the table."""
        return tuple(transition for transition in self.transitions if state in transition.from_)


def _faults(flow: Flow) -> Iterable[str]:
    names = [transition.name for transition in flow.transitions]
    yield from (f"{name} stands twice" for name in sorted({n for n in names if names.count(n) > 1}))
    for state in (flow.initial, *flow.final):
        if state not in flow.states:
            yield f"no state {state}"
    yield from (f"{code}: no ladder {rule.ladder}" for code, rule in flow.clocks.items() if rule.ladder not in LADDERS)
    for transition in flow.transitions:
        yield from _transition_faults(flow, transition, names)


def _transition_faults(flow: Flow, transition: Transition, names: list[str]) -> Iterable[str]:
    for state in (*transition.from_, transition.to):
        if state not in flow.states:
            yield f"{transition.name}: no state {state}"
    if transition.four_eyes and transition.four_eyes not in {*names, *flow.states}:
        yield f"{transition.name}: four eyes name no step or state {transition.four_eyes}"
    if transition.due and transition.due not in flow.clocks:
        yield f"{transition.name}: no clock {transition.due}"
    if transition.notice and transition.notice not in flow.notices:
        yield f"{transition.name}: no notice {transition.notice}"


_installed: dict[str, Flow] = {}


def install(flows: Iterable[Flow]) -> None:
    """Make flows known by their kind; called once with the literal table of `site.wiring`."""
    for flow in flows:
        _installed[flow.kind] = flow


def flow_of(kind: str) -> Flow:
    """The flow of a kind of case. KeyError when none is installed."""
    return _installed[kind]


def page_of(kind: str) -> str:
    """The route of the pages of a kind of case; KeyError when none is installed, ValueError when it has no page."""
    page = flow_of(kind).page
    if not page:
        raise ValueError(f"cases of kind {kind} have no page")
    return page


def installed() -> tuple[Flow, ...]:
    """Every flow, by kind."""
    return tuple(_installed[kind] for kind in sorted(_installed))
