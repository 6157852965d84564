"""Chromium per module, and one running installation for all of them."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.installation import NAMES, Databases, Installation
from tests.browser.looks import watch
from tests.browser.register import PASSWORD

DESKTOP = (1366, 768)
PATIENCE_MS = 12_000
"""For what has no time of its own to keep: the machine may be busy."""
OpenPage = SignIn = Callable[..., Page]


def chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found is not None, "Chromium is not on the PATH"
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Per module: while it runs, its event loop would keep other tests from the database."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="package")
def databases() -> Databases:
    return Databases(os.environ.get("KUANGAN_DATABASE_URL", ""))


@pytest.fixture(scope="package")
def home(databases: Databases) -> Iterator[tuple[Path, str]]:
    """A new home and the address of its database; both are gone afterwards."""
    yield from new_home(databases)


def new_home(databases: Databases) -> Iterator[tuple[Path, str]]:
    path, name = Path(tempfile.mkdtemp(prefix="kuangan-browser-")), f"kuangan_browser_{secrets.token_hex(4)}"
    try:
        yield path, databases.create(name)
    finally:
        databases.drop(name)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="package")
def installation(home: tuple[Path, str]) -> Iterator[Installation]:
    """Everything of an installation runs, with the small register; each module works with a mine of its own."""
    made = Installation(*home)
    made.ask("register")
    try:
        made.start(*NAMES)
        yield made
    finally:
        made.stop(*NAMES)


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


@pytest.fixture
def open_page(browser: Browser, contexts: list[BrowserContext]) -> OpenPage:
    """A page in a profile of its own; nobody has signed in. `blocked` requests fail."""

    def opened(address: str, size: tuple[int, int] = DESKTOP, blocked: str = "") -> Page:
        context = browser.new_context(
            base_url=address,
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        if blocked:
            context.route(blocked, lambda route: route.abort())
        page = context.new_page()
        watch(page)
        return page

    return opened


@pytest.fixture
def sign_in(open_page: OpenPage, installation: Installation) -> SignIn:
    """A page of a person who has signed in."""

    def signed_in(name: str, size: tuple[int, int] = DESKTOP, blocked: str = "") -> Page:
        page = open_page(installation.address, size, blocked)
        enter(page, name, PASSWORD)
        return page

    return signed_in


def enter(page: Page, name: str, password: str) -> None:
    """Sign in by the form."""
    page.goto("/accounts/login/")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda address: "/accounts/login" not in address)
