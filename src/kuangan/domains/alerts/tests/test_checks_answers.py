"""What checks say of how alerts were answered, of rechecks and of links; and that more alerts are no more queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base.case import announced
from kuangan.base.case.announced import Cover
from kuangan.base.compliance.checks import State
from kuangan.base.deadlines.models import Deadline
from kuangan.domains.alerts.models import Alert, Draw, Drawn
from kuangan.domains.alerts.tests.test_checks import RULES, idle
from tests.checked import answer_of, check_of, findings_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Raise = Callable[..., Alert]
CLOCKS = {
    "alerts.answered_by_mine": ("gas.over_limit", "mine_a"),
    "alerts.answered_by_body": ("gas.over_limit", "county"),
    "alerts.links_answered": ("link.network_outage", "county"),
}


def clock(alert: Alert, owner: Any, due: datetime, ended: datetime | None, state: str = "met") -> None:
    Deadline.objects.create(
        subject_kind="case",
        subject_id=str(alert.pk),
        code="ack_mine",
        owner=owner,
        started_at=due - HOUR,
        due=due,
        state=state,
        ladder="alert",
        ended_at=ended,
    )


def subject_of(cast: Any, key: str) -> str:
    return cast.mine_a.code if key == "mine_a" else str(cast.organisations[key].pk)


@pytest.mark.parametrize("ident", CLOCKS)
def test_alerts_are_answered_in_time_late_or_not_at_all(cast: Any, raised: Raise, moment: datetime, ident: str) -> None:
    rule, key = CLOCKS[ident]
    owner, subject, due = cast.organisations[key], subject_of(cast, key), moment - HOUR
    assert answer_of(ident, subject, moment) == (State.NOT_APPLICABLE, "nothing")
    clock(raised(rule), owner, due, due)
    clock(raised(rule), owner, moment + HOUR, None, "running")
    assert answer_of(ident, subject, moment) == (State.PROVED, "in_time")
    clock(raised(rule), owner, due, due + HOUR / 2)
    assert findings_of(ident, moment)[subject].inputs == {"late": 1, "open": 0}
    clock(raised(rule), owner, due, None, "lapsed")
    finding = findings_of(ident, moment)[subject]
    assert (finding.state, finding.why, finding.inputs) == (State.SUSPECTED, "late", {"late": 1, "open": 1})
    assert finding.data_at == due


@pytest.mark.parametrize("ident", CLOCKS)
def test_clocks_of_drills_of_other_rules_and_of_long_ago_do_not_count(
    cast: Any, raised: Raise, moment: datetime, ident: str
) -> None:
    rule, key = CLOCKS[ident]
    owner, due = cast.organisations[key], moment - HOUR
    clock(raised(rule, drill=True), owner, due, None, "lapsed")
    clock(raised("people.overtime"), owner, due, None, "lapsed")
    clock(raised(rule), owner, moment - 8 * DAY, None, "lapsed")
    clock(raised(rule), owner, due, due + HOUR, "cancelled")
    assert answer_of(ident, subject_of(cast, key), moment) == (State.NOT_APPLICABLE, "nothing")


def test_a_mine_without_an_organisation_has_nobody_to_answer(cast: Any, moment: datetime) -> None:
    cast.organisations["mine_b"].mine = ""
    cast.organisations["mine_b"].save()
    assert answer_of("alerts.answered_by_mine", cast.mine_b.code, moment) == (State.UNKNOWN, "nobody")
    for ident in ("alerts.answered_by_body", "alerts.links_answered"):
        assert "nobody" in check_of(ident).words


@pytest.mark.parametrize(
    ("verdict", "answer"), [("true", State.PROVED), ("untrue", State.SUSPECTED), ("incomplete", State.UNKNOWN)]
)
def test_what_a_recheck_found_is_told(cast: Any, raised: Raise, moment: datetime, verdict: str, answer: State) -> None:
    assert answer_of("alerts.rechecked", cast.mine_a.code, moment) == (State.NOT_APPLICABLE, "not_drawn")
    alert = raised("gas.over_limit", closed=moment - HOUR)
    draw = Draw.objects.create(
        organisation=cast.organisations["county"],
        by=cast.county_leader,
        at=moment - HOUR,
        start=moment - 30 * DAY,
        stop=moment,
        asked=1,
        seed="0",
    )
    row = Drawn.objects.create(draw=draw, alert=alert, place=1)
    assert answer_of("alerts.rechecked", cast.mine_a.code, moment) == (State.NOT_APPLICABLE, "not_drawn")
    row.verdict, row.at = verdict, moment - HOUR / 2
    row.save()
    assert answer_of("alerts.rechecked", cast.mine_a.code, moment) == (answer, verdict)


def test_the_link_stood_or_was_lost_yesterday(cast: Any, raised: Raise, state_of: Any, moment: datetime) -> None:
    ident, code = "alerts.link_rate", cast.mine_a.code
    assert answer_of(ident, code, moment) == (State.UNKNOWN, "never")
    cast.mine_a.first_seen = moment - 30 * DAY
    cast.mine_a.save()
    finding = findings_of(ident, moment)[code]
    assert (finding.state, finding.why, finding.inputs) == (State.PROVED, "kept", {"rate": 100, "hours": 24.0})
    assert finding.mark(1) == findings_of(ident, moment + 6 * HOUR)[code].mark(1)
    raised("link.network_outage", at=moment - 20 * HOUR, closed=moment - 14 * HOUR)
    finding = findings_of(ident, moment)[code]
    assert (finding.state, finding.why, finding.inputs) == (State.SUSPECTED, "lost", {"rate": 75, "hours": 24.0})
    state_of("stopped")
    assert answer_of(ident, code, moment) == (State.NOT_APPLICABLE, "not_asked")


def test_an_announced_outage_of_the_whole_day_is_not_asked_for(cast: Any, raised: Raise, moment: datetime) -> None:
    cast.mine_a.first_seen = moment - 30 * DAY
    cast.mine_a.save()
    alert = raised("link.network_outage", at=moment - 3 * DAY)
    before = announced._covering[0]
    announced.install(lambda questions: {alert.pk: (Cover("BB-1", "线路检修", "/", moment - 3 * DAY, moment),)})
    try:
        assert answer_of("alerts.link_rate", cast.mine_a.code, moment) == (State.NOT_APPLICABLE, "announced")
    finally:
        announced.install(before)


@pytest.mark.parametrize("ident", [*RULES, *CLOCKS, "alerts.rechecked", "alerts.link_rate"])
def test_more_alerts_are_no_more_queries(
    cast: Any, sending: Any, raised: Raise, state_of: Any, moment: datetime, ident: str
) -> None:
    idle(ident, state_of)
    sending()
    rule = RULES.get(ident) or CLOCKS.get(ident, ("link.network_outage",))[0]

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            findings_of(ident, moment)
        return len(queries)

    def more(number: int) -> None:
        for place in range(number):
            alert = raised(rule, at=moment - HOUR - place * HOUR, closed=moment - HOUR / 2 if place % 2 else None)
            clock(alert, cast.organisations["county"], moment - HOUR / 4, moment)

    more(2)
    few = asked()
    more(40)
    assert asked() == few
