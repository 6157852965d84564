"""The three questions that most checks come down to: is it there, is it too much, was it in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from kuangan.base.compliance.checks import Evidence, Finding, Json, State, Subjects


def must_exist(
    subjects: Subjects, counts: Mapping[str, int], *, here: State, evidence: Evidence, absent: State = State.UNKNOWN
) -> Iterator[Finding]:
    """`counts` of what must be there, by subject: `here` with why "there" where it is more than none, else `absent` with why "none"."""
    for subject in subjects:
        count = counts.get(subject.id, 0)
        if count:
            yield Finding(subject.id, here, "there", {"count": count}, evidence=(_of(evidence, subject.id),))
        else:
            yield Finding(subject.id, absent, "none", evidence=(_of(evidence, subject.id),))


def must_not_exceed(
    subjects: Subjects,
    values: Mapping[str, tuple[float, float]],
    *,
    evidence: Evidence,
    data_at: Mapping[str, datetime] | None = None,
) -> Iterator[Finding]:
    """(value, limit) by subject: "within" is proved, "over" suspected; a subject without values is "unmeasured"."""
    for subject in subjects:
        pages = (_of(evidence, subject.id),)
        if subject.id not in values:
            yield Finding(subject.id, State.UNKNOWN, "unmeasured", evidence=pages)
            continue
        value, limit = values[subject.id]
        over = value > limit
        inputs: dict[str, Json] = {"value": value, "limit": limit}
        state, why = (State.SUSPECTED, "over") if over else (State.PROVED, "within")
        yield Finding(subject.id, state, why, inputs, (data_at or {}).get(subject.id), pages)


def must_happen_within(
    subjects: Subjects,
    counts: Mapping[str, tuple[int, int, int]],
    *,
    evidence: Evidence,
) -> Iterator[Finding]:
    """(in time, late, still open past its time) by subject: any late or open one is "late", suspected; none at all "nothing", not applicable."""
    for subject in subjects:
        kept, late, over = counts.get(subject.id, (0, 0, 0))
        inputs: dict[str, Json] = {"kept": kept, "late": late, "open": over}
        pages = (_of(evidence, subject.id),)
        if late or over:
            yield Finding(subject.id, State.SUSPECTED, "late", inputs, evidence=pages)
        elif kept:
            yield Finding(subject.id, State.PROVED, "in_time", inputs, evidence=pages)
        else:
            yield Finding(subject.id, State.NOT_APPLICABLE, "nothing", evidence=pages)


def _of(evidence: Evidence, subject: str) -> Evidence:
    """The page of one subject: `{subject}` in arguments and query is filled in."""
    args = tuple(arg.format(subject=subject) if isinstance(arg, str) else arg for arg in evidence.args)
    return Evidence(evidence.label, evidence.route, args, evidence.query.format(subject=subject))
