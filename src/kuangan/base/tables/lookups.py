"""Look-ups that Django lacks; the app makes them known."""

from __future__ import annotations

from typing import Any

from django.db.models.lookups import StartsWith


class Prefix(StartsWith):
    """`field__prefix="GJ-2026"`: text that begins so, found by the field's index on SQLite as on PostgreSQL.

    Case counts. SQLite uses no index for LIKE; the texts that begin so are those between the beginning and the last
    character there is.
    """

    lookup_name = "prefix"

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, given = self.process_lhs(compiler, connection)
        return f"{left} >= %s AND {left} < %s", [*given, self.rhs, *given, f"{self.rhs}\U0010ffff"]
