"""Shell, search, the page of a mine, and what is said when something goes wrong."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from conftest import MINE_A, Cast
from kuangan.library.telemetry.hot import publish
from kuangan.portal import menu, views
from kuangan.portal.templatetags.icons import drawing, icon

POINT = f"{MINE_A}01MN000001"


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text(answer: object) -> str:
    return answer.content.decode()


def publish_points(home: Path) -> None:
    points = {
        "code": [POINT],
        "mine": [MINE_A],
        "type_name": ["甲烷"],
        "sensor_type": ["0001"],
        "unit": ["%"],
        "location": ["示例上隅角"],
        "limit": [1.0],
        "limit_source": ["statutory_location"],
        "own_alarm_high": [1.5],
        "statutory": [1.0],
    }
    publish(home, "points", pl.DataFrame(points))
    publish(home, "latest", pl.DataFrame({"code": [POINT], "time": [1_800_000_000_000], "value": [1.25]}))


def test_every_entry_of_the_menu_opens_and_has_an_icon() -> None:
    entries = [entry for group in menu.installed() for entry in group.entries]
    assert entries
    for entry in entries:
        assert reverse(entry.url)
        assert drawing(entry.icon).startswith("<svg")


def test_the_menu_shows_a_user_only_what_the_role_opens(cast: Cast, home: Path) -> None:
    assert "上传账号" in text(signed_in(cast.system_admin).get("/search/"))
    officer = text(signed_in(cast.county_officer).get("/search/"))
    assert "值守台" in officer
    assert "上传账号" not in officer


def test_the_first_page_is_the_first_of_the_menu(cast: Cast, home: Path) -> None:
    assert signed_in(cast.county_officer).get("/")["Location"] == "/desk/"
    assert signed_in(cast.nobody).get("/").status_code == 200
    assert Client().get("/")["Location"].startswith("/accounts/login/")


def test_the_shell_has_no_inline_script_and_forbids_htmx_to_evaluate(cast: Cast, home: Path) -> None:
    page = text(signed_in(cast.county_officer).get("/search/"))
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\son[a-z]+=", page)
    assert '"allowEval":false' in page
    assert '"includeIndicatorStyles":false' in page


def test_the_watermark_names_the_reader(cast: Cast, home: Path) -> None:
    assert "%E5%8E%BF%E5%80%BC%E7%8F%AD%E5%91%98" in text(signed_in(cast.county_officer).get("/search/"))


def test_an_icon_that_does_not_exist_is_an_error() -> None:
    assert "<script" not in icon("flame")
    with pytest.raises(ValueError, match="no such icon"):
        drawing("../flame")


@pytest.mark.parametrize("words", ["示例远峰煤业", "SLYFMY", "slyfmy", MINE_A])
def test_a_mine_is_found_by_name_initials_and_code_within_the_scope_only(cast: Cast, home: Path, words: str) -> None:
    assert signed_in(cast.county_officer).get("/search/", {"q": words})["Location"] == f"/mines/{MINE_A}/"
    stranger = signed_in(cast.neighbour_officer).get("/search/", {"q": words})
    assert stranger.status_code == 200
    assert "没有找到" in text(stranger)


def test_search_words_are_shown_as_text(cast: Cast, home: Path) -> None:
    assert "<b>x" not in text(signed_in(cast.county_officer).get("/search/", {"q": "<b>x"}))


def test_the_page_of_a_mine_shows_points_with_limit_and_its_source(cast: Cast, home: Path) -> None:
    publish_points(home)
    page = text(signed_in(cast.county_officer).get(f"/mines/{MINE_A}/"))
    for expected in (
        POINT,
        "示例上隅角",
        "1.25",
        "规程（安装位置识别）",
        "测点自定 1.5 高于规程",
        "直接监管",
        "长治市上党区应急管理局",
    ):
        assert expected in page


def test_no_page_offers_what_its_reader_may_not_open(cast: Cast, home: Path) -> None:
    publish_points(home)
    page = text(signed_in(cast.security_admin).get(f"/mines/{MINE_A}/"))
    assert "示例上隅角" in page
    for hidden in ("/link/", "/desk/", "未闭环告警"):
        assert hidden not in page


@pytest.mark.parametrize("who", ["neighbour_officer", "mine_b_dispatcher"])
def test_a_mine_outside_the_scope_does_not_exist(cast: Cast, home: Path, who: str) -> None:
    assert signed_in(cast.people[who]).get(f"/mines/{MINE_A}/").status_code == 404


def test_a_role_without_mines_is_refused_and_a_stranger_signs_in(cast: Cast, home: Path) -> None:
    assert signed_in(cast.nobody).get(f"/mines/{MINE_A}/").status_code == 403
    assert Client().get(f"/mines/{MINE_A}/").status_code == 302


def test_a_page_that_does_not_exist_is_told_in_chinese(cast: Cast, home: Path) -> None:
    answer = signed_in(cast.county_officer).get("/no-such-page/")
    assert answer.status_code == 404
    assert "不在您的管辖范围内" in text(answer)


def test_a_fault_is_told_without_shell_and_database() -> None:
    answer = views.fault(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "系统出错" in text(answer)
