"""What checks say of links and enrolments."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client

from kuangan.base.case import announced
from kuangan.base.case.announced import Cover
from kuangan.base.clock import to_ms
from kuangan.base.compliance.checks import State
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.domains.datalink.models import Enrolment, Sender
from kuangan.library.telemetry.hot import publish
from tests.checked import answer_of, findings_of, opened

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.usefixtures("time_stands_still")


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    (tmp_path / "hot").mkdir()
    return tmp_path


@pytest.fixture
def heard(cast: Any, home: Path, moment: datetime) -> Callable[..., None]:
    """What the engine knows of mine A: a file came a minute ago; `silent` since when none came."""

    def put(silent: datetime | None = None, clock: datetime = moment, mine: str = "") -> None:
        last = to_ms(silent or moment - HOUR / 60)
        row = {"mine": mine or cast.mine_a.code, "mine_name": "", "first_seen": last, "last_arrival": last}
        row |= {"last_data_time": last, "silent_since": last if silent else None}
        kinds = {"mine": pl.String, "mine_name": pl.String}
        publish(home, "mines", pl.DataFrame([row], schema={name: kinds.get(name, pl.Int64) for name in row}))
        (home / "hot" / "status.json").write_text(json.dumps({"clock": to_ms(clock)}), encoding="utf-8")

    return put


def link(cast: Any, at: datetime) -> tuple[State, str]:
    return answer_of("datalink.link_up", cast.mine_a.code, at)


def test_files_that_arrive_prove_the_link(
    cast: Any, client_of: Callable[[Any], Client], heard: Any, moment: datetime
) -> None:
    heard()
    finding = findings_of("datalink.link_up", moment)[cast.mine_a.code]
    assert (finding.state, finding.why, finding.data_at) == (State.PROVED, "up", moment - HOUR / 60)
    for text in opened(client_of(cast.county_officer), finding):
        assert "示例远峰煤业" in text and "示例青岭煤业" not in text


def test_a_mine_that_never_sent_is_unknown_not_guilty(cast: Any, heard: Any, moment: datetime) -> None:
    heard(mine="140400000000")
    assert link(cast, moment) == (State.UNKNOWN, "never")


def test_silence_is_looked_at_from_when_it_began(cast: Any, heard: Any, moment: datetime) -> None:
    heard(silent=moment - 2 * HOUR)
    finding = findings_of("datalink.link_up", moment)[cast.mine_a.code]
    assert (finding.state, finding.why, finding.inputs) == (State.SUSPECTED, "silent", {"since": "2026-11-21 06:00"})


def test_announced_silence_is_unknown(cast: Any, heard: Any, moment: datetime) -> None:
    heard(silent=moment - 2 * HOUR)
    before = announced._covering[0]
    announced.install(lambda questions: {q.key: (Cover("BB-1", "线路检修", "/", q.at, q.at),) for q in questions})
    try:
        assert link(cast, moment) == (State.UNKNOWN, "announced")
    finally:
        announced.install(before)


def test_a_stopped_mine_need_not_send(cast: Any, heard: Any, moment: datetime) -> None:
    record_facts([NewFact(cast.mine_a.code, "state", "closed", moment - DAY)], at=moment - DAY, basis="测试")
    heard(silent=moment - 2 * HOUR)
    assert link(cast, moment) == (State.NOT_APPLICABLE, "stopped")
    heard()
    assert link(cast, moment) == (State.PROVED, "up")


def test_our_own_standstill_says_nothing_of_mines(cast: Any, heard: Any, home: Path, moment: datetime) -> None:
    assert link(cast, moment) == (State.UNKNOWN, "never")
    heard(clock=moment - HOUR)
    assert link(cast, moment) == (State.UNKNOWN, "blind")
    (home / "hot" / "mines.arrow").unlink()
    cast.mine_a.first_seen = moment - DAY
    cast.mine_a.save()
    assert link(cast, moment) == (State.UNKNOWN, "blind")


@pytest.mark.parametrize(
    ("states", "answer"),
    [
        ((), (State.UNKNOWN, "none")),
        (("applied",), (State.UNKNOWN, "waiting")),
        (("refused",), (State.UNKNOWN, "refused")),
        (("refused", "confirmed"), (State.PAPER, "confirmed")),
        (("confirmed", "applied"), (State.UNKNOWN, "waiting")),
    ],
)
def test_systems_are_enrolled_once_an_authority_confirmed_them(
    cast: Any,
    client_of: Callable[[Any], Client],
    moment: datetime,
    states: tuple[str, ...],
    answer: tuple[State, str],
) -> None:
    for number, state in enumerate(states):
        sender = Sender.objects.create(
            name=f"s{number}",
            kind="mine",
            token_sha256=f"{number:064}",
            token_tail="0000",
            created_at=moment,
            changed_at=moment,
        )
        Enrolment.objects.create(
            mine=cast.mine_a,
            system=f"示例系统{number}",
            carrier="http",
            contact="示例",
            sender=sender,
            state=state,
            applied_at=moment - DAY,
            applied_by=cast.mine_a_manager,
        )
    finding = findings_of("datalink.enrolled", moment)[cast.mine_a.code]
    assert (finding.state, finding.why) == answer
    for text in opened(client_of(cast.mine_a_manager), finding):
        assert not states or "示例系统0" in text
    assert answer_of("datalink.enrolled", cast.mine_b.code, moment) == (State.UNKNOWN, "none")
