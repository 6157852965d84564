"""Baselines and other programs against the same labels."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from kuangan.library.simulate.labels import Label
from kuangan.site.evaluate.baselines import AGAINST
from kuangan.site.evaluate.programs import PROGRAMS, NotInstalled, Program, Told, environment, outcome
from kuangan.site.evaluate.scoring import WEEK_MS, Alarm, Heard, belongs
from kuangan.site.evaluate.trialing import Answer

WITH_BASELINES = ("signals/*/plain", "signals/*/missing50", "days/*", "tamper/*/plain", "quiet/*/plain")
WITH_PROGRAMS = ("signals/*/plain", "days/*", "tamper/*/high_gas/plain", "quiet/*_gas/plain")


def baselined(key: str) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in WITH_BASELINES)


def compared(key: str) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in WITH_PROGRAMS)


def measured(heard: Sequence[Heard], alarms: Mapping[str, Sequence[Alarm]], rules: Sequence[str]) -> dict[str, Any]:
    """One judge without rules of its own: recall of each rule's labels, and how often it speaks where nothing is planted.

    `alarms` by name of the trial. Only trials that it was given count.
    """
    given = [one for one in heard if one.name in alarms]
    false, listened = 0, sum(one.mine_ms for one in given)
    rows: dict[str, list[int]] = {rule: [0, 0] for rule in rules}
    for one in given:
        said = alarms[one.name]
        false += sum(not any(belongs(alarm, _wide(label)) for label in one.labels) for alarm in said)
        for label in one.labels:
            if label.must and label.rule in rows:
                rows[label.rule][0] += 1
                rows[label.rule][1] += any(belongs(alarm, label) for alarm in said)
    return {
        "trials": len(given),
        "false_per_mine_week": round(false * WEEK_MS / listened, 3) if listened else None,
        "recall": {
            rule: {"planted": planted, "recall": round(found / planted, 4)}
            for rule, (planted, found) in rows.items()
            if planted
        },
    }


def _wide(label: Label) -> Label:
    """The label without its subjects: whatever is said of that mine at that time has a cause."""
    return Label(label.rule, label.kind, label.mine, (), label.onset, label.end, label.must, slack=label.slack)


def baselines(answers: Sequence[Answer]) -> dict[str, Any]:
    """Every baseline over the trials it was given."""
    heard = [answer.heard for answer in answers]
    found = {}
    for name, rules in AGAINST.items():
        alarms = {a.heard.name: a.baselines[name] for a in answers if name in a.baselines}
        found[name] = measured(heard, alarms, rules)
    return found


def prepared(folder: Path | None) -> Future[None]:
    """Begin to make the environments of the programs while trials run; what fails is told when they are to be run."""

    def make() -> None:
        if folder is not None:
            for program in PROGRAMS:
                with contextlib.suppress(NotInstalled):
                    environment(program, folder)

    side = ThreadPoolExecutor(1)
    future = side.submit(make)
    side.shutdown(wait=False)
    return future


def programs(answers: Sequence[Answer], folder: Path | None) -> dict[str, Any]:
    """ioos_qc and saqc over the series of the trials, each in a virtual environment of its own; `folder` None: not run."""
    exported = {answer.heard.name: Path(answer.job.export) for answer in answers if answer.job.export}
    heard = [answer.heard for answer in answers]
    with ThreadPoolExecutor(len(PROGRAMS)) as side_by_side:
        told = list(side_by_side.map(lambda program: outcome(program, exported, folder), PROGRAMS))
    return {program.name: _row(program, one, heard) for program, one in zip(PROGRAMS, told, strict=True)}


def _row(program: Program, told: Told, heard: Sequence[Heard]) -> dict[str, Any]:
    if told.reason:
        return {"run": False, "reason": told.reason}
    tests = {test: measured(heard, told.alarms.get(test, {}), rules) for test, rules in program.tests.items()}
    return {"run": True, "version": told.version, "seconds": told.seconds, "tests": tests}
