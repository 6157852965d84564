"""The album of the night and the patience of its steps."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.browser.looks import faults
from tests.browser.night_register import PEOPLE
from tests.browser.test_pages import take
from tests.waiting import eventually

SOON_S, FLOOD_S, CLOCK_S = 45.0, 90.0, 120.0
"""For what follows at once, for the flood, and for a clock of one minute."""
AGAIN_MS, MINUTE_S = 400, 60
PICTURED = os.environ.get("KUANGAN_SCREENSHOTS") == "1"
PACE_MS = 30_000 if PICTURED else 0
"""Between two snapshots of the withdrawal: nobody has to see the slope of the curve but in a picture."""


@dataclass
class Album:
    """Where pictures go, numbered in the order of the night."""

    folder: Path | None
    taken: int = 0

    def take(self, page: Page, name: str, top: Locator | None = None) -> None:
        """The page must be tidy; a picture of the window, `top` at its upper edge, when pictures are wanted."""
        assert faults(page, PEOPLE) == [], name
        self.taken += 1
        if self.folder is None:
            return
        if top is not None:
            top.evaluate("element => window.scrollTo(0, element.getBoundingClientRect().top + window.scrollY - 70)")
        take(page, self.folder / f"night-{self.taken:02d}-{name}.png")


def shown(page: Page, address: str, found: Callable[[], object], within: float, what: str) -> None:
    """Visit a page until something stands on it."""

    def visited() -> bool:
        page.goto(address)
        if found():
            return True
        page.wait_for_timeout(AGAIN_MS)
        return False

    eventually(visited, within, what)
