"""Run by the Python of another environment: flags of ioos_qc over exported series, spans as JSON on standard output."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import sys
from typing import Any

import numpy as np

SUSPECT = 3
GAP_NS = 600 * 10**9


def spans(code: str, times: Any, flags: Any, samples_back: int = 0) -> list[tuple[str, int, int]]:
    """Runs of suspect or failed samples (ms); a flag that is set only after a wait is drawn out by what it waited for."""
    hot = np.flatnonzero(np.asarray(flags) >= SUSPECT)
    hot = hot[np.asarray(flags)[hot] <= SUSPECT + 1]
    if not len(hot):
        return []
    cuts = np.flatnonzero(np.diff(times[hot]) > GAP_NS // 10**6)
    first, last = hot[np.r_[0, cuts + 1]], hot[np.r_[cuts, len(hot) - 1]]
    return [(code, int(times[max(a - samples_back, 0)]), int(times[b])) for a, b in zip(first, last, strict=True)]


def main(paths: list[str]) -> None:
    qartod = importlib.import_module("ioos_qc.qartod")
    found: dict[str, dict[str, list[tuple[str, int, int]]]] = {
        name: {path: [] for path in paths}
        for name in ("gross_range", "flat_line_4h", "rate_of_change", "attenuated_signal")
    }
    for path in paths:
        held = np.load(path)
        for number, code in enumerate(held["codes"].tolist()):
            part = slice(int(held["starts"][number]), int(held["starts"][number + 1]))
            times, values = held["times"][part], held["values"][part]
            if len(times) < 100:
                continue
            stamps = times.astype("datetime64[ms]")
            step = max(int(np.median(np.diff(times))) // 1000, 1)
            waited = 4 * 3600 // step
            flags = {
                "gross_range": (qartod.gross_range_test(values, fail_span=(0, 4), suspect_span=(0, 0.999)), 0),
                "flat_line_4h": (
                    qartod.flat_line_test(
                        values, stamps, suspect_threshold=4 * 3600, fail_threshold=8 * 3600, tolerance=0.005
                    ),
                    waited,
                ),
                "rate_of_change": (qartod.rate_of_change_test(values, stamps, threshold=0.2 / 60), 0),
                "attenuated_signal": (
                    qartod.attenuated_signal_test(
                        values,
                        stamps,
                        suspect_threshold=0.01,
                        fail_threshold=0.005,
                        test_period=4 * 3600,
                        check_type="std",
                    ),
                    waited,
                ),
            }
            for name, (flag, back) in flags.items():
                found[name][path] += spans(code, times, flag, back)
    print(json.dumps({"version": importlib.metadata.version("ioos-qc"), "spans": found}))


if __name__ == "__main__":
    main(sys.argv[1:])
