"""After the over-limit: the roster is climbed, the mine called and emptied, the shift handed over, the bulletin printed."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

from docx import Document
from playwright.sync_api import Locator, Page, expect

from kuangan.base.clock import BEIJING
from tests.browser import night, wire
from tests.browser.conftest import SignIn
from tests.browser.night_album import CLOCK_S, MINUTE_S, PACE_MS, SOON_S, Album, shown
from tests.browser.night_register import CUT, DEPUTY, DISPATCHER, LEADER, MINE_NAME, OFFICER, PHONE, RELIEF
from tests.browser.register import MINE_A


def inbox_row(page: Page, number: str) -> Locator:
    return page.locator("main tbody tr").filter(has_text="确认超时").filter(has_text=number)


def the_roster_climbs(sign_in: SignIn, officer: Page, number: str, raised: float, album: Album) -> None:
    """Nobody acknowledges: after its minute the officer on the roster is told, then the deputy, then the leader."""
    deputy, leader = sign_in("deputy"), sign_in("leader")
    deputy.goto("/inbox/")
    expect(inbox_row(deputy, number)).to_have_count(0)
    officer.wait_for_timeout(max(raised + MINUTE_S - 2 - time.monotonic(), 0) * 1000)
    for page, name in ((officer, OFFICER), (deputy, DEPUTY), (leader, LEADER)):
        row = inbox_row(page, number)
        shown(page, "/inbox/", row.count, CLOCK_S, f"{name} is told")
        expect(row.first).to_contain_text(name)
        expect(row.first).to_contain_text("上党区应急")
    assert time.monotonic() - raised > MINUTE_S - 5
    album.take(deputy, "deputy-told")
    officer.goto(f"/alerts/{number}/")
    timeline = officer.locator(".al-timeline")
    expect(timeline).to_contain_text("直接监管部门确认逾期，已通知市级值班")
    expect(timeline).to_contain_text(DEPUTY)
    album.take(officer, "roster-climbed", timeline)


def the_mine_is_called(officer: Page, number: str, album: Album) -> str:
    """The call leaves by the voice gateway, the key comes back, what the mine did is noted; the number of the call-out."""
    officer.goto(f"/alerts/{number}/")
    officer.get_by_role("link", name="发起叫应").click()
    officer.get_by_role("button", name="发起").click()
    officer.wait_for_url(re.compile(r"/duty/callouts/JY-"))
    address = officer.url
    whom = officer.locator("tr", has=officer.locator("form input[name=phone]")).filter(has_text=PHONE)
    whom.first.get_by_role("button", name="语音").click()
    calls = officer.locator("section", has_text="呼叫记录").locator("tbody tr").filter(has_text=DISPATCHER)
    shown(officer, address, lambda: "已按键 1" in calls.first.inner_text(), SOON_S, "the key is pressed")
    calls.first.get_by_label("备注").fill("已停电撤人，矿长到调度室")
    calls.first.get_by_role("button", name="响应").click()
    expect(calls.first).to_contain_text("已响应")
    cells = calls.first.locator("td").all_inner_texts()
    called, answered, key, acted = (cells[place] for place in (3, 4, 5, 6))
    assert all(re.search(r"\d\d:\d\d:\d\d", text) for text in (called, answered, key, acted)), cells
    assert key.startswith("1")
    expect(officer.locator("main")).to_contain_text("呼叫 1、接通 1、响应 1")
    album.take(officer, "called")
    return address.rstrip("/").rpartition("/")[2]


def head_count(page: Page) -> Locator:
    return page.locator(".ka-figures .ka-figure b").first


def below_ground(page: Page, mines: night.Mines, people: night.Below, shift: wire.Moment, left: int) -> None:
    """The next file of the positioning system says so many; the page follows."""
    mines.send(people.snapshot(shift, wire.now(), left))
    figure = head_count(page)
    shown(page, f"/mines/{MINE_A}/underground/", lambda: figure.inner_text() == str(left), SOON_S, f"{left} below")


def the_mine_withdraws(
    sign_in: SignIn,
    officer: Page,
    number: str,
    storm: str,
    mines: night.Mines,
    people: night.Below,
    album: Album,
) -> None:
    """The mine acknowledges, saying that it withdraws; the people's files say so too, down to nobody."""
    dispatcher = sign_in("dispatcher")
    dispatcher.goto(f"/alerts/{number}/")
    dispatcher.get_by_label("已开始撤人").check()
    dispatcher.get_by_role("button", name="确认 (a)").click()
    expect(dispatcher.get_by_role("status")).to_contain_text("已提交")
    album.take(dispatcher, "mine-acknowledges")
    mines.methane = night.SAFE
    shift = wire.now()
    whole = people.count(shift)
    assert whole > 8
    order = f"/duty/weather/cases/{storm}/"
    dispatcher.goto(order)
    dispatcher.get_by_label("此刻井下（现场）人数").fill(str(whole))
    dispatcher.get_by_role("button", name="开始撤人").click()
    expect(dispatcher.locator("main")).to_contain_text("撤人中")
    heights = []
    for left in (whole, whole * 2 // 3, whole // 4, 0):
        officer.wait_for_timeout(PACE_MS)
        below_ground(officer, mines, people, shift, left)
        points = officer.locator(".dl-people polyline").last.get_attribute("points") or ""
        heights.append(float(points.split()[-1].split(",")[1]))
    assert heights == sorted(heights) and heights[0] < heights[-1], heights
    expect(officer.locator("#people")).to_contain_text("井下没有人员")
    officer.goto(f"/mines/{MINE_A}/underground/?hours=1")
    album.take(officer, "withdrawn")
    dispatcher.goto(order)
    dispatcher.get_by_label("撤出人数").fill(str(whole))
    dispatcher.get_by_label("留守人数").fill("0")
    dispatcher.get_by_label("撤完时间").fill(f"{wire.now().astimezone(BEIJING):%Y-%m-%dT%H:%M}")
    dispatcher.get_by_role("button", name="报告撤出").click()
    expect(dispatcher.locator("main")).to_contain_text("已报撤出")
    officer.goto(order)
    expect(officer.locator("main")).to_contain_text("起为 0")
    expect(officer.locator("main")).to_contain_text(f"撤出 {whole} 人，留守 0 人")
    curve = officer.locator(".wx-curve polyline").last.get_attribute("points") or ""
    heights = [float(point.split(",")[1]) for point in curve.split()]
    assert heights[-1] == max(heights) > min(heights), curve
    album.take(officer, "people-out")
    officer.goto(f"/alerts/{number}/")
    expect(officer.locator(".al-timeline")).to_contain_text(f"{DISPATCHER} 确认红色告警，已开始撤人")
    officer.get_by_role("button", name="确认 (a)").click()
    expect(officer.get_by_role("status")).to_contain_text("已提交")


def the_shift_is_handed_over(sign_in: SignIn, officer: Page, number: str, call: str, storm: str, album: Album) -> None:
    """The sheet lists what is open; one signs off, another signs on, and what was signed is sealed."""
    officer.goto("/duty/")
    officer.get_by_role("button", name="开始交接").click()
    sheet = officer.locator(".du-sheet")
    expect(sheet).to_contain_text(number)
    expect(sheet).to_contain_text(call)
    expect(sheet).to_contain_text(f"{storm} {MINE_NAME}")
    expect(sheet).to_contain_text(f"{len(CUT) + 1} 件")
    expect(sheet).to_contain_text(f"县域断网 ×{len(CUT)}（上党区 {len(CUT)} 座矿）")
    officer.get_by_label("补充说明").fill("远峰煤业红色超限，人员已全部升井；上党区断网，已报运营商抢修。")
    officer.get_by_role("button", name="签字交班").click()
    expect(officer.locator("main")).to_contain_text("须由另一人接班")
    relief = sign_in("relief")
    relief.goto("/duty/")
    relief.get_by_role("link", name=re.compile("^JB-")).first.click()
    expect(relief.locator(".du-sheet")).to_contain_text("已报运营商抢修")
    relief.get_by_role("button", name="签字接班").click()
    signed = relief.locator(".du-signed")
    for words in (OFFICER, RELIEF, "核对一致"):
        expect(signed).to_contain_text(words)
    expect(relief.locator("main")).to_contain_text("已交接")
    album.take(relief, "handed-over")


def the_bulletin_is_printed(officer: Page, number: str, album: Album) -> None:
    """The docx of the day that ends at eight holds the night's alerts."""
    day = (wire.now().astimezone(BEIJING) - timedelta(hours=8)).date() + timedelta(days=1)
    officer.goto("/duty/bulletins/new/")
    officer.get_by_label("日期").fill(f"{day:%Y-%m-%d}")
    officer.get_by_label("值班情况说明").fill("夜间上党区二百座矿断网；远峰煤业红色超限，已撤人。")
    officer.get_by_role("button", name="生成").click()
    expect(officer.locator("main")).to_contain_text("未闭环的红、橙色告警")
    expect(officer.locator("main")).to_contain_text(number)
    album.take(officer, "bulletin")
    with officer.expect_download() as handed:
        officer.get_by_role("link", name="下载 docx").click()
    document: Any = Document(str(handed.value.path()))
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    said = {row[0]: row[1] for row in rows}
    assert said["新增红色告警"] == "1 件"
    assert said["新增黄色告警"] == f"{len(CUT)} 件"
    assert said["发起叫应"] == "2 次"
    assert said["完成交接班"] == "1 次"
    assert number in said
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "二百座矿断网" in text
