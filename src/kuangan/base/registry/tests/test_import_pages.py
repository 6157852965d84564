"""Pages of imports, export, history and limits, as right and wrong persons."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from kuangan.base.audit.models import AuditEntry
from kuangan.base.clock import to_ms
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.base.registry.intake import enter_seen
from kuangan.base.registry.models import ImportRow, Mine, Point, RegisterImport
from kuangan.base.registry.tests.workbooks import messy, of_rows

pytestmark = pytest.mark.django_db
Clients = Callable[[Any], Client]


def upload(browser: Client, content: bytes, name: str = "登记表.xlsx") -> Any:
    file = SimpleUploadedFile(name, content)
    form = {"file": file, "valid_from": "2025-01-01", "reason": "示例文号"}
    return browser.post(reverse("registry:imports"), form, follow=True)


def test_a_keeper_uploads_decides_writes_and_downloads(cast: Any, client_of: Clients) -> None:
    browser = client_of(cast.system_admin)
    page = upload(browser, messy(cast.mine_a.code, cast.mine_b.code))
    made = RegisterImport.objects.get()
    text = page.content.decode()
    assert "旧区划码" in text
    assert f"= 读取 {made.read}" in text
    for figure in page.context["figures"]:
        assert browser.get(page.request["PATH_INFO"] + figure.href).context["total"] == figure.value, figure.label
    decide, write = (reverse(f"registry:import_{name}", args=[made.pk]) for name in ("decide", "write"))
    browser.post(decide, {"decision": "take", "group": "two_supervisors"})
    assert ImportRow.objects.get(code="140404900012").decision == "take"
    answer = browser.post(decide, {"decision": "take", "group": "duplicate_differs"}, follow=True).content.decode()
    assert "同一编码只能写入一行" in answer
    browser.post(write)
    assert Mine.objects.filter(pk__in=["140404900011", "140404900012"]).count() == 2
    assert not Mine.objects.filter(pk="140404900010").exists(), "of rows that differ nobody chose one"
    report = browser.get(reverse("registry:import_report", args=[made.pk]))
    sheet = load_workbook(io.BytesIO(report.content)).active
    assert sheet is not None
    assert sheet.max_row - 1 == made.read
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions >= {"import.offered", "import.decided", "mine.imported", "import.reported"}


def test_an_import_is_seen_by_its_own_office_alone(cast: Any, client_of: Clients) -> None:
    upload(client_of(cast.system_admin), messy(cast.mine_a.code, cast.mine_b.code))
    pk = RegisterImport.objects.get().pk
    keeper = cast.county_officer
    assert client_of(keeper).get(reverse("registry:import", args=[pk])).status_code == 403
    keeper.roles = ["system_admin"]
    keeper.save()
    for name in ("import", "import_report"):
        assert client_of(keeper).get(reverse(f"registry:{name}", args=[pk])).status_code == 404
    for name in ("import_decide", "import_write", "import_discard"):
        assert client_of(keeper).post(reverse(f"registry:{name}", args=[pk])).status_code == 404
    assert not client_of(keeper).get(reverse("registry:imports")).context["imports"]


def test_a_bad_file_says_why_on_the_form(cast: Any, client_of: Clients) -> None:
    assert "文件损坏" in upload(client_of(cast.system_admin), b"PK nothing").content.decode()
    assert not RegisterImport.objects.exists()


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_exported_register_comes_back_unchanged(cast: Any, client_of: Clients, moment: datetime, kind: str) -> None:
    facts = {
        "capacity": 120,
        "state": "producing",
        "gas_grade": "outburst",
        "standard_grade": "first",
        "dust_grade": "none",
    }
    began = moment - timedelta(days=2000)
    record_facts([NewFact(cast.mine_a.code, *fact, began) for fact in facts.items()], at=began, basis="批复")
    browser = client_of(cast.system_admin)
    content = browser.get(reverse("registry:export"), {"format": kind}).content
    upload(browser, content, f"登记.{kind}")
    rows = RegisterImport.objects.get().rows.order_by("number")
    assert [(row.code, row.verdict, row.news) for row in rows] == [
        (cast.mine_b.code, "accepted", "same"),
        (cast.mine_a.code, "accepted", "same"),
    ]
    assert rows[1].values["capacity"] == 120


def test_the_export_holds_the_scope_and_nothing_else(cast: Any, client_of: Clients) -> None:
    for user, codes in ((cast.county_officer, [cast.mine_a.code]), (cast.mine_b_dispatcher, [cast.mine_b.code])):
        text = client_of(user).get(reverse("registry:export"), {"format": "csv"}).content.decode("utf-8-sig")
        assert [line.split(",")[0] for line in text.splitlines()[1:]] == codes
    assert client_of(cast.nobody).get(reverse("registry:export")).status_code == 403


def test_the_history_tells_every_dated_fact_and_what_was_known_when(
    cast: Any, client_of: Clients, moment: datetime
) -> None:
    code, earlier = cast.mine_a.code, moment - timedelta(days=30)
    record_facts([NewFact(code, "capacity", 90, earlier)], at=earlier, basis="旧批复", by=cast.system_admin)
    record_facts([NewFact(code, "capacity", 120, moment)], at=moment, basis="新批复", by=cast.system_admin)
    browser, address = client_of(cast.county_officer), reverse("registry:history", args=[code])
    lines = [line for line in browser.get(address).context["lines"] if line.attribute == "capacity"]
    assert [(line.value, line.basis, line.recorded_by) for line in lines] == [
        ("120", "新批复", "系统管理员"),
        ("90", "旧批复", "系统管理员"),
    ]
    assert lines[1].ended == moment
    then = browser.get(address, {"known": "2026-11-01T00:00", "attribute": "capacity"}).context["lines"]
    assert [(line.value, line.ended, line.holds) for line in then] == [("90", None, True)]
    assert browser.get(address, {"known": "nonsense"}).context["known_at"] is None
    assert client_of(cast.neighbour_officer).get(address).status_code == 404


def defined(code: str, at: datetime, frame: int, **changes: Any) -> dict[str, Any]:
    row = {
        "code": code,
        "mine": code[:12],
        "unit": "%CH4",
        "location": "示例上隅角",
        "limits": {"alarm_high": 0.8, "cut_high": 1.5},
        "defined": True,
        "limit": 0.8,
        "limit_source": "own",
        "statutory": 1.0,
        "statutory_row": "S-01",
        "article": "规程498条",
        "confidence": "S",
        "place_class": "return_corner",
        "gateway": "g1",
        "frame": frame,
        "valid_from": to_ms(at),
    }
    return row | changes


def test_limits_show_deviations_and_every_change_with_its_frame(
    cast: Any, client_of: Clients, moment: datetime
) -> None:
    a, b = f"{cast.mine_a.code}01MN0001", f"{cast.mine_b.code}01MN0001"
    later = moment + timedelta(hours=1)
    above = {"limits": {"alarm_high": 1.5, "cut_high": 1.5}, "limit": 1.0, "limit_source": "statutory_location"}
    undefined = {
        "code": f"{cast.mine_a.code}01MN0002",
        "mine": cast.mine_a.code,
        "defined": False,
        "limit_source": "none",
    }
    enter_seen([], [defined(a, moment, 7), defined(b, moment, 8), undefined | {"valid_from": to_ms(moment)}], moment)
    enter_seen([], [defined(a, later, 9, **above)], later)
    browser, address = client_of(cast.county_officer), reverse("registry:limits")
    page = browser.get(address)
    assert b not in page.content.decode()
    for figure in page.context["figures"]:
        assert browser.get(address + figure.href).context["total"] == figure.value, figure.label
    switch = defined(a[:-1] + "9", moment, 7, limit_source="none", limit=None)
    enter_seen([], [switch], moment)
    totals = [browser.get(address + asked).context["total"] for asked in ("", "?judged=", "?judged=no", "?judged=yes")]
    assert totals == [2, 3, 1, 2], "what is not judged is shown when it is asked for"
    only = browser.get(address, {"deviation": "above"}).content.decode()
    assert "高于规程" in only
    assert "规程498条" in only
    rows = browser.get(reverse("registry:limit_changes"), {"q": a}).content.decode()
    assert "报警 0.8 → 1.5；执行限值 0.8 → 1" in rows
    assert "/link/frames/g1/9/" in rows
    plain = client_of(cast.security_admin).get(reverse("registry:limit_changes"), {"q": a}).content.decode()
    assert "/link/frames/" not in plain and "g1 第 9 号" in plain
    assert Point.objects.filter(code=a).count() == 2
    wide = client_of(cast.city_officer).get(address).context["total"]
    assert wide == 3
    assert client_of(cast.nobody).get(address).status_code == 403
    assert client_of(cast.mine_b_dispatcher).get(address).context["total"] == 1


@pytest.mark.parametrize("name", ["registry:limits", "registry:limit_changes"])
def test_pages_of_limits_need_the_same_number_of_queries_for_few_and_many(
    cast: Any, client_of: Clients, moment: datetime, name: str, django_assert_max_num_queries: Any
) -> None:
    rows = [defined(f"{cast.mine_a.code}01MN{n:04d}", moment, n) for n in range(120)]
    enter_seen([], rows, moment)
    browser = client_of(cast.province_officer)
    with django_assert_max_num_queries(14):
        assert browser.get(reverse(name)).context["total"] == 120


def test_two_files_of_one_moment_are_two_rows_and_a_replay_adds_none(cast: Any, moment: datetime) -> None:
    code = f"{cast.mine_a.code}01MN0001"
    rows = [defined(code, moment, 7), defined(code, moment, 8, limits={"alarm_high": 0.5}, limit=0.5)]
    for _ in range(2):
        enter_seen([], rows, moment)
    assert list(
        Point.objects.filter(code=code).order_by("id").values_list("alarm_high", "frame", "valid_to", "change")
    ) == [
        (0.8, 7, moment, "first"),
        (0.5, 8, None, "own"),
    ]


def test_a_new_class_of_the_place_changes_what_is_judged_and_keeps_what_the_point_sets(
    cast: Any, moment: datetime
) -> None:
    code, later = f"{cast.mine_a.code}01MN0001", moment + timedelta(hours=1)
    enter_seen([], [defined(code, moment, 7)], moment)
    told = {
        name: value for name, value in defined(code, later, 9, limit=0.5, statutory=0.5).items() if name != "limits"
    }
    enter_seen([], [told | {"limit_source": "statutory_register"}], later)
    row = Point.objects.get(code=code, valid_to__isnull=True)
    assert (row.change, row.alarm_high, row.limit, row.own_above) == ("judged", 0.8, 0.5, True)


def test_a_written_register_cannot_be_decided_again(cast: Any, client_of: Clients) -> None:
    browser = client_of(cast.system_admin)
    upload(browser, of_rows(["矿山编码", "名称", "类型"], [["140404900070", "示例新矿", "井工"]]))
    pk = RegisterImport.objects.get().pk
    browser.post(reverse("registry:import_write", args=[pk]))
    assert RegisterImport.objects.get().state == "written"
    answer = browser.post(reverse("registry:import_discard", args=[pk]), follow=True)
    assert "本次导入已结束" in answer.content.decode()
