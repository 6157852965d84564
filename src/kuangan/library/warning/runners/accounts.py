"""What became of the frames of a run: rows of the ledger in the making, and their counts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from kuangan.library.telemetry.decode import Outcome
from kuangan.library.telemetry.frames import Frame


@dataclass(slots=True)
class Account:
    """What became of one frame, a row of the ledger in the making; `frame` is kept without its payload."""

    gateway: str
    frame: Frame
    status: str
    type: str
    size: int = 0
    reason: str = ""
    outcome: Outcome | None = None
    stale: bool = False
    archived: int = 0
    repeated: int = 0

    @classmethod
    def of(cls, gateway: str, frame: Frame, status: str, file_type: str) -> Account:
        reason = _refusal_reason(frame) if status == "refused" else ""
        source, at = frame.source, frame.received_at
        bare = Frame(frame.seq, frame.mine, frame.kind, frame.name, source, at, frame.digest, b"")
        return cls(gateway, bare, status, file_type, len(frame.payload), reason)


@dataclass
class Tally:
    """Counts of a run."""

    frames: dict[str, int] = field(default_factory=dict)
    by_type: dict[str, dict[str, int]] = field(default_factory=dict)
    archived: int = 0
    repeated: int = 0
    stale: int = 0

    def add(self, account: Account) -> None:
        self.frames[account.status] = self.frames.get(account.status, 0) + 1
        self.stale += account.stale
        row = self.by_type.setdefault(account.type, {"frames": 0, "records": 0, "rejected": 0})
        row["frames"] += 1
        if account.outcome is not None and account.status in ("accepted", "partial"):
            row["records"] += account.outcome.good
            row["rejected"] += account.outcome.rejected


def ledger_row(account: Account) -> dict[str, Any]:
    """The row of the ledger, columns of FRAMES."""
    frame, outcome = account.frame, account.outcome
    counted = outcome is not None and account.status in ("accepted", "partial")
    return {
        "gateway": account.gateway,
        "seq": frame.seq,
        "received_at": frame.received_at,
        "mine": outcome.mine if outcome else frame.mine,
        "type": account.type,
        "name": frame.name,
        "source": frame.source,
        "size": account.size,
        "outcome": account.status,
        "stale": account.stale,
        "marks": ",".join(outcome.marks) if outcome else "",
        "reason": outcome.reason if outcome else account.reason,
        "header_time": outcome.header_time if outcome else None,
        "good": outcome.good if outcome and counted else 0,
        "rejected": outcome.rejected if outcome and counted else 0,
        "superseded": outcome.superseded if outcome and counted else 0,
        "archived": account.archived,
        "repeated": account.repeated,
    }


def _refusal_reason(frame: Frame) -> str:
    return str(json.loads(frame.payload).get("reason", ""))
