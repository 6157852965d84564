"""Call-outs: who was called, what the gateway told, how it ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from django.conf import settings

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, NotVisible, NotYet, WrongState
from kuangan.base.case.performing import perform
from kuangan.base.notices.answers import answer
from kuangan.base.notices.delivery import deliver
from kuangan.base.notices.models import Notice
from kuangan.base.notices.testgateway import application
from kuangan.domains.alerts.models import Alert
from kuangan.domains.duty.calling import Callee, call, mark, open_callout, state_words
from kuangan.domains.duty.models import Call
from tests.waiting import free_port

MINUTE = timedelta(minutes=1)
CALLEE = Callee("00000000009", "赵一", "矿长")


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The test gateway over real HTTP; nobody answers its calls, so that the test presses the key itself."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(application(""), host="127.0.0.1", port=port, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    address = f"http://127.0.0.1:{port}"
    monkeypatch.setattr(settings.KUANGAN, "voice_url", f"{address}/voice")
    monkeypatch.setattr(settings.KUANGAN, "sms_url", f"{address}/sms")
    yield address
    server.should_exit = True
    thread.join()


def test_a_call_rings_through_the_gateway_and_the_pressed_key_is_written_back(
    cast: Any, alert_of: Callable[..., Alert], moment: datetime, gateway: str
) -> None:
    alert = alert_of(grade="red")
    callout = open_callout("请立即撤人", by=cast.county_officer, at=moment, about=alert.case)
    row = call(callout, CALLEE, "voice", by=cast.county_officer, at=moment)
    deliver(moment, limit=500)
    [message] = [one for one in httpx.get(f"{gateway}/messages").json() if one["to"] == CALLEE.phone]
    row.notice.refresh_from_db()
    assert state_words(row) == "已拨出" and row.key == ""
    token = message["callback"].rstrip("/").rpartition("/")[2]
    assert answer(token, "1", moment + MINUTE)
    row.refresh_from_db()
    assert (row.key, row.pressed_at, row.answered_at) == ("1", moment + MINUTE, moment + MINUTE)
    assert state_words(row) == "已按键 1"
    assert AuditEntry.objects.filter(action="callout.pressed", ident=callout.case.number).exists()


def test_a_key_on_another_call_is_nobodys(cast: Any, alert_of: Callable[..., Alert], moment: datetime) -> None:
    cast.organisations["mine_a"].phone = "0000-1"
    cast.organisations["mine_a"].save()
    alert_of(grade="red")
    from kuangan.base.notices.answers import token

    notice = Notice.objects.filter(channel="voice").first()
    assert notice is not None and answer(token(notice), "1", moment)
    assert not Call.objects.exists()


def test_a_call_by_hand_leaves_nothing_in_the_outbox(cast: Any, moment: datetime) -> None:
    callout = open_callout("雨情", by=cast.county_officer, at=moment, mine=cast.mine_a)
    row = call(callout, CALLEE, "phone", by=cast.county_officer, at=moment, note="占线")
    assert row.notice is None and not Notice.objects.filter(to=CALLEE.phone).exists()
    assert state_words(row) == "未接通"
    mark(row, "answered_at", by=cast.county_officer, at=moment + MINUTE, note="已通知")
    marked = mark(row, "acted_at", by=cast.county_officer, at=moment + 2 * MINUTE)
    mark(row, "acted_at", by=cast.county_officer, at=moment + 9 * MINUTE)
    marked.refresh_from_db()
    assert (marked.answered_at, marked.acted_at) == (moment + MINUTE, moment + 2 * MINUTE)
    assert marked.note == "占线；已通知" and state_words(marked) == "已响应"


def test_only_the_organisation_that_opened_it_works_on_it(cast: Any, moment: datetime) -> None:
    callout = open_callout("雨情", by=cast.county_officer, at=moment, mine=cast.mine_a)
    for other in (cast.city_officer, cast.mine_a_dispatcher):
        with pytest.raises(Forbidden):
            call(callout, CALLEE, "phone", by=other, at=moment)
    with pytest.raises(NotVisible):
        perform(callout.case, "close", by=cast.neighbour_officer, at=moment, form={"outcome": "x"})
    with pytest.raises(Forbidden):
        open_callout("雨情", by=cast.bureau_officer, at=moment)


def test_a_callout_without_a_call_is_voided_not_closed(cast: Any, moment: datetime) -> None:
    callout = open_callout("误建", by=cast.county_officer, at=moment)
    with pytest.raises(NotYet):
        perform(callout.case, "close", by=cast.county_officer, at=moment, form={"outcome": "无"})
    case = perform(callout.case, "void", by=cast.county_officer, at=moment, form={}, reason="误建")
    assert case.state == "void"
    with pytest.raises(WrongState):
        call(callout, CALLEE, "phone", by=cast.county_officer, at=moment)


def test_a_callout_takes_mine_colour_and_drill_mark_from_what_it_is_about(
    cast: Any, alert_of: Callable[..., Alert], moment: datetime
) -> None:
    alert = alert_of(grade="orange", inputs={"drill": True})
    callout = open_callout("演练叫应", by=cast.county_officer, at=moment, about=alert.case)
    assert (callout.case.mine, callout.case.severity, callout.case.drill) == (cast.mine_a, "orange", True)
    row = call(callout, CALLEE, "sms", by=cast.county_officer, at=moment)
    assert row.notice.subject.startswith("【演练】")


def test_the_affairs_of_a_parent_company_that_name_no_mine_are_its_own(cast: Any, moment: datetime) -> None:
    from kuangan.base.case.models import Case

    case = open_callout("集团内部", by=cast.parent_dispatcher, at=moment).case
    seen = {name for name, man in cast.people.items() if Case.objects.visible_to(man, moment).filter(pk=case.pk)}
    assert "parent_dispatcher" in seen
    assert not seen & {"mine_a_dispatcher", "mine_b_dispatcher", "county_officer", "city_officer"}
