"""Lengths of time, and moments in full, in words."""

from __future__ import annotations

from datetime import datetime

from kuangan.base.clock import BEIJING


def span(seconds: float) -> str:
    """4 分 12 秒, 18 分, 6 小时 5 分, 3 天: two units where the smaller one still matters."""
    whole = int(max(seconds, 0))
    if whole < 60:
        return f"{whole} 秒"
    if whole < 600:
        return f"{whole // 60} 分 {whole % 60:02d} 秒"
    if whole < 3600:
        return f"{whole // 60} 分"
    if whole < 86_400:
        return f"{whole // 3600} 小时 {whole % 3600 // 60} 分"
    return f"{whole // 86_400} 天 {whole % 86_400 // 3600} 小时"


def full_moment(at: datetime | None) -> str:
    return "—" if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
