"""The daily bulletin says what the figures say, on the page and in the file."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from kuangan.base.case.errors import Forbidden
from kuangan.base.documents.word import FONTS
from kuangan.domains.alerts.models import Alert
from kuangan.domains.duty.bulletins import LISTED, as_docx, make_bulletin
from kuangan.domains.duty.calling import open_callout
from kuangan.domains.duty.figures import KINDS, figure
from kuangan.domains.duty.models import Bulletin, Shift
from kuangan.domains.duty.rules import Span
from kuangan.domains.duty.weather import acts
from kuangan.domains.duty.weather.intake import take
from kuangan.domains.duty.weather.models import Withdrawal
from tests.duty.weather_wire import COUNTY, cap

HOUR = timedelta(hours=1)
DAY = date(2026, 11, 21)


@pytest.fixture
def bulletin(staffed: dict[str, Shift], cast: Any, alert_of: Callable[..., Alert], moment: datetime) -> Bulletin:
    """Two alerts within the day, one before it, one drill, one of the neighbour; a call-out."""
    alert_of(ident="g1-1-1", at=moment - HOUR, grade="red")
    alert_of(ident="g1-1-2", at=moment - 2 * HOUR)
    alert_of(ident="g1-1-3", at=moment - 30 * HOUR, grade="red")
    alert_of(ident="g1-1-4", at=moment - HOUR, grade="red", inputs={"drill": True})
    alert_of(cast.mine_b.code, "g1-1-5", at=moment - HOUR, grade="red")
    open_callout("雨情 <b>&", by=cast.county_officer, at=moment - HOUR, mine=cast.mine_a)
    return make_bulletin(DAY, by=cast.county_officer, at=moment, remarks="一切正常 <&>")


def values(bulletin: Bulletin) -> dict[str, int]:
    return {one["name"]: one["value"] for one in bulletin.content["figures"]}


def test_the_figures_count_the_period_in_scope_without_drills(bulletin: Bulletin) -> None:
    found = values(bulletin)
    assert {
        name: found[name] for name in ("alerts_red", "alerts_yellow", "alerts_blue", "alerts_open", "callouts")
    } == {
        "alerts_red": 1,
        "alerts_yellow": 1,
        "alerts_blue": 0,
        "alerts_open": 3,
        "callouts": 1,
    }


def test_the_bulletin_says_what_the_figures_say(bulletin: Bulletin, cast: Any, moment: datetime) -> None:
    period = Span(bulletin.since, bulletin.until)
    for name in KINDS:
        taken = figure(name, cast.county_officer, period, moment)
        assert values(bulletin)[name] == taken.value == len(taken.cases), name


def test_a_bulletin_counts_the_mines_under_a_warning_and_the_orders_that_hold(
    cast: Any, moment: datetime, tmp_path: Path
) -> None:
    take(tmp_path, "a.xml", cap(moment, codes=(COUNTY,)), "http", at=moment)
    case = Withdrawal.objects.get().case
    acts.take(case, "order", by=cast.county_leader, at=moment, form={"basis": "示例依据", "scope": "全矿"}, reason="")
    found = values(make_bulletin(DAY + timedelta(days=1), by=cast.county_officer, at=moment + 24 * HOUR))
    assert (found["weather_mines"], found["weather_orders"]) == (1, 1)
    assert (
        values(make_bulletin(DAY + timedelta(days=2), by=cast.neighbour_officer, at=moment + 48 * HOUR))[
            "weather_orders"
        ]
        == 0
    )


def test_the_file_opens_and_holds_every_figure_with_its_source(bulletin: Bulletin) -> None:
    document = Document(io.BytesIO(as_docx(bulletin)))
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows[0] == ["事项", "数量", "来源"]
    assert rows[1:] == [
        [one["label"], f"{one['value']} {one['unit']}", one["source"]] for one in bulletin.content["figures"]
    ]
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "长治市上党区应急管理局" in said and "2026年11月21日" in said and "一切正常 <&>" in said
    assert "员county" in said and "{{" not in said and "{%" not in said
    grave = [row.cells[0].text for row in document.tables[1].rows][1:]
    assert grave == [one["number"] for one in bulletin.content["grave"]] and len(grave) == 2


def test_fonts_are_named(bulletin: Bulletin) -> None:
    document = Document(io.BytesIO(as_docx(bulletin)))
    named = {run.font.name for paragraph in document.paragraphs for run in paragraph.runs}
    assert set(FONTS.values()) <= named


def test_every_number_on_the_page_opens_the_cases_it_counts(
    bulletin: Bulletin, cast: Any, client_of: Callable[..., Any]
) -> None:
    client = client_of(cast.county_officer)
    page = client.get(f"/duty/bulletins/{bulletin.pk}/").content.decode()
    for one in bulletin.content["figures"]:
        if one["cases"]:
            address = f"/duty/bulletins/{bulletin.pk}/figures/{one['name']}/"
            assert f'href="{address}">{one["value"]}<' in page
            assert len(client.get(address).context["rows"]) == one["value"]


def test_the_file_is_handed_out_as_a_download(bulletin: Bulletin, cast: Any, client_of: Callable[..., Any]) -> None:
    answer = client_of(cast.city_officer).get(f"/duty/bulletins/{bulletin.pk}/docx")
    assert answer["Content-Disposition"].startswith("attachment")
    assert Document(io.BytesIO(answer.content)).tables
    assert client_of(cast.neighbour_officer).get(f"/duty/bulletins/{bulletin.pk}/docx").status_code == 404


def test_an_inspector_makes_none(cast: Any, moment: datetime) -> None:
    with pytest.raises(Forbidden):
        make_bulletin(DAY, by=cast.bureau_officer, at=moment)


def test_a_list_that_is_cut_keeps_the_gravest_and_says_how_many_there_are(
    cast: Any, alert_of: Callable[..., Alert], moment: datetime
) -> None:
    red = alert_of(ident="g1-0-0", at=moment - 2 * HOUR, grade="red")
    for number in range(LISTED + 2):
        alert_of(ident=f"g1-1-{number}", at=moment - HOUR, grade="orange")
    bulletin = make_bulletin(DAY, by=cast.county_officer, at=moment)
    assert bulletin.content["grave"][0]["number"] == red.case.number
    text = "\n".join(line.text for line in Document(io.BytesIO(as_docx(bulletin))).paragraphs)
    assert f"共 {LISTED + 3} 项，仅列前 {LISTED} 项。" in text


def test_a_whole_list_says_nothing_of_being_cut(bulletin: Bulletin) -> None:
    text = "\n".join(line.text for line in Document(io.BytesIO(as_docx(bulletin))).paragraphs)
    assert "仅列前" not in text
