"""A mine fills in its self-check, two people sign it, it is handed in; what the data speak against reaches the county."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.installation import Installation
from tests.browser.looks import faults

pytestmark = pytest.mark.browser

PHONE = (390, 844)
READING = "SX34-79"


@pytest.fixture(scope="module")
def number(installation: Installation) -> str:
    """The sheet of mine A in a round of the county's."""
    return str(installation.ask("selfcheck")["number"])


def answer_all(page: Page) -> int:
    """Say of every item of the part that it is met, by keys and by the mouse; returns how many there were."""
    items = page.locator("[data-sc-item]")
    first = items.first
    first.focus()
    page.keyboard.press("1")
    expect(first.locator("[data-sc-kept]")).to_contain_text("已保存")
    for place in range(1, items.count()):
        items.nth(place).get_by_label("符合", exact=True).check()
    return items.count()


def fill_in(page: Page, number: str) -> int:
    """Go through the whole form, part by part, as it leads on."""
    page.goto(f"/selfcheck/sheets/{number}/fill/")
    found = 0
    for _ in range(20):
        found += answer_all(page)
        assert faults(page) == []
        page.locator(".sc-foot .ka-btn-primary").click()
        if "/fill/" not in page.url:
            return found
    raise AssertionError("the form has no end")


def sign(page: Page, number: str, title: str) -> None:
    page.goto(f"/selfcheck/sheets/{number}/")
    page.get_by_label("职务").fill(title)
    page.get_by_label("我已逐条核对").check()
    page.get_by_role("button", name="签字", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已提交")


def test_a_mine_fills_in_signs_and_hands_in_and_the_contradiction_reaches_the_county(
    sign_in: SignIn, number: str
) -> None:
    manager, dispatcher = sign_in("manager", PHONE), sign_in("dispatcher")
    found = fill_in(manager, number)
    expect(manager.locator(".ka-facts")).to_contain_text(f"{found}/{found}")
    sign(manager, number, "矿长")
    sign(dispatcher, number, "安全副矿长")

    manager.goto(f"/selfcheck/sheets/{number}/fill/")
    item = manager.locator("[data-sc-item]").first
    item.locator("textarea").fill("签字后补充")
    item.locator("textarea").blur()
    expect(item.locator("[data-sc-kept]")).to_contain_text("已保存")
    manager.goto(f"/selfcheck/sheets/{number}/")
    expect(manager.locator(".ka-facts")).to_contain_text("已作废 2 处")
    sign(manager, number, "矿长")
    sign(dispatcher, number, "安全副矿长")
    manager.goto(f"/selfcheck/sheets/{number}/")
    manager.get_by_role("button", name="提交给").click()
    expect(manager.locator("main")).to_contain_text("已提交待审核")

    county = sign_in("county")
    county.goto("/selfcheck/differences/?state=open")
    row = county.locator("table.ka-table tbody tr").filter(has_text=READING)
    expect(row).to_contain_text("示例远峰煤业")
    expect(row).to_contain_text("逾期未学完")
    row.get_by_role("link").first.click()
    shown = county.locator("#differences")
    expect(shown).to_contain_text("与监测数据不一致")
    expect(county.locator("main")).not_to_contain_text("虚假")
    assert faults(county) == []
    shown.locator("summary", has_text="登记核实结果").click()
    shown.get_by_label("核实结果").select_option("rectified")
    shown.get_by_label("核实情况").fill("矿长已补学")
    shown.get_by_role("button", name="登记核实结果").click()
    expect(county.get_by_role("status")).to_contain_text("已提交")
    county.goto("/inbox/")
    expect(county.locator("main")).to_contain_text("不一致待核实")


def test_strangers_never_learn_of_it(sign_in: SignIn, number: str) -> None:
    for name in ("stranger_mine", "neighbour"):
        page = sign_in(name)
        answer = page.goto(f"/selfcheck/sheets/{number}/")
        assert answer is not None and answer.status == 404
        page.goto("/selfcheck/sheets/")
        assert number not in page.content()
