"""Readings and baselines: what stands, who changes it, from when, and that it takes two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields
from kuangan.base.clock import beijing_day, now, use
from kuangan.base.compliance import readings_acts as acts
from kuangan.base.compliance.choices import BaselineAnswer, ChoiceState, ReadingChoice
from kuangan.base.compliance.readings_standing import standing_baselines, standing_readings
from kuangan.base.compliance.readings_words import KINDS, SETTINGS, VALUES, read, shown
from kuangan.base.people.models import User
from kuangan.library.policy import shipped

Clients = Callable[[Any], Client]
DAY = timedelta(days=1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_stands_still")]
LIBRARY = shipped()
HOURS, DEATHS = LIBRARY.readings["class_hours"], LIBRARY.baselines["deaths_base_year"]


@pytest.fixture
def leader(cast: Any) -> User:
    """The leader of the province's office."""
    return User.objects.create(
        username="province_leader", organisation=cast.organisations["province"], roles=["leader"], password="!unusable"
    )


def today() -> date:
    return beijing_day(now())


def propose(by: User, minutes: int = 50, valid_from: date | None = None) -> ReadingChoice:
    return acts.propose_reading(
        HOURS,
        text="一学时50分钟",
        settings={"class_hours": 72, "minutes_per_class_hour": minutes},
        valid_from=valid_from or today(),
        reason="与培训规定一致",
        by=by,
        at=now(),
    )


def minutes(day: date | None = None) -> int:
    value: int = standing_readings(day or today())["class_hours"].settings["minutes_per_class_hour"]
    return value


def test_what_is_shipped_stands_until_two_persons_chose_otherwise(province_officer: User, leader: User) -> None:
    assert minutes() == 45
    row = propose(province_officer)
    assert minutes() == 45
    acts.decide(row, approve=True, opinion="同意", by=leader, at=now())
    standing = standing_readings(today())["class_hours"]
    assert (standing.text, standing.settings["minutes_per_class_hour"]) == ("一学时50分钟", 50)
    assert not standing.default
    assert minutes(today() - DAY) == 45


def test_days_come_back_as_days(province_officer: User, leader: User) -> None:
    reading, day = LIBRARY.readings["liaison_dates"], date(2024, 3, 1)
    said: dict[str, Any] = {"text": reading.alternatives[0], "settings": {"plan": day, "notice": day}, "reason": "r"}
    row = acts.propose_reading(reading, valid_from=today(), by=province_officer, at=now(), **said)
    acts.decide(ReadingChoice.objects.get(pk=row.pk), approve=True, opinion="", by=leader, at=now())
    assert standing_readings(today())["liaison_dates"].settings == {"plan": day, "notice": day}


def test_a_choice_begins_on_its_day_and_a_later_one_follows(province_officer: User, leader: User) -> None:
    acts.decide(propose(province_officer, 50), approve=True, opinion="", by=leader, at=now())
    later = propose(province_officer, 60, today() + 9 * DAY)
    acts.decide(later, approve=True, opinion="", by=leader, at=now())
    assert [minutes(today() + n * DAY) for n in (0, 8, 9, 99)] == [50, 50, 60, 60]


def test_an_approval_that_comes_late_begins_on_its_own_day(province_officer: User, leader: User) -> None:
    row = propose(province_officer)
    with use(now() + 5 * DAY):
        acts.decide(row, approve=True, opinion="", by=leader, at=now())
    assert [minutes(today() + n * DAY) for n in (0, 4, 5)] == [45, 45, 50]


def test_whoever_proposed_does_not_decide(leader: User) -> None:
    row = propose(leader)
    with pytest.raises(FourEyes):
        acts.decide(row, approve=True, opinion="", by=leader, at=now())


@pytest.mark.parametrize(
    "person", ["county_officer", "city_leader", "mine_a_manager", "system_admin", "auditor", "nobody"]
)
def test_nobody_below_the_province_proposes(cast: Any, person: str) -> None:
    with pytest.raises(Forbidden):
        propose(cast.people[person])


@pytest.mark.parametrize("person", ["province_officer", "bureau_officer", "city_leader"])
def test_only_a_leader_of_the_province_decides(cast: Any, leader: User, person: str) -> None:
    row = propose(leader)
    with pytest.raises(Forbidden):
        acts.decide(row, approve=True, opinion="", by=cast.people[person], at=now())


def test_what_cannot_be_is_refused(province_officer: User, leader: User) -> None:
    with pytest.raises(MissingFields, match="不能早于"):
        propose(province_officer, valid_from=today() - DAY)
    row = propose(province_officer)
    with pytest.raises(MissingFields, match="待批准"):
        propose(leader)
    with pytest.raises(MissingFields, match="opinion"):
        acts.decide(row, approve=False, opinion=" ", by=leader, at=now())
    with pytest.raises(Forbidden):
        acts.withdraw(row, by=leader, at=now())
    acts.decide(row, approve=False, opinion="须先征求意见", by=leader, at=now())
    with pytest.raises(MissingFields, match="已经决定"):
        acts.decide(row, approve=True, opinion="", by=leader, at=now())
    assert minutes() == 45
    with pytest.raises(MissingFields, match="取值项"):
        acts.propose_reading(
            HOURS, text="x", settings={"other": 1}, valid_from=today(), reason="r", by=province_officer, at=now()
        )


def test_every_act_is_audited_with_its_reason(province_officer: User, leader: User) -> None:
    acts.decide(propose(province_officer), approve=True, opinion="同意", by=leader, at=now())
    acts.withdraw(propose(province_officer, 60), by=province_officer, at=now())
    entries = AuditEntry.objects.filter(kind="reading", ident="class_hours").order_by("pk")
    assert [(entry.action, entry.reason) for entry in entries] == [
        ("reading.proposed", "与培训规定一致"),
        ("reading.approved", "同意"),
        ("reading.proposed", "与培训规定一致"),
        ("reading.withdrawn", ""),
    ]
    assert '"minutes_per_class_hour":50' in entries[1].content


def answer(by: User, value: str = "2023", **more: Any) -> BaselineAnswer:
    said: dict[str, Any] = {
        "value": value,
        "source": "示例来文",
        "source_date": date(2024, 3, 1),
        "valid_from": today(),
        "reason": "来文明确",
    }
    return acts.propose_answer(DEATHS, **(said | more), by=by, at=now())


def test_a_baseline_is_open_until_two_persons_answered(province_officer: User, leader: User) -> None:
    assert standing_baselines(today())["deaths_base_year"].value is None
    acts.decide(answer(province_officer), approve=True, opinion="", by=leader, at=now())
    standing = standing_baselines(today())["deaths_base_year"]
    assert standing.value == 2023
    assert standing.answer is not None
    assert (standing.answer.source, standing.answer.decided_by) == ("示例来文", leader)


@pytest.mark.parametrize("value", ["", "many", "20x3", "-5"])
def test_an_answer_that_is_no_value_of_its_kind_is_refused(province_officer: User, value: str) -> None:
    with pytest.raises(MissingFields, match="value"):
        answer(province_officer, value)


def test_a_source_of_the_future_is_refused(province_officer: User) -> None:
    with pytest.raises(MissingFields, match="来源日期"):
        answer(province_officer, source_date=today() + DAY)


def test_every_value_of_the_readings_has_a_word_and_reads_back() -> None:
    for reading in LIBRARY.readings.values():
        assert reading.settings.keys() <= SETTINGS.keys(), reading.id
        for value in reading.settings.values():
            assert read(shown(value), value) == value, reading.id
            codes = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
            assert all(code in VALUES or not code.isascii() for code in codes), reading.id
    assert {row.kind for row in LIBRARY.baselines.values()} <= KINDS.keys()


def test_a_setting_without_value_is_asked_as_a_baseline() -> None:
    asked = {row.reading for row in LIBRARY.baselines.values()}
    assert {row.id for row in LIBRARY.readings.values() if None in row.settings.values()} <= asked


# --- the pages


def test_the_list_shows_every_reading_with_its_state(client_of: Clients, cast: Any, leader: User) -> None:
    acts.decide(propose(cast.province_officer), approve=True, opinion="", by=leader, at=now())
    client = client_of(cast.mine_a_dispatcher)
    text = client.get("/clauses/readings/").content.decode()
    assert all(f'data-reading="{name}"' in text for name in LIBRARY.readings)
    figures = {figure.label: figure for figure in client.get("/clauses/readings/").context["figures"]}
    assert figures["已变更"].value == 1
    for figure in figures.values():
        found = client.get(f"/clauses/readings/{figure.href}").content.decode().count("data-reading=")
        assert found == figure.value, figure.label


def test_a_reading_is_changed_on_its_page_by_two_persons(client_of: Clients, cast: Any, leader: User) -> None:
    address = "/clauses/readings/class_hours/"
    officer = client_of(cast.province_officer)
    page = officer.get(address).content.decode()
    assert "一学时45分钟为系统默认" in page
    assert "提出变更" in page
    assert "提出变更" not in client_of(cast.county_officer).get(address).content.decode()
    said = {
        "option": "0",
        "value_class_hours": "72",
        "value_minutes_per_class_hour": "50",
        "valid_from": f"{today()}",
        "reason": "与培训规定一致",
    }
    assert officer.post(f"{address}propose", said | {"value_class_hours": "many"}).status_code == 422
    assert officer.post(f"{address}propose", said).status_code == 302
    row = ReadingChoice.objects.get()
    assert row.text == HOURS.alternatives[0]
    step = f"/clauses/choices/reading/{row.pk}/"
    assert officer.post(f"{step}approve").status_code == 403
    assert "批准</button>" in client_of(leader).get(address).content.decode()
    client_of(leader).post(f"{step}refuse")
    row.refresh_from_db()
    assert row.state == ChoiceState.PROPOSED
    assert client_of(leader).post(f"{step}approve", {"opinion": "同意"}).status_code == 302
    assert minutes() == 50
    shown_there = client_of(cast.mine_a_dispatcher).get("/clauses/SX34-48/").content.decode()
    assert f"<b>{HOURS.alternatives[0]}</b>" in shown_there


def test_a_baseline_is_answered_on_its_page_by_two_persons(client_of: Clients, cast: Any, leader: User) -> None:
    address = "/clauses/baselines/deaths_base_year/"
    officer = client_of(cast.province_officer)
    assert "未定" in officer.get(address).content.decode()
    said = {
        "value": "2023",
        "source": "示例来文",
        "source_date": "2024-03-01",
        "valid_from": f"{today()}",
        "reason": "来文明确",
    }
    assert officer.post(f"{address}propose", said | {"value": "many"}).status_code == 422
    assert officer.post(f"{address}propose", said).status_code == 302
    row = BaselineAnswer.objects.get()
    assert client_of(leader).post(f"/clauses/choices/baseline/{row.pk}/approve").status_code == 302
    text = client_of(cast.county_officer).get("/clauses/baselines/").content.decode()
    assert "<b>2023</b>" in text
    assert "示例来文" in text
    assert text.count('ka-chip-bad">待答复') == len(LIBRARY.baselines) - 1


def test_pages_of_what_there_is_not_are_not_found(client_of: Clients, cast: Any, nobody: User) -> None:
    client = client_of(cast.province_officer)
    for address in ("/clauses/readings/none/", "/clauses/baselines/none/"):
        assert client.get(address).status_code == 404
        assert client_of(nobody).get(address).status_code == 403
        assert client_of(None).get(address).status_code == 302
    assert client.post("/clauses/choices/reading/0/approve").status_code == 404
    assert client.post("/clauses/choices/dance/0/approve").status_code == 404
