"""Pages: who opens them, what is entered, lists and figures, what they cost."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from kuangan.base.clock import BEIJING, use
from kuangan.domains.enforcement.acts import void
from kuangan.domains.enforcement.models import Visit
from kuangan.domains.enforcement.tests.conftest import DAY, HOUR, Make

LIST, NEW = "/visits/", "/visits/new/"
OUTSIDE = ("mine_a_manager", "mine_b_dispatcher", "parent_dispatcher", "training_body", "system_admin", "auditor")


def local(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%dT%H:%M}"


@pytest.fixture
def typed(moment: datetime) -> dict[str, Any]:
    """The form of an arrival, as a browser posts it."""
    return {"mine": "示例远峰煤业", "kind": "night", "lead": "演示执法员", "team": "3", "arrived_at": local(moment)}


def test_an_officer_enters_an_arrival_then_the_leaving(
    cast: Any, typed: dict[str, Any], client_of: Make, moment: datetime
) -> None:
    county = client_of(cast.county_officer)
    assert f'value="{local(moment)}"' in county.get(NEW).content.decode()
    answer = county.post(NEW, typed)
    row = Visit.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}{row.pk}/")
    assert (row.mine, row.kind, row.team, row.arrived_at) == (cast.mine_a, "night", 3, moment)
    assert "在矿" in county.get(answer["Location"]).content.decode()
    with use(moment + 2 * HOUR):
        early = county.post(f"{answer['Location']}leave", {"left_at": local(moment)})
        assert (early.status_code, "须晚于到矿时间" in early.content.decode()) == (422, True)
        assert county.post(f"{answer['Location']}leave", {"left_at": local(moment + HOUR)}).status_code == 302
        assert "已离矿" in county.get(answer["Location"]).content.decode()


def test_a_plan_and_an_old_visit_are_refused_beside_the_field(
    cast: Any, typed: dict[str, Any], client_of: Make, moment: datetime
) -> None:
    county = client_of(cast.county_officer)
    for change, said in (
        ({"arrived_at": local(moment + HOUR)}, "不登记计划"),
        ({"arrived_at": local(moment - 8 * DAY)}, "不能补登"),
        ({"team": "0"}, "errorlist"),
        ({"mine": "示例青岭煤业"}, "不在您的范围内"),
    ):
        answer = county.post(NEW, typed | change)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert not Visit.objects.exists()


@pytest.mark.parametrize("name", ["140404900001", "yfmy", "远峰"])
def test_a_mine_is_found_by_code_initials_or_part_of_its_name(
    cast: Any, typed: dict[str, Any], client_of: Make, name: str
) -> None:
    assert client_of(cast.city_officer).post(NEW, typed | {"mine": name}).status_code == 302
    assert Visit.objects.get().mine == cast.mine_a


def test_a_name_that_fits_several_mines_lists_them(cast: Any, typed: dict[str, Any], client_of: Make) -> None:
    text = client_of(cast.city_officer).post(NEW, typed | {"mine": "示例"}).content.decode()
    assert "示例青岭煤业（140403900002）、示例远峰煤业（140404900001）" in text
    assert not Visit.objects.exists()


@pytest.mark.parametrize("name", OUTSIDE)
def test_mines_companies_and_administrators_open_nothing(
    cast: Any, typed: dict[str, Any], entered: Make, client_of: Make, name: str
) -> None:
    row, client = entered(), client_of(cast.people[name])
    for address in (LIST, NEW, f"{LIST}{row.pk}/", f"{LIST}?export=xlsx"):
        assert client.get(address).status_code == 403
    assert client.post(NEW, typed).status_code == 403
    assert client.post(f"{LIST}{row.pk}/void", {"reason": "误登"}).status_code == 403
    assert "检查登记" not in client.get("/inbox/").content.decode()


def test_a_neighbour_finds_nothing_and_other_bodies_change_nothing(cast: Any, entered: Make, client_of: Make) -> None:
    row = entered()
    neighbour, bureau = client_of(cast.neighbour_officer), client_of(cast.bureau_officer)
    assert neighbour.get(f"{LIST}{row.pk}/").status_code == 404
    assert neighbour.post(f"{LIST}{row.pk}/void", {"reason": "误登"}).status_code == 404
    assert "示例远峰煤业" not in neighbour.get(LIST).content.decode()
    page = bureau.get(f"{LIST}{row.pk}/").content.decode()
    assert ("示例远峰煤业" in page, "作废理由" in page) == (True, False)
    assert bureau.post(f"{LIST}{row.pk}/void", {"reason": "误登"}).status_code == 403
    assert bureau.post(f"{LIST}{row.pk}/other", {}).status_code == 404


def test_a_committee_sees_and_does_not_enter(cast: Any, typed: dict[str, Any], client_of: Make) -> None:
    body = cast.organisations["city"]
    body.kind = "safety_committee"
    body.save(update_fields=["kind"])
    client = client_of(cast.city_officer)
    assert "登记到矿" not in client.get(LIST).content.decode()
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, typed).status_code == 403


def test_a_voided_entry_stays_in_the_list_and_takes_no_more_steps(cast: Any, entered: Make, client_of: Make) -> None:
    row, county = entered(), client_of(cast.county_officer)
    assert county.post(f"{LIST}{row.pk}/void", {"reason": ""}).status_code == 422
    assert county.post(f"{LIST}{row.pk}/void", {"reason": "矿名选错"}).status_code == 302
    page = county.get(f"{LIST}{row.pk}/").content.decode()
    assert ("矿名选错" in page, "登记离矿</button>" in page) == (True, False)
    again = county.post(f"{LIST}{row.pk}/void", {"reason": "再次"})
    assert (again.status_code, "该登记已作废" in again.content.decode()) == (422, True)
    assert "已作废" in county.get(LIST).content.decode()


def test_figures_agree_with_the_list_behind_them(cast: Any, entered: Make, client_of: Make, moment: datetime) -> None:
    for hours in (0, 1, 20):
        entered(arrived=moment - hours * HOUR)
    void(entered(arrived=moment - 2 * HOUR), by=cast.county_officer, at=moment, reason="误登")
    county = client_of(cast.county_officer)
    figures = county.get(LIST).context["figures"]
    assert [figure.value for figure in figures] == [4, 2, 1, 1]
    for figure in figures:
        assert county.get(f"{LIST}{figure.href}").context["total"] == figure.value


def test_the_query_form_finds_by_mine_body_number_and_day(
    cast: Any, entered: Make, client_of: Make, moment: datetime
) -> None:
    entered(official_number="ZF-2026-7")
    county, day = client_of(cast.county_officer), f"{moment.astimezone(BEIJING):%Y-%m-%d}"
    for query, found in (
        ("q=yfmy", 1),
        ("q=ZF-2026", 1),
        ("q=青岭", 0),
        ("body=上党", 1),
        ("kind=remote", 0),
        (f"since={day}&until={day}", 1),
        ("until=2026-11-20", 0),
    ):
        assert county.get(f"{LIST}?{query}").context["total"] == found, query


def test_the_export_has_the_rows_of_the_list(cast: Any, entered: Make, client_of: Make) -> None:
    entered()
    answer = client_of(cast.county_officer).get(f"{LIST}?export=xlsx")
    rows = [[cell.value for cell in line] for line in load_workbook(BytesIO(answer.content)).active.iter_rows()]
    assert rows[-1][:4] == ["2026-11-21 08:00", "示例远峰煤业", "长治市上党区应急管理局", "现场检查"]
    assert "在矿" in rows[-1]


def test_a_page_costs_the_same_for_one_row_and_for_many(
    cast: Any, entered: Make, client_of: Make, moment: datetime
) -> None:
    county, costs = client_of(cast.county_officer), []
    for rows in (1, 9):
        for number in range(rows):
            entered(arrived=moment - (rows + number) * HOUR)
        county.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            county.get(LIST)
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 40
