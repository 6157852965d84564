"""Every page of the demonstration: tidy on a desk and on a phone, in Chinese, without errors, never empty.

With `KUANGAN_SCREENSHOTS=1` the pictures of the manuals are written anew, once the script of the demonstration has played.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, enter, new_home
from tests.browser.demonstration import Demonstration, over_limits, running
from tests.browser.installation import Databases
from tests.browser.looks import faults
from tests.waiting import eventually

pytestmark = pytest.mark.browser

DESK, WIDE, PHONE = (1366, 768), (1600, 700), (390, 844)
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "images"
PAGES = {
    "shengting": (
        "/desk/",
        "/desk/?state=all",
        "/desk/quality/",
        "/desk/health/",
        "/rules/",
        "/rules/drafts/",
        "/rules/drafts/new/?part=gas.over_limit",
        "/rules/versions/",
        "/rules/overrides/",
        "/desk/shelf/",
        "/mines/",
        "/link/",
        "/todo/",
        "/users/",
        "/organisations/",
        "/selfcheck/",
        "/selfcheck/sheets/",
        "/selfcheck/differences/",
        "/selfcheck/proposals/",
        "/standards/",
        "/reading/",
        "/publicity/",
        "/publicity/open/",
        "/search/?q=煤",
        *(f"/campaign/{page}" for page in ("", "wall/", "tasks/", "milestones/", "items/", "items/new/", "targets/")),
        *(f"/campaign/{page}" for page in ("projects/", "submissions/", "organisation/", "reports/", "handover/")),
        "/visits/",
        "/responsibility/",
        "/responsibility/leaders/",
        "/responsibility/officers/",
        "/responsibility/problems/",
        "/responsibility/matters/",
        "/responsibility/matters/140400/",
        "/responsibility/meetings/",
        "/responsibility/meetings/all/",
        "/responsibility/presences/",
        "/responsibility/teams/",
        "/responsibility/funds/",
        "/responsibility/funds/sums/",
        "/clauses/",
        "/clauses/SX34-44/",
        "/clauses/texts/",
        "/clauses/editions/",
        "/clauses/readings/",
        "/clauses/readings/slope/",
        "/clauses/baselines/",
        "/clauses/baselines/deaths_base_year/",
        "/deadlines/",
        "/deadlines/?which=all",
        "/deadlines/calendar/",
        "/deadlines/calendar/?year=2027",
        "/board/",
        "/board/?city=140400",
        "/board/?sheet=county",
        "/board/cells/",
        "/board/cases/",
    ),
    "meidiao": ("/desk/?state=all", "/todo/", "/link/?tab=frames", "/mines/"),
    "xitong": (
        "/clauses/editions/",
        "/link/?tab=ledger",
        "/link/?tab=rejects",
        "/link/?tab=refusals",
        "/link/?tab=reported",
        "/senders/",
    ),
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
    return {*demonstration.passwords, "diaodu", "jiancha", "kuangzhang", "zhiban"}


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


def test_two_clicks_lead_from_the_board_to_the_evidence(visit: OpenPage, demonstration: Demonstration) -> None:
    page = visit("shengting")
    page.goto("/board/")
    page.locator("tr[data-node=SX34-68] a.ka-red").click()
    page.locator("table.ka-table tbody a").first.click()
    expect(page.locator(".cb-state").first).to_contain_text("已认定不符")
    expect(page.get_by_text("现场处理决定书").first).to_be_visible()
    address = page.url
    assert faults(page, names(demonstration)) == []
    answer = visit("linkuang").goto(address)
    assert answer is not None and answer.status == 404


def test_a_mark_of_the_board_opens_its_evidence_beside_it(visit: OpenPage, demonstration: Demonstration) -> None:
    page = visit("kuangzhang")
    page.goto("/board/")
    page.locator("tr[data-node=SX34-68] a.cb-mark").first.click()
    drawer = page.locator("#cb-drawer")
    expect(drawer.get_by_text("现场处理决定书").first).to_be_visible()
    expect(drawer.get_by_text("提出异议")).to_be_visible()
    assert page.url.endswith("/board/")
    assert faults(page, names(demonstration)) == []


def test_pictures_of_the_manuals_can_be_taken(
    open_page: OpenPage, visit: OpenPage, demonstration: Demonstration, tmp_path: Path
) -> None:
    wanted = os.environ.get("KUANGAN_SCREENSHOTS") == "1"
    folder = PICTURES if wanted else tmp_path
    over_limits(demonstration)
    page = visit("shengting", WIDE)
    number = gravest(visit("meidiao"), "red") if wanted else gravest(page, "orange")
    for name in ("meidiao", "jituan", "xianju") if wanted else ():
        other = visit(name)
        other.goto(f"/alerts/{number}/")
        other.get_by_role("button", name="确认 (a)").click()
        expect(other.get_by_role("status")).to_contain_text("已提交")

    page.goto("/desk/")
    row = page.locator(f"#al-{number}")
    row.click()
    expect(page.locator("#al-drawer .al-chart[data-drawn]")).to_be_visible()
    expect(page.locator("#al-list [data-spark] svg").first).to_be_visible()
    take(page, folder / "duty-desk.png")
    mine = page.request.get(f"/api/v1/alerts/{number}").json()["mine"]

    page = visit("shengting")
    for name, address in (
        ("alert", f"/alerts/{number}/"),
        ("sheet", f"/alerts/{number}/sheet/"),
        ("link", "/link/?tab=frames"),
        ("mine", f"/mines/{mine}/"),
        ("board", "/board/?judged=yes"),
        ("finding", f"/board/mine/{mine}/SX34-68/"),
    ):
        page.goto(address)
        take(page.locator("article") if name == "sheet" else page, folder / f"{name}.png")
    page = visit("meidiao" if wanted else "shengting")
    page.goto("/todo/")
    take(page, folder / "work.png")
    page = open_page(demonstration.address, DESK)
    page.goto("/accounts/login/")
    take(page, folder / "sign-in.png")
    page = visit("shengting", PHONE)
    page.goto("/desk/")
    take(page, folder / "phone-desk.png")
    sizes = {path.name: path.stat().st_size for path in folder.glob("*.png") if not path.name.startswith("night-")}
    assert len(sizes) >= 8
    assert max(sizes.values()) < 300_000, sizes


def gravest(page: Page, colour: str) -> str:
    """The number of the youngest open alert of a colour, once there is one; the script's red one takes some minutes."""
    row = page.locator(f"#al-list tr[data-severity={colour}]").first

    def listed() -> str | None:
        page.goto(f"/desk/?grade={colour}&hours=1")
        return row.get_attribute("data-number") if row.count() else None

    return str(eventually(listed, 420, f"an alert of colour {colour}"))


def take(what: Page | Locator, path: Path) -> None:
    """A picture of the window or of one element, once its curve stands."""
    (what.page if isinstance(what, Locator) else what).wait_for_timeout(700)
    path.parent.mkdir(parents=True, exist_ok=True)
    what.screenshot(path=path)
