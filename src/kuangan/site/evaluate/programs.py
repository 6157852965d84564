"""Other programs for quality control of time series, each run as a separate program in a virtual environment of its own.

The environment is made on demand below `build/` from a hashed requirements file; where that cannot be done the program is listed
as not run, with the reason. A program is given the methane series of a trial and tells spans that it flags.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from kuangan.site.evaluate.scoring import Alarm

ROOT = Path(__file__).resolve().parents[4]
INSTALL_S, RUN_S = 300, 240
_GAS = ("gas.over_limit",)
_STILL = ("point.flat", "tamper.blocked", "tamper.group_event")
_ODD = ("gas.trend", "tamper.blocked", "tamper.group_event", "tamper.moved", "tamper.blown", "tamper.clipped")


class Program(NamedTuple):
    """`tests`: what the program's script reports under which name, and the detectors it is shown beside."""

    name: str
    distribution: str
    tests: Mapping[str, tuple[str, ...]]

    @property
    def requirements(self) -> Path:
        return ROOT / "requirements" / f"{self.name}.txt"


class Told(NamedTuple):
    """What a program said by test and trial; `reason` when it was not run."""

    reason: str = ""
    version: str = ""
    seconds: float = 0.0
    alarms: Mapping[str, Mapping[str, list[Alarm]]] = {}


PROGRAMS = (
    Program(
        "ioos_qc",
        "ioos-qc",
        {"gross_range": _GAS, "flat_line_4h": _STILL, "rate_of_change": _ODD, "attenuated_signal": _STILL},
    ),
    Program("saqc", "saqc", {"range": _GAS, "constants_4h": _STILL, "z_score": _ODD}),
)


class NotInstalled(Exception):
    """The environment of a program cannot be made; the text says why."""


def environment(program: Program, folder: Path) -> Path:
    """The Python of the program's environment, made when it is not there or its requirements changed."""
    if not program.requirements.is_file():
        raise NotInstalled(f"no {program.requirements.name}")
    mark = hashlib.sha256(program.requirements.read_bytes()).hexdigest()
    place = folder / program.name
    python, done = place / "bin" / "python", place / ".done"
    if done.is_file() and done.read_text() == mark:
        return python
    try:
        _call([sys.executable, "-m", "venv", "--clear", "--without-pip", str(place)], INSTALL_S)
        pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "--quiet"]
        _call([*pip, "install", "--require-hashes", "--no-deps", "-r", str(program.requirements)], INSTALL_S)
    except (subprocess.SubprocessError, OSError) as fault:
        raise NotInstalled(_last_words(fault)) from fault
    done.write_text(mark)
    return python


def _call(command: list[str], limit_s: int) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=limit_s).stdout


def _last_words(fault: Exception) -> str:
    said = getattr(fault, "stderr", None) or str(fault)
    lines = str(said).strip().splitlines()
    return lines[-1][:200] if lines else type(fault).__name__


def outcome(program: Program, exported: Mapping[str, Path], folder: Path | None) -> Told:
    """Run a program over exported series; a failure of any kind is a reason, never an end of the evaluation."""
    if folder is None:
        return Told("not asked for")
    if not exported:
        return Told("no trial for it")
    script = files("kuangan.site.evaluate").joinpath(f"program_{program.name}.py")
    began = time.monotonic()
    try:
        python = environment(program, folder)
        text = _call([str(python), str(script), *map(str, exported.values())], RUN_S)
        told = json.loads(text.splitlines()[-1])
    except NotInstalled as fault:
        return Told(f"could not be installed: {fault}")
    except (subprocess.SubprocessError, OSError, ValueError, IndexError) as fault:
        return Told(f"ended with an error: {_last_words(fault)}")
    by_path = {str(path): key for key, path in exported.items()}
    alarms: dict[str, dict[str, list[Alarm]]] = {}
    for test, trials in told["spans"].items():
        alarms[test] = {by_path[path]: [_alarm(*span) for span in spans] for path, spans in trials.items()}
    return Told("", told["version"], round(time.monotonic() - began, 1), alarms)


def _alarm(code: str, onset: int, end: int) -> Alarm:
    return Alarm("", code[:12], (code, code[:12]), onset, end, onset)
