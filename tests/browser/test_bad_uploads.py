"""Bad uploads are refused or quarantined and explained on the link page; the next good file passes; the ledger balances."""

from __future__ import annotations

import socket

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser import wire
from tests.browser.conftest import SignIn
from tests.browser.installation import Installation
from tests.browser.register import MINE_A, MINE_B, NAMES, TOKEN
from tests.waiting import eventually

pytestmark = pytest.mark.browser

HUGE = 200 << 20
SECONDS = 20.0


def listed(page: Page, tab: str, words: str) -> list[str]:
    """The cells of the row with these words on a tab of the link page, once the engine and the ledger have it."""
    row = page.locator("table.ka-table tbody tr").filter(has_text=words)

    def found() -> list[str]:
        page.goto(f"/link/?tab={tab}&hours=1")
        return row.first.locator("td").all_inner_texts() if row.count() else []

    cells: list[str] = eventually(found, SECONDS, f"{words} on the tab {tab}")
    return cells


def send_huge(port: int, name: str) -> int:
    """Status of an upload that says it has 200 MB and sends as long as the gateway takes."""
    head = (
        f"POST /v1/frames HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"X-Frame-Name: {name}\r\nContent-Type: application/octet-stream\r\nContent-Length: {HUGE}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.encode())
        try:
            for _ in range(HUGE >> 20):
                connection.sendall(bytes(1 << 20))
        except OSError:
            pass  # the gateway has answered and closed
        try:
            return int(connection.recv(64).split()[1])
        except (OSError, IndexError):
            return 0


def test_bad_uploads_are_explained_and_the_next_good_file_passes(sign_in: SignIn, installation: Installation) -> None:
    page = sign_in("system")
    at = wire.now()

    wrong = installation.upload(wire.realtime(MINE_A, [(1, 0.41, at)], at), token="ka_wrong")
    assert wrong.status_code == 401
    foreign_name, foreign = wire.realtime(MINE_B, [(1, 0.42, at)], at)
    assert _statuses(installation.upload((foreign_name, foreign), token=TOKEN)) == ["refused"]
    huge_name = f"{MINE_A}_CDSS_huge.txt"
    assert send_huge(installation.gateway_port, huge_name) in (413, 0)

    name, good = wire.realtime(MINE_A, [(1, 0.43, at), (2, 0.44, at)], at)
    half = (name.replace(".txt", "_half.txt"), good[: len(good) * 2 // 3])
    noise = (name.replace(".txt", "_noise.txt"), np.random.default_rng(3).bytes(5_000))
    broken = wire.of_records(MINE_A, [wire.record(MINE_A, 1, 0.45, at), wire.record(MINE_A, 2, "abc", at)], at)
    broken = (broken[0].replace(".txt", "_broken.txt"), broken[1])
    assert _statuses(installation.upload(half, noise, broken, token=TOKEN)) == ["stored"] * 3
    assert _statuses(installation.upload((name, good), token=TOKEN)) == ["stored"]

    refused = " ".join(listed(page, "refusals", foreign_name))
    assert MINE_B in refused and "账号无权代表该矿上传" in refused
    assert "超过大小限制" in " ".join(listed(page, "refusals", huge_name))
    expect(page.locator("table.ka-table")).to_contain_text("令牌")

    for file, reason in ((half[0], "文件不完整，没有结束符"), (noise[0], "既不是 UTF-8 也不是 GB 18030 编码")):
        quarantined = " ".join(listed(page, "frames", file))
        assert all(words in quarantined for words in ("隔离", reason, NAMES[MINE_A])), quarantined
    cells = listed(page, "rejects", broken[0])
    assert NAMES[MINE_A] in cells[1] and "第 2 条" in cells[3], cells
    assert cells[4] != "—" and cells[5] and "abc" in cells[6], cells

    balance = page.locator(".dl-balance")
    passed = listed(page, "ledger", name)
    assert "已接收" in " ".join(passed)
    expect(balance).to_contain_text("台账平衡")
    expect(balance).not_to_contain_text("不平衡")
    with page.expect_download() as original:
        page.locator("tr").filter(has_text=name).get_by_role("link", name=f"下载 {name}").first.click()
    assert original.value.path().read_bytes() == good


def _statuses(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [frame["status"] for frame in answer.json()["frames"]]
