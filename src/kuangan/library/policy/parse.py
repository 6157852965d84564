"""Official text → a tree of places with their full text and the units that answer for them.

Breaks do not count, not even inside words, and neither do page numbers: markers are found by their sequence and by what stands
before them. What could not be placed is told. The numbering decides, so a text with a place missing is read as one with a gap.

    tree = parse(text, shipped())
    tree.of("clause"), tree.unplaced
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from kuangan.library.policy.grammar import LEVELS, Clean, Grammar, Level, cleaned, grammar, numeral
from kuangan.library.policy.load import Library
from kuangan.library.policy.schema import Document
from kuangan.library.policy.typed import Series
from kuangan.library.policy.units import Units

Place = Series | Literal["section", "area", "front"]
LETTERS: dict[Place, str] = {
    "section": "P",
    "area": "A",
    "hard_measure": "H",
    "clause": "",
    "safeguard": "G",
    "target": "T",
    "organisation": "O",
    "notice": "N",
    "front": "F",
}
FARTHEST_GAP = 9
NEAR = 30
HEAD = 120
"""Letters of a file in which its own number stands; further on it cites others."""


@dataclass(frozen=True)
class Entry:
    """One place. `key` is its id inside the document, `under` that of the place above, `units` ids, `names` as the text has them."""

    key: str
    place: Place
    number: int
    under: str | None
    text: str
    units: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unplaced:
    """Text that belongs to no place, or is not understood there: `why` is a code, `near` the place before it."""

    why: str
    near: str | None
    text: str


@dataclass(frozen=True)
class Tree:
    """A text that was read: `number` is the official number, `document` the id of the one we hold data of."""

    number: str | None
    document: str | None
    entries: tuple[Entry, ...]
    unplaced: tuple[Unplaced, ...]
    pages: int

    def of(self, *places: Place) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.place in places)

    @property
    def units(self) -> tuple[str, ...]:
        """Ids of the units that are named as responsible, in the order of the text, each once."""
        return tuple(dict.fromkeys(unit for entry in self.entries for unit in entry.units))


@dataclass(frozen=True)
class Mark:
    """A marker that opens a place: where it begins and ends in the text."""

    level: Level
    number: int
    begin: int
    end: int


@dataclass
class _Walk:
    """How far the numbering has come while markers are looked at from the first to the last."""

    section: int = 0
    group: int = 0
    item: int = 0
    children: set[Level] = field(default_factory=set)
    marks: list[Mark] = field(default_factory=list)

    def open(self, mark: Mark) -> None:
        if mark.level == "section":
            self.section, self.children = mark.number, set()
        elif mark.level == "group":
            self.group = mark.number
            self.children = {"group"}
        else:
            self.item = mark.number
            self.children |= {"item"}
        self.marks.append(mark)

    def next(self, mark: Mark) -> Literal["next", "first", "gap", ""]:
        """How the number of a marker goes on from what is open."""
        last = {"section": self.section, "group": self.group, "item": self.item}[mark.level]
        if mark.number == last + 1:
            return "next"
        if mark.number == 1 and mark.level != "section" and mark.level not in self.children:
            return "first"
        return "gap" if last < mark.number <= last + FARTHEST_GAP else ""


def parse(text: str, library: Library, document: Document | None = None) -> Tree:
    """Read a text. `document` says which one it is where it does not bear the number itself. Raises nothing: see `unplaced`."""
    rules = grammar()
    clean = cleaned(text, rules)
    marks, unplaced, end = _markers(clean, rules)
    begin = marks[0].begin if marks else len(clean.text)
    number = _number(clean, begin, library, rules)
    known = document or (library.by_number(number) if number else None)
    entries = [*_front(clean.text[:begin], rules), *_places(clean.text[:end], marks, rules)]
    entries, more = _closed(entries, rules, clean.text[end:])
    entries = list(_targets(entries, rules, known, more))
    units = Units(library, rules)
    entries = [_with_units(entry, units, more) for entry in entries]
    return Tree(number, known.id if known else None, tuple(entries), (*unplaced, *more), clean.pages)


def _number(clean: Clean, begin: int, library: Library, rules: Grammar) -> str | None:
    """The number a document bears. One that we hold data of goes before what merely looks like a number at the start of a line."""
    head = clean.text[:begin]
    known = {one.document.number: head.find(one.document.number) for one in library.documents.values()}
    pattern = re.compile(rules.number)
    opening = [found[0] for start in sorted(clean.starts) if start < begin and (found := pattern.match(head, start))]
    borne = [number for number in opening if number in known]
    near = sorted((place, number) for number, place in known.items() if 0 <= place <= HEAD)
    return next(iter((*borne, *(number for _, number in near), *opening)), None)


def _candidates(text: str, rules: Grammar) -> list[Mark]:
    marks = [
        Mark(level, numeral(found["number"], rules.numerals), *found.span())
        for level in LEVELS
        for found in re.finditer(rules.markers[level], text)
    ]
    return sorted(marks, key=lambda mark: mark.begin)


def _markers(clean: Clean, rules: Grammar) -> tuple[list[Mark], list[Unplaced], int]:
    """Markers that open a place, those that look like one and are none, and where the document ends."""
    walk = _Walk()
    refused: list[Unplaced] = []
    candidates = _candidates(clean.text, rules)
    first = _first(candidates, clean, rules)
    for mark in candidates[first:]:
        parted = mark.begin == 0 or clean.text[mark.begin - 1] in rules.ends
        sure = parted or _after_heading(walk, mark, clean.text, rules)
        freely = sure or mark.begin in clean.starts
        how = walk.next(mark)
        if mark.level == "section" and mark.number == 1 and walk.section > 1 and parted:
            return walk.marks, [*refused, _told("another_document", walk, clean.text, mark)], mark.begin
        if (how in ("next", "first") and freely) or (how == "gap" and sure):
            walk.open(mark)
        elif parted:
            refused.append(_told("out_of_order", walk, clean.text, mark))
    return walk.marks, refused, len(clean.text)


def _first(candidates: Sequence[Mark], clean: Clean, rules: Grammar) -> int:
    """The first marker of the body: a section where there are any, else a group, else an item."""
    for level in LEVELS:
        for place, mark in enumerate(candidates):
            parted = mark.begin in clean.starts or clean.text[mark.begin - 1] in rules.ends
            if mark.level == level and mark.number == 1 and parted:
                return place
    return len(candidates)


def _after_heading(walk: _Walk, mark: Mark, text: str, rules: Grammar) -> bool:
    """Whether the marker follows a heading: a section or group is open and no sentence of it has ended."""
    if not walk.marks or walk.marks[-1].level == "item":
        return False
    between = text[walk.marks[-1].end : mark.begin]
    return 0 < len(between) <= rules.longest_heading and not any(letter in rules.stops for letter in between)


def _told(why: str, walk: _Walk, text: str, mark: Mark) -> Unplaced:
    near = f"{walk.marks[-1].level} {walk.marks[-1].number}" if walk.marks else None
    return Unplaced(why, near, text[mark.begin : mark.begin + NEAR])


def _front(text: str, rules: Grammar) -> Iterator[Entry]:
    """What stands before the first marker: the covering notice up to its signature, then contents and preamble."""
    signed = re.search(rules.signature, text)
    cut = signed.end() if signed else 0
    if cut:
        yield Entry("N", "notice", 0, None, text[:cut])
    if text[cut:]:
        yield Entry("F", "front", 0, None, text[cut:])


def _places(text: str, marks: Sequence[Mark], rules: Grammar) -> Iterator[Entry]:
    """Each marker's text, up to the next marker, as an entry under the one above it."""
    ends = [*(mark.begin for mark in marks), len(text)][1:]
    again = _numbering_restarts(marks)
    role: Place = "section"
    above: dict[Level, str | None] = {"section": None, "group": None}
    clauses = areas = 0
    for mark, end in zip(marks, ends, strict=True):
        own = text[mark.end : end]
        number = mark.number
        if mark.level == "section":
            role = _role(own, rules)
            place: Place = role if role in ("target", "organisation") else "section"
            under = None
        elif mark.level == "group":
            place = "safeguard" if role == "safeguard" else "hard_measure" if rules.sentence_end in own else "area"
            areas += place == "area"
            number = areas if place == "area" else number
            under = above["section"]
        else:
            clauses += 1
            place, number = "clause", clauses if again else number
            under = above["group"] or above["section"]
        key = "O" if place == "organisation" else "T" if place == "target" else f"{LETTERS[place]}{number}"
        if mark.level == "section":
            above = {"section": key, "group": None}
        elif mark.level == "group":
            above["group"] = key
        yield Entry(key, place, number, under, own)


def _numbering_restarts(marks: Sequence[Mark]) -> bool:
    return sum(mark.level == "item" and mark.number == 1 for mark in marks) > 1


def _role(text: str, rules: Grammar) -> Place:
    singular: dict[str, Place] = {"targets": "target", "organisation": "organisation", "safeguards": "safeguard"}
    for role, words in rules.roles.items():
        if text.startswith(words):
            return singular[role]
    return "section"


def _closed(entries: list[Entry], rules: Grammar, beyond: str) -> tuple[list[Entry], list[Unplaced]]:
    """The last place without what closes the document; what follows its units, or the document, is told."""
    unplaced = [Unplaced("after_the_end", None, beyond[:NEAR])] if beyond else []
    if not entries or entries[-1].place == "front":
        return entries, unplaced
    last, text = entries[-1], entries[-1].text
    cut = True
    while cut:
        shorter = text
        for pattern in rules.closing:
            shorter = re.sub(pattern, "", shorter)
        cut, text = shorter != text, shorter
    units = re.search(rules.responsible, text)
    if units and text[units.end() :]:
        unplaced.append(Unplaced("after_the_end", last.key, text[units.end() :][:NEAR]))
        text = text[: units.end()]
    return [*entries[:-1], replace(last, text=text)], unplaced


def _targets(
    entries: Sequence[Entry], rules: Grammar, known: Document | None, unplaced: list[Unplaced]
) -> Iterator[Entry]:
    """Each target of the document we hold data of gets its passage, from its first anchor to that of the next."""
    nodes = known.of("target") if known else ()
    for entry in entries:
        if entry.place != "target" or not nodes:
            yield entry
            continue
        passages: dict[str, str] = {}
        current = ""
        for clause in re.findall(rules.clauses_apart, entry.text):
            opened = next((n.key for n in nodes if n.key not in passages and any(a in clause for a in n.anchors)), None)
            current = opened or current
            passages[current] = passages.get(current, "") + clause
        yield replace(entry, key="P" + str(entry.number), place="section", text=passages.pop("", ""))
        for node in nodes:
            if node.key in passages:
                yield Entry(node.key, "target", int(node.key[1:]), "P" + str(entry.number), passages[node.key])
            else:
                unplaced.append(Unplaced("target_not_found", node.key, "".join(node.anchors)))


def _with_units(entry: Entry, units: Units, unplaced: list[Unplaced]) -> Entry:
    """The entry with its responsible units taken out of the text."""
    found = units.named(entry.text)
    unplaced += [Unplaced("unknown_unit", entry.key, name) for name in found.unknown]
    unplaced += [Unplaced("units_not_read", entry.key, text[:NEAR]) for text in found.unread]
    return replace(entry, text=found.rest, units=found.ids, names=found.names)
