"""A replay takes no file that a gateway would not take: it is named, counted as refused, and never read."""

from __future__ import annotations

from pathlib import Path

from kuangan.library.telemetry.ledger import Ledger, balance
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.replay import Replay, TooLarge, files_below, read_files
from kuangan.library.warning.runners.sink import Collecting
from kuangan.site.replaying import as_counts
from tests.library.telemetry.wire import AT, MINE, NAME, record, wire

GOOD = wire(record(1))
LATER = NAME.replace("20260310081520", "20260310081530")


def test_a_file_over_the_limit_is_refused_and_the_others_are_taken(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / LATER).write_bytes(GOOD)
    with (folder / NAME).open("wb") as out:
        out.truncate(1 << 40)
    items = dict(read_files(files_below(folder), 1 << 20))
    assert items == {NAME: TooLarge(1 << 40), LATER: GOOD}
    home = tmp_path / "home"
    home.mkdir()
    report = Replay(Pipeline(home, Collecting()), AT + 10**9).run(items.items())
    assert report.refused == [(NAME, 1 << 40)]
    counts = as_counts(report)
    assert counts["refused"] == [{"name": NAME, "size": 1 << 40, "reason": "too_large"}]
    assert counts["frames"]["accepted"] == 1
    sums = balance(home)
    assert (sums.balanced, sums.received, sums.refused) == (True, 1, 1)
    rows = Ledger(home).frames().collect().filter(outcome="refused").to_dicts()
    assert [(row["name"], row["reason"]) for row in rows] == [(NAME, "too_large")]
    assert MINE in NAME


def test_without_any_the_counts_are_as_they_were(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    report = Replay(Pipeline(home, Collecting()), AT + 10**9).run([(NAME, GOOD)])
    assert "refused" not in as_counts(report)
