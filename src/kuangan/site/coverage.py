"""Which rule, check or page serves which place of the documents, and which rooms places wait for.

What the stream rules judge stands in the rule book, what checks judge in `checks.py` of the rooms, what pages serve stands here. A place
is covered when a rule, a check or a page serves it. It waits for its room while that is not open or only begun, and for the room in `WAITING` where an open one lacks a part; both may hold: served in part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kuangan.library.policy.load import Library, shipped
from kuangan.library.policy.schema import Node

PACKAGE = Path(__file__).resolve().parent.parent
FLOORS = ("domains", "base", "library", "")
"""Where the folder of a room may lie; `portal` lies in the package itself."""

PAGES: Mapping[str, tuple[str, ...]] = {
    "alerts:desk": ("SX34-17", "SX34-21", "SX34-40", "SX34-42", "SX36-18", "SX36-25"),
    "alerts:rechecks": ("SX34-42", "SX34-44"),
    "campaign:items": ("SX34-12", "SX36-G2", "SX36-G4"),
    "campaign:milestones": (
        *("SX36-1", "SX36-4", "SX36-8", "SX36-9", "SX36-10", "SX36-15", "SX36-19", "SX36-22", "SX36-23", "SX36-24"),
        *("SX36-27", "SX36-G2"),
    ),
    "campaign:organisation": ("SX36-O", "SX36-N", "SX36-G1"),
    "campaign:overview": ("SX36-O", "SX36-G1"),
    "campaign:projects": ("SX34-H40", "SX34-72", "SX36-11", "SX36-17", "SX36-18", "SX36-20", "SX36-G3"),
    "campaign:reports": ("SX36-N", "SX36-G4", "SX36-G6"),
    "campaign:submissions": ("SX36-N", "SX36-G6"),
    "campaign:targets": (
        *("SX36-T1", "SX36-T2", "SX36-T3", "SX36-T4", "SX36-T5", "SX36-T6", "SX36-T7", "SX36-T8", "SX36-T9"),
        *("SX36-8", "SX36-13", "SX36-20", "SX36-26"),
    ),
    "campaign:wall": ("SX36-N", "SX36-G4"),
    "datalink:link": ("SX34-21", "SX36-18", "SX36-25"),
    "datalink:people_below": ("SX34-68", "SX36-18"),
    "duty:today": ("SX34-42", "SX34-44"),
    "duty:callouts": ("SX34-42", "SX34-44"),
    "duty:drills": ("SX34-44",),
    "duty:weather": ("SX34-44", "SX34-H21"),
    "operations:announcements": ("SX34-17", "SX34-21", "SX34-42"),
    "operations:caretakers": ("SX34-34",),
    "operations:systems": ("SX34-32", "SX36-18"),
    "portal:board_fire": ("SX34-17", "SX36-16", "SX36-18"),
    "portal:board_pressure": ("SX34-17", "SX36-16", "SX36-18"),
    "portal:board_slope": ("SX34-45", "SX34-H22", "SX36-18"),
    "portal:board_tailings": ("SX36-17", "SX36-18"),
    "portal:board_water": ("SX34-17", "SX34-43", "SX36-16", "SX36-18"),
    "portal:cockpit": ("SX34-21", "SX34-42", "SX36-18"),
    "portal:curves": ("SX34-21", "SX34-42"),
    "portal:people": ("SX34-68", "SX34-69", "SX34-H37"),
    "portal:video": ("SX34-15", "SX36-7"),
    "registry:mines": ("SX36-12", "SX36-21"),
    "responsibility:funds": ("SX34-1", "SX34-3", "SX36-16", "SX36-G3"),
    "responsibility:leaders": ("SX34-13", "SX34-H6", "SX36-G4"),
    "responsibility:matters": ("SX34-12", "SX34-H5", "SX36-21"),
    "responsibility:meetings": ("SX34-1", "SX34-H1"),
    "responsibility:mines": (
        "SX34-2",
        "SX34-H2",
        "SX34-3",
        "SX34-4",
        "SX34-5",
        "SX34-12",
        "SX34-13",
        "SX34-18",
        "SX36-10",
        "SX36-21",
        "SX36-26",
    ),
    "responsibility:officers": ("SX34-13", "SX34-33", "SX36-G4"),
    "responsibility:presences": ("SX34-2", "SX34-H1"),
    "responsibility:teams": ("SX34-2", "SX34-19"),
    "selfcheck:differences": ("SX34-78",),
    "selfcheck:lists": ("SX34-8", "SX34-79", "SX36-6", "SX36-28"),
    "selfcheck:proposals": ("SX34-80",),
    "selfcheck:publicity": ("SX34-79", "SX36-28"),
    "selfcheck:rounds": ("SX34-46", "SX34-78", "SX34-80", "SX36-24"),
    "selfcheck:texts": ("SX34-8", "SX36-6"),
    "suspicions:board": ("SX34-18", "SX34-21", "SX34-31", "SX34-32", "SX36-7"),
    "suspicions:makers": ("SX34-37",),
}
"""Page by the name of its address → places that it serves, wholly or in part."""

WAITING: Mapping[str, str] = {
    "SX34-H7": "operations",
    "SX34-16": "operations",
    "SX34-17": "operations",
    "SX34-49": "operations",
    "SX34-H26": "operations",
    "SX34-51": "operations",
    "SX36-5": "operations",
    "SX34-H15": "crosscheck",
    "SX34-30": "crosscheck",
    "SX36-7": "crosscheck",
    "SX34-H40": "accidents",
    "SX36-G5": "oversight",
}
"""Places of open rooms that lack a part yet → the room that will hold it. A row goes when the part is there."""

BEGUN = frozenset({"enforcement"})
"""Rooms of which only a first page exists: their places still wait for them."""

STATES = {(True, False): "covered", (True, True): "partly", (False, True): "waiting", (False, False): "nothing"}
"""(served, waits for a room) → state."""
UNNAMED = "文本未写明"


def covered() -> dict[str, Any]:
    """`total` = `covered` + `waiting`; `partly` of the covered wait for a room too; one row for every place in `nodes`.

    `without` are places with nothing, `unknown` are ids of tables, rules and checks that no document has: both must be empty.
    """
    library, rules, checks = shipped(), rules_by_node(), checks_by_node()
    rows = [
        _row(library, node, rules.get(node.id, ()), checks.get(node.id, ()), pages_of(node.id))
        for node in library.nodes.values()
    ]
    states = [row["state"] for row in rows]
    named = {*WAITING, *rules, *checks, *(node for nodes in PAGES.values() for node in nodes)}
    return {
        "total": len(rows),
        "covered": states.count("covered") + states.count("partly"),
        "partly": states.count("partly"),
        "waiting": states.count("waiting"),
        "without": [row["node"] for row in rows if row["state"] == "nothing"],
        "unknown": sorted(named - set(library.nodes)),
        "rooms": dict(sorted(_waited_for(rows))),
        "nodes": rows,
    }


def rules_by_node() -> dict[str, tuple[str, ...]]:
    """Id of a node → stream rules of the shipped rule book that judge it."""
    from kuangan.library.warning.rulebook import shipped as rulebook

    found: dict[str, list[str]] = {}
    for rule, nodes in rulebook().clauses.items():
        for node in nodes:
            found.setdefault(node, []).append(rule)
    return {node: tuple(sorted(rules)) for node, rules in found.items()}


def checks_by_node() -> dict[str, tuple[str, ...]]:
    """Id of a node → checks that judge a part of it."""
    from kuangan.site.wiring import CHECKS

    found: dict[str, list[str]] = {}
    for table in CHECKS:
        for node, checks in table.items():
            found.setdefault(node, []).extend(check.id for check in checks)
    return {node: tuple(checks) for node, checks in found.items()}


def pages_of(node: str) -> tuple[str, ...]:
    return tuple(page for page, nodes in PAGES.items() if node in nodes)


def is_open(room: str) -> bool:
    """Whether there is code of this room, as `alerts` or `base.registry`."""
    parts = room.split(".")
    return any((PACKAGE / floor).joinpath(*parts, "__init__.py").exists() for floor in FLOORS)


def _row(
    library: Library, node: Node, rules: tuple[str, ...], checks: tuple[str, ...], pages: tuple[str, ...]
) -> dict[str, Any]:
    names = [library.authorities[unit].name for unit in node.owners]
    served = bool(rules or checks or pages)
    built = is_open(node.room) and node.room not in BEGUN
    waits_for = WAITING.get(node.id, None if built else node.room)
    return {
        "node": node.id,
        "title": node.title,
        "authorities": names,
        "owner_named": not node.owner_is_ours,
        "owner": "、".join(names) if not node.owner_is_ours else f"{UNNAMED}（我方判读：{'、'.join(names)}）",
        "room": node.room,
        "rules": list(rules),
        "checks": list(checks),
        "pages": list(pages),
        "waits_for": waits_for,
        "state": STATES[served, waits_for is not None],
    }


def _waited_for(rows: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    rooms = [row["waits_for"] for row in rows if row["waits_for"]]
    return ((room, rooms.count(room)) for room in set(rooms))
