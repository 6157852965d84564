"""The desk by keyboard alone: a flood folds, opens, is ticked and acknowledged at once; one alert is shelved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser import wire
from tests.browser.conftest import SignIn
from tests.browser.installation import Installation
from tests.browser.looks import faults
from tests.browser.register import ANY_TOKEN, MINE_B, NAMES

pytestmark = pytest.mark.browser

POINTS = range(1, 6)
DESK = f"/desk/?mine={MINE_B}"


@pytest.fixture(scope="module", autouse=True)
def flood(installation: Installation) -> None:
    """Five points of one mine over the limit at once, none of them red."""
    at = wire.now()
    over = wire.realtime(MINE_B, [(number, 1.20 + number / 100, at) for number in POINTS], at)
    quiet = wire.quiet(MINE_B, POINTS, at - timedelta(seconds=2))
    assert installation.upload(quiet, over, token=ANY_TOKEN).status_code == 200


def folded(sign_in: SignIn, name: str) -> Page:
    """The desk of a person, once all five alerts stand on it as one line."""
    page = sign_in(name)
    for _ in range(40):
        page.goto(DESK)
        if "×5" in page.locator("#al-list").inner_text():
            break
        page.wait_for_timeout(500)
    expect(page.locator("#al-list tr[data-number]")).to_have_count(1)
    return page


def test_a_flood_is_one_line_that_opens_and_is_acknowledged_by_keys(sign_in: SignIn) -> None:
    page = folded(sign_in, "stranger_mine")
    rows = page.locator("#al-list tr[data-number]")
    expect(rows.first).to_contain_text("同矿同类 ×5")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(rows).to_have_count(5)
    page.keyboard.press("o")
    expect(rows).to_have_count(1)
    page.keyboard.press("x")
    expect(page.locator("#al-batch")).to_contain_text("已选 1 行，5 条告警")
    page.keyboard.press("a")
    answers = page.locator("#al-answers")
    expect(answers).to_contain_text("5 条已办理")
    expect(answers.locator("li.al-ok")).to_have_count(5)
    expect(page.locator("#al-batch")).to_be_hidden()
    expect(rows.first).to_contain_text("已确认")
    assert faults(page, NAMES.values()) == []


def test_help_and_the_form_of_shelving_open_by_keys_and_the_alert_leaves_the_list(sign_in: SignIn) -> None:
    page = folded(sign_in, "neighbour")
    page.keyboard.press("?")
    expect(page.locator("#al-help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#al-help")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("s")
    form = page.locator("#al-form-shelve")
    expect(form).to_be_visible()
    form.get_by_label("搁置理由").fill("矿方正在排放瓦斯，已派人现场盯守")
    form.get_by_role("button", name="搁置").click()
    expect(page.locator("#al-drawer")).to_contain_text("已搁置。")
    page.goto(DESK)
    expect(page.locator("#al-list")).to_contain_text("×4")
    expect(page.locator("[data-shelved]")).to_have_text("已搁置 1")
    page.goto("/desk/shelf/")
    expect(page.locator("main")).to_contain_text("已派人现场盯守")
    assert faults(page, NAMES.values()) == []
