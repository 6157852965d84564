"""All trials on a pool of processes, and their outcome as one table."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kuangan.library.simulate.labels import Label
from kuangan.library.warning.rulebook import RuleBook, shipped
from kuangan.site.evaluate import comparing, curves
from kuangan.site.evaluate.detectors import DETECTORS, NOT_PLANTED, built, family_of
from kuangan.site.evaluate.scoring import Heard, Score, score
from kuangan.site.evaluate.trialing import GENERATORS, Answer, Job, run

JOBS_PER_PROCESS = 24


class Plan(NamedTuple):
    """What is to be run. `only`: patterns over trial names, empty for all; `small`: one trial of each kind; `folder` for what is
    handed to other programs (None: they are left out). Curves are those of the first generator."""

    seed: int
    stream: str = "report"
    only: tuple[str, ...] = ()
    small: bool = False
    curves: bool = True
    workers: int = 2
    folder: Path | None = None
    generators: tuple[str, ...] = tuple(GENERATORS)


def keys(plan: Plan) -> list[tuple[str, str]]:
    """(generator, trial) of everything the plan asks for."""
    listed = [(name, key) for name in plan.generators for key in GENERATORS[name]().keys(plan.small)]
    return [(name, key) for name, key in listed if not plan.only or any(fnmatchcase(key, p) for p in plan.only)]


def jobs(plan: Plan, book: RuleBook) -> list[Job]:
    """Every trial by the shipped rule book, then those of the curves by theirs."""
    listed = keys(plan)
    made = []
    for name, key in listed:
        export = ""
        if plan.folder is not None and comparing.compared(key):
            export = str(plan.folder / f"{name}-{key.replace('/', '-')}.npz")
        made.append(Job(name, plan.seed, plan.stream, key, baselines=comparing.baselined(key), export=export))
    if plan.curves and not plan.small:
        first = [key for name, key in listed if name == next(iter(GENERATORS))]
        for number, key, frame in curves.sweeps(book, first):
            made.append(Job(next(iter(GENERATORS)), plan.seed, plan.stream, key, frame, number))
    return made


def answers(planned: Sequence[Job], workers: int) -> Iterator[Answer]:
    """Run jobs side by side, each on one core; with one worker in this process."""
    if workers <= 1:
        yield from map(run, planned)
        return
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, maxtasksperchild=JOBS_PER_PROCESS) as pool:
        yield from pool.imap(run, planned)


def evaluate(plan: Plan, environments: Path) -> dict[str, Any]:
    """Run a plan and put the outcome together; other programs are installed below `environments`. Raises ValueError when it selects no trial."""
    began = time.monotonic()
    book = shipped()
    planned = jobs(plan, book)
    if not planned:
        raise ValueError("no trial of that name")
    cpu_s = 0.0
    base: list[Answer] = []
    again: dict[int, list[Heard]] = defaultdict(list)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        shown = progress.add_task("trials", total=len(planned))
        ready = comparing.prepared(environments if plan.folder is not None else None)
        for answer in answers(planned, plan.workers):
            progress.update(shown, advance=1, description=answer.job.key)
            cpu_s += answer.cpu_s
            if answer.job.sweep is not None:
                again[answer.job.sweep].append(answer.heard)
            else:
                base.append(answer)
        progress.update(shown, description="other programs")
        ready.result()
        programs = comparing.programs(base, environments if plan.folder is not None else None)
    heard = [answer.heard for answer in base]
    return {
        "synthetic": True,
        "seed": plan.seed,
        "stream": plan.stream,
        "generators": list(plan.generators),
        "small": plan.small,
        "trials": len(base),
        "mine_weeks": round(sum(one.mine_ms for one in heard) / (7 * 86_400_000), 2),
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(cpu_s, 1),
        "readings": sum(answer.readings for answer in base),
        "detectors": table(heard, book, again),
        "baselines": comparing.baselines(base),
        "programs": programs,
    }


def table(heard: Sequence[Heard], book: RuleBook, again: Mapping[int, Sequence[Heard]]) -> dict[str, Any]:
    """One row per detector: those that are to be proved, and whatever else the rule book or the events know."""
    said = {alarm.rule for one in heard for alarm in one.alarms} | {label.rule for label in _labels(heard)}
    names = dict.fromkeys([*DETECTORS, *sorted(said - set(DETECTORS))])
    known = curves.curves(book)
    rows = {}
    for rule in names:
        total = score(rule, heard)
        row: dict[str, Any] = {"family": family_of(rule), "built": built(rule, book), **_told(total, built(rule, book))}
        if not total.planted and rule in NOT_PLANTED:
            row["not_planted"] = NOT_PLANTED[rule]
        if again and rule in known:
            first = [one for one in heard if one.generator == next(iter(GENERATORS))]
            row["curve"] = curves.drawn(rule, known[rule], first, again)
        rows[rule] = row
    return rows


def _told(total: Score, is_built: bool) -> dict[str, Any]:
    """A detector that does not exist yet counts as finding nothing, planted or not."""
    told = total.told()
    return told if is_built else {**told, "recall": 0.0}


def _labels(heard: Sequence[Heard]) -> Iterator[Label]:
    for one in heard:
        yield from one.labels
