"""One trial from its name to what was heard: what a process of the pool does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from kuangan.library.simulate.labels import Generator, Trial
from kuangan.library.simulate.second import Workings
from kuangan.library.simulate.trials import Province
from kuangan.site.evaluate import baselines, series
from kuangan.site.evaluate.judging import judge
from kuangan.site.evaluate.scoring import Alarm, Heard, alarms_of

GENERATORS: Mapping[str, type[Generator]] = {"first": Province, "second": Workings}


class Job(NamedTuple):
    """One run: `rulebook` empty for the shipped one, `sweep` the number of a sweep of curves, `export` a file for the series of the trial (empty: none)."""

    generator: str
    seed: int
    stream: str
    key: str
    rulebook: bytes = b""
    sweep: int | None = None
    baselines: bool = False
    export: str = ""


class Answer(NamedTuple):
    job: Job
    heard: Heard
    baselines: dict[str, list[Alarm]]
    readings: int
    cpu_s: float


def heard_of(trial: Trial, alarms: list[Alarm], generator: str = "") -> Heard:
    span = (trial.end - trial.begin) * len(trial.characters)
    character = "/".join(sorted(set(trial.characters.values())))
    labels = [label for label in trial.labels if label.rule]
    return Heard(trial.key, trial.condition, character, span, labels, alarms, generator)


def run(job: Job) -> Answer:
    """Make, judge and listen; series for baselines and other programs are read from the same wire bytes."""
    began = time.process_time()
    trial = GENERATORS[job.generator]().trial(job.seed, job.stream, job.key)
    heard = heard_of(trial, alarms_of(judge(trial, job.rulebook)), job.generator)
    plain: dict[str, list[Alarm]] = {}
    readings = 0
    if job.baselines or job.export:
        found = series.of_uploads(trial.uploads)
        readings = sum(len(one.times) for one in found)
        plain = baselines.run(found) if job.baselines else {}
        if job.export:
            series.save(job.export, found)
    return Answer(job, heard, plain, readings, time.process_time() - began)


__all__: list[Any] = ["GENERATORS", "Answer", "Job", "heard_of", "run"]
