"""The pages of weather warnings, and the ways in over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kuangan.base.case.models import Case
from kuangan.base.registry.models import Supervision
from kuangan.domains.duty.weather import acts, checks
from kuangan.domains.duty.weather.forms import OrderForm
from kuangan.domains.duty.weather.intake import take
from kuangan.domains.duty.weather.models import Offer, Warning, Withdrawal
from tests.duty.weather_wire import CITY, COUNTY, cap, hundred_mines, packed, plain
from tests.walk.world import nobody_below

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ClientOf = Callable[[Any], Client]
pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def row(cast: Any, moment: datetime, home: Path) -> Withdrawal:
    take(home, "a.xml", cap(moment, codes=(COUNTY,)), "http", at=moment)
    return Withdrawal.objects.select_related("case", "mine", "warning").get()


def ordered(row: Withdrawal, by: Any, at: datetime) -> Case:
    form = {"basis": "示例依据", "scope": "井下全部作业人员"}
    return acts.take(row.case, "order", by=by, at=at, form=form)


def post(body: bytes, token: str | None = None, **headers: str) -> Any:
    wanted = django_settings.KUANGAN.secret("weather_token") if token is None else token
    given = {"Authorization": f"Bearer {wanted}", **headers}
    return Client(enforce_csrf_checks=True).post(
        reverse("duty:weather_post"), body, content_type="application/xml", headers=given
    )


def test_a_machine_with_the_token_brings_a_warning(cast: Any, moment: datetime) -> None:
    answer = post(cap(moment), **{"X-File-Name": "../../etc/rain.xml"})
    assert answer.status_code == 200
    said = answer.json()
    assert (said["outcome"], said["records"], said["taken"], said["faults"]) == ("taken", 1, 1, [])
    assert said["messages"] == [{"record": 1, "id": "QX-1", "result": "applied"}]
    assert Offer.objects.get().name == "rain.xml" and Withdrawal.objects.count() == 1
    assert post(cap(moment)).json()["outcome"] == "duplicate"


@pytest.mark.parametrize("token", ["", "wrong", "错"])
def test_without_the_token_nothing_is_kept(cast: Any, moment: datetime, token: str) -> None:
    with_header = Client().post(
        reverse("duty:weather_post"), cap(moment), content_type="application/xml", headers={"Authorization": token}
    )
    assert with_header.status_code == 401 and not Offer.objects.exists()


def test_a_machine_is_told_what_was_refused(cast: Any, moment: datetime) -> None:
    answer = post(packed(plain(moment), plain(moment, id="P-2", colour="紫")))
    assert answer.status_code == 422
    assert answer.json()["faults"] == [{"record": 2, "field": "colour", "reason": "应为蓝、黄、橙、红：紫"}]
    assert Warning.objects.count() == 1
    assert post(b" " * ((1 << 20) + 1)).status_code == 413


def test_an_officer_types_updates_and_ends_a_warning(cast: Any, moment: datetime, client_of: ClientOf) -> None:
    client = client_of(cast.county_officer)
    form = {
        "event": "暴雨",
        "colour": "orange",
        "regions": [COUNTY],
        "onset": "2026-11-21T08:00",
        "expires": "2026-11-21T20:00",
        "description": "县气象台电话通知",
    }
    page = client.get(reverse("duty:weather_new"))
    assert "潞州区" not in page.content.decode() and "上党区" in page.content.decode()
    assert client.post(reverse("duty:weather_new"), form | {"regions": [CITY]}).status_code == 200
    assert client.post(reverse("duty:weather_new"), form | {"expires": "2027-11-21T20:00"}).status_code == 200
    assert not Warning.objects.exists()
    answer = client.post(reverse("duty:weather_new"), form)
    warning = Warning.objects.get()
    assert answer.url == reverse("duty:weather_warning", args=[warning.pk])
    assert (warning.colour, warning.typed_by) == ("orange", cast.organisations["county"])
    from kuangan.base.clock import use

    with use(moment + MINUTE):
        again = client.get(reverse("duty:weather_new") + f"?of={warning.pk}")
        assert "更新" in again.content.decode()
        client.post(reverse("duty:weather_new") + f"?of={warning.pk}", form | {"colour": "red"})
    warning.refresh_from_db()
    assert (warning.colour, warning.messages.count(), Warning.objects.count()) == ("red", 2, 1)
    cancel = reverse("duty:weather_cancel", args=[warning.pk])
    assert client_of(cast.city_officer).post(cancel, {"reason": "雨停"}).status_code == 403
    with use(moment + 2 * MINUTE):
        client.post(cancel, {"reason": "雨停"})
    warning.refresh_from_db()
    assert warning.ended_why == "cancelled"


def test_an_uploaded_file_goes_the_same_way(cast: Any, moment: datetime, client_of: ClientOf) -> None:
    client = client_of(cast.county_officer)
    file = SimpleUploadedFile("暴雨.xml", cap(moment))
    client.post(reverse("duty:weather_upload"), {"file": file})
    offer = Offer.objects.get()
    assert (offer.source, offer.by, offer.outcome) == ("upload", cast.county_officer, "taken")
    kept = client.get(reverse("duty:weather_offer", args=[offer.pk]))
    assert b"".join(kept) == cap(moment) and kept["Content-Disposition"].startswith("attachment")
    bad = client.post(reverse("duty:weather_upload"), {"file": SimpleUploadedFile("b.xml", b"<alert>")}, follow=True)
    assert "不是合格的 XML" in bad.content.decode() and "拒收" in bad.content.decode()


def test_the_board_sorts_by_people_below_and_says_unknown(
    cast: Any, row: Withdrawal, moment: datetime, client_of: ClientOf
) -> None:
    take(django_settings.HOME, "b.xml", cap(moment, "QX-2", codes=(CITY,)), "http", at=moment)
    warning = Warning.objects.order_by("pk").last()
    assert warning is not None
    address = reverse("duty:weather_warning", args=[warning.pk])
    dark = client_of(cast.city_officer).get(address).context["figures"]
    assert {one.label: one.value for one in dark}["仍在井下（人）"] == "未知"
    nobody_below(cast.mine_a.code, moment)
    page = client_of(cast.city_officer).get(reverse("duty:weather_warning", args=[warning.pk]))
    assert [line.row.mine for line in page.context["lines"]] == [cast.mine_b, cast.mine_a]
    assert [line.below.now for line in page.context["lines"]] == [None, 0]
    figures = {one.label: one.value for one in page.context["figures"]}
    assert (figures["仍在井下（人）"], figures["人数未知（矿）"], figures["受影响矿山"]) == (0, 1, 2)
    only = client_of(cast.city_officer).get(reverse("duty:weather_warning", args=[warning.pk]) + "?only=unknown")
    assert [line.row.mine for line in only.context["lines"]] == [cast.mine_b]


def test_everybody_sees_only_the_own_mines(cast: Any, moment: datetime, home: Path, client_of: ClientOf) -> None:
    take(home, "a.xml", cap(moment, codes=(CITY,)), "http", at=moment)
    address = reverse("duty:weather_warning", args=[Warning.objects.get().pk])

    def seen(who: str) -> set[str]:
        lines = client_of(cast.people[who]).get(address).context["lines"]
        return {line.row.mine.name for line in lines}

    a, b = cast.mine_a.name, cast.mine_b.name
    wanted = {
        "mine_a_dispatcher": {a},
        "mine_b_dispatcher": {b},
        "parent_dispatcher": {a},
        "county_officer": {a},
        "neighbour_officer": {b},
        "city_officer": {a, b},
        "province_officer": {a, b},
    }
    assert {who: seen(who) for who in wanted} == wanted


def test_a_county_without_an_affected_mine_still_sees_its_warning(
    cast: Any, moment: datetime, home: Path, client_of: ClientOf
) -> None:
    Supervision.objects.filter(mine=cast.mine_a, role="direct").delete()
    take(home, "a.xml", cap(moment), "http", at=moment)
    address = reverse("duty:weather_warning", args=[Warning.objects.get().pk])
    page = client_of(cast.county_officer).get(address)
    assert page.status_code == 200 and page.context["lines"] == []
    assert client_of(cast.neighbour_officer).get(address).status_code == 404
    listed = client_of(cast.neighbour_officer).get(reverse("duty:weather"))
    assert "共 0 条" in listed.content.decode()


def test_a_step_is_taken_on_the_page_of_the_mine(
    cast: Any, row: Withdrawal, moment: datetime, client_of: ClientOf
) -> None:
    case = reverse("duty:weather_case", args=[row.case.number])
    page = client_of(cast.county_leader).get(case).content.decode()
    assert "下令停产撤人" in page and "系统默认，非官方分级" in page and "原文待核" in page
    assert OrderForm(row).initial["basis"] == ["SX34-44", "COAL-9-6"]
    order = reverse("duty:weather_step", args=[row.case.number, "order"])
    assert client_of(cast.county_leader).post(order, {"scope": "全矿"}).status_code == 422
    said = {"basis": ["SX34-44", "AQF-65"], "scope": "井下全部作业人员"}
    assert client_of(cast.mine_a_dispatcher).post(order, said).status_code == 403
    assert client_of(cast.county_leader).post(order, said).status_code == 302
    row.refresh_from_db()
    assert row.case.state == "ordered" and "第六十五条" in row.order_basis
    assert client_of(cast.county_leader).post(order, said).status_code == 409
    out = reverse("duty:weather_step", args=[row.case.number, "report_out"])
    form = {"out": "30", "remaining": "2", "out_at": "2026-11-21T08:00", "stay_reason": ""}
    wrong = client_of(cast.mine_a_manager).post(out, form)
    assert wrong.status_code == 422 and "留守须写明" in wrong.content.decode()
    assert client_of(cast.mine_a_manager).post(out, form | {"stay_reason": "泵房"}).status_code == 302
    confirm = reverse("duty:weather_step", args=[row.case.number, "confirm"])
    assert client_of(cast.county_officer).post(confirm, {"means": "phone"}).status_code == 404


def test_the_paper_says_that_it_is_no_document_of_law(
    cast: Any, row: Withdrawal, moment: datetime, client_of: ClientOf
) -> None:
    address = reverse("duty:weather_order", args=[row.case.number])
    assert client_of(cast.county_officer).get(address).status_code == 404
    ordered(row, cast.county_leader, moment)
    paper = client_of(cast.county_officer).get(address).content.decode()
    assert "不是行政执法文书" in paper and "示例依据" in paper and "系统默认，非官方分级" in paper
    assert "停产整顿通知" not in paper


def test_the_page_of_the_mine_shows_its_open_warnings(
    cast: Any, row: Withdrawal, moment: datetime, client_of: ClientOf
) -> None:
    page = client_of(cast.mine_a_dispatcher).get(reverse("portal:mine", args=[cast.mine_a.code])).content.decode()
    assert reverse("duty:weather_case", args=[row.case.number]) in page
    other = client_of(cast.mine_b_dispatcher).get(reverse("portal:mine", args=[cast.mine_b.code])).content.decode()
    assert row.case.number not in other


def test_calls_draws_and_checks_are_made_on_the_board(
    cast: Any, row: Withdrawal, moment: datetime, client_of: ClientOf
) -> None:
    cast.organisations["mine_a"].phone = "0000-9"
    cast.organisations["mine_a"].save()
    client, warning = client_of(cast.county_officer), row.warning_id
    called = client.post(reverse("duty:weather_call", args=[warning]), {"means": "voice"}, follow=True)
    assert "已发出 1 个呼叫" in called.content.decode() and "呼 1 / 通 0" in called.content.decode()
    ordered(row, cast.county_leader, moment)
    drawn = client.post(reverse("duty:weather_draw", args=[warning]), {"number": "1"}, follow=True).content.decode()
    check = row.checks.get()
    assert check.draw.seed in drawn
    result = reverse("duty:weather_check", args=[check.pk])
    silent = client.post(result, {"means": "phone", "verdict": "unreached"}, follow=True)
    assert "写明" in silent.content.decode()
    done = client.post(result, {"means": "phone", "verdict": "unreached", "note": "无人接听"}, follow=True)
    assert "未联系上" in done.content.decode()


def test_a_board_of_a_hundred_mines_needs_no_more_queries_than_one_of_two(
    cast: Any, moment: datetime, home: Path, client_of: ClientOf
) -> None:
    client = client_of(cast.city_officer)

    def queries(ident: str) -> tuple[int, int]:
        take(home, "a.xml", cap(moment, ident, codes=(CITY,)), "http", at=moment)
        warning = Warning.objects.order_by("pk").last()
        assert warning is not None
        for row in Withdrawal.objects.filter(warning=warning).select_related("case")[:3]:
            ordered(row, cast.city_leader, moment)
        checks.draw(warning, 3, by=cast.city_officer, at=moment)
        with CaptureQueriesContext(connection) as board:
            page = client.get(reverse("duty:weather_warning", args=[warning.pk]))
        assert len(page.context["lines"]) == Withdrawal.objects.filter(warning=warning).count()
        with CaptureQueriesContext(connection) as listed:
            client.get(reverse("duty:weather"))
        return len(board), len(listed)

    few = queries("QX-1")
    hundred_mines()
    many = queries("QX-2")
    assert many[0] <= few[0] and many[1] <= few[1], (few, many)
    assert few[0] <= 12 and few[1] <= 12, few


def test_the_list_shows_counts_and_ends(cast: Any, row: Withdrawal, moment: datetime, client_of: ClientOf) -> None:
    page = client_of(cast.county_officer).get(reverse("duty:weather") + "?state=live").content.decode()
    assert "1 座" in page and "待叫应 1" in page and "生效中" in page
    Warning.objects.update(ended_at=moment, ended_why="expired")
    assert "共 0 条" in client_of(cast.county_officer).get(reverse("duty:weather") + "?state=live").content.decode()
    export = client_of(cast.county_officer).get(reverse("duty:weather") + "?export=xlsx")
    assert export.status_code == 200 and export.content[:2] == b"PK"


def test_the_synthetic_warning_of_the_demonstration_says_so(
    cast: Any, moment: datetime, home: Path, client_of: ClientOf
) -> None:
    from kuangan.library.simulate import build_mine
    from kuangan.site.demo import weather

    fleet = [build_mine(cast.mine_a.code, "示例", seed=1, points=20)]
    weather.enter(home, fleet, moment)
    weather.enter(home, fleet, moment + HOUR)
    warning = Warning.objects.get()
    assert warning.synthetic and warning.event == "thunderstorm"
    assert not Withdrawal.objects.filter(action="withdraw").exists()
    page = client_of(cast.county_officer).get(reverse("duty:weather_warning", args=[warning.pk])).content.decode()
    assert "合成数据" in page
