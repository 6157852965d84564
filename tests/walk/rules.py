"""What the walk finds at the workbench of rules: a draft of the county's with a trial and a shadow of mine A, a proposal, an override."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Cast


@dataclass(frozen=True)
class Rules:
    """Keys of what the addresses point to."""

    draft: int
    trial: int
    shadow: int
    version: int
    override: int


def rules_of(cast: Cast) -> Rules:
    """By the wall clock, which the pages read."""
    from django.conf import settings

    from kuangan.base.clock import now
    from kuangan.domains.rulebook import drafting, overriding, publishing
    from kuangan.domains.rulebook.parts import taken
    from kuangan.library.warning.rulebook import OVER_LIMIT

    at, officer = now(), cast.county_officer
    content = taken(publishing.standing(Path(settings.HOME)), OVER_LIMIT) | {"merge_gap_min": 20}
    said: dict[str, Any] = {"part": OVER_LIMIT, "title": "间隔二十分钟", "content": content, "at": at}
    draft = drafting.save(None, by=officer, **said)
    day, mines = date(2026, 11, 1), [cast.mine_a.pk]
    trial = drafting.ask_trial(draft, mines=mines, first=day, last=day, by=officer, at=at)
    shadow = drafting.start_shadow(draft, mines=mines, days=3, by=officer, at=at)
    of_all = drafting.save(None, by=cast.province_officer, **said)
    version = publishing.propose(of_all, by=cast.province_officer, at=at, reason="减少重复", in_force_from=at)
    wish = overriding.Wish(cast.mine_a, "", "limit:methane", 0.8, "加严", at + timedelta(days=10))
    override = overriding.propose(wish, by=officer, at=at)
    return Rules(draft.pk, trial.pk, shadow.pk, version.pk, override.pk)
