"""What checks found about mines, for the self-checks that stand beside it. One query for all mines asked about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from kuangan.domains.selfcheck.known import Known

SEALED = ("suspicions:",)
"""Evidence on these pages is never shown: it exists for a group alone."""


def known(mines: Collection[str], at: datetime) -> Mapping[str, Sequence[Known]]:
    """The findings in force at `at` for each clause of these mines, as the checks say them; what was objected to with success is left out."""
    from django.db.models import Q

    from kuangan.base.compliance.checks import registry
    from kuangan.base.compliance.models import Spell

    table = registry()
    rows = Spell.objects.filter(subject_kind="mine", subject__in=mines, set_aside=None, began_at__lte=at)
    found: dict[str, list[Known]] = {}
    for row in rows.filter(Q(ended_at=None) | Q(ended_at__gt=at)).order_by("subject", "check_id"):
        check = table.checks.get(row.check_id)
        if check is None:
            continue
        for node in table.clauses_of[check.id]:
            words = check.told(row.why, row.inputs)
            one = Known(node, check.id, check.title, row.state, words, row.data_at, _links(row.evidence))
            found.setdefault(row.subject, []).append(one)
    return found


def _links(evidence: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    """(words, address) of pages that open; a page of a sealed room is no link."""
    from django.urls import NoReverseMatch, reverse

    links = []
    for one in evidence:
        route = str(one.get("route", ""))
        if not route or route.startswith(SEALED):
            continue
        try:
            address = reverse(route, args=one.get("args") or ())
        except NoReverseMatch:
            continue
        links.append((str(one.get("label", "")), address + str(one.get("query", ""))))
    return tuple(links)
