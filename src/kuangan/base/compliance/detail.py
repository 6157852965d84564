"""Everything one place says, put into words for its page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from kuangan.base.compliance.readings_standing import Standing
from kuangan.base.compliance.words import MINE_KINDS, OPERATORS, SCOPES, UNITS, listed
from kuangan.library.policy import Library, Node
from kuangan.library.policy.schema import Consequence, Threshold
from kuangan.library.policy.tables import Statute

ARTICLE = re.compile(r"(\d+(?:[-–—至、]\d+)*)(|（.*|之.*)")


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of the text: `value` with sign and unit, `edge` whether the number itself counts."""

    what: str
    said: str
    value: str
    edge: str


@dataclass(frozen=True, slots=True)
class Breach:
    """A measure that follows, with its legal frame."""

    title: str
    what: str
    nature: str
    scope: str
    signs: str
    hearing: str
    prior: tuple[str, ...]
    mines: str
    note: str
    default: bool


@dataclass(frozen=True, slots=True)
class Act:
    name: str
    about: str
    force: str
    in_force: bool
    default: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A contradiction or gap with the reading that stands and who may choose another."""

    id: str
    title: str
    texts: tuple[tuple[str, str], ...]
    reading: str
    alternatives: tuple[str, ...]
    changer: str
    default: bool


def children_of(library: Library, node: Node) -> list[Node]:
    """The places that implement a hard measure."""
    return [other for other in library.nodes.values() if other.under == node.id]


def limits(thresholds: Iterable[Threshold]) -> list[Limit]:
    return [Limit(row.what, row.said, *_measured(row)) for row in thresholds]


def breaches(library: Library, node: Node) -> list[Breach]:
    return [_breach(library, node, row) for row in node.on_breach]


def acts(library: Library, node: Node, today: date) -> list[Act]:
    """The acts a place names or needs; `default` where act or its application was not read in a source."""
    found = []
    for cited in node.statutes:
        act = library.statutes[cited.id]
        default = cited.conf != "S" or act.conf != "S"
        found.append(Act(statute_name(act), act.about, _force(act, today), act.in_force(today), default))
    return found


def choices(library: Library, node: Node, standing: Mapping[str, Standing]) -> list[Choice]:
    return [_choice(library, standing[name]) for name in node.readings]


def _measured(row: Threshold) -> tuple[str, str]:
    sign, edge = OPERATORS[row.op]
    if isinstance(row.value, str):
        return f"{sign} {row.value}", edge
    unit = UNITS[row.unit]
    if row.unit == "year":
        return f"{sign} {row.value}年", edge
    return f"{sign} {row.value:g}{' ' if unit else ''}{unit}", edge


def _breach(library: Library, node: Node, row: Consequence) -> Breach:
    measure, frame = library.measures[row.measure], library.frame
    signers = (row.signs,) if row.signs else measure.signs
    return Breach(
        title=measure.title,
        what=row.what,
        nature=frame.natures[measure.nature],
        scope=SCOPES[measure.scope],
        signs="；".join(frame.signers[code] for code in signers),
        hearing=measure.hearing_when or ("应告知听证权" if measure.hearing else "不适用"),
        prior=tuple(frame.steps[code] for code in measure.prior),
        mines=listed(MINE_KINDS, row.mine_kinds or tuple(k for k in library.kinds_of(node, row.measure))),
        note=row.note or "",
        default=measure.conf != "S",
    )


def statute_name(act: Statute) -> str:
    if not act.article:
        return act.name
    number = ARTICLE.fullmatch(act.article)
    return f"{act.name} 第{number[1]}条{number[2]}" if number else f"{act.name} {act.article}"


def _force(act: Statute, today: date) -> str:
    """From when to when it is in force, as exactly as it is known."""
    first = ""
    if act.first:
        shape = {"year": "%Y年", "month": "%Y年%m月"}.get(act.dated or "", "%Y-%m-%d")
        first = f"{act.first.strftime(shape)}起"
    until = f"至 {act.until:%Y-%m-%d}" if act.until else ""
    known = " ".join(part for part in (first, until) if part) or "起止未载明"
    if act.in_force(today):
        return known
    return f"{known}，{'尚未施行' if act.first and today < act.first else '已失效'}"


def _choice(library: Library, held: Standing) -> Choice:
    row = held.reading
    return Choice(
        id=row.id,
        title=row.title,
        texts=tuple(row.texts.items()),
        reading=held.text,
        alternatives=row.alternatives,
        changer=library.changers[row.changed_by].what,
        default=held.default,
    )
