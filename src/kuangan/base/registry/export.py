"""The register of a scope as a workbook or CSV, with the heads that an import understands: what is exported comes back unchanged."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, Final
from urllib.parse import quote

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from kuangan.base import audit
from kuangan.base.clock import now
from kuangan.base.people.access import require
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.imports.columns import FIELDS, columns
from kuangan.base.registry.lists import MineFilter
from kuangan.base.registry.models import Mine, MineAlias, Ownership
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.supervision import direct_supervisor
from kuangan.base.registry.words import value_word
from kuangan.base.tables.excel import CONTENT_TYPE, harmless, write_sheet

EXPORTED: Final = tuple(name for name in FIELDS if name not in ("coordinates", "valid_from", "basis"))


def export(request: HttpRequest) -> HttpResponse:
    """Every mine of the scope that the query finds, with what is in force now: `format` xlsx (default) or csv."""
    user, at = require(request, "mine.view"), now()
    found = MineFilter(request.GET or None, queryset=visible_mines(user, at), request=request).qs
    rows = register_rows(found.order_by("code"), at)
    heads = [columns().heads[name] for name in EXPORTED]
    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    with transaction.atomic():
        content = {"rows": len(rows), "format": kind, "query": request.GET.urlencode()[:300]}
        audit.record(actor=user, action="register.exported", kind="register", ident=kind, content=content, at=at)
    return attachment(f"矿山登记-{at:%Y%m%d}", kind, heads, rows)


def register_rows(mines: QuerySet[Mine], at: datetime) -> list[list[Any]]:
    """One row a mine in the order of EXPORTED. Five queries, however many mines."""
    known = list(mines.select_related("county", "city", "parent_company"))
    codes = mines.order_by().values("pk")
    facts = facts_as_of(codes, None, at)
    bodies = direct_supervisor(codes, at)
    aliases: dict[str, list[str]] = {}
    for alias, code in MineAlias.objects.filter(mine__in=codes).order_by("alias").values_list("alias", "mine_id"):
        aliases.setdefault(code, []).append(alias)
    owners = Ownership.objects.filter(valid_to__isnull=True, actual_controller=True)
    controllers = dict(owners.values_list("child_id", "owner__name"))
    rows = []
    for mine in known:
        body = bodies.get(mine.code)
        known_facts = facts.get(mine.code, {})
        values: dict[str, Any] = (
            known_facts
            | _position(known_facts.get("coordinates"))
            | {
                "code": mine.code,
                "name": mine.name,
                "kind": mine.kind,
                "county": f"{mine.city or ''}{mine.county}" if mine.county else None,
                "parent_company": mine.parent_company.name if mine.parent_company else None,
                "actual_controller": controllers.get(mine.parent_company_id or 0),
                "supervisor": body.name if body else None,
                "aliases": "、".join(aliases.get(mine.code, [])) or None,
            }
        )
        rows.append([_exported(name, values.get(name)) for name in EXPORTED])
    return rows


def _position(place: Any) -> dict[str, Any]:
    """Coordinates in the columns in which they are imported."""
    if not isinstance(place, dict):
        return {}
    return {"longitude": place.get("lon"), "latitude": place.get("lat"), "datum": place.get("datum")}


def _exported(name: str, value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else value_word(name, value)


def attachment(name: str, kind: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> HttpResponse:
    """The rows as a file to be saved."""
    if kind == "csv":
        answer = HttpResponse(_csv(heads, rows), content_type="text/csv; charset=utf-8")
    else:
        with SpooledTemporaryFile(max_size=8 << 20) as out:
            write_sheet(out, name, heads, rows)
            out.seek(0)
            answer = HttpResponse(out.read(), content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.{kind}"
    return answer


def _csv(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows(_plain(rows))
    return out.getvalue().encode("utf-8-sig")


def _plain(rows: Sequence[Sequence[Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [harmless(value) if isinstance(value, str) else value for value in row]
