"""Whose frames a person sees: those of the mines within the scope; what names no mine belongs to the system's keeper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines


@dataclass(frozen=True)
class View:
    """The mines of a person by code, and the codes to filter frames with; None as codes means no filter."""

    mines: dict[str, Mine]
    codes: frozenset[str] | None

    def covers(self, code: str) -> bool:
        return self.codes is None or code in self.codes

    def name_of(self, code: str) -> str:
        mine = self.mines.get(code)
        return mine.name if mine else code or "—"


def view_of(user: User, at: datetime) -> View:
    """The mines within a person's scope at `at`; the keeper of the senders sees every frame, named or not."""
    mines = {mine.code: mine for mine in visible_mines(user, at).select_related("county", "city")}
    everything = may(user, "sender.manage")
    return View(mines, None if everything else frozenset(mines))
