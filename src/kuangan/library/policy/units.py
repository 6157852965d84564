"""The units that a text names as responsible, as ids of the table of authorities."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kuangan.library.policy.grammar import Grammar
from kuangan.library.policy.load import Library


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
        words = [word for found in brackets for word in re.split(self._rules.names_apart, found["names"]) if word]
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
