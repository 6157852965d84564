"""Pytest plugin: leaves out tests whose service the run was not promised, and lists them at the end.

`KUANGAN_TEST_ALL=1` promises Chromium, Mosquitto, an OpenSSH server and leave to kill processes; a PostgreSQL address in `KUANGAN_DATABASE_URL`
makes the run one on PostgreSQL. Nothing is left out silently: every such test is named with its reason.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

REASONS = {
    "postgres": "runs on PostgreSQL; this run uses SQLite",
    "browser": "needs Chromium",
    "broker": "needs Mosquitto",
    "sshd": "needs the OpenSSH server",
    "kills": "starts processes and kills them",
    "shared": "reads the reference folder, which is not beside the repository",
}
REFERENCE = Path(__file__).resolve().parents[2] / "shared"
NOT_RUN = pytest.StashKey[dict[str, str]]()


def left_out(markers: Iterable[str], *, everything: bool, on_postgres: bool, reference: bool) -> str | None:
    """Why a test with these markers stays out of this run; None when it runs."""
    promised = {"postgres": on_postgres, "shared": reference}
    for marker in markers:
        if marker in REASONS and not promised.get(marker, everything):
            return REASONS[marker]
    return None


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NOT_RUN] = {}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Runs after `-m`, so only tests that this run asked for are listed."""
    everything = os.environ.get("KUANGAN_TEST_ALL") == "1"
    on_postgres = os.environ.get("KUANGAN_DATABASE_URL", "").startswith("postgres")
    kept = []
    for item in items:
        names = [marker.name for marker in item.iter_markers()]
        if reason := left_out(names, everything=everything, on_postgres=on_postgres, reference=REFERENCE.is_dir()):
            config.stash[NOT_RUN][item.nodeid] = reason
        else:
            kept.append(item)
    dropped = [item for item in items if item.nodeid in config.stash[NOT_RUN]]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist hands its list to the process that prints the summary."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["not_run"] = session.config.stash[NOT_RUN]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    node.config.stash[NOT_RUN].update(getattr(node, "workeroutput", {}).get("not_run", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    missing = config.stash[NOT_RUN]
    if missing:
        terminalreporter.section(f"{len(missing)} tests not run here; `make test-all` runs them")
        for nodeid, reason in sorted(missing.items()):
            terminalreporter.line(f"NOT RUN {nodeid} ({reason})")
