"""The numbers of the link page; each opens the list it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kuangan.domains.datalink.linkstate import MineLink
from kuangan.domains.datalink.queries import LinkQuery
from kuangan.domains.datalink.reading import Totals


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its words and the address of what it is made of."""

    label: str
    value: int
    note: str
    address: str
    colour: str = ""


def link_figures(rows: Sequence[MineLink], sums: Totals, query: LinkQuery) -> list[Figure]:
    """Mines first, then frames of the window."""
    states = Counter(row.state for row in rows)
    connected = len(rows) - states["never"]
    frames = sums.by_status

    def listed(tab: str, **changed: str) -> str:
        return query.address(**({"tab": tab, "status": "", "state": ""} | changed))

    return [
        Figure(
            "静默矿井",
            states["silent"],
            f"已接入 {connected}",
            listed("mines", state="silent"),
            "orange" if states["silent"] else "",
        ),
        Figure(
            "迟到矿井",
            states["late"],
            "超过 1 分钟",
            listed("mines", state="late"),
            "yellow" if states["late"] else "",
        ),
        Figure("未接入", states["never"], "单独计数", listed("mines", state="never"), "grey"),
        Figure("收到文件", sums.received, f"待处理 {sums.waiting}", listed("ledger")),
        Figure("已接收", frames["accepted"], f"迟到 {sums.stale}", listed("ledger", status="accepted")),
        Figure("部分接收", frames["partial"], f"拒绝记录 {sums.rejected}", listed("ledger", status="partial")),
        Figure(
            "隔离",
            frames["quarantined"],
            "整份不采信",
            listed("ledger", status="quarantined"),
            "red" if frames["quarantined"] else "",
        ),
        Figure("重复", frames["duplicate"], "内容相同", listed("ledger", status="duplicate")),
        Figure("未知类型", frames["unknown"], "原样保存", listed("ledger", status="unknown")),
        Figure("拒收", sums.refused, "不计入收到", listed("refusals")),
    ]
