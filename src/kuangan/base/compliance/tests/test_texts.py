"""Official texts: what rests on those that are missing, and handing one in, looked at before it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kuangan.base.audit.models import AuditEntry
from kuangan.base.clock import now, use
from kuangan.base.compliance.texts_import import LARGEST, draft_of, put_draft
from kuangan.base.compliance.texts_rows import text_rows
from kuangan.base.people.models import User
from kuangan.library.policy import editions, shipped

Clients = Callable[[Any], Client]
PLACE = "/clauses/editions/"
TEXT = "晋安办发〔2024〕34号\n一、测试一体。\n（一）测试措施。\n1.每月测试1次。\n2.每年总结。"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_stands_still")]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def leader(cast: Any) -> User:
    return User.objects.create(
        username="province_leader", organisation=cast.organisations["province"], roles=["leader"], password="!unusable"
    )


def hand_in(client: Client, text: str = TEXT, name: str = "text.txt") -> Any:
    return client.post(f"{PLACE}new/", {"file": SimpleUploadedFile(name, text.encode())})


def imported(client: Client, text: str = TEXT) -> Any:
    draft = hand_in(client, text).headers["Location"]
    return client.post(f"{draft}keep", {"reason": "省安委办来文"})


def test_a_text_is_looked_at_before_it_is_kept(client_of: Clients, system_admin: User, home: Path) -> None:
    client = client_of(system_admin)
    answer = hand_in(client)
    assert answer.status_code == 302
    page = client.get(answer.headers["Location"]).content.decode()
    assert "尚未保存" in page
    assert re.search(r"<dt>条款</dt><dd>2</dd>", page)
    assert "没有更早的版本可比" in page
    assert editions.editions(home, "SX34") == []
    assert not AuditEntry.objects.filter(action="text.imported").exists()
    kept = client.post(f"{answer.headers['Location']}keep", {"reason": "省安委办来文"})
    assert kept.headers["Location"] == f"{PLACE}SX34/1/"
    assert [row.row.edition for row in editions.editions(home, "SX34")] == [1]
    entry = AuditEntry.objects.get(action="text.imported")
    assert (entry.actor_id, entry.ident, entry.reason) == (system_admin.pk, "SX34", "省安委办来文")
    assert client.get(answer.headers["Location"]).status_code == 404
    assert "每月测试1次" in client.get("/clauses/SX34-1/").content.decode()


def test_a_later_edition_shows_what_differs(client_of: Clients, system_admin: User) -> None:
    client = client_of(system_admin)
    imported(client)
    draft = hand_in(client, TEXT.replace("测试1次", "测试2次")).headers["Location"]
    page = client.get(draft).content.decode()
    assert "与第 1 次导入的差异" in page
    assert "<del>1</del><ins>2</ins>" in page
    assert client.post(f"{draft}keep", {"reason": "新版"}).headers["Location"] == f"{PLACE}SX34/2/"
    assert "<del>1</del><ins>2</ins>" in client.get(f"{PLACE}SX34/2/").content.decode()
    assert "没有更早的版本可比" in client.get(f"{PLACE}SX34/1/").content.decode()
    text = client.get(PLACE).content.decode()
    assert re.findall(r'data-edition="([^"]+)"', text) == ["SX34-2", "SX34-1"]


def test_the_same_text_again_is_kept_and_audited_once(client_of: Clients, system_admin: User, home: Path) -> None:
    client = client_of(system_admin)
    imported(client)
    imported(client)
    assert len(editions.editions(home, "SX34")) == 1
    assert AuditEntry.objects.filter(action="text.imported").count() == 1


def test_a_draft_is_thrown_away(client_of: Clients, system_admin: User, home: Path) -> None:
    client = client_of(system_admin)
    draft = hand_in(client).headers["Location"]
    assert client.post(f"{draft}discard").status_code == 302
    assert client.get(draft).status_code == 404
    assert list((home / "policy" / "drafts").iterdir()) == []


def test_reasons_and_a_known_document_are_needed(client_of: Clients, system_admin: User, home: Path) -> None:
    client = client_of(system_admin)
    draft = hand_in(client).headers["Location"]
    assert client.post(f"{draft}keep", {"reason": ""}).status_code == 422
    other = hand_in(client, TEXT.replace("34号", "99号")).headers["Location"]
    assert "本系统没有该文件的数据" in client.get(other).content.decode()
    assert client.post(f"{other}keep", {"reason": "r"}).status_code == 422
    assert client.post(f"{draft}dance").status_code == 404
    assert editions.editions(home, "SX34") == []


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("text.pdf", b"%PDF-1.7", "只收 txt 和 docx"),
        ("text.docx", b"words", "不是有效的 docx"),
        ("text.txt", b"\xff\x00\xff", "文字编码"),
        ("text.txt", b"no places", "没有找到编号的条目"),
        ("text.txt", b" " * (LARGEST + 1), "超过 8 MB"),
    ],
)
def test_other_files_are_refused_on_the_page(
    client_of: Clients, system_admin: User, home: Path, name: str, content: bytes, why: str
) -> None:
    answer = client_of(system_admin).post(f"{PLACE}new/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not list((home / "policy").glob("drafts/*.bin"))


def test_a_leader_of_the_province_imports_and_others_do_not(
    client_of: Clients, cast: Any, leader: User, system_admin: User
) -> None:
    draft = hand_in(client_of(leader)).headers["Location"]
    assert client_of(leader).get(draft).status_code == 200
    assert client_of(system_admin).get(draft).status_code == 404
    for person in ("province_officer", "city_leader", "county_leader", "mine_a_manager", "auditor", "nobody"):
        client = client_of(cast.people[person])
        assert hand_in(client).status_code == 403, person
        assert client.get(draft).status_code == 403, person
        assert "读取并核对" not in client.get(PLACE).content.decode()
    assert hand_in(client_of(None)).status_code == 302


def test_drafts_that_nobody_decided_go_after_a_day(home: Path, system_admin: User) -> None:
    old = put_draft(home, "text.txt", TEXT.encode(), by=system_admin, at=now())
    with use(now() + timedelta(hours=25)):
        new = put_draft(home, "text.txt", TEXT.replace("每月", "每周").encode(), by=system_admin, at=now())
    assert draft_of(home, old) is None
    assert draft_of(home, new) is not None
    assert draft_of(home, "../../secrets/key") is None


def test_a_stored_text_that_was_changed_is_not_shown(client_of: Clients, system_admin: User, home: Path) -> None:
    client = client_of(system_admin)
    imported(client)
    editions.editions(home, "SX34")[0].path.write_bytes(b"changed")
    assert "与登记的摘要不符" in client.get(f"{PLACE}SX34/1/").content.decode()
    assert client.get(f"{PLACE}SX34/2/").status_code == 404
    assert client.get(f"{PLACE}SX99/1/").status_code == 404


def test_missing_texts_say_what_rests_on_them_and_what_is_not_issued(client_of: Clients, county_officer: User) -> None:
    rows = {row.text.id: row for row in text_rows(shipped())}
    assert rows.keys() == shipped().not_loaded.keys()
    assert rows["points_table"].acts
    assert rows["discretion"].measures
    text = client_of(county_officer).get("/clauses/texts/").content.decode()
    assert "不得印发" in text
    assert rows["points_table"].acts[0] in text
