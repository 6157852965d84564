"""What checks say of alerts: nothing happened only where it would have been seen, and an alert is no determination."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client

from kuangan.base.case import announced
from kuangan.base.case.announced import Cover, Question
from kuangan.base.clock import to_ms
from kuangan.base.compliance.checks import State, registry
from kuangan.domains.alerts.checks import STREAMS
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.rules import RULE_CLAUSES
from kuangan.domains.alerts.stream import Stream
from kuangan.library.telemetry.hot import publish
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
Raise = Callable[..., Alert]


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


def test_every_clause_of_a_stream_is_one_of_its_rules_or_said_to_follow() -> None:
    """A check may stand at a clause that the rule book does not name only where the clause orders what its rule sees."""
    extra = {("alerts.gas_high", "SX34-H20"), ("alerts.stopped_mine", "SX34-34")}
    for check, clauses in STREAMS:
        for clause in clauses:
            assert clause in RULE_CLAUSES[RULES[check.id]] or (check.id, clause) in extra, (check.id, clause)
            assert check in registry().clauses[clause]
