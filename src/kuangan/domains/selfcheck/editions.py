"""What the documents said when a round was made: one fingerprint for each clause, so that a change asks anew only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from kuangan.base.audit.digest import canonical, sm3
from kuangan.base.compliance.serving import official
from kuangan.domains.selfcheck.models import Edition
from kuangan.library.policy import Node

SHOWN = ("title", "summary", "kinds", "mine_kinds", "thresholds", "deadlines", "cadence")
"""What a person who answers reads of a clause; links and rooms may change without asking again."""


def fingerprint(node: Node, text: str | None = None) -> str:
    """SM3 of what a clause asks: our data of it and its official text where that was imported."""
    said = node.model_dump(mode="json", include=set(SHOWN))
    return sm3(canonical({"id": node.id, "said": said, "text": text}))[:32]


def fingerprints(nodes: Iterable[Node], home: Path) -> dict[str, str]:
    found = {}
    for node in nodes:
        imported = official(home, node)
        found[node.id] = fingerprint(node, imported.text if imported else None)
    return found


def current(nodes: Iterable[Node], home: Path, at: datetime) -> Edition:
    """The edition that holds these fingerprints; a new row where there is none yet."""
    found = fingerprints(nodes, home)
    row, _ = Edition.objects.get_or_create(digest=sm3(canonical(found)), defaults={"nodes": found, "taken_at": at})
    return row


def changed(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[list[str], list[str], list[str]]:
    """(new, changed, gone) clauses from one edition to another, each in the order of the edition that has it."""
    return (
        [node for node in new if node not in old],
        [node for node, print_ in new.items() if node in old and old[node] != print_],
        [node for node in old if node not in new],
    )
