"""A red alert is worked to its close by everyone it concerns, strangers never learn of it, and a lapsed clock climbs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.browser import wire
from tests.browser.conftest import OpenPage, SignIn
from tests.browser.installation import Installation
from tests.browser.looks import errors_of
from tests.browser.register import ANY_TOKEN, MINE_A, MINE_C
from tests.waiting import eventually

pytestmark = pytest.mark.browser

MINUTE_S = 60


@dataclass(frozen=True)
class Story:
    """What was uploaded: when mine C's clock of one minute began, and the place of mine A's file in the spool."""

    began: float
    seq: int


def short_clocks() -> str:
    """Our routing table, but an orange alert is first told to the mine alone, and it has one minute."""
    table = yaml.safe_load((files("kuangan.domains.alerts") / "routing.yaml").read_text(encoding="utf-8"))
    rows = [row for row in table["rows"] if (row["colour"], row["step"]) != ("orange", "acknowledge")]
    mine = {"colour": "orange", "level": "mine", "step": "acknowledge", "minutes": 1}
    table |= {"name": "示例时限表", "rows": [*rows, mine | {"source": "official", "basis": "示例"}]}
    return yaml.safe_dump(table, allow_unicode=True)


@pytest.fixture(scope="module", autouse=True)
def story(installation: Installation) -> Story:
    """Mine A runs into 3.21 %, mine C into 2.40 %; the clock of C runs while the other tests work."""
    table = installation.home / "routing.yaml"
    table.write_text(short_clocks(), encoding="utf-8")
    installation.ask("routing", str(table))
    at = wire.now()
    before = [wire.quiet(mine, (1, 2), at - timedelta(seconds=2)) for mine in (MINE_A, MINE_C)]
    over = [wire.realtime(mine, [(1, value, at)], at) for mine, value in ((MINE_A, 3.21), (MINE_C, 2.40))]
    answer = installation.upload(*before, *over, token=ANY_TOKEN).json()["frames"]
    assert [frame["status"] for frame in answer] == ["stored"] * 4
    return Story(time.monotonic(), answer[2]["seq"])


def number_at(page: Page, mine: str) -> str:
    """The number of the alert of a mine, once the person's desk lists it."""
    row = page.locator("#al-list tr[data-number]").first

    def listed() -> str | None:
        page.goto(f"/desk/?mine={mine}&state=all")
        return row.get_attribute("data-number") if row.count() else None

    return str(eventually(listed, 10, f"an alert of {mine} on the desk"))


def todo(page: Page, number: str) -> list[str]:
    """What the person's organisation still owes for this alert."""
    page.goto("/todo/")
    return page.locator("table.al-work tbody tr").filter(has_text=number).locator("td:nth-child(2) b").all_inner_texts()


def acknowledge(page: Page, number: str, *, withdrawing: bool = False) -> None:
    page.goto(f"/alerts/{number}/")
    if withdrawing:
        page.get_by_label("已开始撤人").check()
    page.get_by_role("button", name="确认 (a)").click()
    expect(page.get_by_role("status")).to_contain_text("已提交")


def unfold(page: Page, number: str, button: str, name: str) -> Page:
    page.goto(f"/alerts/{number}/")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(f"#al-form-{name}")).to_be_visible()
    return page


def submit(page: Page, name: str) -> None:
    page.locator(f"#al-form-{name}").get_by_role("button", name="提交").click()
    expect(page.get_by_role("status")).to_contain_text("已提交")


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("evidence") / "现场记录.txt"
    path.write_text("合成证据：已停电撤人，恢复通风。", encoding="utf-8")
    yield path


def test_mine_county_and_city_work_a_red_alert_to_its_close(sign_in: SignIn, evidence: Path) -> None:
    people = {name: sign_in(name) for name in ("dispatcher", "manager", "parent", "county", "city", "province")}
    dispatcher, manager, county, city = (people[name] for name in ("dispatcher", "manager", "county", "city"))
    number = number_at(dispatcher, MINE_A)
    expect(dispatcher.locator("main")).to_contain_text("3.21")

    owed = {name: todo(page, number) for name, page in people.items()}
    assert owed["dispatcher"] == ["矿调度确认", "开始撤人", "初报", "现场核实", "书面反馈"]
    assert owed["county"] == ["直接监管部门确认", "复核销警"]
    assert (owed["parent"], owed["city"]) == (["上级企业调度确认"], ["市级值班确认"])

    acknowledge(dispatcher, number, withdrawing=True)
    assert todo(dispatcher, number) == ["初报", "现场核实", "书面反馈"]
    for given, name in enumerate(("parent", "county", "city", "province"), start=2):
        acknowledge(people[name], number)
        levels = f"已确认 {given}/5 级" if given < 5 else "已确认"
        expect(people[name].locator(".ka-facts")).to_contain_text(levels)
    assert todo(city, number) == []
    assert todo(county, number) == ["复核销警"]

    unfold(manager, number, "核实", "verify")
    manager.get_by_label("原因").select_option(label="真实超限")
    form = manager.locator("#al-form-verify")
    form.get_by_label("撤人情况").select_option(label="已撤人")
    form.get_by_label("现场措施").fill("切断电源，撤出人员，加强通风。")
    submit(manager, "verify")
    expect(manager.locator(".al-timeline")).to_contain_text("原因：真实超限；撤人：已撤人；措施：切断电源")
    county.goto(f"/alerts/{number}/")
    expect(county.get_by_role("button", name="复核", exact=True)).to_have_count(0)

    unfold(manager, number, "书面反馈", "report")
    manager.get_by_label("处置情况反馈").fill("瓦斯积聚，已处理，浓度降至 0.3 % 以下。")
    manager.get_by_label("证据材料").set_input_files(evidence)
    submit(manager, "report")
    assert todo(manager, number) == []
    for button in ("复核", "销警"):
        expect(manager.get_by_role("button", name=button, exact=True)).to_have_count(0)

    unfold(county, number, "复核", "review")
    with county.expect_download() as handed:
        county.get_by_role("link", name="现场记录.txt").click()
    assert handed.value.path().read_bytes() == evidence.read_bytes()
    county.get_by_label("复核意见").fill("情况属实。")
    submit(county, "review")
    unfold(county, number, "销警", "close")
    submit(county, "close")
    assert todo(county, number) == []

    told = " ".join(reversed(county_timeline(county, number)))
    order = ("产生告警：红色", "已开始撤人", "市级值班", "核实", "书面反馈", "复核", "销警")
    places = [told.index(words) for words in order]
    assert places == sorted(places)
    county.goto(f"/desk/?mine={MINE_A}")
    expect(county.locator("#al-list")).to_contain_text("没有符合条件的告警")
    county.goto(f"/desk/?mine={MINE_A}&state=closed")
    expect(county.locator(f"#al-{number}")).to_contain_text("已闭环")
    assert [errors_of(page) for page in people.values()] == [[]] * len(people)


def county_timeline(page: Page, number: str) -> list[str]:
    page.goto(f"/alerts/{number}/")
    return page.locator(".al-timeline li").all_inner_texts()


def test_the_disposal_sheet_prints_on_a4(sign_in: SignIn) -> None:
    page = sign_in("county")
    number = number_at(page, MINE_A)
    page.goto(f"/alerts/{number}/sheet/")
    page.emulate_media(media="print")
    sheet = page.locator("article.al-sheet")
    for words in ("监测预警处置单", number, "3.21", "真实超限", "已撤人", "现场记录.txt", "销警", "签字"):
        expect(sheet).to_contain_text(words)
    expect(page.get_by_role("button", name="打印")).to_be_hidden()
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
    assert 1 <= len(boxes) <= 2
    assert errors_of(page) == []


@pytest.mark.parametrize("name", ["neighbour", "stranger_mine"])
def test_those_it_does_not_concern_get_404_everywhere(sign_in: SignIn, story: Story, name: str) -> None:
    insider, outsider = sign_in("county"), sign_in(name)
    number = number_at(insider, MINE_A)
    evidence = f"/alerts/{number}/evidence/{evidence_id(insider, number)}"
    addresses = [
        *(f"/alerts/{number}/{part}" for part in ("", "drawer", "curve", "sheet/")),
        *(f"/api/v1/alerts/{number}{part}" for part in ("", "/curve")),
        *(f"/link/frames/g1/{story.seq}/{part}" for part in ("", "download")),
        f"/mines/{MINE_A}/",
        f"/mines/{MINE_A}/register/",
        evidence,
    ]
    answers = {address: insider.request.get(address).status for address in addresses}
    assert set(answers.values()) == {200}, answers
    answers = {address: outsider.request.get(address).status for address in addresses}
    assert set(answers.values()) == {404}, answers
    outsider.goto("/desk/?state=all")
    expect(outsider.locator("#al-list")).not_to_contain_text(number)
    outsider.goto(f"/search/?q={number}")
    expect(outsider.locator("main")).to_contain_text("没有找到")


def evidence_id(page: Page, number: str) -> str:
    page.goto(f"/alerts/{number}/")
    address = page.get_by_role("link", name="现场记录.txt").get_attribute("href") or ""
    return address.rpartition("/")[2]


def test_a_stranger_is_sent_to_sign_in(
    sign_in: SignIn, open_page: OpenPage, installation: Installation, story: Story
) -> None:
    number, page = number_at(sign_in("county"), MINE_A), open_page(installation.address)
    for address in (f"/alerts/{number}/", f"/alerts/{number}/sheet/", f"/link/frames/g1/{story.seq}/download", "/"):
        page.goto(address)
        expect(page.get_by_role("heading", name="登录")).to_be_visible()
        assert page.url.startswith(f"{installation.address}/accounts/login/")
    assert page.request.get(f"/api/v1/alerts/{number}", max_redirects=0).status in (302, 401)


def test_a_lapsed_clock_climbs_to_the_next_level(sign_in: SignIn, installation: Installation, story: Story) -> None:
    county = sign_in("county")
    number = number_at(county, MINE_C)
    county.goto(f"/desk/?mine={MINE_C}&reached=1")
    row = county.locator(f"#al-{number}")
    eventually(lambda: time.monotonic() > story.began + MINUTE_S, MINUTE_S + 1, "the minute of the mine")
    told = eventually(
        lambda: [n for n in installation.ask("notices", number) if n["key"].split(":")[2] == "climb"], 20, "a notice"
    )
    assert {notice["to"] for notice in told} == {"长治市上党区应急管理局"}

    county.reload()
    expect(row).to_contain_text("超时")
    lapsed = county.locator("[data-figure=lapsed_responses]")
    expect(lapsed.locator("b")).to_have_class("ka-red")
    county.goto(lapsed.get_attribute("href") or "")
    expect(row).to_contain_text("超时")
    assert todo(county, number) == ["直接监管部门确认", "复核销警"]
    assert any("矿调度确认逾期，已通知直接监管部门" in line for line in county_timeline(county, number))
    acknowledge(county, number)
    assert todo(county, number) == ["复核销警"]
