"""Charts as plain SVG text; every one says that its data are synthetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

MARK = "合成数据 Synthetic"
WIDTH, ROW, NAME, BAR = 860, 24, 240, 300
COLOURS = {"good": "#1a7f4b", "fair": "#b26a00", "poor": "#b3261e", "none": "#8a8f98"}
PLOT = (60, 24, 420, 250)


def _text(x: float, y: float, words: str, anchor: str = "start", colour: str = "#24292f", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{escape(words)}</text>'


def _svg(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    mark = _text(width - 6, height - 6, MARK, "end", "#6a737d", 11)
    body = "".join([f"<title>{escape(title)}（{MARK}）</title>", *parts, mark])
    return f'<svg viewBox="0 0 {width} {height}" role="img" xmlns="http://www.w3.org/2000/svg">{body}</svg>'


def _colour(row: Mapping[str, Any]) -> str:
    if not row["built"] or row["recall"] is None:
        return COLOURS["none"]
    if row["recall"] >= 0.95:
        return COLOURS["good"]
    return COLOURS["fair" if row["recall"] >= 0.8 else "poor"]


def _words(row: Mapping[str, Any]) -> str:
    if not row["built"]:
        return f"未实现 not built（植入 {row['planted']}）"
    shown = "—" if row["recall"] is None else f"{row['recall']:.0%}"
    return f"{shown}  {row['found']}/{row['planted']}  误报 {row['false_per_mine_week'] or 0:.2f}/矿周"


def recall_bars(title: str, rows: Mapping[str, Mapping[str, Any]]) -> str:
    """One bar per detector: share of planted truths that were found, with counts and false alerts in words."""
    parts = [_text(6, 16, title, size=13)]
    for number, (name, row) in enumerate(rows.items()):
        y = 28 + number * ROW
        length = BAR * (row["recall"] or 0)
        parts.append(_text(NAME - 8, y + 14, name, "end"))
        parts.append(f'<rect x="{NAME}" y="{y + 3}" width="{BAR}" height="14" fill="#eef1f4"/>')
        parts.append(f'<rect x="{NAME}" y="{y + 3}" width="{length:.1f}" height="14" fill="{_colour(row)}"/>')
        parts.append(_text(NAME + BAR + 10, y + 14, _words(row)))
    return _svg(WIDTH, 28 + len(rows) * ROW + 24, title, parts)


def curve(title: str, points: Sequence[Mapping[str, Any]]) -> str:
    """Recall over false alerts per mine-week at several settings, each named; the shipped one is filled."""
    left, top, width, height = PLOT
    most = max([0.5, *(point["false_per_mine_week"] or 0 for point in points)]) * 1.1
    parts = [_text(6, 16, title, size=13)]
    parts.append(f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#d0d7de"/>')
    for share in (0, 0.5, 1):
        y = top + height * (1 - share)
        parts.append(_text(left - 6, y + 4, f"{share:.0%}", "end"))
        parts.append(f'<line x1="{left}" x2="{left + width}" y1="{y}" y2="{y}" stroke="#eef1f4"/>')
    for share in (0, 0.5, 1):
        parts.append(_text(left + width * share, top + height + 16, f"{most * share:.2f}", "middle"))
    parts.append(_text(left + width / 2, top + height + 32, "误报（次/矿周） false alerts per mine-week", "middle"))
    spots = [
        (left + width * (p["false_per_mine_week"] or 0) / most, top + height * (1 - (p["recall"] or 0)), p)
        for p in points
    ]
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in spots)
    parts.append(f'<polyline points="{way}" fill="none" stroke="#0b5cad" stroke-width="1.5"/>')
    for x, y, point in spots:
        fill = "#0b5cad" if point["setting"] == "shipped" else "#ffffff"
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{fill}" stroke="#0b5cad"/>')
        words = "现行设置 shipped" if point["setting"] == "shipped" else point["setting"]
        parts.append(_text(min(x + 8, left + width - 90), y + 16, words))
    return _svg(left + width + 40, top + height + 56, title, parts)
