"""Two people press the button at the same moment; two writers take a number at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from kuangan.base.case import next_number, perform
from kuangan.base.case.errors import WrongState
from kuangan.base.case.models import Step

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def together(*tasks: Callable[[], object]) -> list[object]:
    """What each task returned or raised, all started at once in threads of their own."""
    start, results = threading.Barrier(len(tasks)), []

    def run(task: Callable[[], object]) -> None:
        start.wait()
        try:
            results.append(task())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins_and_the_other_gets_a_wrong_state(make, county_officer, county_leader) -> None:
    case, form = make(), {"measures": "撤人", "reason": "r"}
    results = together(
        *(
            lambda by=by: perform(case, "report", by=by, at=AT, form=form).state
            for by in (county_officer, county_leader)
        )
    )
    assert sorted(type(result) for result in results if result != "reported") == [WrongState]
    assert Step.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_numbers_taken_at_once_are_without_gap_and_without_double() -> None:
    results = together(*[lambda: [next_number("alert", AT) for _ in range(5)]] * 3)
    numbers = sorted(number for result in results for number in result)
    assert numbers == [f"GJ-20261121-{serial:04d}" for serial in range(1, 16)]
