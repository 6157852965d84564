"""The left menu. The entries themselves are a literal table in `kuangan.site.wiring`, installed at start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from kuangan.base.people.permissions import may


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu: `url` is the name of a route, `permission` what a user must hold to see it."""

    label: str
    icon: str
    url: str
    permission: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as one user sees it on one page."""

    label: str
    icon: str
    address: str
    active: bool
    badge: str


@dataclass(frozen=True, slots=True)
class Lines:
    label: str
    lines: tuple[Line, ...]


_installed: list[Group] = []


def install(groups: Sequence[Group]) -> None:
    """Take over the table; called once by the site."""
    _installed[:] = groups


def installed() -> tuple[Group, ...]:
    return tuple(_installed)


def address_of(entry: Entry) -> str | None:
    try:
        return reverse(entry.url)
    except NoReverseMatch:
        return None


def menu_for(request: HttpRequest) -> list[Lines]:
    """The groups with the entries this user may open; the longest address that begins the path is the active one."""
    seen = [
        (group.label, entry, address)
        for group in _installed
        for entry in group.entries
        if (not entry.permission or may(request.user, entry.permission)) and (address := address_of(entry)) is not None
    ]
    here = max((a for _, _, a in seen if request.path.startswith(a)), key=len, default="")
    groups: dict[str, list[Line]] = {}
    for label, entry, address in seen:
        line = Line(entry.label, entry.icon, address, address == here, entry.badge)
        groups.setdefault(label, []).append(line)
    return [Lines(label, tuple(lines)) for label, lines in groups.items()]
