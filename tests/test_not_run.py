"""A run says which tests it left out and why."""

from __future__ import annotations

import pytest

from tests.not_run import left_out


@pytest.mark.parametrize(
    ("markers", "everything", "on_postgres", "runs"),
    [
        (["slow"], False, False, True),
        (["browser"], False, False, False),
        (["kills"], False, True, False),
        (["broker"], False, False, False),
        (["broker", "kills"], True, False, True),
        (["sshd"], False, False, False),
        (["browser", "django_db"], True, False, True),
        (["postgres"], True, False, False),
        (["postgres"], False, True, True),
    ],
)
def test_only_tests_whose_service_was_promised_run(
    markers: list[str], everything: bool, on_postgres: bool, runs: bool
) -> None:
    assert (left_out(markers, everything=everything, on_postgres=on_postgres, reference=True) is None) == runs


def test_what_reads_the_reference_folder_runs_only_beside_it() -> None:
    promised = {"everything": True, "on_postgres": False}
    assert left_out(["shared"], reference=True, **promised) is None
    assert left_out(["shared"], reference=False, **promised)
