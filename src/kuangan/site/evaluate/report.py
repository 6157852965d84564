"""The outcome as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def text(result: dict[str, Any]) -> str:
    """One line per detector, grouped by family."""
    head = f"合成数据 Synthetic  seed {result['seed']}  stream {result['stream']}  trials {result['trials']}"
    lines = [f"{head}  mine-weeks {result['mine_weeks']}  {result['seconds']} s", ""]
    family = ""
    for name, row in sorted(result["detectors"].items(), key=lambda item: (item[1]["family"], item[0])):
        if row["family"] != family:
            family = row["family"]
            lines.append(f"[{family}]")
        lines.append(_line(name, row))
    return "\n".join(lines)


def _line(name: str, row: dict[str, Any]) -> str:
    recall = "-" if row["recall"] is None else f"{row['recall']:.3f}"
    state = "" if row["built"] else "  not built"
    exact = f"  exact {row['exact_found']}/{row['exact_planted']}" if row["exact_planted"] else ""
    onset = "" if row["median_onset_error_s"] is None else f"  onset {row['median_onset_error_s']:g} s"
    delay = "" if row["median_delay_s"] is None else f"  delay {row['median_delay_s']:g} s"
    counts = f"{row['found']}/{row['planted']}"
    return f"  {name:30} recall {recall:>5} ({counts:>7})  false/mine-week {row['false_per_mine_week'] or 0:.3f}{onset}{delay}{exact}{state}"


def write(result: dict[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.txt").write_text(text(result) + "\n", "utf-8")
