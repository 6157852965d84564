"""The page of the rules shows the book in force, whose it is, and what of it is only ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kuangan.domains.alerts.rules import RULE_WORDS
from kuangan.domains.rulebook.words import RULES
from kuangan.library.warning.rulebook import shipped

Clients = Callable[[Any], Client]


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "hot").mkdir()
    settings.HOME = tmp_path
    return tmp_path


def shown(cast: Any, client_of: Clients) -> Any:
    return client_of(cast.mine_a_dispatcher).get(reverse("rulebook:rules"))


def test_every_rule_has_a_word() -> None:
    assert set(RULES) == set(shipped().rules)
    alerts = {rule: word for rule, word in RULES.items() if not rule.startswith("tamper.")}
    assert alerts == dict(RULE_WORDS), "the duty desk says the same"


@pytest.mark.django_db
def test_no_setting_is_shown_by_its_name_in_the_file(cast: Any, client_of: Clients, home: Path) -> None:
    rows = shown(cast, client_of).context["rules"]
    told = [(row["code"], word, value) for row in rows for word, value in row["settings"] if word != "作业地点名称样式"]
    assert told
    assert [line for line in told if re.search(r"[a-z]{2}", line[1] + line[2])] == []


@pytest.mark.django_db
def test_the_shipped_book_is_shown_row_by_row_with_its_marks(cast: Any, client_of: Clients, home: Path) -> None:
    page = shown(cast, client_of)
    text, book = page.content.decode(), shipped()
    assert "系统自带" in text
    assert [row["code"] for row in page.context["rules"]] == list(book.rules)
    assert [row["row"] for row in page.context["statutory"]] == [row.row for row in book.statutory]
    ours = [row for key in ("rules", "ladders", "statutory") for row in page.context[key] if row["default"]]
    assert ours
    assert all(row["confidence"] != "S" for row in ours)
    assert text.count("系统默认，非官方分级") >= len(ours)


@pytest.mark.django_db
def test_the_book_in_the_home_goes_before_the_shipped_one(cast: Any, client_of: Clients, home: Path) -> None:
    book = json.loads(shipped().model_dump_json()) | {"version": 9, "title": "示例省级规则"}
    (home / "config" / "rulebook.json").write_text(json.dumps(book))
    text = shown(cast, client_of).content.decode()
    assert "示例省级规则" in text
    assert "第 9 版" in text
    assert "rulebook.json" in text


@pytest.mark.django_db
def test_a_broken_book_in_the_home_is_told_and_not_shown(cast: Any, client_of: Clients, home: Path) -> None:
    (home / "config" / "rulebook.json").write_text("{")
    page = shown(cast, client_of)
    assert "引擎未采用" in page.content.decode()
    assert page.context["book"] == shipped()


@pytest.mark.django_db
def test_strangers_and_people_without_a_role_do_not_see_rules(cast: Any, client_of: Clients, home: Path) -> None:
    assert client_of(None).get(reverse("rulebook:rules")).status_code == 302
    assert client_of(cast.nobody).get(reverse("rulebook:rules")).status_code == 403
