"""The home: made and migrated by whichever command comes first, among files that are not its own."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.commands import wire
from tests.commands.running import command

FOLDERS = (
    *("", "spool", "spool/live", "spool/live/replay", "spool/sealed", "engine", "archive", "archive/readings"),
    *("ledger", "ledger/frames", "hot", "config", "run", "inbox", "audit"),
)
FOREIGN = ("notes.txt", "notes.json", "notes.parquet", "notes.arrow", "gateway-notes.json", "heads-old.json")


def litter(home: Path) -> dict[Path, bytes]:
    """Files and folders that are none of ours, wherever ours may lie."""
    left = {}
    for folder in FOLDERS:
        (home / folder / "notes").mkdir(parents=True)
        (home / folder / "notes.d.json").mkdir()
        for name in (*FOREIGN, "notes/inside.json"):
            left[home / folder / name] = b"\x00\xff not ours"
    for path, content in left.items():
        path.write_bytes(content)
    return left


def test_an_empty_path_becomes_a_home_with_private_secrets_and_needs_no_other_setting(prepared: Path) -> None:
    assert (prepared / "kuangan.sqlite3").is_file()
    assert stat.S_IMODE((prepared / "secrets").stat().st_mode) == 0o700
    secrets = list((prepared / "secrets").iterdir())
    assert secrets
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}


@pytest.mark.slow
def test_foreign_files_are_left_alone_by_every_command(tmp_path: Path) -> None:
    home = tmp_path / "home"
    left = litter(home)
    name = wire.named("CDSS", "08:00:00")
    uploads = wire.write(tmp_path / "uploads", {name: wire.readings("08:00:00", wire.reading(1, "08:00:00"))})
    replayed = command(home, "replay", uploads, "--json")
    assert (replayed.code, replayed.result["readings_archived"]) == (0, 1), replayed.err
    for words in (("ledger", "verify"), ("audit", "verify"), ("audit", "export"), ("doctor",)):
        done = command(home, *words, "--json")
        assert (done.code, bool(done.result)) == (0, True), done.err
    assert {path: path.read_bytes() for path in left} == left


def test_nothing_but_the_home_is_written(home: Path, tmp_path: Path) -> None:
    before = sorted(home.parent.iterdir())
    assert command(home, "doctor", "--json").code == 0
    assert sorted(home.parent.iterdir()) == before


def test_doctor_finds_a_secret_that_others_can_read(home: Path) -> None:
    (home / "secrets" / "django_key").chmod(0o644)
    done = command(home, "doctor", "--json")
    bad = {row["what"]: row["detail"] for row in done.result["findings"] if not row["ok"]}
    assert (done.code, done.result["ok"]) == (1, False)
    assert set(bad) == {"secrets"}
    assert "django_key" in bad["secrets"]
