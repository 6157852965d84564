"""Rooms named in strings obey the same rule as imports: a floor only sees floors below it, a domain no other domain."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.policy.source import BASE_ROOMS, FLOORS, PACKAGE, modules, relative, room_of, strings, tree

DOTTED = re.compile(r"^kuangan\.(?P<floor>[a-z_]+)(?:\.(?P<room>[a-z_]+))?(?:\.[A-Za-z_.]*)?$")
LAZY_MODEL = re.compile(r"^(?P<app>[a-z_]+)\.[A-Z][A-Za-z]+$")
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField", "get_model"}

# The supervisor starts processes by their command line; it imports nothing of it.
STARTED = {("src/kuangan/site/supervisor.py", "cli")}


def apps() -> dict[str, tuple[str, str]]:
    """App label → (floor, room), for every room with models."""
    found = {}
    for floor in ("base", "domains"):
        for folder in sorted((PACKAGE / floor).iterdir()):
            if folder.is_dir():
                found[folder.name] = (floor, folder.name)
    return found


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def lazy_models(path: Path) -> Iterator[tuple[int, tuple[str, str]]]:
    """Models named as "app.Model" (or "app", "Model") in relations and `get_model`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and called(node) in RELATIONS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                label = first.value.split(".")[0]
                if (LAZY_MODEL.match(first.value) or called(node) == "get_model") and label in apps():
                    yield node.lineno, apps()[label]


def dotted(path: Path) -> Iterator[tuple[int, tuple[str, str]]]:
    """Modules named in strings, as `include("kuangan.…")` and settings do."""
    for line, text in strings(path):
        if match := DOTTED.match(text):
            yield line, (match["floor"], match["room"] or "")


def fault(here: tuple[str, str], there: tuple[str, str]) -> str | None:
    """Why a file in room `here` may not name room `there`; None when it may."""
    floor, room = here
    other_floor, other_room = there
    if other_floor not in FLOORS or here == there:
        return None
    if FLOORS.index(other_floor) > FLOORS.index(floor):
        return f"{floor} names {other_floor}, a floor above it"
    if floor == other_floor == "domains":
        return f"domain {room} names domain {other_room}"
    both_in_base = floor == other_floor == "base" and {room, other_room} <= set(BASE_ROOMS)
    if both_in_base and BASE_ROOMS.index(other_room) > BASE_ROOMS.index(room):
        return f"base.{room} names base.{other_room}, which comes after it"
    return None


def test_strings_name_only_rooms_that_the_file_may_import() -> None:
    faults = [
        f"{relative(path)}:{line}: {reason}"
        for path in modules()
        if path.parent != PACKAGE
        for line, there in [*lazy_models(path), *dotted(path)]
        if (reason := fault(room_of(path), there)) and (relative(path), there[0]) not in STARTED
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("here", "there", "allowed"),
    [
        (("domains", "alerts"), ("base", "case"), True),
        (("domains", "alerts"), ("domains", "alerts"), True),
        (("domains", "alerts"), ("domains", "datalink"), False),
        (("base", "people"), ("base", "audit"), True),
        (("base", "people"), ("base", "case"), False),
        (("base", "case"), ("domains", "alerts"), False),
        (("library", "warning"), ("base", "clock"), False),
        (("site", "urls"), ("domains", "alerts"), True),
    ],
)
def test_the_rule_itself(here: tuple[str, str], there: tuple[str, str], allowed: bool) -> None:
    assert (fault(here, there) is None) == allowed
