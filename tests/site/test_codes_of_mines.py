"""Mines under codes of every length that is on the wire: replayed from files to an alert and its pages, on either database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from kuangan.base import clock
from kuangan.base.case.models import Case
from kuangan.base.registry.models import Mine, Point
from kuangan.domains.alerts.models import Alert
from kuangan.domains.datalink.forms import CodesField
from kuangan.library.telemetry.ledger import balance
from kuangan.library.telemetry.names import MINE_CODE_LENGTH
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.replay import Replay, Report, files_below, read_files
from kuangan.site.sink import DatabaseSink

CODES = ("140404B01", "14040490001", "140404900011", "140404900001234", "140404B0012000200092")
"""9, 11, 12, 15 and 20 characters."""
LOCATION = "示例1102采煤工作面T1" + "回风巷与运输巷之间联络巷" * 5
"""As long as some mines write it."""
LONG_POINT = "01MN0043" + "A" * 30


def wire(mine: str, *records: str, extra: str = "", second: int = 0) -> bytes:
    time = f"2026-11-20 08:00:{second:02d}"
    return f"{mine};示例长码煤业;{extra}{time}~{'~'.join(record.format(time=time) for record in records)}~||".encode()


def files(folder: Path, mine: str, point: str) -> Path:
    """A definition, then half a minute of methane over every limit."""
    folder.mkdir(exist_ok=True)
    definition = f"{point};01;{mine}00001;0043;MN;%CH4;10;0;1.0;1.0;;;1.5;1.0;;;;;{LOCATION};0;0;0;;{{time}}"
    extra = "KJ95X;煤矿安全监控系统;示例厂家;2028-12-31;"
    (folder / f"{mine}_CDDY_20261120080000.txt").write_bytes(wire(mine, definition, extra=extra))
    for second in range(1, 31, 5):
        record = f"{point};激光甲烷;{LOCATION};2.60;%CH4;0;{{time}}"
        (folder / f"{mine}_CDSS_202611200800{second:02d}.txt").write_bytes(wire(mine, record, second=second))
    return folder


def replay(home: Path, folder: Path) -> Report:
    """What `kuangan replay` does once the home is prepared."""
    pipeline = Pipeline(home, DatabaseSink(clock.now))
    return Replay(pipeline, clock.to_ms(clock.now())).run(read_files(files_below(folder)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", CODES)
def test_a_code_of_any_length_comes_from_its_files_to_an_alert_and_its_pages(
    code: str, cast: Any, client_of: Callable[[Any], Client], tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    point = f"{code}{LONG_POINT}"[:64]
    report = replay(settings.HOME, files(tmp_path / "files", code, point))
    assert report.tally.frames == {"accepted": 7}
    assert balance(settings.HOME).balanced
    mine = Mine.objects.get(pk=code)
    assert (mine.name, mine.provisional, mine.county_id) == ("示例长码煤业", True, "140404")
    assert Point.objects.get(code=point).mine_id == code
    alert = Alert.objects.get(rule="gas.over_limit")
    assert (alert.case.mine_id, alert.point) == (code, point)
    browser = client_of(cast.city_officer)
    pages = (
        f"/alerts/{alert.case.number}/",
        f"/mines/{code}/",
        f"/mines/{code}/register/",
        f"/mines/{code}/underground/",
        f"/mines/{code}/drawings/",
        f"/limits/?mine={code}",
        f"/curves/?mine={code}&point={point}",
        f"/link/?mine={code}",
    )
    answers = {page: browser.get(page) for page in pages}
    assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(pages, 200)
    assert code in answers[f"/mines/{code}/"].content.decode()
    assert browser.get(f"/search/?q={code}")["Location"] == f"/mines/{code}/"
    assert client_of(cast.neighbour_officer).get(f"/mines/{code}/").status_code == 404
    assert Case.objects.filter(mine=mine).count() == Alert.objects.count()


def test_a_place_whose_name_is_long_can_be_what_an_alert_is_about() -> None:
    widths = {field.name: field.max_length for field in Alert._meta.get_fields() if hasattr(field, "max_length")}
    assert (widths["subject"], widths["location"]) == (200, 200)


@pytest.mark.postgres
def test_every_column_that_holds_the_code_of_a_mine_is_as_wide_as_the_code(db: None) -> None:
    question = """
        select c.table_name, c.column_name, c.character_maximum_length
        from information_schema.constraint_column_usage u
        join information_schema.referential_constraints r on r.constraint_name = u.constraint_name
        join information_schema.key_column_usage k on k.constraint_name = r.constraint_name
        join information_schema.columns c on c.table_name = k.table_name and c.column_name = k.column_name
        where u.table_name = 'registry_mine' and u.column_name = 'code'
    """
    with connection.cursor() as cursor:
        cursor.execute(question)
        rows = cursor.fetchall()
        assert len(rows) > 8
        assert {width for _, _, width in rows} == {MINE_CODE_LENGTH}


def test_an_account_may_be_given_any_of_these_codes_and_nothing_else() -> None:
    assert CodesField().clean("\n".join(CODES)) == list(CODES)
    for wrong in ("1404", "14040490001x", "1" * 22, "../../etc"):
        with pytest.raises(Exception, match="不是矿山编码"):
            CodesField().clean(wrong)
