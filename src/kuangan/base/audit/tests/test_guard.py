from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from kuangan.base.audit import guard


@pytest.fixture
def guarded(db: None) -> Iterator[None]:
    """The triggers as a real database has them; gone again with the test's transaction."""
    guard.install(connection)
    yield
    guard.remove(connection)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET reason = 'x'",
        "DELETE FROM audit_auditentry",
        "UPDATE audit_auditlink SET digest = 'x'",
        "DELETE FROM audit_auditlink",
    ],
)
def test_the_database_itself_refuses_to_change_or_delete(
    guarded: None, chain: list[int], sql: Callable[..., None], statement: str
) -> None:
    with pytest.raises(DatabaseError, match=guard.MESSAGE), transaction.atomic():
        sql(statement)


def test_without_the_guard_the_same_statement_passes(chain: list[int], sql: Callable[..., None]) -> None:
    sql("DELETE FROM audit_auditlink")
