"""What serves a place of the documents, and its official text. The site knows both and installs who answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kuangan.library.policy.schema import Node

State = Literal["covered", "partly", "waiting", "nothing"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page that serves a place: `url` is the name of its address, `permission` what opens it."""

    label: str
    url: str
    permission: str


@dataclass(frozen=True, slots=True)
class Served:
    """Stream rules that judge a place, pages that serve it, and the room that a part of it still waits for."""

    state: State
    rules: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Official:
    """What the newest imported edition says at a place; None where it has no such place. `fault`: the file cannot be used."""

    edition: int
    imported_at: datetime
    text: str | None
    fault: bool = False


Serving = Callable[[], Mapping[str, Served]]
Texts = Callable[[Path, "Node"], Official | None]
NOTHING = Served("nothing")
_installed: list[tuple[Serving, Texts]] = []


def install(serving: Serving, texts: Texts) -> None:
    """Say who knows what serves each place by its id, and who reads its imported text below a home (None: not imported)."""
    _installed[:] = [(serving, texts)]


def served() -> Mapping[str, Served]:
    """Every place that anything is known of."""
    return _installed[0][0]() if _installed else {}


def official(home: Path, node: Node) -> Official | None:
    """The imported text of a place; None while its document was not imported."""
    return _installed[0][1](home, node) if _installed else None
