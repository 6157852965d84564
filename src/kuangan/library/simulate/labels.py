"""Ground truth of a trial: what is planted, what a judge must find, and what it may say beside it.

A generator of trials is anything with a name that makes wire bytes and labels from a seed: see `Generator`. Times are Unix ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from kuangan.library.simulate.faults import Fault
from kuangan.library.simulate.truth import Truth
from kuangan.library.simulate.writer import Upload

HOUR_MS = 3_600_000
MERGED_MS = 600_000
WEEK_MS = 7 * 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Label:
    """One truth. An event of `rule` in `mine` about one of `subjects` (any, when empty) that touches [onset, end] belongs to it.

    `must`: a judge that says nothing misses it; otherwise an event is merely no false alert. `exact`: onset and end are those of
    the written values. `variant` tells kinds of the same deed apart. `slack` ms is added on both sides.
    """

    rule: str
    kind: str
    mine: str
    subjects: tuple[str, ...]
    onset: int
    end: int
    must: bool = True
    exact: bool = False
    variant: str = ""
    slack: int = 0


class Plant(NamedTuple):
    """A deed: the faults that write it, files of other families that come with it, and its labels."""

    faults: tuple[Fault, ...]
    labels: tuple[Label, ...]
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """One stretch of wire traffic with its truths.

    `register`: configuration frame before the first file (empty: none). `characters`: mine → what kind of mine it is. `down`: when our
    own gateway was not there; what was sent then is lost.
    """

    key: str
    characters: dict[str, str]
    condition: str
    begin: int
    end: int
    register: bytes
    uploads: Sequence[Upload]
    labels: Sequence[Label]
    down: Sequence[tuple[int, int]] = ()


class Generator(Protocol):
    """A source of trials. Equal arguments give equal bytes; seeds of the streams "report" and "tuning" share no mine."""

    name: str

    def keys(self, small: bool = False) -> Sequence[str]:
        """Names of all trials, cheap to list, or of one of each kind; the part before the first `/` is the family."""
        ...

    def trial(self, seed: int, stream: str, key: str) -> Trial:
        """One trial. Raises KeyError for a name that is not listed."""
        ...


def may(mine: str, onset: int, end: int, *rules: str, subjects: tuple[str, ...] = (), slack: int = 0) -> list[Label]:
    """Labels of what may be said of a span beside what must be."""
    return [Label(rule, "companion", mine, subjects, onset, end, must=False, slack=slack) for rule in rules]


def repeated(labels: Sequence[Label], end: int) -> list[Label]:
    """What must be said of over-limits that come again: from the third occurrence within a week on, and may be from the second.

    `labels` of one mine; those at once or less than ten minutes apart are one occurrence. `end` of the trial.
    """
    spans: list[list[int]] = []
    over = sorted((one.onset, one.end) for one in labels if one.rule == "gas.over_limit" and one.must)
    for onset, over_at in over:
        if spans and onset - spans[-1][1] <= MERGED_MS:
            spans[-1][1] = max(spans[-1][1], over_at)
        else:
            spans.append([onset, over_at])
    found: list[Label] = []
    if len(spans) > 1:
        mine = next(one.mine for one in labels if one.rule == "gas.over_limit")
        found += may(mine, spans[1][0], end, "danger.gas_repeated")
        third = next((c for a, c in zip(spans, spans[2:], strict=False) if c[0] - a[0] < WEEK_MS), None)
        if third is not None:
            found.append(Label("danger.gas_repeated", "repeated", mine, (), third[0], end))
    return found


def of_truth(truth: Truth, *, exact: bool = True, must: bool = True, slack: int = 0) -> Label:
    """The label of a truth of the elder kind; one whose rule is empty has none (raises ValueError)."""
    if not truth.rule:
        raise ValueError(f"nothing may fire for {truth.kind}")
    subjects = (truth.subject,)
    return Label(truth.rule, truth.kind, truth.mine, subjects, truth.onset, truth.end, must, exact, slack=slack)


def shifted(label: Label, ms: int) -> Label:
    """The same label on a clock that runs by `ms` differently."""
    return replace(label, onset=label.onset + ms, end=label.end + ms)
