"""Random re-checks, hints from similar cases, and the figures of alarm quality."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields, WrongState
from kuangan.base.case.models import Step
from kuangan.base.clock import to_ms
from kuangan.base.deadlines.models import Deadline
from kuangan.domains.alerts.acts import acknowledge, act
from kuangan.domains.alerts.hints import hints, most_frequent
from kuangan.domains.alerts.models import Draw, Drawn
from kuangan.domains.alerts.quality import Flood, floods, measure
from kuangan.domains.alerts.recheck import draw, judge, reopen, repeats, sample

Make = Callable[..., Any]
DAY = timedelta(days=1)
MINUTE = 60_000


@pytest.fixture
def close(cast: Any, moment: datetime, tmp_path: Path) -> Callable[..., None]:
    """Take an alert through all its steps to the end."""

    def run(alert: Any, cause: str = "calibration", measures: str = "标校后恢复") -> None:
        case = alert.case
        acknowledge(case, by=cast.mine_a_dispatcher, at=moment)
        said = {"cause_code": cause, "withdrawn": "not_needed", "measures": measures}
        take: Any = {"at": moment, "home": tmp_path}
        act(case, "verify", by=cast.mine_a_manager, form=said, **take)
        act(case, "report", by=cast.mine_a_manager, form={"report": "已处置"}, **take)
        act(case, "review", by=cast.county_officer, form={"opinion": "属实"}, **take)
        act(case, "close", by=cast.county_officer, form={}, **take)
        alert.refresh_from_db()

    return run


@given(st.sets(st.integers(1, 10_000), min_size=1, max_size=60), st.integers(1, 70), st.integers(0, 2**64 - 1))
@settings(deadline=None)
def test_a_sample_is_repeated_by_its_seed_and_takes_each_alert_once(pool: set[int], number: int, seed: int) -> None:
    first = sample(sorted(pool), number, f"{seed:x}")
    assert first == sample(sorted(pool, reverse=True), number, f"{seed:x}")
    assert len(first) == len(set(first)) == min(number, len(pool)) and set(first) <= pool


def test_a_draw_can_be_repeated_and_its_seed_is_nobodys_choice(
    apply: Make, event: Make, cast: Any, moment: datetime, close: Make
) -> None:
    for alert in apply(*[event(f"g1.{n}.0") for n in range(4)], event("g1.9.0", inputs={"drill": True})):
        close(alert)
    made = draw(cast.county_leader, moment - DAY, moment + DAY, 2, moment)
    assert len(made.population) == 4 and made.drawn.count() == 2
    assert made.seed == AuditEntry.objects.get(action="alert.recheck_drawn").digest[:16]
    assert repeats(made)
    made.seed = f"{int(made.seed, 16) ^ 0xABCDEF:016x}"
    made.asked = 4
    assert not repeats(made)


@pytest.mark.parametrize("who", ["province_officer", "mine_a_manager", "auditor"])
def test_only_supervisors_draw(cast: Any, moment: datetime, who: str) -> None:
    with pytest.raises(Forbidden):
        draw(cast.people[who], moment - DAY, moment, 1, moment)


def test_a_draw_wants_a_period_with_closed_alerts_and_a_number(cast: Any, moment: datetime) -> None:
    for start, number in ((moment - DAY, 0), (moment, 1), (moment - DAY, 1)):
        with pytest.raises(MissingFields):
            draw(cast.county_leader, start, moment, number, moment)


def test_a_verdict_is_given_once_by_somebody_else_than_who_closed(
    apply: Make, event: Make, cast: Any, moment: datetime, close: Make
) -> None:
    [alert] = apply(event())
    close(alert)
    row = draw(cast.county_leader, moment - DAY, moment + DAY, 5, moment).drawn.get()
    with pytest.raises(FourEyes):
        judge(row, by=cast.county_officer, at=moment, verdict="true", note="")
    with pytest.raises(MissingFields):
        judge(row, by=cast.county_leader, at=moment, verdict="untrue", note=" ")
    with pytest.raises(Forbidden):
        judge(row, by=cast.city_leader, at=moment, verdict="true", note="")
    judge(row, by=cast.county_leader, at=moment, verdict="untrue", note="标校记录缺日期")
    with pytest.raises(WrongState):
        judge(row, by=cast.county_leader, at=moment, verdict="true", note="")
    assert AuditEntry.objects.filter(action="alert.rechecked", ident=alert.case.number).count() == 1


def test_reopening_sends_the_alert_back_and_its_clocks_start(
    apply: Make, event: Make, cast: Any, moment: datetime, close: Make, tmp_path: Path
) -> None:
    [alert] = apply(event(grade="orange"))
    close(alert)
    row = draw(cast.county_leader, moment - DAY, moment + DAY, 1, moment).drawn.get()
    with pytest.raises(WrongState):
        reopen(row, by=cast.county_leader, at=moment, reason="重查", home=tmp_path)
    judge(row, by=cast.county_leader, at=moment, verdict="untrue", note="与曲线不符")
    later = moment + timedelta(hours=5)
    reopen(row, by=cast.county_leader, at=later, reason="原因与曲线不符", home=tmp_path)
    alert.case.refresh_from_db()
    assert (alert.case.state, alert.case.closed) == ("acknowledged", None)
    running = Deadline.objects.filter(subject_kind="case", subject_id=str(alert.pk), state="running")
    assert set(running.values_list("code", flat=True)) == {"onsite_verify", "written_feedback", "close"}
    assert alert.case.due == min(running.values_list("due", flat=True)) > later
    assert Step.objects.get(name="reopen").reason == "原因与曲线不符"
    with pytest.raises(WrongState):
        reopen(row, by=cast.county_leader, at=later, reason="重查", home=tmp_path)


def test_the_pages_of_a_recheck_lead_from_the_draw_to_reopening(
    apply: Make, event: Make, cast: Any, client_of: Make, close: Make
) -> None:
    [alert] = apply(event())
    close(alert)
    client = client_of(cast.county_leader)
    sent = {"start": "2026-11-20", "stop": "2026-11-21", "number": "3"}
    assert 'value="2026-11-21"' in client.get("/rechecks/").content.decode()
    place = client.post("/rechecks/", sent)["Location"]
    row = Drawn.objects.get()
    assert "复算一致" in client.get(place).content.decode()
    client.post(f"{place}{row.pk}/verdict", {"verdict": "incomplete", "note": "缺照片"})
    client.post(f"{place}{row.pk}/reopen", {"note": "补照片"})
    text = client.get("/rechecks/").content.decode()
    assert "资料不全 1" in text and Draw.objects.count() == 1
    alert.case.refresh_from_db()
    assert alert.case.state == "acknowledged"
    assert client.post("/rechecks/", {"start": "2026-11-22", "stop": "2026-11-21", "number": "3"}).status_code == 422
    assert client_of(cast.city_leader).get(place).status_code == 404
    assert client_of(cast.mine_a_manager).get(place).status_code == 403


def test_hints_tell_the_most_frequent_causes_of_similar_cases_from_three_on(
    apply: Make, event: Make, cast: Any, moment: datetime, close: Make, client_of: Make
) -> None:
    alerts = apply(*[event(f"g1.{n}.0") for n in range(4)], event("g1.8.0", rule="link.sensor_offline"))
    elsewhere = {"subject": "14040490000101MN000777", "inputs": {"limit_row": "S-09"}}
    [open_one, other] = apply(event("g1.9.0"), event("g1.10.0", **elsewhere))
    for alert, cause in zip(alerts[:2], ("calibration", "blasting_fume"), strict=True):
        close(alert, cause, "标校后恢复")
    close(alerts[4])
    assert hints(open_one, cast.county_officer) is None
    close(alerts[2], "calibration", "更换探头")
    found = hints(open_one, cast.county_officer)
    assert found is not None and found.count == 3
    assert [(hint.words, hint.count) for hint in found.causes] == [("标校", 2), ("爆破炮烟CO", 1)]
    assert [(hint.words, hint.count) for hint in found.measures] == [("标校后恢复", 2), ("更换探头", 1)]
    client = client_of(cast.county_officer)
    for address, number in ((found.address, 3), (found.causes[0].address, 2)):
        assert client.get(address).context["total"] == number
    text = client.get(f"/alerts/{open_one.case.number}/drawer").content.decode()
    assert "以往相似告警" in text and alerts[2].case.number in text
    assert hints(other, cast.county_officer) is None
    assert hints(open_one, cast.neighbour_officer) is None


def test_the_most_frequent_words_come_first_and_equals_by_their_words() -> None:
    assert most_frequent(["b", "a ", "", "c", "b", "a"], 2) == [("a", 2), ("b", 2)]


def test_a_flood_is_more_than_ten_within_ten_minutes() -> None:
    ten = [n * MINUTE // 2 for n in range(10)]
    assert floods(ten, 10, 10 * MINUTE) == []
    eleven = [n * MINUTE // 2 for n in range(11)]
    assert floods(eleven, 10, 10 * MINUTE) == [Flood(0, eleven[-1] + 1, 11)]
    spread = [n * MINUTE for n in range(11)]
    assert floods(spread, 10, 10 * MINUTE) == []
    assert floods([*eleven, *[t + 500 * MINUTE for t in eleven]], 10, 10 * MINUTE)[1].count == 11


@given(st.lists(st.integers(0, 200), max_size=80).map(sorted))
@settings(deadline=None)
def test_an_alert_is_in_a_flood_exactly_when_some_window_around_it_is_too_full(times: list[int]) -> None:
    found = floods(times, 3, 10)
    assert all(a.stop <= b.start for a, b in pairwise(found))
    for at in times:
        crowded = any(sum(start <= t < start + 10 for t in times) > 3 for start in times if start <= at < start + 10)
        assert any(flood.start <= at < flood.stop for flood in found) == crowded
    assert sum(flood.count for flood in found) == sum(any(f.start <= t < f.stop for f in found) for t in times)


def test_the_numbers_of_alarm_quality_are_those_of_the_lists_they_open(
    apply: Make, event: Make, cast: Any, client_of: Make, moment: datetime
) -> None:
    now = to_ms(moment)
    many = [event(f"g1.{n}.0", raised_at=now - n * MINUTE // 4 - 1000, changed_at=now) for n in range(13)]
    long_ago = now - 30 * 3600_000
    apply(*many, event("g1.90.0", raised_at=long_ago, changed_at=long_ago), event("g1.91.0", inputs={"drill": True}))
    q = measure(cast.county_officer, 24, moment)
    assert (q.count, q.flood_count, q.flooded, q.stale, len(q.chattering)) == (13, 1, 13, 1, 1)
    assert q.per_officer_hour == 13 / 24
    client = client_of(cast.county_officer)
    opened = [(q.address, 13), (q.stale_address, 1), (q.floods[0]["address"], 13), (q.frequent[0].address, 13)]
    for address, number in [*opened, (q.chattering[0].address, q.chattering[0].count)]:
        assert client.get(address).context["total"] == number, address
    assert client.get("/desk/quality/?hours=168").context["q"].count == 14
