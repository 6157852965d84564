"""Imported texts are kept byte for byte, each edition once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kuangan.library.policy.editions import editions, keep

AT = datetime(2026, 11, 21, tzinfo=UTC)


def test_the_same_bytes_are_the_same_edition(tmp_path: Path) -> None:
    first, new = keep(tmp_path, "SX34", "a.txt", b"one", AT)
    again, twice = keep(tmp_path, "SX34", "b.txt", b"one", AT + timedelta(days=1))
    assert (new, twice) == (True, False)
    assert again == first
    assert (first.row.edition, first.row.name, first.row.imported_at) == (1, "a.txt", AT)


def test_editions_come_oldest_first_and_each_document_has_its_own(tmp_path: Path) -> None:
    for content in (b"one", b"two", b"three"):
        keep(tmp_path, "SX34", "a.txt", content, AT)
    keep(tmp_path, "SX36", "a.txt", b"one", AT)
    assert [edition.content for edition in editions(tmp_path, "SX34")] == [b"one", b"two", b"three"]
    assert [edition.row.edition for edition in editions(tmp_path, "SX36")] == [1]
    assert editions(tmp_path, "SX99") == []


def test_a_file_that_was_changed_is_not_given_out(tmp_path: Path) -> None:
    edition, _ = keep(tmp_path, "SX34", "a.txt", b"one", AT)
    edition.path.write_bytes(b"two")
    with pytest.raises(ValueError, match="not what was imported"):
        _ = edition.content


def test_two_who_import_at_once_get_two_editions(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda n: keep(tmp_path, "SX34", "a.txt", b"%d" % (n % 4), AT)[0].row.edition, range(16)))
    assert sorted(set(kept)) == [1, 2, 3, 4]
    assert len(editions(tmp_path, "SX34")) == 4
