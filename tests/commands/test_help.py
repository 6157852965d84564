"""Every command explains itself at once and can answer in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from kuangan.cli import app
from tests.commands.running import ROOT

ASK = """
import json, sys
from typer.testing import CliRunner
from kuangan.cli import app
asked = json.load(sys.stdin)
answers = [CliRunner().invoke(app, [*words, "--help"]) for words in asked]
print(json.dumps({"codes": [a.exit_code for a in answers], "texts": [a.output for a in answers],
                  "django": "django" in sys.modules, "polars": "polars" in sys.modules}))
"""
NAMED = {
    *(("demo",), ("serve",), ("receive",), ("engine",), ("worker",), ("replay",), ("simulate",), ("bench",)),
    *(("audit", "verify"), ("ledger", "verify"), ("doctor",)),
}


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, group
    for name, found in getattr(group, "commands", {}).items():
        yield from _commands(found, (*path, name))


COMMANDS = dict(_commands(get_command(app)))
LEAVES = {path: found for path, found in COMMANDS.items() if not getattr(found, "commands", None)}


def test_the_commands_that_were_promised_are_there() -> None:
    assert set(LEAVES) >= NAMED


def test_help_of_every_command_answers_without_loading_django_or_polars() -> None:
    asked = json.dumps(list(COMMANDS))
    done = subprocess.run(
        [sys.executable, "-c", ASK], input=asked, capture_output=True, text=True, cwd=ROOT, check=True
    )
    answer = json.loads(done.stdout)
    assert set(answer["codes"]) == {0}
    assert all("Usage" in text for text in answer["texts"])
    assert (answer["django"], answer["polars"]) == (False, False)


def test_every_command_can_answer_in_json() -> None:
    without = [path for path, found in LEAVES.items() if "--json" not in {o for p in found.params for o in p.opts}]
    assert without == []


def test_every_command_stands_in_the_reference() -> None:
    text = (ROOT / "docs/reference/commands.md").read_text("utf-8")
    assert [path for path in LEAVES if f"kuangan {' '.join(path)}" not in text] == []
