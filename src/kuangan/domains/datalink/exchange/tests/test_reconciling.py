"""The report: every count is the number of its rows, and what they have and we do not stands in it too."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kuangan.domains.alerts.drill import raise_drill
from kuangan.domains.datalink.exchange import leaving
from kuangan.domains.datalink.exchange.forms import span_of
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Counterpart, Package, Platform
from kuangan.domains.datalink.exchange.reconciling import WORDS, Reconciliation
from kuangan.domains.datalink.exchange.tests.conftest import handling

pytestmark = pytest.mark.usefixtures("time_stands_still")
Make = Callable[..., Any]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def mixed(
    platform: Platform, mapping: Mapping, raised: Make, round_: Make, told: Make, cast: Any, moment: datetime
) -> dict[str, Any]:
    """One alert of every sort; they were raised half an hour before the report."""
    names = ("agrees", "differs", "acked", "silent", "late", "unsent", "void")
    alerts = {name: raised(f"g1-{place}-1") for place, name in enumerate(names, 1)}
    alerts["other"] = raised("g1-9-1", mine=cast.mine_b.code)
    round_()
    left = Package.objects.filter(platform=platform).exclude(case__in=[alerts[n].pk for n in ("late", "unsent")])
    leaving.mark_left(platform, list(left), moment + MINUTE)
    leaving.mark_left(platform, list(Package.objects.filter(case=alerts["late"].pk)), moment + 20 * MINUTE)
    raised("g1-7-1", rev=2, status="void", end=0)
    round_()
    later = moment + 2 * MINUTE
    told(
        handling(alerts["agrees"], "10", later, "r1"),
        handling(alerts["differs"], "60", later, "r2"),
        {"id": "r3", "kind": "ack", "alert_no": alerts["acked"].case.number},
        {"id": "r4", "kind": "handling", "official_no": "GF-1", "state": "30", "handled_at": later.isoformat(),
         "mine_code": cast.mine_b.code, "title": "对方独有的告警"},
        {"id": "r5", "kind": "handling", "official_no": "GF-2", "state": "30", "handled_at": later.isoformat()},
        at=later,
    )  # fmt: skip
    raise_drill(cast.mine_a, "red", "x", moment)
    return alerts


def report(platform: Platform, mapping: Mapping, moment: datetime, user: Any = None) -> Reconciliation:
    day = moment.date()
    return Reconciliation(platform, mapping, span_of(day, day), moment + 30 * MINUTE, user)


def test_each_alert_is_counted_where_it_belongs(
    mixed: dict[str, Any], platform: Platform, mapping: Mapping, moment: datetime
) -> None:
    found = report(platform, mapping, moment)
    of = {name: set(found.cases(name).values_list("pk", flat=True)) for name in found.conditions}

    def named(*names: str) -> set[int]:
        return {mixed[name].pk for name in names}

    assert of["agrees"] == named("agrees") and of["differs"] == named("differs")
    assert of["acked"] == named("acked")
    assert of["ours"] == named("silent", "late", "unsent", "void", "other")
    assert of["unsent"] == named("unsent")
    assert of["late"] == named("late", "unsent")
    assert of["withdrawn"] == named("void")
    assert of["sent"] | of["unsent"] == set(found.cases().values_list("pk", flat=True))
    assert not of["sent"] & of["unsent"]


@pytest.mark.parametrize("who", [None, "province_officer", "county_officer", "neighbour_officer", "system_admin"])
def test_every_count_is_the_number_of_its_rows(
    mixed: dict[str, Any], platform: Platform, mapping: Mapping, cast: Any, moment: datetime, who: str | None
) -> None:
    found = report(platform, mapping, moment, cast.people[who] if who else None)
    assert found.counts() == {name: len(list(found.values(name))) for name in WORDS}


def test_the_words_of_a_row_agree_with_the_conditions(
    mixed: dict[str, Any], platform: Platform, mapping: Mapping, moment: datetime
) -> None:
    found = report(platform, mapping, moment)
    lines = found.lines(list(found.cases()))
    for name in ("ours", "unsent", "late", "withdrawn", "agrees", "differs"):
        said = {line.case.pk for line in lines if line.case is not None and name in line.verdicts}
        assert said == set(found.cases(name).values_list("pk", flat=True)), name


def test_each_sees_the_own_scope_and_only_the_province_what_names_no_mine(
    mixed: dict[str, Any], platform: Platform, mapping: Mapping, cast: Any, moment: datetime
) -> None:
    def of(who: str) -> dict[str, int]:
        return report(platform, mapping, moment, cast.people[who]).counts()

    whole = report(platform, mapping, moment).counts()
    assert (whole["all"], whole["theirs"], whole["drills"]) == (8, 2, 1)
    assert of("province_officer") == whole
    assert (of("county_officer")["all"], of("county_officer")["theirs"]) == (7, 0)
    assert (of("neighbour_officer")["all"], of("neighbour_officer")["theirs"]) == (1, 1)


def test_the_span_is_of_whole_beijing_days(
    mixed: dict[str, Any], platform: Platform, mapping: Mapping, moment: datetime
) -> None:
    before = moment.date() - timedelta(days=1)
    assert Reconciliation(platform, mapping, span_of(before, before), moment).counts()["all"] == 0


def test_the_page_links_every_count_to_as_many_rows(
    mixed: dict[str, Any], client_of: Any, cast: Any, moment: datetime
) -> None:
    browser = client_of(cast.province_officer)
    address = reverse("datalink:exchange_report", args=["warning"])
    first = browser.get(address).content.decode()
    assert mixed["differs"].case.number in first and "系统默认，非官方接口" in first
    for figure in browser.get(address).context["figures"]:
        page = browser.get(address + figure.href)
        assert len(page.context["lines"]) == figure.value, figure.label
    lines = browser.get(address, {"show": "differs"}).context["lines"]
    assert browser.get(lines[0][1]).status_code == 200
    assert browser.get(address, {"show": "nonsense"}).status_code == 404
    assert browser.get(address, {"start": "2026-11-30", "stop": "2026-11-01"}).status_code == 422


def test_the_page_asks_as_many_queries_for_one_row_as_for_all(mixed: dict[str, Any], client_of: Any, cast: Any) -> None:
    browser = client_of(cast.province_officer)
    address = reverse("datalink:exchange_report", args=["warning"])

    def queries(show: str) -> int:
        browser.get(address, {"show": show})
        with CaptureQueriesContext(connection) as seen:
            browser.get(address, {"show": show})
        return len(seen)

    assert queries("differs") == queries("all") <= 25


def test_the_report_is_exported_as_workbook_and_json_and_that_is_recorded(
    mixed: dict[str, Any], client_of: Any, cast: Any
) -> None:
    from kuangan.base.audit.models import AuditEntry

    browser = client_of(cast.province_officer)
    sheet = browser.get(reverse("datalink:exchange_export", args=["warning", "xlsx"]), {"show": "differs"})
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.content)).active.values)
    assert [rows[1][0], rows[1][7]] == [mixed["differs"].case.number, "已销警"]
    assert len(rows) == 2
    said = json.loads(browser.get(reverse("datalink:exchange_export", args=["warning", "json"])).content)
    assert said["counts"]["all"] == 8 and len(said["rows"]) == 10 and said["mark"] == "系统默认，非官方接口"
    assert AuditEntry.objects.filter(action="exchange.exported").count() == 2
    assert browser.get(reverse("datalink:exchange_export", args=["warning", "pdf"])).status_code == 404


def test_official_numbers_alone_show_that_they_know_of_it(
    mixed: dict[str, Any], platform: Platform, mapping: Mapping, moment: datetime
) -> None:
    Counterpart.objects.filter(case=mixed["silent"].pk).update(official_number="GF-3")
    assert mixed["silent"].pk not in report(platform, mapping, moment).cases("ours").values_list("pk", flat=True)
