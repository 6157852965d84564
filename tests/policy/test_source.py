"""Habits of the house that a reader can count on in every source file."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.policy.source import PACKAGE, ROOT, modules, relative

CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
LOOSE_ENDS = re.compile(
    r"\bTODO\b|\bFIXME\b|NotImplementedError|pytest\.skip|pytest\.mark\.skip|xfail|pragma: no cover"
)
LONGEST = 450


def tracked(*patterns: str) -> list[str]:
    """Files that git keeps (or would keep) under these patterns."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [name for name in listed if name and (ROOT / name).is_file()]


def test_the_library_speaks_no_chinese() -> None:
    faults = [
        f"{relative(path)}:{number}"
        for path in modules("library")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CHINESE.search(line)
    ]
    assert not faults, "codes belong here, text lives with the pages:\n" + "\n".join(faults)


def test_modules_stay_one_idea_long() -> None:
    sizes = {relative(path): path.read_text(encoding="utf-8").count("\n") for path in modules(tests=True)}
    assert sizes
    assert not {path: size for path, size in sizes.items() if size > LONGEST}


def test_nothing_is_left_for_later() -> None:
    own = {"tests/policy/test_source.py"}
    faults = [
        f"{name}:{number}: {line.strip()}"
        for name in tracked("src/*.py", "tests/*.py", "conftest.py")
        if name not in own
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1)
        if LOOSE_ENDS.search(line)
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("pattern", ["*.lock", "*lock.json", "requirements/*", ".npmrc"])
def test_lock_files_name_no_address(pattern: str) -> None:
    faults = [
        f"{name}:{number}: {line.strip()}"
        for name in tracked(pattern)
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1)
        if ("://" in line and '"url":' not in line) or line.startswith("--") or '"resolved"' in line
    ]
    assert not faults, "\n".join(faults)


def test_every_locked_package_carries_a_hash() -> None:
    for name in ("base", "test", "node", "ioos_qc", "saqc"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        pins = re.findall(r"^[A-Za-z0-9_.\[\]-]+==.*(?:\n {4}.*)*", text, re.MULTILINE)
        assert pins
        assert all("--hash=sha256:" in pin for pin in pins)


def test_no_path_of_one_machine_stands_in_the_repository() -> None:
    home = str(ROOT.parent) + "/"
    faults = [
        name
        for name in tracked()
        if (ROOT / name).suffix not in {".png", ".parquet"} and home in (ROOT / name).read_text(errors="replace")
    ]
    assert home == "/" or not faults


def test_every_room_is_a_package_with_a_sentence_about_itself() -> None:
    rooms = [PACKAGE / floor / room for floor in ("library", "base", "domains") for room in sorted_rooms(floor)]
    silent = [relative(room) for room in rooms if '"""' not in (room / "__init__.py").read_text(encoding="utf-8")]
    assert not silent


def sorted_rooms(floor: str) -> list[str]:
    return sorted(path.parent.name for path in (PACKAGE / floor).glob("*/__init__.py"))
