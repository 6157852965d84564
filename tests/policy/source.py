"""What the policy tests read: the source files of the package, as paths, text and syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "kuangan"
FLOORS = ("library", "base", "domains", "portal", "site", "cli")
BASE_ROOMS = (
    "clock",
    "audit",
    "tables",
    "people",
    "registry",
    "notices",
    "deadlines",
    "case",
    "documents",
    "compliance",
)


def modules(under: str = "", *, tests: bool = False) -> list[Path]:
    """Python files below `src/kuangan/<under>`; those in `tests` and `migrations` folders only when asked for."""
    return [
        path
        for path in sorted((PACKAGE / under).rglob("*.py"))
        if "migrations" not in path.parts and (tests or "tests" not in path.parts)
    ]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every string constant with its line, f-string parts included."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def room_of(path: Path) -> tuple[str, str]:
    """(floor, room) of a file: `src/kuangan/base/case/models.py` is ("base", "case")."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0], parts[1] if len(parts) > 1 else ""
