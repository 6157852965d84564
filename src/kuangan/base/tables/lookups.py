"""Look-ups that Django lacks; the app makes them known."""

from __future__ import annotations

from typing import Any

from django.db.models.lookups import In, StartsWith


class Prefix(StartsWith):
    """`field__prefix="GJ-2026"`: text that begins so, found by the field's index on SQLite as on PostgreSQL.

    Case counts. SQLite uses no index for LIKE; the texts that begin so are those between the beginning and the last
    character there is.
    """

    lookup_name = "prefix"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return StartsWith(self.lhs, self.rhs).as_sql(compiler, connection)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, given = self.process_lhs(compiler, connection)
        return f"{left} >= %s AND {left} < %s", [*given, self.rhs, *given, f"{self.rhs}\U0010ffff"]


class Among(In):
    """`Among(F("mine_id"), rows.query)`: In, written for PostgreSQL so that it may use the index of the field in an OR.

    There a subquery that is one side of an OR is hashed and compared with every row; an array that is made once is not.
    """

    lookup_name = "among"

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, given = self.process_lhs(compiler, connection)
        rows, more = self.process_rhs(compiler, connection)
        return f"{left} = ANY(ARRAY{rows})", [*given, *more]
