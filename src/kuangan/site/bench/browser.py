"""A headless browser with the duty desk open that listens to the stream as the page does."""

from __future__ import annotations

import importlib.util
import shutil
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

_LISTEN: Final = """() => {
  window.benchHeard = {};
  const source = new EventSource('/live/stream');
  source.onmessage = (event) => {
    const at = Date.now();
    for (const number of JSON.parse(event.data).changed) window.benchHeard[number] ??= at;
  };
}"""


def chromium() -> str | None:
    """Path of a Chromium that can be driven here."""
    if importlib.util.find_spec("playwright") is None:
        return None
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """One page of a signed-in user."""

    def __init__(self, program: str, address: str, cookie: dict[str, str]) -> None:
        self._program = program
        self._address = address
        self._cookies: list[Any] = [
            {"name": name, "value": value, "domain": urlsplit(address).hostname or "", "path": "/"}
            for name, value in cookie.items()
        ]

    def __enter__(self) -> Self:
        from playwright.sync_api import sync_playwright

        self._driver = sync_playwright().start()
        self._browser = self._driver.chromium.launch(executable_path=self._program, args=["--no-sandbox"])
        context = self._browser.new_context()
        context.add_cookies(self._cookies)
        self._page = context.new_page()
        self._page.goto(f"{self._address}/", wait_until="load")
        self._page.evaluate(_LISTEN)
        return self

    def heard(self) -> dict[int, int]:
        """When each alert was first told of, ms by the browser's clock."""
        found: dict[str, Any] = self._page.evaluate("() => window.benchHeard")
        return {int(number): int(at) for number, at in found.items()}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._browser.close()
        self._driver.stop()
