"""Triggers that make the database itself refuse to change or delete what was audited.

They stop slips and forgotten scripts. Whoever owns the database can drop them: the chain is there for that.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("audit_auditentry", "audit_auditlink")
EVENTS = ("update", "delete")
MESSAGE = "audit rows are never changed or deleted"
POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers in place; those that stand are replaced."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTION)
        for table, event in _pairs():
            cursor.execute(_create(connection.vendor, table, event))


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away (a test database is emptied between tests)."""
    on = " ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for table, event in _pairs():
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{event}{on.format(table=table)}")


def _pairs() -> list[tuple[str, str]]:
    return [(table, event) for table in TABLES for event in EVENTS]


def _create(vendor: str, table: str, event: str) -> str:
    head = f"CREATE TRIGGER {table}_{event} BEFORE {event.upper()} ON {table} FOR EACH ROW"
    if vendor == "postgresql":
        return f"{head} EXECUTE FUNCTION audit_refuse()"
    return f"{head} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
