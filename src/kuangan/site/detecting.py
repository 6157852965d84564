"""`kuangan detect`: signs in the series of a CSV file, in words or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kuangan.library.warning.deceit.detect import DETECTORS, defaults, detect
from kuangan.library.warning.deceit.reading import Unreadable


class Refused(ValueError):
    """What was asked cannot be done; says why."""


def run(path: Path, rule: str, settings: Sequence[str]) -> dict[str, Any]:
    """What the rule finds in the file. Raises `Refused`."""
    if rule not in DETECTORS:
        raise Refused(f"no rule {rule}; there are {', '.join(DETECTORS)}")
    changed: dict[str, float] = {}
    for text in settings:
        name, found, value = text.partition("=")
        if not found or name not in defaults()[rule]:
            raise Refused(f"--set {text}: {rule} has the settings {', '.join(defaults()[rule]) or 'none'}")
        try:
            changed[name] = float(value)
        except ValueError as fault:
            raise Refused(f"--set {text}: no number") from fault
    try:
        return detect(path, rule, changed)
    except Unreadable as fault:
        raise Refused(str(fault)) from fault
    except KeyError as fault:
        raise Refused(f"{path}:1: {rule} needs a column {fault.args[0]}") from fault


def shown(result: dict[str, Any]) -> str:
    """A line for each column, and one for each span."""
    lines = []
    for column in result["columns"]:
        step = "" if column["step"] is None else f", step {column['step']:g}"
        lines.append(f"{column['column']}: {len(column['found'])} found in {column['minutes']} minutes{step}")
        for span in column["found"]:
            numbers = ", ".join(f"{k} {v:g}" for k, v in span.items() if k not in ("start", "end"))
            lines.append(f"  {span['start']} … {span['end']}  {numbers}")
    return "\n".join(lines)
