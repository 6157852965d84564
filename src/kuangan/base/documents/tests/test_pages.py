"""Drawings in the browser: handed in, seen, taken and withdrawn by whom it concerns, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kuangan.base.audit.models import AuditEntry
from kuangan.base.clock import beijing_day, now
from kuangan.base.documents.files import FOLDER, path_of
from kuangan.base.documents.kinds import LAW
from kuangan.base.documents.models import Drawing, DrawingVersion

pytestmark = pytest.mark.django_db
Clients = Callable[[Any], Client]
PDF = b"%PDF-1.7\n" + b"x" * 6000


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def form(content: bytes = PDF, name: str = "通风系统图.pdf", **changed: str) -> dict[str, Any]:
    given = {"kind": "ventilation", "title": "", "secrecy": "restricted", "valid_from": "2026-11-01", "note": "十一月"}
    return {**given, **changed, "file": SimpleUploadedFile(name, content)}


def hand_in(browser: Client, cast: Any, **changed: Any) -> Any:
    address = reverse("documents:drawing_new", args=[cast.mine_a.code])
    return browser.post(address, form(**changed), follow=True)


def taken(browser: Client, row: DrawingVersion) -> Any:
    """The answer to a download with what came; to the end, which closes the file."""
    answer: Any = browser.get(reverse("documents:download", args=[row.pk]))
    answer.taken = b"".join(answer)
    return answer


def actions() -> list[str]:
    return list(AuditEntry.objects.filter(kind="drawing").order_by("pk").values_list("action", flat=True))


def test_a_mine_hands_in_versions_and_the_old_one_stays_marked(cast: Any, client_of: Clients) -> None:
    browser = client_of(cast.mine_a_dispatcher)
    page = hand_in(browser, cast).content.decode()
    assert "通风系统图" in page
    assert "现行" in page
    drawing = Drawing.objects.get()
    browser.post(reverse("documents:version_new", args=[drawing.pk]), form(PDF + b"2", valid_from="2026-11-10"))
    first, second = DrawingVersion.objects.order_by("number")
    assert (first.number, second.number, second.size) == (1, 2, len(PDF) + 1)
    page = browser.get(reverse("documents:drawing", args=[drawing.pk])).content.decode()
    assert page.index("第 2 版") < page.index("现行") < page.index("第 1 版") < page.index("旧版")
    old = taken(browser, first)
    assert old.taken == PDF
    assert unquote(old["Content-Disposition"]).startswith("attachment;")
    assert "【旧版】第1版_通风系统图.pdf" in unquote(old["Content-Disposition"])
    assert old["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in old["Cache-Control"]
    new = taken(browser, second)
    assert "旧版" not in unquote(new["Content-Disposition"])
    assert actions() == ["drawing.added", "drawing.version_added", "drawing.version_added"] + ["drawing.downloaded"] * 2


def test_what_was_in_force_on_a_day_can_be_asked(cast: Any, client_of: Clients) -> None:
    browser = client_of(cast.mine_a_dispatcher)
    hand_in(browser, cast)
    drawing = Drawing.objects.get()
    browser.post(reverse("documents:version_new", args=[drawing.pk]), form(PDF + b"2", valid_from="2026-11-10"))
    address = reverse("documents:drawings", args=[cast.mine_a.code])

    def shown(day: str) -> Any:
        rows = browser.get(address, {"on": day}).context["rows"]
        return next(line.version and line.version.number for line, _ in rows if line.kind == "ventilation")

    assert [shown(day) for day in ("2026-10-31", "2026-11-09", "2026-11-10")] == [None, 1, 2]
    page = browser.get(address, {"on": "2026-11-09"}).content.decode()
    assert ("事后上传" in page) == (beijing_day(now()).isoformat() > "2026-11-09")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"content": b"<html>", "name": "图.pdf"}, "内容须与扩展名一致"),
        ({"content": PDF, "name": "图.dwg"}, "内容须与扩展名一致"),
        ({"content": PDF, "name": "图.exe"}, "内容须与扩展名一致"),
        ({"valid_from": "2031-01-01"}, "最多可提前"),
        ({"kind": "none"}, "选择一个有效的选项"),
    ],
)
def test_what_is_no_drawing_is_refused_in_words(cast: Any, client_of: Clients, changed: Any, why: str) -> None:
    page = hand_in(client_of(cast.mine_a_dispatcher), cast, **changed)
    assert why in page.content.decode()
    assert not DrawingVersion.objects.exists()
    assert actions() == []


def test_a_file_over_the_limit_is_refused(cast: Any, client_of: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kuangan.base.documents.acts.LARGEST", 100)
    page = hand_in(client_of(cast.mine_a_dispatcher), cast).content.decode()
    assert f"超过 {LAW.largest_mb} MB" in page
    assert not Drawing.objects.exists()


def test_the_same_drawing_is_not_entered_twice(cast: Any, client_of: Clients) -> None:
    browser = client_of(cast.mine_a_dispatcher)
    hand_in(browser, cast)
    assert "请在该图纸下上传新版" in hand_in(browser, cast).content.decode()
    again = reverse("documents:version_new", args=[Drawing.objects.get().pk])
    assert "未重复登记" in browser.post(again, form()).content.decode()
    assert DrawingVersion.objects.count() == 1


def test_a_withdrawn_version_leaves_force_and_stays(cast: Any, client_of: Clients) -> None:
    browser = client_of(cast.county_officer)
    hand_in(browser, cast)
    row = DrawingVersion.objects.get()
    address = reverse("documents:version_withdraw", args=[row.pk])
    assert browser.post(address, {"reason": ""}).status_code == 200
    page = browser.post(address, {"reason": "误传他矿图纸"}, follow=True).content.decode()
    assert "误传他矿图纸" in page
    assert "已撤回" in page
    again = browser.post(address, {"reason": "再次"}, follow=True).content.decode()
    assert "该版已撤回" in again
    row.refresh_from_db()
    assert row.withdrawn_reason == "误传他矿图纸"
    copy = taken(browser, row)
    assert "【已撤回】" in unquote(copy["Content-Disposition"])
    entry = AuditEntry.objects.get(action="drawing.withdrawn")
    assert (entry.actor_id, entry.reason) == (cast.county_officer.pk, "误传他矿图纸")
    with pytest.raises(TypeError):
        row.delete()


def test_a_restricted_drawing_is_told_to_the_parent_and_not_given(cast: Any, client_of: Clients) -> None:
    hand_in(client_of(cast.mine_a_dispatcher), cast)
    row = DrawingVersion.objects.get()
    browser = client_of(cast.parent_dispatcher)
    page = browser.get(reverse("documents:drawing", args=[row.drawing_id])).content.decode()
    assert "限制" in page
    address = reverse("documents:download", args=[row.pk])
    assert address not in page
    assert browser.get(address).status_code == 403
    Drawing.objects.update(secrecy="internal")
    assert taken(browser, row).status_code == 200
    assert actions().count("drawing.downloaded") == 1


def test_who_only_sees_the_mine_hands_nothing_in(cast: Any, client_of: Clients) -> None:
    new = reverse("documents:drawing_new", args=[cast.mine_a.code])
    answers = {
        name: client_of(cast.people[name]).post(new, form()).status_code
        for name in ("city_officer", "neighbour_officer", "parent_dispatcher", "mine_b_dispatcher")
    }
    assert answers == {
        "city_officer": 403,
        "neighbour_officer": 404,
        "parent_dispatcher": 403,
        "mine_b_dispatcher": 404,
    }
    page = client_of(cast.city_officer).get(reverse("documents:drawings", args=[cast.mine_a.code])).content.decode()
    assert new not in page
    assert not Drawing.objects.exists()


def test_a_file_that_is_no_longer_what_was_handed_in_is_not_given(
    cast: Any, client_of: Clients, own_home: Path
) -> None:
    browser = client_of(cast.mine_a_dispatcher)
    hand_in(browser, cast)
    row = DrawingVersion.objects.get()
    path_of(own_home / FOLDER, row.sha256).write_bytes(b"%PDF-other")
    answer = browser.get(reverse("documents:download", args=[row.pk]))
    assert answer.status_code == 404
    assert "不符" in answer.content.decode()
    assert "drawing.downloaded" not in actions()


def test_the_page_of_the_mine_tells_what_is_missing(cast: Any, client_of: Clients) -> None:
    browser = client_of(cast.county_officer)
    hand_in(browser, cast, valid_from="2026-01-01")
    page = browser.get(f"/mines/{cast.mine_a.code}/")
    sums = page.context["drawings"]
    assert (sums.missing, sums.overdue) == (sums.needed - 1, 1)
    assert "超期未更新" in page.content.decode()
    assert client_of(cast.system_admin).get(f"/mines/{cast.mine_a.code}/").context["drawings"] is None
