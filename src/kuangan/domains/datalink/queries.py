"""The query bar of the link page, parsed; anything that is not understood falls back to the default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from kuangan.domains.datalink.linkstate import STATES
from kuangan.domains.datalink.reading import FrameQuery, Place
from kuangan.library.telemetry.names import MINE_CODE_LENGTH

TABS: Final = {
    "mines": "矿井链路",
    "frames": "问题文件",
    "rejects": "拒绝记录",
    "reported": "矿方报警",
    "events": "矿方事件",
    "refusals": "拒收",
    "ledger": "全部文件",
}
WINDOWS: Final = {"1": "近 1 小时", "24": "近 24 小时", "168": "近 7 天", "720": "近 30 天"}
TROUBLED: Final = ("partial", "quarantined", "unknown")
UPLOADED: Final = ("accepted", "partial", "duplicate", "unknown", "quarantined")
LISTED: Final = 200


@dataclass(frozen=True)
class LinkQuery:
    """What the page shows: a tab, a window in hours, one mine, a state, part of a file name."""

    tab: str = "mines"
    hours: int = 24
    mine: str = ""
    state: str = ""
    status: str = ""
    text: str = ""
    before: Place | None = None

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> LinkQuery:
        tab, hours, mine = given.get("tab", "mines"), given.get("hours", "24"), given.get("mine", "").strip()
        state, status = given.get("state", ""), given.get("status", "")
        return cls(
            tab=tab if tab in TABS else "mines",
            hours=int(hours) if hours in WINDOWS else 24,
            mine=mine if mine.isalnum() and len(mine) <= MINE_CODE_LENGTH else "",
            state=state if state in STATES else "",
            status=status if status in UPLOADED else "",
            text=given.get("q", "").strip()[:60],
            before=_place(given.get("before", "")),
        )

    def since(self, at: datetime) -> datetime:
        return at - timedelta(hours=self.hours)

    def frames(self, at: datetime, limit: int = LISTED) -> FrameQuery:
        """The frames of the tab."""
        chosen: tuple[str, ...] = (self.status,) if self.status else UPLOADED if self.tab == "ledger" else TROUBLED
        if self.tab == "refusals":
            chosen = ("refused",)
        return FrameQuery(chosen, self.mine, self.text, self.since(at), limit, self.before)

    def address(self, **changed: str) -> str:
        """The page with this query, some of it changed."""
        said = {"tab": self.tab, "hours": str(self.hours), "mine": self.mine, "state": self.state}
        said |= {"status": self.status, "q": self.text} | changed
        return "?" + urlencode({name: value for name, value in said.items() if value})

    def following(self, rows: Sequence[Mapping[str, Any]], limit: int = LISTED) -> str:
        """The address of the page after these rows; empty when they did not fill one."""
        if len(rows) < limit:
            return ""
        last = rows[-1]
        place = (last["received_at"], last["gateway"], last["seq"], last.get("record", 0))
        return self.address(status=self.status, before="~".join(map(str, place)))


def _place(text: str) -> Place | None:
    """A place as `following` wrote it; None for anything else."""
    parts = text.split("~")
    if len(parts) != 4 or not all(part.isdecimal() and len(part) < 19 for part in (parts[0], *parts[2:])):
        return None
    return int(parts[0]), parts[1], int(parts[2]), int(parts[3])
