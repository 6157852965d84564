"""Run by the Python of another environment: flags of saqc over exported series, spans as JSON on standard output."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

GAP_MS = 600_000


def spans(code: str, times: Any, hot: Any) -> list[tuple[str, int, int]]:
    """Runs of flagged samples (ms)."""
    at = np.flatnonzero(np.asarray(hot))
    if not len(at):
        return []
    cuts = np.flatnonzero(np.diff(times[at]) > GAP_MS)
    first, last = at[np.r_[0, cuts + 1]], at[np.r_[cuts, len(at) - 1]]
    return [(code, int(times[a]), int(times[b])) for a, b in zip(first, last, strict=True)]


def main(paths: list[str]) -> None:
    saqc = importlib.import_module("saqc")
    pandas = importlib.import_module("pandas")
    found: dict[str, dict[str, list[tuple[str, int, int]]]] = {
        name: {path: [] for path in paths} for name in ("range", "constants_4h", "z_score")
    }
    for path in paths:
        held = np.load(path)
        for number, code in enumerate(held["codes"].tolist()):
            part = slice(int(held["starts"][number]), int(held["starts"][number + 1]))
            times, values = held["times"][part], held["values"][part]
            if len(times) < 100:
                continue
            series = pandas.Series(values, index=pandas.to_datetime(times, unit="ms"), name="gas")
            tests: dict[str, Callable[[Any], Any]] = {
                "range": lambda qc: qc.flagRange("gas", min=0, max=0.999),
                "constants_4h": lambda qc: qc.flagConstants("gas", thresh=0.005, window="4h"),
                "z_score": lambda qc: qc.flagZScore(
                    "gas", method="modified", window="24h", thresh=5, min_residuals=0.05
                ),
            }
            for name, test in tests.items():
                flagged = test(saqc.SaQC(data=pandas.DataFrame(series))).flags["gas"]
                found[name][path] += spans(code, times, flagged.to_numpy() > -np.inf)
    print(json.dumps({"version": importlib.metadata.version("saqc"), "spans": found}))


if __name__ == "__main__":
    main(sys.argv[1:])
