"""The faults that must break a test fit the code as it stands."""

from __future__ import annotations

import pytest

from tests.teeth import FAULTS, PACKAGE, ROOT, Fault, put_in


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_can_be_put_in_and_its_tests_exist(fault: Fault) -> None:
    source = (ROOT / PACKAGE / fault.module).read_text("utf-8")
    assert put_in(fault, source) != source
    assert all((ROOT / path).exists() for path in fault.tests.split())


def test_there_are_thirty_of_them() -> None:
    assert len({fault.what for fault in FAULTS}) >= 30
