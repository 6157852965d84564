"""What the screen says when a part of the machinery stops, and when it is there again."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.installation import Installation

pytestmark = pytest.mark.browser

SOON_MS, BACK_MS = 10_000, 20_000
Record = Callable[[str, object], None]


def item(page: Page, key: str) -> str:
    return f"#ka-strip [data-strip={key}]"


def expect_level(page: Page, key: str, level: str, words: str, within: int) -> None:
    found = page.locator(item(page, key))
    expect(found).to_have_attribute("data-level", level, timeout=within)
    expect(found).to_contain_text(words)


def test_a_stopped_engine_turns_the_strip_red_in_words(
    sign_in: SignIn, installation: Installation, record_property: Record
) -> None:
    page = sign_in("province")
    page.goto("/desk/")
    expect_level(page, "engine", "ok", "研判延迟", BACK_MS)
    installation.stop("engine")
    began = time.monotonic()
    expect_level(page, "engine", "bad", "停止", SOON_MS)
    record_property("engine_red_ms", round((time.monotonic() - began) * 1000))
    installation.start("engine")
    expect_level(page, "engine", "ok", "研判延迟", BACK_MS)


def test_a_stopped_gateway_turns_the_strip_red_in_words(sign_in: SignIn, installation: Installation) -> None:
    page = sign_in("province")
    page.goto("/link/")
    expect_level(page, "gateway", "ok", "网关心跳", BACK_MS)
    installation.stop("receive")
    expect_level(page, "gateway", "bad", "停止", SOON_MS)
    installation.start("receive")
    expect_level(page, "gateway", "ok", "网关心跳", BACK_MS)


def test_a_lost_server_is_told_by_a_banner_until_it_is_back(
    sign_in: SignIn, installation: Installation, record_property: Record
) -> None:
    page = sign_in("province")
    page.goto("/desk/")
    expect_level(page, "engine", "ok", "研判延迟", BACK_MS)
    banner = page.locator("#ka-connection")
    expect(banner).to_be_hidden()
    installation.stop("web")
    began = time.monotonic()
    expect(banner).to_be_visible(timeout=SOON_MS)
    record_property("banner_ms", round((time.monotonic() - began) * 1000))
    expect(banner).to_contain_text("与服务器的连接中断")
    installation.start("web")
    expect(banner).to_be_hidden(timeout=BACK_MS)
    expect_level(page, "engine", "ok", "研判延迟", BACK_MS)
