"""Assist proposes, primary acts by a named user within the rules; the mode itself is a leader's act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden
from kuangan.base.case.models import Step
from kuangan.base.notices.models import Notice
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import User
from kuangan.base.people.roles import Role
from kuangan.domains.alerts.acts import acknowledge, act
from kuangan.domains.alerts.models import Acknowledgement
from kuangan.domains.datalink.exchange.managing import NobodyToActFor, set_mode
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Counterpart, Handling, Mode, Platform
from kuangan.domains.datalink.exchange.tests.conftest import handling

pytestmark = pytest.mark.usefixtures("time_stands_still")
Make = Callable[..., Any]
ABOVE = ("parent_dispatcher", "county_officer", "city_officer", "province_officer")


@pytest.fixture
def leader(cast: Any) -> User:
    return User.objects.create(
        username="province_leader",
        display_name="省带班领导",
        organisation=cast.organisations["province"],
        roles=[Role.LEADER],
    )


@pytest.fixture
def primary(platform: Platform, mapping: Mapping, leader: User, cast: Any, moment: datetime) -> Platform:
    """Primary, acting for the county, which is the direct supervisor of mine A."""
    body = cast.organisations["county"]
    return set_mode(platform, mapping, Mode.PRIMARY, acts_for=body, by=leader, at=moment, reason="正式启用")


def reported(alert: Any, cast: Any, at: datetime, home: Path) -> None:
    """Work the alert up to the mine's written feedback."""
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=at)
    form = {"cause_code": "true_overlimit", "withdrawn": "yes", "measures": "断电撤人"}
    act(alert.case, "verify", by=cast.mine_a_manager, at=at, form=form, home=home)
    act(alert.case, "report", by=cast.mine_a_manager, at=at, form={"report": "已恢复"}, home=home)


def state(alert: Any) -> str:
    alert.case.refresh_from_db()
    return str(alert.case.state)


def test_a_leader_whose_territory_covers_the_platform_sets_the_mode_with_a_reason(
    primary: Platform, leader: User
) -> None:
    entry = AuditEntry.objects.get(action="exchange.mode")
    assert (entry.actor_id, entry.reason) == (leader.pk, "正式启用")
    user = User.objects.get(username="exchange.warning")
    assert user.is_active and not user.has_usable_password() and user.display_name == "对接·预警平台"


@pytest.mark.parametrize("name", ["city_leader", "province_officer", "system_admin", "mine_a_manager", "nobody"])
def test_nobody_else_sets_it(platform: Platform, mapping: Mapping, cast: Any, moment: datetime, name: str) -> None:
    asked = {"acts_for": None, "by": cast.people[name], "at": moment, "reason": "试"}
    with pytest.raises(Forbidden):
        set_mode(platform, mapping, Mode.SHADOW, **asked)
    platform.refresh_from_db()
    assert platform.mode == Mode.ASSIST


@pytest.mark.parametrize("body", [None, "mine_a", "parent"])
def test_primary_needs_an_authority_to_act_for(
    platform: Platform, mapping: Mapping, leader: User, cast: Any, moment: datetime, body: str | None
) -> None:
    chosen = cast.organisations[body] if body else None
    with pytest.raises(NobodyToActFor):
        set_mode(platform, mapping, Mode.PRIMARY, acts_for=chosen, by=leader, at=moment, reason="试")


def test_back_in_assist_the_named_user_rests(
    primary: Platform, mapping: Mapping, leader: User, moment: datetime
) -> None:
    set_mode(primary, mapping, Mode.ASSIST, acts_for=None, by=leader, at=moment, reason="退回辅助")
    assert not User.objects.get(username="exchange.warning").is_active


def test_assist_leaves_a_remark_and_proposes_and_changes_nothing(
    platform: Platform, raised: Make, told: Make, cast: Any, home: Path, moment: datetime
) -> None:
    alert = raised()
    reported(alert, cast, moment, home)
    told(handling(alert, "50", moment, note="属实"))
    assert state(alert) == "reported"
    assert (Handling.objects.get().effect, Counterpart.objects.get().proposal) == ("proposed", "review")


def proposals() -> list[Notice]:
    return list(Notice.objects.filter(key__startswith="exchange:").order_by("pk"))


def test_whoever_may_take_the_proposed_step_finds_it_once_in_the_inbox_with_a_link(
    platform: Platform, raised: Make, told: Make, cast: Any, client_of: Make, home: Path, moment: datetime
) -> None:
    alert = raised()
    reported(alert, cast, moment, home)
    for ident in ("r1", "r2"):
        told(handling(alert, "50", moment, ident, note="属实"))
    (notice,) = proposals()
    assert notice.to == to_organisation(cast.organisations["county"].pk)
    assert "复核" in notice.subject and "附言：属实" in notice.body and "平台甲" in notice.body
    page = client_of(cast.county_officer).get("/inbox/").content.decode()
    assert "预警平台建议“复核”" in page and f"/alerts/{alert.case.number}/" in page
    for other in ("city_officer", "mine_a_dispatcher", "neighbour_officer"):
        assert "预警平台建议" not in client_of(cast.people[other]).get("/inbox/").content.decode()


def test_a_proposal_after_the_alert_was_sent_back_is_told_again(
    platform: Platform, raised: Make, told: Make, cast: Any, home: Path, moment: datetime
) -> None:
    alert = raised()
    reported(alert, cast, moment, home)
    told(handling(alert, "50", moment, "r1"))
    act(alert.case, "return", by=cast.county_officer, at=moment, form={"reason": "补充附图"}, home=home)
    act(alert.case, "report", by=cast.mine_a_manager, at=moment, form={"report": "已补充"}, home=home)
    told(handling(alert, "50", moment, "r2"))
    assert len(proposals()) == 2


@pytest.mark.parametrize(("state", "organisation"), [("20", "mine_a"), ("30", None), ("90", None)])
def test_the_first_step_is_the_mines_and_what_is_no_step_tells_nobody(
    platform: Platform, raised: Make, told: Make, cast: Any, moment: datetime, state: str, organisation: str | None
) -> None:
    told(handling(raised(), state, moment))
    expected = [to_organisation(cast.organisations[organisation].pk)] if organisation else []
    assert [notice.to for notice in proposals()] == expected


def test_of_a_void_alert_nobody_is_told(platform: Platform, raised: Make, told: Make, moment: datetime) -> None:
    raised()
    told(handling(raised(rev=2, status="void"), "20", moment))
    assert proposals() == []


def test_shadow_tells_nobody(platform: Platform, raised: Make, told: Make, moment: datetime) -> None:
    Platform.objects.update(mode=Mode.SHADOW)
    told(handling(raised(), "20", moment))
    assert proposals() == []


def test_what_primary_was_refused_is_told_like_a_proposal_and_what_it_did_is_not(
    primary: Platform, raised: Make, told: Make, cast: Any, moment: datetime
) -> None:
    alert = raised()
    told(handling(alert, "20", moment, "r1"))
    assert Handling.objects.get().effect == "done" and proposals() == []
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=moment)
    told(handling(alert, "30", moment, "r2", cause="07", people_out="1", note="断电"))
    assert [notice.to for notice in proposals()] == [to_organisation(cast.organisations["mine_a"].pk)]


def test_what_is_no_step_from_here_stays_a_remark(
    platform: Platform, raised: Make, told: Make, moment: datetime
) -> None:
    told(handling(raised(), "60", moment))
    assert (Handling.objects.get().effect, Counterpart.objects.get().proposal) == ("remark", "")


def test_primary_takes_the_step_as_the_named_user(
    primary: Platform, raised: Make, told: Make, cast: Any, home: Path, moment: datetime
) -> None:
    alert = raised()
    reported(alert, cast, moment, home)
    told(handling(alert, "50", moment, "r1", note="属实"))
    assert state(alert) == "reviewed"
    step = Step.objects.get(case=alert.pk, name="review")
    assert step.by is not None and step.by.username == "exchange.warning"
    assert (step.form["opinion"], step.form["exchange"]) == ("属实", "warning:r1")
    entry = AuditEntry.objects.get(action="review")
    assert entry.actor_name == "exchange.warning"
    told(handling(alert, "60", moment, "r2"))
    assert state(alert) == "closed"


def test_primary_acknowledges_for_its_level_and_no_other(
    primary: Platform, raised: Make, told: Make, moment: datetime
) -> None:
    alert = raised()
    told(handling(alert, "20", moment))
    assert [ack.level for ack in Acknowledgement.objects.all()] == ["direct"]
    assert state(alert) == "raised"


def test_primary_cannot_do_what_only_the_mine_may(
    primary: Platform, raised: Make, told: Make, cast: Any, moment: datetime
) -> None:
    alert = raised()
    acknowledge(alert.case, by=cast.mine_a_dispatcher, at=moment)
    told(handling(alert, "30", moment, cause="07", people_out="1", note="断电"))
    row = Handling.objects.get()
    assert (row.effect, state(alert), Counterpart.objects.get().proposal) == ("refused", "acknowledged", "verify")
    assert row.detail == "您的岗位不能执行此操作"


def test_primary_does_not_reach_a_mine_outside_its_authority(
    primary: Platform, raised: Make, told: Make, cast: Any, moment: datetime
) -> None:
    alert = raised(mine=cast.mine_b.code)
    told(handling(alert, "20", moment))
    assert Handling.objects.get().detail == "该告警不在平台代表单位的管辖范围内"
    assert not Acknowledgement.objects.exists()


def test_a_red_alert_closes_only_when_every_level_has_acknowledged(
    primary: Platform, raised: Make, told: Make, cast: Any, home: Path, moment: datetime
) -> None:
    alert = raised(grade="red", peak=3.2)
    reported(alert, cast, moment, home)
    told(handling(alert, "50", moment, "r1", note="属实"), handling(alert, "60", moment, "r2"))
    row = Handling.objects.get(record="r2")
    assert (row.effect, state(alert)) == ("refused", "reviewed") and "尚缺" in row.detail
    for who in ABOVE:
        acknowledge(alert.case, by=cast.people[who], at=moment)
    told(handling(alert, "60", moment, "r3"))
    assert state(alert) == "closed"


def test_whoever_reported_does_not_review_not_even_as_a_platform(
    primary: Platform, raised: Make, told: Make, cast: Any, home: Path, moment: datetime
) -> None:
    alert = raised()
    reported(alert, cast, moment, home)
    Step.objects.filter(case=alert.pk, name="report").update(by=User.objects.get(username="exchange.warning"))
    told(handling(alert, "50", moment, note="属实"))
    assert (Handling.objects.get().detail, state(alert)) == ("此操作须由另一人执行", "reported")


def test_a_missing_field_is_said(
    primary: Platform, raised: Make, told: Make, cast: Any, home: Path, moment: datetime
) -> None:
    alert = raised()
    reported(alert, cast, moment, home)
    told(handling(alert, "50", moment))
    assert "opinion" in Handling.objects.get().detail and state(alert) == "reported"
