from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from kuangan.library.telemetry.archive import ROWS, Archive, read_point
from kuangan.library.telemetry.hot import publish, read_hot
from kuangan.library.telemetry.results import CODE
from tests.library.telemetry.wire import AT, MINE, code

SECOND = 1000
DAY = 86_400_000


def rows(*entries: tuple[int, int, float, int, int]) -> pl.DataFrame:
    """Each entry: point number, seconds after AT, value, lag, rev."""
    table = [(code(point), AT + at * SECOND, value, 0, lag, rev, MINE) for point, at, value, lag, rev in entries]
    return pl.DataFrame(table, schema=ROWS, orient="row")


def test_what_is_appended_is_read_back_in_order(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.append(rows((1, 10, 0.2, 5, 0), (2, 0, 9.0, 5, 0), (1, 0, 0.1, 5, 0)), {"g": 3})
    archive.append(rows((1, 5, 0.15, 5, 0), (1, 86400, 0.3, 5, 0)), {"g": 4})
    found = archive.read([code(1)], AT, AT + 2 * DAY)
    assert found["value"].to_list() == [0.1, 0.15, 0.2, 0.3]
    assert archive.read([code(1), code(2)], AT, AT + SECOND)["value"].to_list() == [0.1, 9.0]
    assert archive.read([code(7)], AT, AT + DAY).is_empty()
    assert Archive(tmp_path).read([code(2)], AT, AT + DAY)["mine"].to_list() == [MINE]


def test_a_replayed_commit_is_skipped(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.append(rows((1, 0, 0.1, 5, 0)), {"g": 0})
    (tmp_path / "spool/live/g").mkdir(parents=True)
    again = Archive(tmp_path)
    assert again.position() == {"g": 0}
    again.append(rows((1, 0, 0.1, 5, 0)), {"g": 0})
    assert again.size()[1] == 1
    again.append(rows(), {"g": 7})
    assert again.position() == archive.position() | {"g": 7}


def test_the_first_revision_stands_and_known_at_is_exact(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.append(rows((1, 0, 0.1, 20_000, 0), (1, 10, 0.2, 0, 0)), {"g": 0})
    archive.append(rows((1, 0, 0.9, 60_000, 1)), {"g": 1})
    assert archive.read([code(1)], AT, AT + DAY)["value"].to_list() == [0.1, 0.2]
    assert archive.read([code(1)], AT, AT + DAY, known_at=AT + 15_000)["value"].to_list() == [0.2]
    assert archive.existing([code(1), code(1)], [AT, AT + 1]).select("value", "rev").rows() == [(0.1, 0), (0.9, 1)]
    assert archive.existing([], []).is_empty()


def test_categorical_points_and_wide_time_spans_are_archived_alike(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    table = rows((2, 0, 1.0, 0, 0), (1, -9_000_000, 2.0, 0, 0), (1, 0, 3.0, 0, 0))
    archive.append(table.with_columns(pl.col("point").cast(CODE)), {"g": 0})
    assert archive.read([code(1)], AT - 10**11, AT + 1)["value"].to_list() == [2.0, 3.0]


def test_compaction_changes_files_and_no_reading(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for turn in range(5):
        archive.append(rows(*((point, turn * 10, 0.1 * turn, turn, 0) for point in range(20))), {"g": turn})
    points = [code(point) for point in range(20)]
    before = archive.read(points, AT, AT + DAY)
    archive.compact(date(2026, 3, 10))
    assert archive.read(points, AT, AT + DAY).equals(before)
    assert Archive(tmp_path).read(points, AT, AT + DAY).equals(before)
    assert archive.size()[1] == 100
    archive.compact(date(2026, 3, 10))
    archive.append(rows((1, 50, 7.0, 0, 0)), {"g": 9})
    assert archive.read([code(1)], AT, AT + DAY)["value"].to_list()[-1] == 7.0


def test_duckdb_reads_the_files_that_the_table_lists(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.append(rows((1, 0, 0.5, 0, 0), (2, 0, 1.5, 0, 0)), {"g": 0})
    listed = archive.files()
    assert duckdb.execute("select sum(value) from read_parquet(?)", [listed]).fetchone() == (2.0,)


def test_read_point_joins_the_archive_and_the_unflushed_tail(tmp_path: Path) -> None:
    Archive(tmp_path).append(rows((1, 0, 0.1, 0, 0)), {"g": 0})
    assert read_hot(tmp_path, "tail") is None
    publish(tmp_path, "tail", rows((1, 0, 0.1, 0, 0), (1, 10, 0.2, 0, 0), (2, 0, 5.0, 0, 0)))
    curve = read_point(tmp_path, code(1), AT, AT + DAY)
    assert curve.columns == ["time", "value", "status", "lag", "rev"]
    assert curve["value"].to_list() == [0.1, 0.2]


@pytest.mark.parametrize("as_arrow", [True, False])
def test_a_hot_table_is_replaced_whole(tmp_path: Path, as_arrow: bool) -> None:
    for value in (1, 2):
        table = pl.DataFrame({"a": [value]})
        publish(tmp_path, "latest", table.to_arrow() if as_arrow else table)
    found = read_hot(tmp_path, "latest")
    assert found is not None and found["a"].to_list() == [2]
    assert [path.name for path in (tmp_path / "hot").iterdir()] == ["latest.arrow"]
