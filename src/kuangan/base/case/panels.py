"""What other rooms show on the page of a case: addresses of fragments, installed from above, asked for by the browser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.urls import reverse

from kuangan.base.case.models import Case

_installed: dict[str, tuple[str, ...]] = {}


def install(panels: Mapping[str, Iterable[str]]) -> None:
    """Take over the table: kind of case → routes of fragments, each of which takes the case's number."""
    _installed.clear()
    _installed.update({kind: tuple(routes) for kind, routes in panels.items()})


def panels_of(case: Case) -> list[str]:
    """Where the fragments for this case are found, in the order of the table."""
    return [reverse(route, args=[case.number]) for route in _installed.get(case.kind, ())]
