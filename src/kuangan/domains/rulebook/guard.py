"""How acts of the workbench answer: what is refused becomes errors of the form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from kuangan.base.case.errors import MissingFields
from kuangan.domains.rulebook.parts import differences, place_word
from kuangan.domains.rulebook.words import said


@contextmanager
def faults_into(form: forms.Form) -> Iterator[None]:
    """What an act refuses goes beside the field it is about."""
    try:
        yield
    except MissingFields as missing:
        for name, message in missing.fields.items():
            form.add_error(name if name in form.fields else None, message)


def taken(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Carry out an act without a form of its own; what it refuses is told as a message."""
    try:
        act()
    except MissingFields as missing:
        messages.error(request, "；".join(missing.fields.values()))
        return False
    messages.success(request, done)
    return True


def differing(before: Any, after: Any, most: int = 400) -> Sequence[tuple[str, str, str]]:
    """(place, before, after) of what differs, in words."""
    found = differences(before, after)[:most]
    return [(place_word(path), _shown(old), _shown(new)) for path, old, new in found]


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    return "；".join(said(value))
