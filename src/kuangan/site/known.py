"""What checks found about mines, for the self-checks that stand beside it. One query for all mines asked about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from kuangan.domains.selfcheck.known import Known

if TYPE_CHECKING:
    from kuangan.base.compliance.models import Spell

SEALED = ("suspicions:",)
"""Evidence on these pages is never shown: it exists for a group alone."""
OF_THE_SHEETS = frozenset({"selfcheck.handed_in", "selfcheck.health"})
"""Checks that read the sheets themselves: they cannot speak against what a sheet says."""


def known(mines: Collection[str], at: datetime) -> Mapping[str, Sequence[Known]]:
    """The answers of checks that stood at `at`, for each clause of these mines; what was objected to with success is left out."""
    from kuangan.base.compliance.reading import findings_of

    found: dict[str, list[Known]] = {}
    for mine, answers in findings_of(mines, at).items():
        for told in answers:
            spell = told.spell
            if told.check is None or spell.set_aside_id is not None or spell.check_id in OF_THE_SHEETS:
                continue
            links = _links(spell)
            found.setdefault(mine, []).extend(
                Known(node, spell.check_id, told.title, spell.state, told.sentence, spell.data_at, links)
                for node in told.clauses
            )
    return found


def _links(spell: Spell) -> tuple[tuple[str, str], ...]:
    """(words, address) of pages that open; a page of a sealed room is no link."""
    from django.urls import NoReverseMatch, reverse

    links = []
    for one in spell.evidence:
        if one["route"].startswith(SEALED):
            continue
        try:
            links.append((one["label"], reverse(one["route"], args=one["args"]) + one["query"]))
        except NoReverseMatch:
            continue
    return tuple(links)
