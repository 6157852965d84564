"""The units that a text names as responsible, as ids of the table of authorities."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kuangan.library.policy.grammar import Grammar
from kuangan.library.policy.load import Library

LONGEST = 200
"""Letters of a list without signs that is tried to be parted."""


@dataclass(frozen=True)
class Named:
    """`rest` is the text without the brackets, `names` the official names in our spelling, `unread` brackets that are no list."""

    rest: str
    ids: tuple[str, ...]
    names: tuple[str, ...]
    unknown: tuple[str, ...]
    unread: tuple[str, ...]


class Units:
    def __init__(self, library: Library, rules: Grammar) -> None:
        self._rules = rules
        self._names = {unit.id: unit.name for unit in library.authorities.values()}
        self._ids = {spelling: unit.id for unit in library.authorities.values() for spelling in unit.spellings}

    def named(self, text: str) -> Named:
        """What the brackets of responsible units in `text` name; a unit without a row keeps its name and has no id."""
        brackets = list(re.finditer(self._rules.responsible, text))
        listed = [word for found in brackets for word in re.split(self._rules.names_apart, found["names"]) if word]
        words = [name for word in listed for name in (self._parted(word) if len(word) <= LONGEST else ()) or (word,)]
        rest = re.sub(self._rules.responsible, "", text)
        unread = tuple(rest[found.start() :] for found in re.finditer(self._rules.responsible_opens, rest))
        known = [self._ids[word] for word in words if word in self._ids]
        return Named(
            rest=rest,
            ids=tuple(dict.fromkeys(known)),
            names=tuple(dict.fromkeys(self._names[self._ids[word]] if word in self._ids else word for word in words)),
            unknown=tuple(word for word in words if word not in self._ids),
            unread=unread,
        )

    def _parted(self, word: str) -> tuple[str, ...]:
        """Names that stand together without a sign between them, longest first; nothing when they do not make up the word."""
        for end in range(len(word), 0, -1):
            if word[:end] in self._ids and (end == len(word) or (rest := self._parted(word[end:]))):
                return (word[:end],) if end == len(word) else (word[:end], *rest)
        return ()
