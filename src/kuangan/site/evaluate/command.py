"""What `kuangan evaluate` does: plan, run, and write the report where one is asked for."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from kuangan.site.evaluate.programs import ROOT
from kuangan.site.evaluate.report import text, write
from kuangan.site.evaluate.running import Plan, evaluate
from kuangan.site.evaluate.trialing import GENERATORS


class Refused(Exception):
    """What was asked for would mislead; the text says why."""


def run(
    seed: int,
    only: tuple[str, ...],
    small: bool,
    tuning: bool,
    report: Path | None,
    programs: bool,
    workers: int,
    generators: tuple[str, ...] = (),
) -> tuple[dict[str, Any], str]:
    """The result and its text. Raises Refused for a report on mines that thresholds were set by, when no trial is named so, or no generator."""
    if tuning and report is not None:
        raise Refused("a report is not made from the mines that thresholds are set by; leave out --tuning")
    unknown = sorted(set(generators) - set(GENERATORS))
    if unknown:
        raise Refused(f"no generator {', '.join(unknown)}; there are {', '.join(GENERATORS)}")
    plan = Plan(seed, "tuning" if tuning else "report", only, small, not small, workers)
    plan = plan._replace(generators=generators or plan.generators)
    with tempfile.TemporaryDirectory(prefix="kuangan-series-") as folder:
        try:
            result = evaluate(plan._replace(folder=Path(folder) if programs else None), environments())
        except ValueError as fault:
            raise Refused(str(fault)) from fault
    if report is not None:
        write(result, report)
    return result, text(result)


def environments() -> Path:
    """Where other programs are installed."""
    return ROOT / "build" / "evaluate"
