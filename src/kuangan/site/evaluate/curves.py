"""Recall against false alerts: a detector judged again at a few settings, through the rule book."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from kuangan.library.warning.rulebook import RuleBook, parse
from kuangan.site.evaluate.detectors import built
from kuangan.site.evaluate.scoring import Heard, score

SHIPPED = "shipped"


class Point(NamedTuple):
    """One setting: `set` maps paths below the rule's own entry of the rule book to values."""

    name: str
    set: Mapping[str, float]


class Curve(NamedTuple):
    """Settings of one rule, and patterns over names of the trials they are judged on."""

    trials: tuple[str, ...]
    points: tuple[Point, ...]

    def covers(self, key: str) -> bool:
        return any(fnmatchcase(key, pattern) for pattern in self.trials)


def _beyond(margin: float, name: str = "") -> Point:
    return Point(name or f"crest +{margin:.0%}", {"crest_margin": margin})


def _still(hours: float, factor: float) -> Point:
    return Point(f"{hours:g} h", {"hours.blue": hours, "factor": factor})


def _fallen(share: float) -> Point:
    return Point(f"{share:.0%}", {"own_share": share, "gap_share": share, "back_share": share / 2})


def _deed(name: str, *points: Point) -> Curve:
    """A curve over one deed and the mines in which nothing is planted."""
    return Curve((f"tamper/{name}/high_gas/plain", "quiet/high_gas/plain"), points)


CURVES = {
    "gas.trend": Curve(
        ("days/*_gas", "days/outburst", "quiet/high_gas/plain"), (_beyond(-1, "clause alone"), _beyond(0), _beyond(1))
    ),
    "point.flat": Curve(
        ("days/*_gas", "days/outburst", "quiet/high_gas/plain"),
        (_still(1, 1.2), _still(2, 2), _still(7, 3)),
    ),
    "tamper.blocked": _deed("blocked", _fallen(0.1), _fallen(0.45), _fallen(0.6)),
    "tamper.moved": _deed("moved", _fallen(0.15), _fallen(0.6), _fallen(0.8)),
    "tamper.blown": _deed("blown", *(Point(f"×{factor:g}", {"rough_factor": factor}) for factor in (1.2, 4, 8))),
    "tamper.clipped": _deed("clipped", *(Point(f"{minutes} min", {"minutes": minutes}) for minutes in (5, 60, 240))),
}


def curves(book: RuleBook) -> dict[str, Curve]:
    """The curves of all rules that the rule book has."""
    return {rule: curve for rule, curve in CURVES.items() if built(rule, book)}


def changed(book: RuleBook, rules: Mapping[str, Mapping[str, float]]) -> bytes:
    """The rule book as a configuration frame with some settings of some rules changed.

    Raises KeyError for a path that the rule does not have, ValueError when the outcome is no rule book.
    """
    content = book.model_dump(mode="json")
    asked = [(rule, path, value) for rule, settings in rules.items() for path, value in settings.items()]
    for rule, path, value in asked:
        *way, last = path.split(".")
        place = content["rules"][rule]
        for step in way:
            place = place[step]
        if last not in place:
            raise KeyError(f"{rule} has no setting {path}")
        place[last] = value
    frame = json.dumps(content, ensure_ascii=False).encode()
    parse(frame)
    return frame


def sweeps(book: RuleBook, keys: Sequence[str]) -> Iterator[tuple[int, str, bytes]]:
    """(number, trial, rule book) of everything that is judged again.

    Detectors are judged apart from each other, so one sweep sets the point of its number for every rule at once.
    """
    known = curves(book)
    for number in range(max((len(curve.points) for curve in known.values()), default=0)):
        asked = {rule: curve for rule, curve in known.items() if number < len(curve.points)}
        frame = changed(book, {rule: curve.points[number].set for rule, curve in asked.items()})
        for key in keys:
            if any(curve.covers(key) for curve in asked.values()):
                yield number, key, frame


def drawn(rule: str, curve: Curve, base: Iterable[Heard], again: Mapping[int, Sequence[Heard]]) -> list[dict[str, Any]]:
    """The points of a curve, the shipped setting among them, by falling rate of false alerts; `again` by number of the sweep."""
    heard = {SHIPPED: [one for one in base if curve.covers(one.key)]}
    for number, point in enumerate(curve.points):
        heard[point.name] = [one for one in again.get(number, ()) if curve.covers(one.key)]
    rows = []
    for name, trials in heard.items():
        total = score(rule, trials)
        if total.planted:
            rows.append({"setting": name, "recall": total.recall, "false_per_mine_week": total.false_per_week})
    return sorted(rows, key=lambda row: (-(row["false_per_mine_week"] or 0), -(row["recall"] or 0)))
