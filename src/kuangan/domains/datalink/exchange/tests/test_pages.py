"""Pages: who sees what, numbers that open what they count, forms that do what they say."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kuangan.base.people.models import User
from kuangan.base.people.roles import Role
from kuangan.domains.alerts.drill import raise_drill
from kuangan.domains.datalink.exchange import pages
from kuangan.domains.datalink.exchange.models import Counterpart, Key, Mode, Package, Platform
from kuangan.domains.datalink.exchange.tests.conftest import handling

pytestmark = pytest.mark.usefixtures("time_stands_still", "home")
Make = Callable[..., Any]


def page(name: str, *given: str) -> str:
    return reverse(f"datalink:{name}", args=given)


def test_a_platform_is_listed_before_it_is_set_up_and_set_up_from_there(client_of: Any, cast: Any) -> None:
    browser = client_of(cast.system_admin)
    assert "未启用" in browser.get(page("exchange")).content.decode()
    assert browser.get(page("exchange_platform", "warning")).status_code == 404
    form = {"act": "setup", "enabled": "on", "region": "14", "sectors": ["coal"], "folder": "on", "reason": "接入"}
    assert browser.post(page("exchange_setup", "warning"), form).status_code == 302
    row = Platform.objects.get()
    assert (row.enabled, row.mode, row.sectors) == (True, Mode.ASSIST, ["coal"])
    assert browser.get(page("exchange_platform", "warning")).status_code == 200
    assert browser.get(page("exchange_setup", "nonsense")).status_code == 404


def test_a_push_address_off_the_list_is_not_taken(client_of: Any, cast: Any) -> None:
    form = {"act": "setup", "region": "14", "sectors": ["coal"], "push_url": "http://10.0.0.1/", "reason": "推送"}
    answer = client_of(cast.system_admin).post(page("exchange_setup", "warning"), form)
    assert answer.status_code == 422 and not Platform.objects.exists()


def test_a_token_is_shown_once_and_ended_with_a_reason(platform: Platform, client_of: Any, cast: Any) -> None:
    browser = client_of(cast.system_admin)
    address = page("exchange_setup", "warning")
    shown = browser.post(address, {"act": "key", "name": "对方", "may_fetch": "on"}).content.decode()
    token = re.search(r'id="exchange-token">(ka_[^<]+)<', shown)
    assert token is not None
    assert html.unescape(token[1]) not in browser.get(address).content.decode()
    key = Key.objects.get()
    assert (key.may_fetch, key.may_hand_in) == (True, False)
    assert browser.post(address, {"act": "end", "key": key.pk, "reason": "到期"}).status_code == 302
    assert Key.objects.get().disabled
    assert browser.post(address, {"act": "end", "key": "99", "reason": "到期"}).status_code == 404
    assert browser.post(address, {"act": "nonsense"}).status_code == 404


def test_figures_open_what_they_count(alert: Any, told: Make, client_of: Any, cast: Any, moment: datetime) -> None:
    told(handling(alert, "20", moment), {"id": "bad"})
    browser = client_of(cast.province_officer)
    figures = browser.get(page("exchange_platform", "warning")).context["figures"]
    assert {figure.label: figure.value for figure in figures} == {
        "外送": 1, "待送": 1, "回传": 1, "待办建议": 1, "退回": 1, "未能生成": 0,
    }  # fmt: skip
    for figure in figures:
        assert len(browser.get(figure.href).context["rows"]) == figure.value
    assert "字段不合要求" in browser.get(page("exchange_platform", "warning") + "?tab=rejects").content.decode()
    assert "alert_no" in browser.get(page("exchange_platform", "warning") + "?tab=mapping").content.decode()
    assert browser.get(page("exchange_platform", "warning") + "?tab=x").status_code == 404


def test_a_county_sees_its_own_packages_and_no_rejects(
    alert: Any, raised: Make, round_: Make, told: Make, client_of: Any, cast: Any
) -> None:
    raised("g1-2-1", mine=cast.mine_b.code)
    other = round_()[0]
    told({"id": "bad"})
    browser = client_of(cast.county_officer)
    address = page("exchange_platform", "warning")
    assert [line["case"].pk for line in browser.get(address).context["rows"]] == [alert.pk]
    assert browser.get(address + "?tab=rejects").context["rows"] == []
    assert browser.get(page("exchange_package", other.ident)).status_code == 404
    shown = browser.get(page("exchange_package", Package.objects.get(case=alert.pk).ident)).content.decode()
    assert alert.case.number in shown


def test_a_list_asks_as_many_queries_for_one_package_as_for_twenty(
    alert: Any, raised: Make, round_: Make, client_of: Any, cast: Any
) -> None:
    browser = client_of(cast.province_officer)

    def queries() -> int:
        browser.get(page("exchange_platform", "warning"))
        with CaptureQueriesContext(connection) as seen:
            browser.get(page("exchange_platform", "warning"))
        return len(seen)

    one = queries()
    for number in range(20):
        raised(f"g2-{number}-1")
    round_()
    assert queries() == one <= 25


def test_the_panel_shows_number_state_and_proposal_and_nothing_for_a_drill(
    alert: Any, told: Make, client_of: Any, cast: Any, moment: datetime
) -> None:
    told(handling(alert, "20", moment, official_no="GF-1", note="已转办"))
    shown = client_of(cast.county_officer).get(page("exchange_panel", alert.case.number)).content.decode()
    assert all(word in shown for word in ("GF-1", "平台回传", "已接收", "已转办", "确认", "登记官方编号"))
    mine = client_of(cast.mine_a_dispatcher).get(page("exchange_panel", alert.case.number)).content.decode()
    assert "GF-1" in mine and "登记官方编号" not in mine
    drill = raise_drill(cast.mine_a, "red", "x", moment)
    empty = client_of(cast.county_officer).get(page("exchange_panel", drill.number)).content.decode()
    assert empty.strip() == ""
    Platform.objects.update(enabled=False)
    off = client_of(cast.county_officer).get(page("exchange_panel", alert.case.number)).content.decode()
    assert off.strip() == ""


def test_the_alert_page_asks_for_the_panel(alert: Any, client_of: Any, cast: Any) -> None:
    shown = client_of(cast.county_officer).get(reverse("alerts:alert", args=[alert.case.number])).content.decode()
    assert page("exchange_panel", alert.case.number) in shown


def test_a_number_is_typed_and_corrected_with_a_reason(alert: Any, client_of: Any, cast: Any) -> None:
    browser, address = client_of(cast.county_officer), page("exchange_number", "warning", alert.case.number)
    browser.post(address, {"number": "GF-1"})
    row = Counterpart.objects.get()
    assert (row.official_number, row.number_by_id) == ("GF-1", cast.county_officer.pk)
    browser.post(address, {"number": "GF-2"})
    assert Counterpart.objects.get().official_number == "GF-1"
    browser.post(address, {"number": "GF-2", "reason": "抄错"})
    assert Counterpart.objects.get().official_number == "GF-2"
    assert client_of(cast.neighbour_officer).post(address, {"number": "GF-3"}).status_code == 404
    assert client_of(cast.mine_a_dispatcher).post(address, {"number": "GF-3"}).status_code == 403


def test_sending_again_needs_a_reason_and_leads_back_to_where_one_was(alert: Any, client_of: Any, cast: Any) -> None:
    browser, address = client_of(cast.county_officer), page("exchange_again", "warning", alert.case.number)
    browser.post(address, {"reason": ""})
    assert Package.objects.count() == 1
    here = page("exchange_platform", "warning") + "?tab=out"
    assert browser.post(address, {"reason": "对方丢失", "back": here})["Location"] == here
    assert Package.objects.count() == 2
    away = browser.post(address, {"reason": "对方丢失", "back": "//evil.example/"})["Location"]
    assert away == reverse("alerts:alert", args=[alert.case.number])


def test_the_mode_is_set_on_a_page_of_the_leader(alert: Any, client_of: Any, cast: Any, moment: datetime) -> None:
    leader = User.objects.create(
        username="leader", organisation=cast.organisations["province"], roles=[Role.LEADER], display_name="领导"
    )
    browser, address = client_of(leader), page("exchange_mode", "warning")
    assert browser.get(address).status_code == 200
    assert browser.post(address, {"mode": "primary", "reason": "正式启用"}).status_code == 422
    body = cast.organisations["county"].pk
    assert browser.post(address, {"mode": "primary", "acts_for": body, "reason": "正式启用"}).status_code == 302
    assert Platform.objects.get().mode == Mode.PRIMARY
    assert client_of(cast.city_leader).get(address).status_code == 403
    assert client_of(cast.county_officer).get(address).status_code == 403


def test_what_failed_is_shown_to_those_who_see_the_whole(
    alert: Any, client_of: Any, cast: Any, moment: datetime
) -> None:
    Platform.objects.update(error="推送：HTTP 503", error_at=moment)
    assert "HTTP 503" in client_of(cast.province_officer).get(page("exchange")).content.decode()
    assert "HTTP 503" not in client_of(cast.county_officer).get(page("exchange")).content.decode()


def test_a_drill_and_a_case_of_another_kind_cannot_be_exchanged_by_hand(
    alert: Any, client_of: Any, cast: Any, moment: datetime
) -> None:
    browser = client_of(cast.county_officer)
    drill = raise_drill(cast.mine_a, "red", "x", moment)
    assert browser.post(page("exchange_again", "warning", drill.number), {"reason": "误点"}).status_code == 404
    alert.case.kind = "callout"
    alert.case.save()
    assert browser.post(page("exchange_number", "warning", alert.case.number), {"number": "1"}).status_code == 404
    assert Counterpart.objects.get().official_number == ""


def test_a_count_says_that_there_are_more(
    alert: Any, raised: Make, round_: Make, client_of: Any, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised("g1-2-1")
    round_()
    monkeypatch.setattr(pages, "COUNT_CAP", 1)
    figures = client_of(cast.province_officer).get(page("exchange_platform", "warning")).context["figures"]
    assert figures[0].value == "1+"


def test_static_of_the_pages_exists() -> None:
    assert (Path(__file__).parents[2] / "static/datalink/exchange.css").is_file()
