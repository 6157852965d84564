"""The pages exist for the group within its scope; for everybody else there is nothing, not even a number."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from conftest import MINE_A, MINE_B
from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.models import Case
from kuangan.base.clock import to_ms
from kuangan.domains.rulebook.words import RULES as BOOK_WORDS
from kuangan.domains.suspicions.models import Suspicion
from kuangan.domains.suspicions.sink import apply_suspicions
from kuangan.domains.suspicions.tests.conftest import event
from kuangan.domains.suspicions.words import NUMBERS, RULES, SIGNS, WHY
from kuangan.library.telemetry.hot import publish
from kuangan.library.warning import deceit
from kuangan.library.warning.deceit.rules import MODELS

Clients = Callable[[Any], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_stands_still")]
BOARD = "/suspicions/"


def page(row: Suspicion) -> str:
    return reverse("suspicions:suspicion", args=[row.pk])


def test_every_rule_has_its_word_and_the_rule_book_says_the_same() -> None:
    assert set(RULES) == set(MODELS)
    assert {rule: word for rule, word in BOOK_WORDS.items() if rule in RULES} == dict(RULES)


def test_every_code_of_a_sign_has_a_word() -> None:
    text = "".join(path.read_text("utf-8") for path in Path(deceit.__file__).parent.glob("*.py"))
    used = set(re.findall(r"\b(?:sign|unknown)\(\s*\"(\w+)\"", text))
    whys = set(re.findall(r"unknown\(\s*\"\w+\",\s*\"(\w+)\"", text))
    assert used
    assert used <= set(SIGNS)
    assert whys <= set(WHY)
    assert {"share", "minutes", "points"} <= set(NUMBERS)


def test_members_see_the_list_and_the_signs_and_every_look_is_recorded(
    member: Any, client_of: Clients, suspected: Suspicion
) -> None:
    client = client_of(member("province_officer"))
    listed = client.get(BOARD).content.decode()
    assert "示例远峰煤业" in listed
    assert "建议核查" in listed
    shown = client.get(page(suspected)).content.decode()
    for words in (
        "疑似封堵",
        "突降",
        "比例 0.52",
        "没有相邻测点",
        "仿真设备厂",
        "KJ90X",
        "不是认定",
        'href="/clauses/SX34-',
    ):
        assert words in shown
    actions = list(AuditEntry.objects.filter(action__startswith="suspicion.").values_list("action", flat=True))
    assert actions[-2:] == ["suspicion.listed", "suspicion.viewed"]


@pytest.mark.parametrize("name", ["province_officer", "county_officer", "city_leader", "bureau_officer"])
def test_officials_outside_the_group_find_nothing(
    cast: Any, client_of: Clients, suspected: Suspicion, name: str
) -> None:
    client = client_of(cast.people[name])
    text = client.get(BOARD).content.decode()
    assert "示例远峰煤业" not in text
    assert "仅对指定工作组成员开放" in text
    assert client.get(page(suspected)).status_code == 404
    number = Case.objects.get().number
    assert client.get(reverse("suspicions:case", args=[number])).status_code == 404
    found = client.get(reverse("portal:search"), {"q": number}).content.decode()
    assert "suspicions/" not in found.replace(BOARD + '"', "")
    assert "疑似封堵" not in found
    assert "仿真设备厂" not in client.get(reverse("suspicions:makers")).content.decode()


@pytest.mark.parametrize("name", ["mine_a_manager", "parent_dispatcher", "system_admin", "auditor"])
def test_the_mine_its_company_and_administrators_are_refused(
    cast: Any, client_of: Clients, suspected: Suspicion, name: str
) -> None:
    client = client_of(cast.people[name])
    assert client.get(BOARD).status_code == 403
    assert client.get(page(suspected)).status_code == 403


def test_a_member_at_the_mine_would_still_see_nothing(member: Any, client_of: Clients, suspected: Suspicion) -> None:
    assert client_of(member("mine_a_manager")).get(BOARD).status_code == 403


def test_members_see_their_scope_alone(member: Any, client_of: Clients, suspected: Suspicion) -> None:
    assert client_of(member("county_officer")).get(page(suspected)).status_code == 200
    assert client_of(member("neighbour_officer")).get(page(suspected)).status_code == 404


def test_what_is_watched_is_no_less_sealed(cast: Any, client_of: Clients, moment: datetime, home: Path) -> None:
    apply_suspicions([event(moment, tier="watch", grade="blue")], moment)
    assert "示例远峰煤业" not in client_of(cast.province_officer).get(BOARD).content.decode()


def step(client: Client, row: Suspicion, name: str, **form: str) -> int:
    return client.post(reverse("suspicions:step", args=[row.case.number, name]), form).status_code


def test_whoever_sends_the_check_does_not_confirm_it(member: Any, client_of: Clients, suspected: Suspicion) -> None:
    city, bureau = client_of(member("city_officer")), client_of(member("bureau_officer"))
    assert step(city, suspected, "assign") == 422
    assert step(city, suspected, "assign", plan="两人，夜班，不通知") == 302
    assert step(city, suspected, "confirm", opinion="现场包裹") == 403
    assert step(bureau, suspected, "confirm", opinion="现场包裹") == 302
    assert Case.objects.get().state == "confirmed"
    assert step(bureau, suspected, "refute", opinion="误报") == 409


def test_the_makers_are_counted_beside_the_mines_that_use_them(
    member: Any, client_of: Clients, suspected: Suspicion, home: Path
) -> None:
    rows = {"mine": [MINE_A, MINE_B, "990000000001"], "maker": ["仿真设备厂"] * 3, "system_model": ["KJ90X"] * 3}
    unknown = pl.Series("silent_since", [None] * 3, pl.Int64)
    publish(home, "mines", pl.DataFrame(rows).with_columns(unknown))
    (row,) = client_of(member("province_officer")).get(reverse("suspicions:makers")).context["rows"]
    assert (row.maker, row.model, row.mines, row.watched, row.suspected, row.share) == (
        "仿真设备厂",
        "KJ90X",
        2,
        0,
        1,
        "—",
    )


def test_the_curves_of_the_points_stand_side_by_side(
    member: Any, client_of: Clients, suspected: Suspicion, home: Path, moment: datetime
) -> None:
    points = [*suspected.inputs["points"], *suspected.inputs["neighbours"]]
    start = to_ms(moment) - 4 * 3_600_000
    rows = [
        {
            "point": p,
            "mine": MINE_A,
            "time": start + 60_000 * m,
            "value": 0.3 + 0.01 * (m % 7),
            "status": 0,
            "lag": 0,
            "rev": 0,
        }
        for p in points
        for m in range(120)
    ]
    types = {"status": pl.Int32, "lag": pl.Int32, "rev": pl.Int16}
    publish(home, "tail", pl.DataFrame(rows, schema_overrides=types))
    answer = client_of(member("province_officer")).get(page(suspected))
    assert [(each.code, each.suspected, len(each.lines)) for each in answer.context["pictures"]] == [
        (points[0], True, 1),
        (points[1], False, 1),
    ]
    assert answer.content.decode().count("<polyline") == 2
