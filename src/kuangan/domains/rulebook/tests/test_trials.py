"""A draft tried on past days: what is lost, from files and from the archive; claimed once, cancelled, failed; seen in its scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conftest import MINE_A, MINE_B
from kuangan.base.case.errors import MissingFields
from kuangan.base.clock import from_ms, now, to_ms
from kuangan.base.people.models import User
from kuangan.base.registry.models import Point
from kuangan.domains.rulebook import drafting, publishing, trials
from kuangan.domains.rulebook.models import Draft, Finding, Trial
from kuangan.domains.rulebook.parts import taken
from kuangan.domains.rulebook.tests.conftest import POINT_A, POINT_B
from kuangan.library.telemetry.spool_reader import SpoolReader
from kuangan.library.warning.rulebook import OVER_LIMIT
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.sink import Collecting

pytestmark = pytest.mark.django_db(transaction=True)
Clients = Callable[[Any], Client]
Spool = Callable[[datetime, datetime], None]
YESTERDAY = date(2026, 11, 20)


def draft_of(home: Path, by: User, at: datetime, **changes: Any) -> Draft:
    content = taken(publishing.standing(home), OVER_LIMIT) | (changes or {"merge_gap_min": 60})
    return drafting.save(None, part=OVER_LIMIT, title="试", content=content, by=by, at=at)


def asked(home: Path, by: User, at: datetime, mines: tuple[str, ...] = (MINE_A,), **changes: Any) -> Trial:
    draft = draft_of(home, by, at, **changes)
    return drafting.ask_trial(draft, mines=mines, first=YESTERDAY, last=YESTERDAY, by=by, at=at)


def days_before(moment: datetime, days: float) -> datetime:
    return moment - timedelta(hours=8) - timedelta(days=days)


def test_a_longer_gap_loses_an_alert_and_says_which(
    home: Path, cast: Any, spool: Spool, moment: datetime, client_of: Clients
) -> None:
    spool(days_before(moment, 2), days_before(moment, 0))
    trial = asked(home, cast.county_officer, moment)
    assert trials.turn(home, now) == 1
    trial.refresh_from_db()
    assert trial.fault == ""
    assert (trial.state, trial.progress, trial.sources) == ("done", 100, {"2026-11-20": "spool"})
    assert trial.summary["rules"][OVER_LIMIT] == {"before": 2, "after": 1, "lowered": 1, "lost": 1}
    lost, lowered = Finding.objects.filter(rule=OVER_LIMIT)
    assert (lowered.kind, lowered.before, lowered.after) == ("lowered", "orange", "yellow"), "too few in a week now"
    assert (lost.kind, lost.subject, lost.mine_id, lost.before, lost.after) == ("lost", POINT_A, MINE_A, "orange", "")
    assert lost.onset == from_ms(to_ms(days_before(moment, 1)) + (10 * 60 + 30) * 60_000)
    assert trial.readings == 2 * 1440
    assert trial.cpu_seconds > 0
    assert not (home / "run" / "trials").exists() or not list((home / "run" / "trials").iterdir())
    page = client_of(cast.county_officer).get(reverse("rulebook:trial", args=[trial.pk]))
    figures = {figure.label: figure.value for figure in page.context["figures"]}
    assert figures == {
        "现行规则告警": 3,
        "草拟规则告警": 1,
        "不再产生": 2,
        "颜色降低": 1,
        "新产生": 0,
        "颜色升高": 0,
    }
    listed = client_of(cast.county_officer).get(reverse("rulebook:trial", args=[trial.pk]) + "?kind=lost")
    assert listed.context["total"] == 2, "the over-limit, and the place where gas came again"
    assert "上传文件逐份重判" in page.content.decode()


def test_days_that_the_spool_no_longer_holds_are_judged_from_the_archive(
    home: Path, cast: Any, spool: Spool, moment: datetime, client_of: Clients
) -> None:
    spool(days_before(moment, 2), days_before(moment, 0))
    engine = Pipeline(home, Collecting())
    reader = SpoolReader(home, "g1")
    while frames := reader.read():
        engine.advance([("g1", frame) for frame in frames])
    engine.flush()
    for path in (home / "spool").rglob("*.parquet"):
        path.unlink()
    for code, mine in ((POINT_A, MINE_A), (POINT_B, MINE_B)):
        Point.objects.create(
            code=code,
            mine_id=mine,
            sensor_type="0043",
            value_type="MN",
            location="1102综采工作面T1",
            unit="%CH4",
            valid_from=moment - timedelta(days=30),
        )
    trial = asked(home, cast.city_officer, moment, (MINE_A, MINE_B))
    trials.turn(home, now)
    trial.refresh_from_db()
    assert trial.fault == ""
    assert trial.sources == {"2026-11-20": "archive"}
    assert trial.summary["all"] == {"before": 2, "after": 1, "lowered": 1, "lost": 1}
    page = client_of(cast.city_officer).get(reverse("rulebook:trial", args=[trial.pk])).content.decode()
    assert "2026-11-20 由归档读数重判" in page


def test_a_trial_is_asked_for_one_s_own_mines_and_days_that_are_over(home: Path, cast: Any, moment: datetime) -> None:
    officer = cast.county_officer
    draft = draft_of(home, officer, moment)
    for mines, first, last in (
        ([MINE_B], YESTERDAY, YESTERDAY),
        ([MINE_A, MINE_B], YESTERDAY, YESTERDAY),
        ([], YESTERDAY, YESTERDAY),
        ([MINE_A], YESTERDAY, date(2026, 11, 21)),
        ([MINE_A], YESTERDAY, date(2026, 11, 19)),
        ([MINE_A], date(2026, 10, 1), YESTERDAY),
    ):
        with pytest.raises(MissingFields):
            drafting.ask_trial(draft, mines=mines, first=first, last=last, by=officer, at=moment)
    assert not Trial.objects.exists()


def test_a_trial_is_claimed_once_and_taken_up_again_when_its_worker_died(
    home: Path, cast: Any, moment: datetime
) -> None:
    trial = asked(home, cast.county_officer, moment)
    first = trials.claim(moment)
    assert first is not None and first.pk == trial.pk
    assert trials.claim(moment + timedelta(seconds=30)) is None
    again = trials.claim(moment + timedelta(seconds=130))
    assert again is not None and again.attempts == 2
    assert trials.claim(moment + timedelta(seconds=260)) is not None
    assert trials.claim(moment + timedelta(seconds=390)) is None
    trial.refresh_from_db()
    assert (trial.state, trial.fault) == ("failed", "后台进程多次中断，未能完成")


def test_a_cancelled_trial_leaves_nothing(
    home: Path, cast: Any, spool: Spool, moment: datetime, client_of: Clients
) -> None:
    spool(days_before(moment, 1), days_before(moment, 0))
    trial = asked(home, cast.county_officer, moment)
    running = trials.claim(moment)
    assert running is not None
    client = client_of(cast.county_officer)
    state = reverse("rulebook:trial_state", args=[trial.pk])
    assert "every 2s" in client.get(state).content.decode()
    client.post(reverse("rulebook:trial_cancel", args=[trial.pk]))
    steps = iter(range(10_000))
    trials.carry_out(home, running, lambda: moment + timedelta(seconds=2 * next(steps)))
    trial.refresh_from_db()
    assert trial.state == "cancelled"
    assert not Finding.objects.exists()
    assert client.get(state)["HX-Refresh"] == "true"
    assert list((home / "run").rglob("*.parquet")) == []


def test_what_goes_wrong_is_kept_with_the_trial(
    home: Path, cast: Any, spool: Spool, moment: datetime, client_of: Clients
) -> None:
    spool(days_before(moment, 1), days_before(moment, 0))
    for path in (home / "spool").rglob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-200] + b"\0" * 200)
    trial = asked(home, cast.county_officer, moment)
    trials.turn(home, now)
    trial.refresh_from_db()
    assert trial.state == "failed"
    assert trial.fault
    assert "未完成" in client_of(cast.county_officer).get(reverse("rulebook:trial", args=[trial.pk])).content.decode()


def test_mines_are_chosen_by_region_or_by_name(home: Path, cast: Any, moment: datetime, client_of: Clients) -> None:
    draft = draft_of(home, cast.city_officer, moment)
    step = reverse("rulebook:draft_step", args=[draft.pk, "trial"])
    days = {"first": "2026-11-20", "last": "2026-11-20"}
    client = client_of(cast.city_officer)
    assert "没有上传过数据的矿山" in client.post(step, days | {"region": "all"}).content.decode()
    for code, mine in ((POINT_A, MINE_A), (POINT_B, MINE_B)):
        Point.objects.create(code=code, mine_id=mine, valid_from=moment)
    for said in ({"region": "all"}, {"region": "140404"}, {"mines": f"示例青岭煤业\n{MINE_A}"}):
        assert client.post(step, days | said).status_code == 302
    assert list(Trial.objects.order_by("pk").values_list("mines", flat=True)) == [
        [MINE_B, MINE_A],
        [MINE_A],
        [MINE_B, MINE_A],
    ]
    wrong = client.post(step, days | {"mines": "无此煤矿"})
    assert (wrong.status_code, "没有“无此煤矿”" in wrong.content.decode()) == (422, True)
    assert client.post(step, days).status_code == 422
