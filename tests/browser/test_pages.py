"""Every page of the demonstration: tidy on a desk and on a phone, in Chinese, without errors, never empty.

`KUANGAN_SCREENSHOTS=1` waits until the script of the demonstration has played and writes the pictures of the manuals.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, enter, new_home
from tests.browser.demonstration import Demonstration, running
from tests.browser.installation import Databases, eventually
from tests.browser.looks import faults

pytestmark = pytest.mark.browser

DESK, PHONE = (1366, 768), (390, 844)
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "images"
PAGES = {
    "shengting": (
        "/desk/",
        "/desk/?state=all",
        "/mines/",
        "/link/",
        "/todo/",
        "/users/",
        "/organisations/",
        "/search/?q=煤",
    ),
    "meidiao": ("/desk/?state=all", "/todo/", "/link/?tab=frames", "/mines/"),
    "xitong": ("/link/?tab=ledger", "/link/?tab=rejects", "/link/?tab=refusals", "/link/?tab=reported", "/senders/"),
    "anquan": ("/users/", "/accounts/2fa/", "/accounts/password/change/"),
}


@pytest.fixture(scope="module")
def demonstration(databases: Databases) -> Iterator[Demonstration]:
    homes = new_home(databases)
    yield from running(*next(homes))
    homes.close()


@pytest.fixture
def visit(open_page: OpenPage, demonstration: Demonstration) -> OpenPage:
    """A page of a person of the demonstration."""

    def visited(name: str, size: tuple[int, int] = DESK) -> Page:
        page = open_page(demonstration.address, size)
        enter(page, name, demonstration.passwords[name])
        return page

    return visited


def names(demonstration: Demonstration) -> set[str]:
    """Sign-in names are no English words."""
    return {*demonstration.passwords, "diaodu", "kuangzhang", "zhiban"}


def first_alert(page: Page) -> str:
    """The address of the gravest alert, once there is one."""
    link = page.locator("#al-list tr[data-number] a").first

    def listed() -> str | None:
        page.goto("/desk/?state=all")
        return link.get_attribute("href") if link.count() else None

    return str(eventually(listed, 60, "an alert on the desk"))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_tidy_chinese_and_without_errors(
    visit: OpenPage, demonstration: Demonstration, name: str, size: tuple[int, int]
) -> None:
    page = visit(name, size)
    addresses = [*PAGES[name]]
    if name in ("shengting", "meidiao"):
        alert = first_alert(page)
        mine = page.request.get(f"/api/v1{alert.rstrip('/')}").json()["mine"]
        addresses += [alert, f"/mines/{mine}/", f"/mines/{mine}/register/"]
    if name == "anquan":
        page.goto("/users/")
        addresses.append(page.locator("table.ka-table tbody a").first.get_attribute("href") or "")
    found = {}
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        page.wait_for_timeout(300)
        if wrong := faults(page, names(demonstration)):
            found[address] = wrong
    assert found == {}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_before_and_beside_a_sign_in_are_tidy_too(
    open_page: OpenPage, visit: OpenPage, demonstration: Demonstration, size: tuple[int, int]
) -> None:
    page = open_page(demonstration.address, size)
    page.goto("/accounts/login/")
    assert faults(page) == []
    page = visit("shengting", size)
    for address, status in (("/alerts/GJ-20200101-0001/", 404), ("/senders/", 403)):
        answer = page.goto(address)
        assert answer is not None and answer.status == status
        assert [fault for fault in faults(page, names(demonstration)) if "Failed to load" not in fault] == []


def test_the_drawer_opens_beside_the_list_with_its_curve(visit: OpenPage, demonstration: Demonstration) -> None:
    page = visit("shengting")
    first_alert(page)
    page.locator("#al-list tr[data-number]").first.click()
    drawer = page.locator("#al-drawer")
    expect(drawer.locator(".al-chart canvas, .al-chart svg").first).to_be_visible()
    box, listed = drawer.bounding_box(), page.locator("#al-list").bounding_box()
    assert box is not None and listed is not None
    assert 400 <= box["width"] <= 470
    assert listed["x"] + listed["width"] <= box["x"]
    page.wait_for_timeout(500)
    assert faults(page, names(demonstration)) == []
