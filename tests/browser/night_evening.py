"""The evening of the night: the shift, the storm, the flood and the over-limit in it, each asserted on the screen."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Locator, Page, expect

from tests.browser import night, wire
from tests.browser.conftest import SignIn
from tests.browser.installation import Installation
from tests.browser.night_album import FLOOD_S, SOON_S, Album, shown
from tests.browser.night_register import COUNTY, CUT, DEPUTY, DISPATCHER, LEADER, MINE_NAME, OFFICER
from tests.duty.weather_wire import cap
from tests.waiting import eventually


def the_shift_is_on_and_the_desk_is_calm(officer: Page, mines: night.Mines, album: Album) -> None:
    officer.goto("/duty/")
    for name in (OFFICER, DEPUTY, LEADER, DISPATCHER):
        expect(officer.locator("main")).to_contain_text(name)
    album.take(officer, "shift")
    eventually(lambda: mines.rounds >= 2 or mines.fault, FLOOD_S, "all mines have sent twice")
    officer.goto("/desk/")
    expect(officer.locator("#al-list")).to_contain_text("没有符合条件的告警")
    expect(officer.locator("[data-live-count=open]").first).to_have_text("0")
    album.take(officer, "calm")


def hand_in_the_storm(installation: Installation) -> None:
    """What the weather bureau does."""
    inlet = installation.home / "weather" / "in"
    eventually(inlet.exists, SOON_S, "the folder of the weather bureau")
    said = cap(wire.now(), "QX-1122-01", event="暴雨", colour="红", codes=(COUNTY,), sender="示例气象台")
    (inlet / ".storm").write_bytes(said)
    (inlet / ".storm").rename(inlet / "storm.xml")


def a_storm_warning_comes(officer: Page, album: Album) -> str:
    """The weather bureau's file: every mine of the county stands under it, the one that floods is to be emptied and is called.

    The number of that mine's case.
    """
    link = officer.locator("main tbody a").filter(has_text="暴雨红色预警")
    shown(officer, "/duty/weather/", link.count, SOON_S, "the storm warning")
    link.first.click()
    officer.wait_for_url(re.compile(r"/duty/weather/\d+/"))
    address = officer.url
    lines = officer.locator("#mines tbody tr")
    expect(lines).to_have_count(len(CUT) + 1)
    line = lines.filter(has_text=MINE_NAME)
    expect(lines.first).to_contain_text(MINE_NAME)
    expect(line).to_contain_text("建议停产撤人")
    expect(lines.filter(has_text="建议停产撤人")).to_have_count(1)
    line.get_by_label(f"选择 {MINE_NAME}").check()
    officer.get_by_role("button", name="语音叫应").click()
    shown(officer, address, lambda: "已叫应" in line.inner_text(), SOON_S, "the mine has answered")
    expect(line).to_contain_text("通 2")
    album.take(officer, "storm", officer.locator("#mines"))
    line.get_by_role("link", name=MINE_NAME).click()
    officer.wait_for_url(re.compile(r"/duty/weather/cases/"))
    return officer.url.rstrip("/").rpartition("/")[2]


def the_leader_orders_withdrawal(sign_in: SignIn, storm: str, album: Album) -> None:
    """The system proposed it; the leader of the shift decides, with grounds and scope."""
    leader = sign_in("leader")
    leader.goto(f"/duty/weather/cases/{storm}/")
    expect(leader.locator("main")).to_contain_text("是否停产撤人由有权人员决定")
    leader.get_by_role("button", name="下令停产撤人").click()
    expect(leader.locator("main")).to_contain_text("执行中")
    expect(leader.locator("main")).to_contain_text(LEADER)
    album.take(leader, "order")


def flood_of(page: Page) -> Locator:
    return page.locator('#al-list tr[data-fold="county"]')


def the_county_loses_its_link(officer: Page, city: Page, mines: night.Mines, album: Album) -> None:
    """Two hundred alerts are one line, on the county's desk and on the city's; the desk learns of it without a reload."""
    officer.goto("/desk/")
    expect(officer.locator("#al-list")).to_contain_text("没有符合条件的告警")
    expect(officer.locator("[data-live-count=open]").first).to_have_text("0")
    mines.cut()
    expect(officer.locator("#al-arrivals")).to_be_visible(timeout=FLOOD_S * 1000)
    for page in (officer, city):
        flood = flood_of(page)
        shown(page, "/desk/", lambda line=flood: line.count() and f"×{len(CUT)}" in line.inner_text(), FLOOD_S, "flood")
        expect(page.locator("#al-list tr[data-number]")).to_have_count(1)
        expect(flood).to_contain_text(f"县域断网 ×{len(CUT)}")
        expect(flood).to_contain_text("上党区")
        expect(flood).to_contain_text(f"{len(CUT)} 座矿")
    expect(officer.locator("#al-list footer")).to_contain_text(f"共 {len(CUT)} 条告警，折叠为 1 行")
    expect(officer.locator("[data-live-count=open]").first).to_have_text(str(len(CUT)))
    album.take(officer, "link-cut")


def an_over_limit_stands_first(officer: Page, city: Page, mines: night.Mines, album: Album) -> tuple[str, float]:
    """It arrives on the open desk, and stands above the flood on a line of its own. Its number, and when it came."""
    bar, rows = officer.locator("#al-arrivals"), officer.locator("#al-list tr[data-number]")
    mines.methane = night.OVER
    expect(bar).to_contain_text("红 1", timeout=SOON_S * 1000)
    raised = time.monotonic()
    album.take(officer, "red-arrives")
    officer.get_by_role("button", name="显示").click()
    first = rows.first
    expect(first).to_have_attribute("data-severity", "red")
    expect(first).to_contain_text(MINE_NAME)
    expect(first).to_contain_text(f"{night.OVER:.2f}")
    assert first.get_attribute("data-fold") is None
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text(f"×{len(CUT)}")
    number = first.get_attribute("data-number") or ""
    first.click()
    expect(officer.locator("#al-drawer .al-chart[data-drawn]")).to_be_visible()
    album.take(officer, "red-first")
    city.goto("/desk/")
    expect(city.locator("#al-list tr[data-number]").first).to_have_attribute("data-number", number)
    return number, raised


def the_flood_opens(officer: Page, city: Page, album: Album) -> None:
    """What is counted above, in the menu, on the line and beneath it is the same."""
    total = len(CUT) + 1
    for page in (officer, city):
        page.goto("/desk/")
        expect(page.locator("[data-live-count=open]").first).to_have_text(str(total))
        expect(page.locator("#al-list footer")).to_contain_text(f"共 {total} 条告警，折叠为 2 行")
        assert len((flood_of(page).get_attribute("data-members") or "").split(",")) == len(CUT)
    flood_of(officer).locator("[data-unfold]").click()
    members = officer.locator("#al-list tr.al-member")
    expect(members).to_have_count(len(CUT))
    said = members.locator("td:nth-child(3) .al-clip").all_inner_texts()
    assert sorted(said) == sorted(CUT.values())
    album.take(officer, "children")
    officer.goto("/desk/?fold=0")
    expect(officer.locator("#al-list footer")).to_contain_text(f"共 {total} 条告警")
