"""The form of a part of the rule book, made from its typed settings: one field for each, a fault beside the field it is about."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from django import forms

from kuangan.base.case.words import GRADE_WORDS
from kuangan.base.registry.words import PLACE_WORDS
from kuangan.domains.rulebook.parts import Book, Path, faults, leaves, place_word, taken
from kuangan.domains.rulebook.words import CONFIDENCE, QUANTITIES, WORKINGS
from kuangan.library.warning.settings import GRADES

SEPARATOR: Final = "__"
FIXED: Final = frozenset({"version"})
"""Settings that count themselves."""
LONG: Final = frozenset({"source", "pattern"})
CHOICES: Final[dict[str, dict[str, str]]] = {
    "grade": dict(GRADE_WORDS),
    "hidden": dict(GRADE_WORDS),
    "confidence": {code: f"{code} {word}" for code, word in CONFIDENCE.items()},
    "quantity": dict(QUANTITIES),
    "place": dict(PLACE_WORDS),
    "kind": dict(WORKINGS),
    "working": dict(WORKINGS),
}


class SettingsForm(forms.Form):
    """Fields are places in the part; an empty grade of a table of clocks leaves that grade out."""

    def __init__(self, book: Book, code: str, content: Any, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.book, self.code, self.content = book, code, content
        for path, value in with_grades(content):
            if path and path[-1] not in FIXED:
                self.fields[name_of(path)] = field_of(path, value)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self.changed = self.rebuilt(said)
            for path, word in faults(self.book, self.code, self.changed):
                self.tell(path, word)
        return said

    def rebuilt(self, said: dict[str, Any]) -> Any:
        """The part with what was filled in."""
        content = copy.deepcopy(self.content)
        for path, _ in with_grades(self.content):
            name = name_of(path)
            if name in said:
                _put(content, path, said[name])
        return content

    def tell(self, path: Path, word: str) -> None:
        """A fault beside the field it is about; one that concerns no field, or several, above them all."""
        names = [name_of(path[:length]) for length in range(len(path), 0, -1)]
        name = next((name for name in names if name in self.fields), None)
        if name is None and path:
            beginning = name_of(path) + SEPARATOR
            name = next((field for field in self.fields if field.startswith(beginning)), None)
        self.add_error(name, word if name or not path else f"{place_word(path)}：{word}")


def with_grades(content: Any) -> Iterator[tuple[Path, Any]]:
    """The leaves of a part; a table by grade has all four, those it lacks being None."""
    tables: dict[Path, set[Any]] = {}
    for path, value in leaves(content):
        if path and path[-1] in GRADES:
            tables.setdefault(path[:-1], set()).add(path[-1])
        yield path, value
    for table, there in tables.items():
        yield from (((*table, grade), None) for grade in GRADES if grade not in there)


def name_of(path: Path) -> str:
    return SEPARATOR.join(str(step) for step in path)


def field_of(path: Path, value: Any) -> forms.Field:
    """The field that fits a value: a choice where words are known, a number, a yes, a line of text."""
    name, label = str(path[-1]), place_word(path)
    if isinstance(value, bool):
        return forms.BooleanField(label=label, required=False, initial=value)
    if name in GRADES and (value is None or isinstance(value, int | float)):
        return forms.FloatField(label=label, required=False, initial=value, help_text="留空表示不设此级")
    if isinstance(value, int | float):
        return forms.FloatField(label=label, initial=value)
    if isinstance(value, list):
        return forms.CharField(label=label, required=False, initial="、".join(map(str, value)), help_text="以顿号分隔")
    if name in CHOICES and isinstance(value, str):
        known = CHOICES[name] | ({} if value in CHOICES[name] else {value: value})
        return forms.ChoiceField(label=label, choices=tuple(known.items()), initial=value)
    widget = forms.Textarea(attrs={"rows": 2}) if name in LONG else None
    shown = "" if value is None else value
    strip = str(shown) == str(shown).strip()
    return forms.CharField(
        label=label, required=value is not None, initial=shown, max_length=400, widget=widget, strip=strip
    )


def _put(content: Any, path: Path, value: Any) -> None:
    """Set one place; what is typed keeps the kind of what stood there."""
    *above, last = path
    for step in above:
        content = content[step]
    before = content.get(last) if isinstance(content, dict) else content[last]
    if isinstance(before, list):
        items = [item.strip() for item in str(value).replace(",", "、").replace("，", "、").split("、") if item.strip()]
        content[last] = [_like(before, place, item) for place, item in enumerate(items)]
    elif value is None or (value == "" and before is None):
        if last in GRADES and isinstance(content, dict):
            content.pop(last, None)
    elif isinstance(value, float) and (isinstance(before, int) or last in GRADES) and value.is_integer():
        content[last] = int(value)
    elif before == "limit" or (isinstance(before, float) and last == "height"):
        content[last] = float(value) if _number(str(value)) else value
    else:
        content[last] = value


def _number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _like(before: list[Any], place: int, item: str) -> Any:
    """A typed item as what stood in its place: a whole number, a number, a word."""
    number = _number(item) and (_numbers(before) or (place < len(before) and _numbers(before[place : place + 1])))
    if not number:
        return item
    return int(item) if place < len(before) and isinstance(before[place], int) and item.isdecimal() else float(item)


def _numbers(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(value, int | float) for value in values)


def form_for(book: Book, code: str, content: Any = None, data: Any = None) -> SettingsForm:
    """The form of a part, filled with `content` or with what is in force."""
    return SettingsForm(book, code, taken(book, code) if content is None else content, data)
