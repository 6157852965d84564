from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kuangan.base import notices
from kuangan.base.case import flow as flows
from kuangan.base.case.flow import ClockRule, Flow, Transition
from kuangan.base.case.models import Case, Step
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def step(name: str, from_: str, to: str, may: str, **more: Any) -> Transition:
    return Transition(name=name, from_=(from_,), to=to, may=may, label=f"办{name}", clause=(), **more)


def tell_the_owner(case: Case, taken: Step) -> list[notices.Draft]:
    key = f"case:{case.pk}:{taken.pk}"
    to = to_organisation(case.owner_id or 0)
    return [notices.Draft(Channel.INBOX, to, f"请复核 {case.number}", "", "case", str(case.pk), key)]


FLOW = Flow(
    kind="sample",
    label="样例",
    states={"raised": "待确认", "reported": "已反馈", "closed": "已办结"},
    initial="raised",
    final=("closed",),
    transitions=(
        step("report", "raised", "reported", "case.view", needs=("measures", "reason"), due="close", notice="review"),
        step("close", "reported", "closed", "alert.close", four_eyes="reported"),
    ),
    clocks={"close": ClockRule(timedelta(hours=4), "response")},
    notices={"review": tell_the_owner},
)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sample flow among the flows that are known, for one test."""
    monkeypatch.setitem(flows._installed, "sample", FLOW)
    yield


@pytest.fixture
def narrowed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def change(**values: object) -> None:
        monkeypatch.setitem(flows._installed, "sample", replace(FLOW, **values))

    return change


@pytest.fixture
def make(cast) -> Callable[..., Case]:
    """A case about mine A, owned by its county."""
    made: list[Case] = []

    def build(**values: object) -> Case:
        made.append(
            Case.objects.create(
                **{
                    "kind": "sample",
                    "number": f"YL-{len(made)}",
                    "mine": cast.mine_a,
                    "region": "140404",
                    "sector": "coal",
                    "state": "raised",
                    "owner": cast.organisations["county"],
                    "opened": AT,
                    "title": "样例",
                    **values,
                }
            )
        )
        return made[-1]

    return build
