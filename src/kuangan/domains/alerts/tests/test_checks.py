"""What checks say of alerts: nothing happened only where it would have been seen, and an alert is no determination."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kuangan.base.case import announced
from kuangan.base.case.announced import Cover, Question
from kuangan.base.case.models import Case
from kuangan.base.clock import to_ms
from kuangan.base.compliance.checks import State, registry
from kuangan.base.deadlines.models import Deadline
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.domains.alerts.checks import STREAMS
from kuangan.domains.alerts.models import Alert, Draw, Drawn
from kuangan.domains.alerts.rules import RULE_CLAUSES
from kuangan.domains.alerts.stream import Stream
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.records import SHAPES
from tests.checked import answer_of, check_of, findings_of, opened

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = {
    "alerts.gas_high": "gas.over_limit",
    "alerts.gas_repeated": "danger.gas_repeated",
    "alerts.drainage": "danger.drainage",
    "alerts.feed_live": "danger.feed_live",
    "alerts.water": "danger.inflow",
    "alerts.pressure": "danger.roof_separation",
    "alerts.slope": "danger.slope",
    "alerts.tailings": "danger.tailings",
    "alerts.people_over": "people.area_over",
    "alerts.stopped_mine": "people.stopped_mine",
    "alerts.sealed_shaft": "video.sealed_shaft",
    "alerts.entry": "people.count_mismatch",
    "alerts.cards": "people.cards_together",
    "alerts.posts": "people.special_post_missing",
    "alerts.positioning": "people.system_silent",
    "alerts.no_video": "video.no_coverage",
}
"""A rule of each stream."""
STOPPED = ("alerts.stopped_mine", "alerts.sealed_shaft")
SIGNS = ("drainage", "feed", "pump", "pressure", "slope", "pond")
Raise = Callable[..., Alert]


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    (tmp_path / "hot").mkdir()
    return tmp_path


@pytest.fixture
def sending(cast: Any, home: Path, moment: datetime) -> Callable[..., None]:
    """Mine A sends every kind of data, for a month; keyword arguments change it."""

    def send(at: datetime = moment, clock: datetime | None = None, first: datetime | None = None, **row: Any) -> None:
        code, now = cast.mine_a.code, to_ms(at)
        signs = {f"{code}MN{sign}": sign for sign in SIGNS} | {f"{code}MNmethane": "methane"}
        points = [
            {"code": point, "mine": code, "sensor_type": "0001" if sign == "methane" else "9999", "sign": sign}
            for point, sign in signs.items()
        ]
        latest = [{"code": point, "mine": code, "time": now, "value": 0.1} for point in signs]
        publish(home, "points", pl.DataFrame(points))
        publish(home, "latest", pl.DataFrame(latest))
        seen = {"mine": code, "mine_name": "", "first_seen": to_ms(first or at - 30 * DAY), "last_arrival": now}
        seen |= {"last_data_time": now, "silent_since": None, "maker": "", "system_model": ""} | row
        kinds = {"mine": pl.String, "mine_name": pl.String, "maker": pl.String, "system_model": pl.String}
        publish(home, "mines", pl.DataFrame([seen], schema={name: kinds.get(name, pl.Int64) for name in seen}))
        record(home, "positions", code, now, record=0, moment=now, rejected=0, type="RYSS")
        record(home, "camera_states", code, now, record=1, camera="C1", status=1, time=now)
        status = {"clock": to_ms(clock or at)}
        (home / "hot" / "status.json").write_text(json.dumps(status), encoding="utf-8")

    return send


def record(home: Path, table: str, mine: str, at: int, **fields: Any) -> None:
    columns = SHAPES[table].columns
    row: dict[str, Any] = dict.fromkeys(columns)
    row |= {"gateway": "g1", "seq": 0, "received_at": at, "mine": mine} | fields
    publish(home, table, pl.DataFrame([row], schema=dict(columns)))


@pytest.fixture
def state_of(cast: Any, moment: datetime) -> Callable[[str], None]:
    """Put a state of production of mine A on record."""

    def put(state: str) -> None:
        record_facts([NewFact(cast.mine_a.code, "state", state, moment - 40 * DAY)], at=moment - DAY, basis="测试")

    return put


@pytest.fixture
def raised(cast: Any, moment: datetime) -> Raise:
    """An orange alert at mine A of two hours ago; keyword arguments replace its fields."""

    def make(rule: str, at: datetime = moment - 2 * HOUR, closed: datetime | None = None, **changes: Any) -> Alert:
        number = Alert.objects.count() + 1
        drill = bool(changes.get("drill", False))
        state = changes.pop("state", "closed" if closed else "raised")
        case = Case.objects.create(
            kind="alert",
            number=f"GJ-20261121-{number:04}",
            mine=cast.mine_a,
            region="140404",
            sector="coal",
            state=state,
            severity="orange",
            opened=at,
            closed=closed,
            title="示例远峰煤业",
            drill=drill,
        )
        fields: dict[str, Any] = {
            "event_id": f"g1-{number}-1",
            "rev": 1,
            "rule": rule,
            "rule_version": 1,
            "subject_kind": "mine",
            "subject": cast.mine_a.code,
            "mine_name": "示例远峰煤业",
            "location": "2307综采面上隅角",
            "grade": "orange",
            "rank": 2,
            "graded_at": at,
            "onset": at,
            "peak": 2.0,
            "unit": "%CH4",
            "event_status": "cleared" if closed else "open",
            "end": closed,
            "raised_at": at,
            "changed_at": closed or at,
        }
        return Alert.objects.create(case=case, **(fields | changes))

    return make


def idle(ident: str, state_of: Callable[[str], None]) -> None:
    """What a check of stopped mines needs to look at a mine at all."""
    if ident in STOPPED:
        state_of("stopped")


def test_every_stream_has_a_rule_here() -> None:
    assert {check.id for check, _ in STREAMS} == set(RULES)


@pytest.mark.parametrize("ident", RULES)
def test_a_quiet_week_is_proved_by_data_that_came(
    cast: Any, sending: Any, state_of: Any, moment: datetime, ident: str
) -> None:
    idle(ident, state_of)
    sending()
    found = findings_of(ident, moment)
    assert (found[cast.mine_a.code].state, found[cast.mine_a.code].why) == (State.PROVED, "none")
    assert found[cast.mine_a.code].data_at == moment


@pytest.mark.parametrize("ident", RULES)
def test_an_open_alert_makes_it_suspected_even_without_data(
    cast: Any, home: Path, raised: Raise, state_of: Any, moment: datetime, ident: str
) -> None:
    idle(ident, state_of)
    raised(RULES[ident])
    finding = findings_of(ident, moment)[cast.mine_a.code]
    assert (finding.state, finding.why) == (State.SUSPECTED, "open")
    assert (finding.inputs["count"], finding.inputs["open"]) == (1, 1)
    assert "待核实" in check_of(ident).told(finding.why, finding.inputs)
    assert finding.data_at == moment - 2 * HOUR


@pytest.mark.parametrize("ident", RULES)
def test_what_was_closed_as_real_still_happened_that_week(
    cast: Any, sending: Any, raised: Raise, state_of: Any, moment: datetime, ident: str
) -> None:
    idle(ident, state_of)
    sending()
    raised(RULES[ident], closed=moment - HOUR, cause_code="true_overlimit")
    assert answer_of(ident, cast.mine_a.code, moment) == (State.SUSPECTED, "happened")
    assert answer_of(ident, cast.mine_a.code, moment + 8 * DAY)[0] == State.UNKNOWN


@pytest.mark.parametrize("ident", RULES)
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"clock": -HOUR}, "blind"),
        ({"silent_since": 1}, "silent"),
        ({"first": -6 * DAY}, "fresh"),
        ({"mine": "140400000000"}, "never"),
    ],
)
def test_a_week_that_could_not_be_seen_is_unknown(
    cast: Any, sending: Any, state_of: Any, moment: datetime, ident: str, change: dict[str, Any], why: str
) -> None:
    idle(ident, state_of)
    sending(**{name: moment + value if isinstance(value, timedelta) else value for name, value in change.items()})
    assert answer_of(ident, cast.mine_a.code, moment) == (State.UNKNOWN, why)


@pytest.mark.parametrize("ident", RULES)
def test_data_of_another_kind_prove_nothing(
    cast: Any, sending: Any, home: Path, state_of: Any, moment: datetime, ident: str
) -> None:
    idle(ident, state_of)
    sending()
    for table in ("points", "latest", "positions", "camera_states"):
        (home / "hot" / f"{table}.arrow").unlink()
    assert answer_of(ident, cast.mine_a.code, moment) == (State.UNKNOWN, "no_data")


def test_an_engine_without_a_row_of_a_known_mine_has_no_data(
    cast: Any, sending: Any, home: Path, moment: datetime
) -> None:
    sending(mine="140400000000")
    cast.mine_a.first_seen = moment - 30 * DAY
    cast.mine_a.save()
    assert answer_of("alerts.gas_repeated", cast.mine_a.code, moment) == (State.UNKNOWN, "no_data")
    sending(mine="140400000000", clock=moment - HOUR)
    assert answer_of("alerts.gas_repeated", cast.mine_a.code, moment) == (State.UNKNOWN, "blind")


def test_an_old_reading_is_no_data(cast: Any, sending: Any, home: Path, moment: datetime) -> None:
    sending()
    latest = pl.DataFrame({"code": [f"{cast.mine_a.code}MNmethane"], "mine": [cast.mine_a.code]})
    publish(home, "latest", latest.with_columns(time=pl.lit(to_ms(moment - HOUR)), value=pl.lit(0.1)))
    assert answer_of("alerts.gas_repeated", cast.mine_a.code, moment) == (State.UNKNOWN, "no_data")


def test_a_link_that_was_out_for_long_leaves_gaps(cast: Any, sending: Any, raised: Raise, moment: datetime) -> None:
    sending()
    raised("link.network_outage", at=moment - 2 * DAY, closed=moment - 2 * DAY + 17 * HOUR, onset=moment - 2 * DAY)
    assert answer_of("alerts.gas_repeated", cast.mine_a.code, moment) == (State.UNKNOWN, "gaps")
    Alert.objects.update(end=moment - 2 * DAY + 16 * HOUR)
    assert answer_of("alerts.gas_repeated", cast.mine_a.code, moment) == (State.PROVED, "none")


@pytest.mark.parametrize(
    "change",
    [
        {"drill": True},
        {"void": True},
        {"merged_into": "g1-9-9"},
        {"rank": 0, "grade": "blue"},
        {"cause_code": "calibration", "state": "reviewed"},
        {"cause_code": "sensor_glitch", "closed": True},
    ],
)
def test_what_does_not_stand_for_a_danger_does_not_count(
    cast: Any, sending: Any, raised: Raise, moment: datetime, change: dict[str, Any]
) -> None:
    sending()
    closed = {"closed": moment - HOUR} if change.pop("closed", False) else {}
    raised("danger.gas_repeated", **closed, **change)
    assert answer_of("alerts.gas_repeated", cast.mine_a.code, moment) == (State.PROVED, "none")


def test_the_word_of_the_mine_alone_explains_nothing(cast: Any, sending: Any, raised: Raise, moment: datetime) -> None:
    sending()
    raised("danger.gas_repeated", cause_code="calibration", state="reported")
    assert answer_of("alerts.gas_repeated", cast.mine_a.code, moment) == (State.SUSPECTED, "open")


def test_announced_work_is_left_out(cast: Any, sending: Any, raised: Raise, moment: datetime) -> None:
    sending()
    alert = raised("danger.gas_repeated")

    def covering(questions: Any) -> Any:
        assert all(isinstance(question, Question) and question.at == alert.onset for question in questions)
        return {alert.pk: (Cover("BB-1", "瓦斯排放", "/", moment, moment),)}

    before = announced._covering[0]
    announced.install(covering)
    try:
        assert answer_of("alerts.gas_repeated", cast.mine_a.code, moment) == (State.PROVED, "none")
    finally:
        announced.install(before)


@pytest.mark.parametrize(
    ("peak", "unit", "answer"), [(2.0, "%CH4", "open"), (1.99, "%CH4", "none"), (24, "ppm", "none")]
)
def test_high_gas_begins_at_two_percent_of_methane(
    cast: Any, sending: Any, raised: Raise, moment: datetime, peak: float, unit: str, answer: str
) -> None:
    sending()
    raised("gas.over_limit", peak=peak, unit=unit)
    assert answer_of("alerts.gas_high", cast.mine_a.code, moment)[1] == answer


@pytest.mark.parametrize("ident", STOPPED)
def test_guarding_is_asked_of_stopped_mines_alone(
    cast: Any, sending: Any, state_of: Any, moment: datetime, ident: str
) -> None:
    sending()
    assert answer_of(ident, cast.mine_a.code, moment) == (State.UNKNOWN, "no_state")
    state_of("producing")
    assert answer_of(ident, cast.mine_a.code, moment) == (State.NOT_APPLICABLE, "not_stopped")


def test_no_check_rests_on_a_sealed_rule() -> None:
    with pytest.raises(ValueError, match="no open rules"):
        Stream(("tamper.blocked",), "methane")
    assert all(not rule.startswith("tamper.") for rule in RULE_CLAUSES)


@pytest.mark.parametrize("ident", RULES)
def test_the_desk_lists_what_the_answer_counts(
    cast: Any,
    client_of: Callable[[Any], Client],
    home: Path,
    raised: Raise,
    state_of: Any,
    moment: datetime,
    ident: str,
) -> None:
    idle(ident, state_of)
    alert = raised(RULES[ident])
    finding = findings_of(ident, moment)[cast.mine_a.code]
    for text in opened(client_of(cast.county_officer), finding):
        assert alert.case.number in text
    for text in opened(client_of(cast.county_officer), findings_of(ident, moment)[cast.mine_b.code]):
        assert alert.case.number not in text


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


def test_every_clause_of_a_stream_is_one_of_its_rules_or_said_to_follow() -> None:
    """A check may stand at a clause that the rule book does not name only where the clause orders what its rule sees."""
    extra = {("alerts.gas_high", "SX34-H20"), ("alerts.stopped_mine", "SX34-34")}
    for check, clauses in STREAMS:
        for clause in clauses:
            assert clause in RULE_CLAUSES[RULES[check.id]] or (check.id, clause) in extra, (check.id, clause)
            assert check in registry().clauses[clause]


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
