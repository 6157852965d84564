from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from kuangan.base import audit

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


@pytest.fixture
def chain(db: None) -> list[int]:
    """Five sealed entries; their ids."""
    entries = audit.record_many([audit.Note(None, "change", "thing", str(n), AT, {"名称": n}) for n in range(5)])
    audit.seal(AT)
    return [entry.pk for entry in entries]


@pytest.fixture
def sql() -> Callable[..., None]:
    """Somebody with a database shell."""

    def run(statement: str, *values: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run
