"""The register of cameras: a sheet taken over with dates, refused with a line and a reason, exported as it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from kuangan.base.audit.models import AuditEntry
from kuangan.base.registry.cameras import BadSheet, exported, published, read, standing, take
from kuangan.base.registry.models import Camera
from kuangan.base.registry.publication import register_frame
from kuangan.library.warning.register import Register

Clients = Callable[[Any], Client]
SHEET = """摄像机编码\t国标编码\t地点\t覆盖要求\t电子封条
140404900000010101\t14040000001320000001\t主井井口\t始终覆盖\t是
140404900000010102,,1102综采工作面机头,作业时覆盖,否
140404900000010103\t\t停车场\t不要求"""


def test_a_pasted_sheet_is_read_with_or_without_a_head_line() -> None:
    lines = read(SHEET)
    assert [(line.place, line.duty, line.seal) for line in lines] == [
        ("主井井口", "always", True),
        ("1102综采工作面机头", "working", False),
        ("停车场", "none", False),
    ]
    assert read(SHEET.split("\n", 1)[1]) == lines


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "表格是空的"),
        ("a\t\t井口\n\nb\t\t", "第 3 行：缺少地点"),
        ("编码\t\t井口", "第 1 行：摄像机编码须为字母和数字"),
        ("a\t\t井口\t随便", "第 1 行：覆盖要求须为"),
        ("a\t\t井口\t\t也许", "第 1 行：电子封条"),
        ("a\tb\t井口\nb\t\t大门", "第 2 行：编码 b 重复"),
    ],
)
def test_a_bad_sheet_names_line_and_reason(text: str, reason: str) -> None:
    with pytest.raises(BadSheet, match=reason):
        read(text)


@pytest.mark.django_db
def test_a_later_sheet_changes_adds_and_ends_and_keeps_the_past(cast: Any, moment: datetime) -> None:
    mine, by = cast.mine_a, cast.county_leader
    assert take(mine, read(SHEET), by=by, at=moment, basis="台账").added == 3
    later = moment + timedelta(days=1)
    text = SHEET.replace("1102", "1104").replace("140404900000010103", "140404900000010104")
    taken = take(mine, read(text), by=by, at=later, basis="变更")
    assert (taken.added, taken.changed, taken.ended) == (1, 1, 1)
    assert "1102综采工作面机头" in {row.place for row in standing(mine, moment)}
    assert {row.place for row in standing(mine, later)} == {"主井井口", "1104综采工作面机头", "停车场"}
    assert Camera.objects.count() == 5
    assert take(mine, read(text), by=by, at=later + timedelta(days=1), basis="同").changed == 0
    assert AuditEntry.objects.filter(action="cameras.registered", ident=mine.code).count() == 3


@pytest.mark.django_db
def test_the_engine_is_told_what_holds(cast: Any, moment: datetime) -> None:
    take(cast.mine_a, read(SHEET), by=cast.county_leader, at=moment, basis="台账")
    register = Register.model_validate(json.loads(register_frame(moment)))
    camera = register.cameras[cast.mine_a.code]["140404900000010101"]
    assert (camera.place, camera.duty, camera.seal, camera.other_code) == (
        "主井井口",
        "always",
        True,
        "14040000001320000001",
    )
    assert published(moment - timedelta(seconds=1)) == {}


@pytest.mark.django_db
def test_the_page_takes_a_sheet_and_the_export_gives_it_back(cast: Any, client_of: Clients, moment: datetime) -> None:
    address = f"/mines/{cast.mine_a.code}/cameras/"
    editor = client_of(cast.system_admin)
    refused = editor.post(address, {"sheet": "a", "reason": "台账"})
    assert refused.status_code == 200 and "缺少地点" in refused.content.decode()
    assert editor.post(address, {"sheet": SHEET, "reason": "台账"}).status_code == 302
    book = load_workbook(BytesIO(editor.get(f"{address}export/").content))
    told = [
        ["" if cell is None else cell for cell in row] for row in book.active.iter_rows(min_row=2, values_only=True)
    ]
    assert told == exported(Camera.objects.order_by("code"))
    assert read("\n".join("\t".join(row) for row in told)) == read(SHEET)
    assert client_of(cast.neighbour_officer).get(f"{address}export/").status_code == 404
    assert client_of(cast.auditor).post(address, {"sheet": SHEET, "reason": "x"}).status_code in (403, 404)
