"""The manual says what the code does: everything named in the code appears, nothing that is gone does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kuangan.site import docs
from kuangan.site.configuration import Configuration
from tests.policy.source import ROOT, relative

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OF_TESTS = {"KUANGAN_TEST_ALL"}


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def targets() -> set[str]:
    makefile = text(ROOT / "Makefile")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    return set(phony[1].split())


def variables() -> set[str]:
    return {f"KUANGAN_{name.upper()}" for name in Configuration.model_fields}


def test_the_reference_is_fresh() -> None:
    stale = [
        name
        for name, write in docs.PAGES.items()
        if not (path := ROOT / "docs/reference" / name).exists() or text(path) != write()
    ]
    assert not stale, "run `make docs`"


def test_the_reference_holds_no_page_that_nobody_writes() -> None:
    names = {path.name for path in (ROOT / "docs/reference").glob("*.md")}
    assert names == set(docs.PAGES) | {"README.md"}


def test_the_reference_index_names_every_page() -> None:
    index = text(ROOT / "docs/reference/README.md")
    assert not [name for name in docs.PAGES if f"({name})" not in index]


def test_every_setting_says_what_it_is_for() -> None:
    assert not [name for name, field in Configuration.model_fields.items() if not field.description]


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_page_names_only_settings_that_exist(page: Path) -> None:
    named = set(re.findall(r"\bKUANGAN_[A-Z_]+\b", text(page)))
    assert not named - variables() - OF_TESTS


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_page_names_only_make_targets_that_exist(page: Path) -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text(page), re.MULTILINE))
    assert not named - targets()


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_page_names_only_commands_that_exist(page: Path) -> None:
    known = {tuple(name.split()[1:]) for name, _ in docs.commands()}
    groups = {command[0] for command in known if len(command) > 1}
    spoken = re.findall(r"(?:`|^|\.venv/bin/)kuangan ([a-z]+)(?: ([a-z]+))?", text(page), re.MULTILINE)
    named = {(first, second) if first in groups and second else (first,) for first, second in spoken}
    assert not named - known - {(group,) for group in groups}


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(page))
    assert not [link for link in links if not (page.parent / link).exists()]


def test_every_make_target_is_explained_to_developers() -> None:
    guide = text(ROOT / "docs/developers/README.md")
    assert not [target for target in targets() if f"make {target}" not in guide]


def test_both_front_pages_show_the_same_commands() -> None:
    english, chinese = (
        set(re.findall(r"^\| `([^`]+)` \|", text(ROOT / name), re.MULTILINE))
        for name in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese


def test_every_decision_is_in_the_index_with_its_title() -> None:
    index = text(ROOT / "docs/decisions/README.md")
    for path in (ROOT / "docs/decisions").glob("0*.md"):
        title = text(path).split("\n", 1)[0].removeprefix(f"# {path.name[:4]} ")
        assert f"[{path.name[:4]}]({path.name}) | {title} |" in index
        assert all(f"**{part}.**" in text(path) for part in ("Context", "Choice", "Consequences", "Tried"))
