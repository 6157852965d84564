"""The pages of clauses say what the data say, to everybody with a role, and count what they list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from kuangan.base.audit.models import AuditEntry
from kuangan.base.clock import now
from kuangan.base.compliance import words
from kuangan.base.compliance.dates import dues, next_of
from kuangan.base.compliance.serving import served
from kuangan.library.policy import shipped
from kuangan.library.policy.editions import keep
from kuangan.library.policy.schema import Deadline
from kuangan.site.clauses import pages

Clients = Callable[[Any], Client]
pytestmark = pytest.mark.usefixtures("time_stands_still")
LIST = "/clauses/"
LIBRARY = shipped()
NODES = tuple(LIBRARY.nodes.values())
USED = {
    "KINDS": {code for node in NODES for code in node.kinds},
    "SUBJECTS": {code for node in NODES for code in node.binds},
    "MINE_KINDS": {code for measure in LIBRARY.measures.values() for code in measure.mine_kinds},
    "CADENCES": {node.cadence for node in NODES if node.cadence},
    "LASTS": {node.lasts for node in NODES},
    "SERIES": {node.series for node in NODES},
    "OPERATORS": {row.op for node in NODES for row in node.thresholds},
    "UNITS": {row.unit for node in NODES for row in node.thresholds},
    "SCOPES": {measure.scope for measure in LIBRARY.measures.values()},
    "ROOMS": {node.room for node in NODES} | {row.waits_for for row in served().values() if row.waits_for},
    "STATES": {row.state for row in served().values()},
}


def listed(client: Client, address: str = LIST) -> list[str]:
    return re.findall(r'data-node="([^"]+)"', client.get(address).content.decode())


@pytest.mark.parametrize("table", USED)
def test_every_code_of_the_data_has_a_word(table: str) -> None:
    assert USED[table] <= set(getattr(words, table))


@pytest.mark.django_db
def test_every_figure_leads_to_as_many_rows_as_it_says(client_of: Clients, county_officer: Any) -> None:
    client = client_of(county_officer)
    page = client.get(LIST)
    figures = {figure.label: figure for figure in page.context["figures"]}
    assert figures["条款总数"].value == len(NODES) == 172
    assert {"已落实", "部分落实", "待建", "34号文", "36号文"} <= set(figures)
    assert {label: len(listed(client, figure.href)) for label, figure in figures.items()} == {
        label: figure.value for label, figure in figures.items()
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("q=sx34-42", lambda node: "SX34-42" in node.id),
        ("kind=prohibition", lambda node: "prohibition" in node.kinds),
        ("binds=vendor", lambda node: "vendor" in node.binds),
        ("document=SX36&kind=target", lambda node: node.document == "SX36" and "target" in node.kinds),
        ("room=crosscheck", lambda node: served()[node.id].waits_for == "crosscheck"),
        ("q=没有这样的词", lambda _: False),
        ("state=none-such", lambda _: True),
    ],
)
def test_the_list_finds_what_was_asked(
    client_of: Clients, county_officer: Any, query: str, holds: Callable[[Any], bool]
) -> None:
    assert listed(client_of(county_officer), f"{LIST}?{query}") == [node.id for node in NODES if holds(node)]


@pytest.mark.django_db
def test_the_export_holds_the_rows_of_the_list_and_is_recorded(client_of: Clients, county_officer: Any) -> None:
    answer = client_of(county_officer).get(f"{LIST}?document=SX36&export=xlsx")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    ids = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert ids == [node.id for node in NODES if node.document == "SX36"]
    entry = AuditEntry.objects.get(action="list.exported")
    assert entry.ident == "ClauseList"


@pytest.mark.django_db
def test_every_clause_has_its_page_with_what_the_data_say(client_of: Clients, mine_a_dispatcher: Any) -> None:
    client = client_of(mine_a_dispatcher)
    for node in NODES:
        answer = client.get(reverse("compliance:clause", args=[node.id]))
        text = answer.content.decode()
        assert answer.status_code == 200, node.id
        assert node.title in text
        assert text.count("已到期") == sum(due.passed and not due.since for due in answer.context["row"].dues)
        assert len(answer.context["breaches"]) == len(node.on_breach)
        assert len(answer.context["acts"]) == len(node.statutes)


@pytest.mark.django_db
def test_a_clause_shows_law_defaults_readings_and_what_serves_it(client_of: Clients, county_officer: Any) -> None:
    text = client_of(county_officer).get(f"{LIST}SX34-42/").content.decode()
    assert "≥ 2 %" in text
    assert words.DEFAULT_MARK in text
    assert '/rules/#gas.over_limit"' in text
    assert f'href="{reverse("alerts:desk")}">值守台' in text
    assert f"{LIST}SX34-H20/" in text
    assert "变更权限" in text
    assert "kuangan policy import" in text


@pytest.mark.django_db
def test_pages_that_a_person_may_not_open_are_no_links(client_of: Clients, mine_a_dispatcher: Any) -> None:
    text = client_of(mine_a_dispatcher).get(f"{LIST}SX34-31/").content.decode()
    assert "监测疑点" in text
    assert f'href="{reverse("suspicions:board")}"' not in text


@pytest.mark.django_db
def test_an_imported_text_is_shown_at_its_place(
    client_of: Clients, county_officer: Any, tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path
    client = client_of(county_officer)
    row, _ = keep(tmp_path, "SX34", "text.txt", "一、测试一体。\n（一）测试措施。\n1.示例句子。".encode(), now())
    assert "示例句子" in client.get(f"{LIST}SX34-1/").content.decode()
    assert "没有找到本条" in client.get(f"{LIST}SX34-42/").content.decode()
    assert "原文未导入" in client.get(f"{LIST}SX36-7/").content.decode()
    row.path.write_bytes(b"changed")
    from kuangan.site.clauses import _texts

    _texts.cache_clear()
    assert "与登记的摘要不符" in client.get(f"{LIST}SX34-1/").content.decode()


@pytest.mark.django_db
def test_texts_that_are_missing_are_listed(client_of: Clients, county_officer: Any) -> None:
    text = client_of(county_officer).get(f"{LIST}texts/").content.decode()
    assert re.findall(r'data-text="([^"]+)"', text) == list(LIBRARY.not_loaded)


@pytest.mark.django_db
def test_strangers_sign_in_first_and_nobody_gets_nothing(client_of: Clients, nobody: Any, county_officer: Any) -> None:
    for address in (LIST, f"{LIST}SX34-42/", f"{LIST}texts/"):
        assert client_of(None).get(address).status_code == 302
        assert client_of(nobody).get(address).status_code == 403
    assert client_of(county_officer).get(f"{LIST}SX99-1/").status_code == 404


@pytest.mark.django_db
def test_chips_on_the_rule_page_lead_to_clauses(client_of: Clients, county_officer: Any) -> None:
    assert f'href="{LIST}SX34-42/"' in client_of(county_officer).get("/rules/").content.decode()


def test_every_page_that_serves_a_clause_has_a_word_and_an_address() -> None:
    assert all(page.label and reverse(page.url) for page in pages().values())


def test_days_pass_and_none_is_made_up() -> None:
    yearly = Deadline.model_validate(
        {"yearly": "12-10", "from": 2024, "until": 2026, "what": "报送总结", "said": "每年"}
    )
    found = dues([yearly], date(2026, 11, 21))
    assert [(f"{due.day}", due.word) for due in found] == [
        ("2024-12-10", "已到期"),
        ("2025-12-10", "已到期"),
        ("2026-12-10", "还有 19 天"),
    ]
    assert next_of(found) == found[2]
    since = Deadline.model_validate({"on": "2025-01-01", "what": "不得外包", "said": "自2025年起", "sense": "since"})
    assert dues([since], date(2026, 11, 21))[0].word == "已起算"
    assert next_of([]) is None
