"""No content makes a reader raise, and both paths say the same of it: the kept corpus, and mutations that are always the same."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tests.library.telemetry.fuzz import CORPUS, batches, families, tried
from tests.library.telemetry.specimen import offered

ROUNDS = 6
KEPT = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("family", families())
def test_mutated_files_of_a_family_are_read_or_refused(family: str) -> None:
    for frames in islice(batches(family, 7), ROUNDS):
        tried(frames)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_what_once_broke_a_reader_does_so_no_more(path: Path) -> None:
    tried([offered(path.name, path.read_bytes())])
